"""The AsyncAPI 3 document: which topics there are, what they carry, who writes and reads them."""

from collections.abc import Iterator
from typing import Final

from schemas.journal import BROADCAST
from schemas.records import RECORDS
from schemas.topics import TOPICS, Header, Topic

Json = dict[str, object]

_JSON_SCHEMA: Final = "application/schema+json;version=draft-2020-12"
_SERVICES: Final = frozenset({"ingest", "tracker", "alerts"})


def asyncapi() -> Json:
    """The document; it follows from TOPICS and RECORDS alone."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chasqui",
            "version": "1",
            "description": "Topics of Chasqui on Apache Kafka. Unknown fields are ignored.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {name: body for topic in TOPICS for name, body in _operations(topic)},
    }


def _channel(topic: Topic) -> Json:
    messages = {name: _message(topic, name) for name in topic.records}
    return {
        "address": topic.full_name,
        "description": topic.says,
        "messages": messages or {"original": _original(topic)},
        "bindings": {"kafka": _binding(topic)},
    }


def _message(topic: Topic, name: str) -> Json:
    title = next(kind.title for record, kind in RECORDS.items() if record == name)
    key = "null" if name in BROADCAST else topic.key
    payload = {"schemaFormat": _JSON_SCHEMA, "schema": {"$ref": f"./{name}.schema.json"}}
    return {"title": title, **_envelope(topic.headers, key), "payload": payload}


def _original(topic: Topic) -> Json:
    return {
        "title": "The bytes as they came",
        "contentType": "application/octet-stream",
        **_envelope(topic.headers, topic.key),
        "payload": {"type": "string", "format": "binary"},
    }


def _envelope(headers: tuple[Header, ...], key: str) -> Json:
    says = {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": "0.5.0"}}
    if not headers:
        return {"bindings": says}
    properties = {header.name: {"type": "string", "description": header.says} for header in headers}
    return {"headers": {"type": "object", "properties": properties}, "bindings": says}


def _binding(topic: Topic) -> Json:
    # -1 is Kafka's own word for ever; a compacted topic keeps the last record of a key.
    kept = -1 if topic.retention is None else int(topic.retention.total_seconds() * 1000)
    configuration: Json = {"cleanup.policy": [topic.cleanup]}
    if topic.cleanup == "delete":
        configuration["retention.ms"] = kept
    return {
        "topic": topic.full_name,
        "topicConfiguration": configuration,
        "bindingVersion": "0.5.0",
    }


def _operations(topic: Topic) -> Iterator[tuple[str, Json]]:
    channel = {"$ref": f"#/channels/{topic.name}"}
    for action, parties in (("send", topic.written_by), ("receive", topic.read_by)):
        for party in parties:
            if party in _SERVICES:
                yield f"{party}.{action}.{topic.name}", {"action": action, "channel": channel}

"""Writes the published JSON Schemas and the AsyncAPI document: `python -m schemas.publish`."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from schemas.asyncapi import asyncapi
from schemas.records import ALERTING_FILE, RECORDS, RULES_FILE, RecordKind

PUBLISHED: Final = Path(__file__).parent / "published"


def documents() -> Iterator[tuple[str, str]]:
    """File names and texts of all that is published, the same at every run."""
    for name, kind in RECORDS.items():
        yield f"{name}.schema.json", _text(_schema(name, kind))
    yield "rules-file.schema.json", _text(_schema("rules-file", RULES_FILE))
    yield "alerts-file.schema.json", _text(_schema("alerts-file", ALERTING_FILE))
    yield "asyncapi.json", _text(asyncapi())


def differing(folder: Path) -> list[str]:
    """Names of files in the folder that are not what would be published."""
    wanted = dict(documents())
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*")}
    return sorted(
        name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
    )


def publish(folder: Path) -> None:
    """Make the folder hold exactly what is published."""
    folder.mkdir(exist_ok=True)
    for name in differing(folder):
        (folder / name).unlink(missing_ok=True)
    for name, text in documents():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Publish, or with `--check` only tell what differs and return 1."""
    parser = argparse.ArgumentParser(prog="python -m schemas.publish", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if different")
    if not parser.parse_args(arguments).check:
        publish(PUBLISHED)
        return 0
    stale = differing(PUBLISHED)
    if stale:
        sys.stderr.write(f"not as generated, run python -m schemas.publish: {', '.join(stale)}\n")
    return 1 if stale else 0


class _Plain(GenerateJsonSchema):
    """JSON Schema without what tells a reader nothing: titles that repeat names, null defaults."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        return False

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if "default" in described and described["default"] is None:
            del described["default"]
        return described


def _schema(name: str, kind: RecordKind) -> dict[str, object]:
    schema = kind.adapter.json_schema(mode=kind.described_as, schema_generator=_Plain)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{name}.schema.json",
        **schema,
        "title": kind.title,
    }


def _text(document: dict[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())

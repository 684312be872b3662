"""Records for every partition of the journal alike."""

from datetime import datetime

import orjson

from schemas.times import wire
from schemas.topics import EVENTS
from services.cli.kafka_clients import reading, writing
from services.cli.log_reader import partitions_of
from services.cli.rows import JsonObject
from services.runtime.moments import to_ms


def append_to_all(bootstrap: str, said: JsonObject, at: datetime) -> int:
    """Write the record with its moment to each partition; answers to how many.

    Ended halfway, it is to be said again: to hear it twice is harmless.
    """
    with reading(bootstrap) as consumer:
        partitions = partitions_of(consumer, EVENTS.full_name)
    value = orjson.dumps({"at": wire(at), **said})
    headers = [("at", b"%d" % to_ms(at))]
    with writing(bootstrap) as producer:
        sent = [
            producer.send(each.topic, value=value, headers=headers, partition=each.partition)
            for each in partitions
        ]
        producer.flush()
        for future in sent:
            future.get()
    return len(partitions)

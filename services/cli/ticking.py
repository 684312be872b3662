"""The end of time, written into the journal."""

from datetime import datetime
from time import sleep

import orjson

from schemas.times import wire
from schemas.topics import EVENTS, FIELD_REPORTS
from services.cli.errors import CommandError
from services.cli.kafka_clients import reading, writing
from services.cli.log_reader import lag, partitions_of
from services.runtime.moments import to_ms

INGEST_GROUP = "chasqui.ingest"
_PAUSE_SECONDS = 0.5
_PATIENCE_SECONDS = 300


def append_ticks(bootstrap: str, at: datetime) -> None:
    """Let every partition's time reach `at`; a repeated tick is harmless."""
    with reading(bootstrap) as consumer:
        partitions = partitions_of(consumer, EVENTS.full_name)
    value = orjson.dumps({"at": wire(at), "type": "tick"})
    headers = [("at", b"%d" % to_ms(at))]
    with writing(bootstrap) as producer:
        sent = [
            producer.send(each.topic, value=value, headers=headers, partition=each.partition)
            for each in partitions
        ]
        producer.flush()
        for future in sent:
            future.get()


def await_field_reports(bootstrap: str) -> None:
    """Wait until ingest has admitted all field reports; CommandError when it does not."""
    for _ in range(int(_PATIENCE_SECONDS / _PAUSE_SECONDS)):
        if lag(bootstrap, INGEST_GROUP, FIELD_REPORTS.full_name) == 0:
            return
        sleep(_PAUSE_SECONDS)
    message = (
        f"ingest did not take all field reports within {_PATIENCE_SECONDS} s; time was not ended."
    )
    raise CommandError(message)

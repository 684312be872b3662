"""`chasqui export`: the journal as a file that tells the same story again."""

from typing import IO

import click
from kafka.consumer.fetcher import ConsumerRecord

from schemas.topics import EVENTS
from services.cli.kafka_clients import reading
from services.cli.log_reader import partitions_of, records_to_end
from services.cli.settings import read_settings
from services.cli.source_file import Place, with_place


@click.command("export", short_help="Write the journal to a file.")
@click.option(
    "--output",
    "-o",
    type=click.File("wb", lazy=False),
    default="-",
    help="Default: standard output.",
)
@click.option("--topic", default=EVENTS.full_name, show_default=True, hidden=True)
def export(output: IO[bytes], topic: str) -> None:
    """Write the journal as NDJSON: each record with its partition and offset, ticks too.

    Everything that is committed when the command starts, partition after partition, each in the
    order of its offsets. `chasqui replay` of the file tells exactly the delays the tracker told.
    """
    with reading(read_settings().kafka_bootstrap_servers) as consumer:
        count = 0
        for record in records_to_end(consumer, partitions_of(consumer, topic)):
            output.write(line_of(record))
            count += 1
    click.echo(f"{count} records.", err=True)


def line_of(record: ConsumerRecord) -> bytes:
    """One line of an export."""
    return with_place(record.value, Place(record.partition, record.offset)) + b"\n"

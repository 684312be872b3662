"""`chasqui watch`: what is late, as it becomes late."""

import click
from kafka import KafkaConsumer
from rich.console import Console
from rich.live import Live

from schemas.topics import DELAYS
from services.cli.kafka_clients import reading
from services.cli.late_things import LateThings
from services.cli.log_reader import partitions_of, records_to_end
from services.cli.settings import read_settings

_POLL_MS = 1000
_LINES_BESIDE_TABLE = 6
_LINES_OF_A_DELAY = 6


@click.command("watch", short_help="Show a live table of what is late.")
@click.option("--once", is_flag=True, help="Print what is late now, and end.")
def watch(*, once: bool) -> None:
    """Show a live table of what is late, the worst first; Ctrl-C ends it."""
    console, late = Console(), LateThings()
    with reading(read_settings().kafka_bootstrap_servers) as consumer:
        partitions = partitions_of(consumer, DELAYS.full_name)
        seen = dict.fromkeys(partitions, 0)
        for record in records_to_end(consumer, partitions):
            late.hear(record.value)
            seen[partitions[record.partition]] = record.offset + 1
        if once:
            console.print(late.table())
            return
        consumer.assign(partitions)
        for partition, offset in seen.items():
            consumer.seek(partition, offset)
        _follow(console, consumer, late)


def _follow(console: Console, consumer: KafkaConsumer, late: LateThings) -> None:
    rows = max(1, (console.size.height - _LINES_BESIDE_TABLE) // _LINES_OF_A_DELAY)
    with Live(late.table(rows), console=console, refresh_per_second=2) as live:
        try:
            while True:
                for records in consumer.poll(timeout_ms=_POLL_MS).values():
                    for record in records:
                        late.hear(record.value)
                live.update(late.table(rows))
        except KeyboardInterrupt:
            return

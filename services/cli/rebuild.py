"""`chasqui rebuild`: states are made again from the journal."""

import asyncio
import logging

import click
from aiokafka.errors import KafkaError as AioKafkaError
from kafka.errors import KafkaError

from schemas.topics import EVENTS
from services.cli.errors import CommandError
from services.cli.kafka_clients import reading, unreachable
from services.cli.log_reader import partitions_of
from services.cli.settings import read_settings
from services.runtime.rebuild import Rebuild, RebuildError, Rebuilt
from services.tracker.job import create_job
from services.tracker.processors import MovementsProcessor

_NOT_ALERTS = (
    "The states of alerts cannot be made again: they follow from wall time and from what sinks"
    " answered, which no journal keeps. To begin anew, stop alerts, delete the topic"
    " chasqui.alerts.changelog, the group chasqui.alerts and the folder `alerts` in the state"
    " folder: what is late is told again under the ids that receivers know; acknowledgements are"
    " lost, and delays raised over 90 days ago are not told."
)


@click.command("rebuild", short_help="Make lost states again from the journal.")
@click.argument("service", type=click.Choice(["tracker", "alerts"]))
@click.option(
    "--to-end",
    is_flag=True,
    help="The group's offsets are lost too: count all of the journal as told.",
)
def rebuild(service: str, *, to_end: bool) -> None:
    """Make the states of SERVICE again from the journal, and tell nothing that was told before.

    For a changelog that is lost or doubted. All instances are to be stopped. The journal is folded
    up to where the service was; then the changelog is replaced, and old state folders are not used
    any more. Ended halfway, it is started again.
    """
    if service == "alerts":
        raise CommandError(_NOT_ALERTS)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    settings = read_settings()
    with reading(settings.kafka_bootstrap_servers) as consumer:
        partitions_of(consumer, EVENTS.full_name)
    job = create_job(MovementsProcessor(), settings.partitions)
    try:
        asyncio.run(Rebuild(job, settings, _tell).run(to_end=to_end))
    except RebuildError as error:
        raise CommandError(f"Nothing was changed: {error}.") from error
    except (KafkaError, AioKafkaError) as error:
        raise unreachable(settings.kafka_bootstrap_servers, error) from error


def _tell(made: Rebuilt) -> None:
    click.echo(f"Partition {made.number}: {made.partition.keys} states from {made.done} offsets.")
    if made.failures:
        says = f"this build could not handle {made.failures} records or deadlines"
        click.echo(
            f"Partition {made.number}: {says}. In quarantine is what failed before.", err=True
        )

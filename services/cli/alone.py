"""`chasqui ingest | tracker | alerts`: one service alone, in this very process."""

import os
import sys

import click


@click.command("ingest")
@click.argument("way", type=click.Choice(["http", "kafka"]))
def ingest(way: str) -> None:
    """Run one way in: HTTP, or the reports that field systems publish to Kafka."""
    _become("services.ingest", way)


@click.command("tracker")
def tracker() -> None:
    """Run an instance of the tracker; more instances share the work."""
    _become("services.tracker")


@click.command("alerts")
def alerts() -> None:
    """Run an instance of the alerts service; more instances share the work."""
    _become("services.alerts")


def _become(module: str, *arguments: str) -> None:
    """Turn into the service, so that signals and the exit code are its own."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - no shell

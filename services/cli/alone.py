"""`chasqui ingest | tracker`, and `alerts` alone: one service, in this very process."""

import os
import sys

import click


@click.command("ingest")
@click.argument("way", type=click.Choice(["http", "kafka"]))
def ingest(way: str) -> None:
    """Run one way in: HTTP, or the reports that field systems publish to Kafka."""
    become("services.ingest", way)


@click.command("tracker")
def tracker() -> None:
    """Run an instance of the tracker; more instances share the work."""
    become("services.tracker")


def become(module: str, *arguments: str) -> None:
    """Turn into the service, so that signals and the exit code are its own."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - no shell

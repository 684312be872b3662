"""Faust as its documentation shows it: an agent and a table on RocksDB, at least once."""

import asyncio
import os
import sys
from signal import SIGTERM
from typing import Any

import faust

from tests.benchmarks.peers.events import PARTITIONS
from tests.benchmarks.peers.fold import fold_bytes
from tests.benchmarks.peers.heat import Heat, Marks

RAW = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}


def create_app(heat: Heat) -> faust.App:
    app = faust.App(
        heat.name,
        broker=f"kafka://{heat.kafka}",
        store="rocksdb://",
        datadir=str(heat.folder),
        topic_partitions=PARTITIONS,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        broker_commit_interval=1.0,
        stream_wait_empty=False,
        consumer_max_fetch_size=4 * 1024 * 1024,
    )
    source, alerts = app.topic(heat.topic, **RAW), app.topic(heat.alerts, **RAW)
    states = app.Table(
        "states",
        partitions=PARTITIONS,
        key_type=bytes,
        value_type=bytes,
        options={"driver": "rocksdict"},
    )
    marks = Marks(heat.events)

    @app.agent(source)  # type: ignore[untyped-decorator]
    async def follow(stream: Any) -> None:
        async for event in stream.events():
            marks.before()
            states[event.key], alert = fold_bytes(states.get(event.key), event.value)
            if alert is not None:
                await alerts.send(key=event.key, value=alert, partition=event.message.partition)
            if marks.after():
                asyncio.get_running_loop().call_later(2, os.kill, os.getpid(), SIGTERM)

    return app


def main() -> None:
    heat = Heat.given()
    sys.argv = [sys.argv[0], "worker", "--loglevel", "error", "--without-web"]
    create_app(heat).main()


if __name__ == "__main__":
    main()

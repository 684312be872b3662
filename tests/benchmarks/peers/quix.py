"""Quix Streams with its state on RocksDB and a changelog, at least once; runs in .venv-peers.

`values` keeps states as its documentation shows it, `bytes` encoded by us.
"""

import os
import sys
from signal import SIGTERM
from typing import Any

import msgspec
from quixstreams import Application, State

from tests.benchmarks.peers.fold import State as Known
from tests.benchmarks.peers.fold import fold, fold_bytes
from tests.benchmarks.peers.heat import Heat, Marks

STATE = "state"


def by_bytes(state: State, value: bytes) -> bytes | None:
    after, alert = fold_bytes(state.get_bytes(STATE), value)
    state.set_bytes(STATE, after)
    return alert


def by_values(state: State, value: bytes) -> bytes | None:
    known = state.get(STATE)
    before = None if known is None else msgspec.convert(known, Known)
    after, alert = fold(before, value)
    state.set(STATE, msgspec.to_builtins(after))
    return alert


def main() -> None:
    step = {"bytes": by_bytes, "values": by_values}[sys.argv.pop(1)]
    heat = Heat.given()
    app = Application(
        broker_address=heat.kafka,
        consumer_group=heat.name,
        auto_offset_reset="earliest",
        commit_interval=1.0,
        state_dir=heat.folder,
        loglevel="ERROR",
    )
    source = app.topic(heat.topic, key_deserializer="bytes", value_deserializer="bytes")
    alerts = app.topic(heat.alerts, key_serializer="bytes", value_serializer="bytes")
    marks = Marks(heat.events)

    def handle(value: Any, state: State) -> bytes | None:
        marks.before()
        alert = step(state, value)
        if marks.after():
            os.kill(os.getpid(), SIGTERM)
        return alert

    stream = app.dataframe(source).apply(handle, stateful=True)
    stream.filter(lambda alert: alert is not None).to_topic(alerts)
    app.run()


if __name__ == "__main__":
    main()

"""What it costs to read an event and to write and read a state, by codec."""

import pickle
import time
from collections.abc import Callable, Sequence

import msgspec
import orjson

from schemas.events import event_adapter
from services.runtime.processor import Record
from services.tracker.codec import StructCodec
from services.tracker.core.events import read_report
from services.tracker.core.movement import Movement

HEADER = ("codec", "us", "bytes")
_ROUNDS = 5


def codec_rows(records: Sequence[Record], states: Sequence[Movement]) -> list[Sequence[object]]:
    """Microseconds for one, the best of some rounds, and bytes of what is read or written."""
    events = [record.value for record in records if record.value is not None]
    kept, as_json = StructCodec(Movement), msgspec.json.Encoder()
    stored = [kept.encode(state) for state in states]
    jsons = [as_json.encode(state) for state in states]
    plain = [orjson.loads(text) for text in jsons]
    decode_json = msgspec.json.Decoder(Movement).decode
    return [
        _row("event, pydantic", event_adapter.validate_json, events),
        _row("event, orjson to dicts", orjson.loads, events),
        _row("event, msgspec to a report (kept)", read_report, events),
        _row("state written, msgspec MessagePack (kept)", kept.encode, states, stored),
        _row("state written, msgspec JSON", as_json.encode, states, jsons),
        _row("state written, orjson from dicts", orjson.dumps, plain, jsons),
        _row("state written, pickle", pickle.dumps, states, [pickle.dumps(s) for s in states]),
        _row("state read, msgspec MessagePack (kept)", kept.decode, stored),
        _row("state read, msgspec JSON", decode_json, jsons),
        _row("state read, orjson to dicts", orjson.loads, jsons),
    ]


def _row(
    name: str,
    run: Callable[..., object],
    items: Sequence[object],
    written: Sequence[bytes] | None = None,
) -> Sequence[object]:
    best = min(_seconds(run, items) for _ in range(_ROUNDS))
    sizes = [len(each) for each in written or items if isinstance(each, bytes)]
    return (name, best / len(items) * 1e6, round(sum(sizes) / len(sizes)))


def _seconds(run: Callable[..., object], items: Sequence[object]) -> float:
    began = time.process_time()
    for item in items:
        run(item)
    return time.process_time() - began

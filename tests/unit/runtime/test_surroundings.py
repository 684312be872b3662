"""Settings, topics, logs, stores and instances do what they say."""

import json
import logging
import os
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes

import pytest
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from services.runtime.deadlines import NEVER, Hint
from services.runtime.instance import Instance, InstanceTakenError
from services.runtime.logs import bound, configure_logs, logger
from services.runtime.metrics import STAGES, RuntimeMetrics
from services.runtime.settings import RuntimeSettings
from services.runtime.store import BrokenStoreError, Store
from services.runtime.topics import TopicSpec


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHASQUI_PARTITIONS", "12")
    monkeypatch.setenv("CHASQUI_SESSION_TIMEOUT", "PT3S")
    monkeypatch.setenv("CHASQUI_HTTP_PORT", "8081")
    settings = RuntimeSettings()
    assert settings.partitions == 12
    assert settings.session_timeout == timedelta(seconds=3)
    assert settings.url == "http://127.0.0.1:8081"
    assert RuntimeSettings(advertised_url="http://x").url == "http://x"


def test_a_clock_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValidationError, match="clock"):
        RuntimeSettings(clock="sundial")


def test_what_a_topic_is_kept_for() -> None:
    journal = TopicSpec("journal", 6).config
    assert journal["retention.ms"] == "-1"
    assert journal["cleanup.policy"] == "delete"
    assert journal["message.timestamp.type"] == "LogAppendTime"
    assert TopicSpec("a", 6, timedelta(days=7)).config["retention.ms"] == "604800000"
    assert TopicSpec("b", 6, compacted=True).config["cleanup.policy"] == "compact"


def test_instances_beside_each_other_have_names_and_folders_of_their_own(tmp_path: Path) -> None:
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.name != second.name
    assert first.folder != second.folder
    first.release()
    assert Instance(tmp_path).name == first.name


def test_a_wanted_name_is_had_once(tmp_path: Path) -> None:
    taken = Instance(tmp_path, "a")
    with pytest.raises(InstanceTakenError, match="instance a"):
        Instance(tmp_path, "a")
    taken.release()
    assert Instance(tmp_path, "a").folder == tmp_path / "a"


def due(at: int) -> bytes:
    """A stored state with that deadline."""
    return at.to_bytes(8, "big") + b"state"


def test_a_store_knows_how_far_it_was_written(tmp_path: Path) -> None:
    store = Store(tmp_path / "0")
    assert store.offset == -1
    store.write({b"p\0b": due(2), b"p\0a": due(1), b"q\0a": due(3), b"\0progress": b"{}"}, 7)
    store.write({b"p\0b": None}, 9)
    store.close()
    again = Store(tmp_path / "0")
    assert again.offset == 9
    assert again.get(b"p\0b") is None
    assert list(again.scan()) == [(b"p\0a", due(1)), (b"q\0a", due(3))]
    assert list(again.scan(b"p\0")) == [(b"p\0a", due(1))]
    again.close()


def test_a_store_tells_what_is_due_in_order_and_forgets_what_is_dropped(tmp_path: Path) -> None:
    store = Store(tmp_path / "0")
    assert list(store.hints(Hint(0, b""))) == []
    store.write({b"p\0b": due(300), b"p\0a": due(300), b"q\0a": due(7), b"q\0b": due(NEVER)}, 1)
    assert list(store.hints(Hint(7, b""))) == [(7, b"q\0a"), (300, b"p\0a"), (300, b"p\0b")]
    store.write({b"p\0a": due(8), b"q\0a": due(7)}, 2, [Hint(300, b"p\0a"), Hint(7, b"q\0a")])
    assert list(store.hints(Hint(7, b""))) == [(7, b"q\0a"), (8, b"p\0a"), (300, b"p\0b")]
    assert list(store.hints(Hint(300, b"p\0b"))) == [(300, b"p\0b")]
    assert list(store.hints(Hint(301, b""))) == []
    store.forget_hints(300)
    assert list(store.hints(Hint(0, b""))) == [(300, b"p\0b")]
    store.close()


def test_a_store_of_another_version_is_begun_anew(tmp_path: Path) -> None:
    store = Store(tmp_path / "0")
    store.write({b"p\0a": due(1)}, 5)
    store.close()
    store._fit.rename(tmp_path / "0" / "fit-1")
    again = Store(tmp_path / "0")
    assert (again.offset, list(again.scan())) == (-1, [])
    again.close()


def test_a_store_found_damaged_while_in_use_is_begun_anew(tmp_path: Path) -> None:
    largest = filled(tmp_path / "0")
    with largest.open("r+b") as file:
        file.seek(largest.stat().st_size // 2)
        file.write(b"nonsense")
    store = Store(tmp_path / "0")
    with pytest.raises(BrokenStoreError, match="checksum"):
        [store.get(b"p\0%03d%03d" % (number, n)) for number in range(100) for n in range(100)]
    store.write({b"p\0a": due(1)}, 100)  # a flush under way takes nothing back
    store.close()
    again = Store(tmp_path / "0")
    assert again.offset == -1
    again.close()


def filled(folder: Path) -> Path:
    """A store with some thousand states, on disk; answers its largest file."""
    store = Store(folder)
    for number in range(100):
        lines = {b"p\0%03d%03d" % (number, n): due(n) + token_bytes(200) for n in range(100)}
        store.write(lines, number)
    store.close()
    return max(folder.glob("*.sst"), key=lambda file: file.stat().st_size)


def test_a_store_with_damaged_files_is_begun_anew(tmp_path: Path) -> None:
    os.truncate(filled(tmp_path / "short"), 1000)
    (filled(tmp_path / "current").parent / "CURRENT").write_bytes(b"nonsense")
    next(filled(tmp_path / "manifest").parent.glob("MANIFEST-*")).unlink()
    for folder in ("short", "current", "manifest"):
        store = Store(tmp_path / folder)
        assert store.offset == -1
        store.write({b"p\0a": due(1)}, 5)
        store.close()
        again = Store(tmp_path / folder)
        assert list(again.scan()) == [(b"p\0a", due(1))]
        again.close()


def test_a_damaged_block_is_told_although_iterators_end_before_it_in_silence(
    tmp_path: Path,
) -> None:
    largest = filled(tmp_path / "0")
    with largest.open("r+b") as file:
        file.seek(largest.stat().st_size // 2)
        file.write(b"nonsense")
    store = Store(tmp_path / "0")
    with pytest.raises(BrokenStoreError, match="checksum"):
        list(store.scan())
    store.discard("damaged")
    assert (store.offset, list(store.scan())) == (-1, [])
    store.close()


def test_a_store_that_is_in_use_is_not_thrown_away(tmp_path: Path) -> None:
    filled(tmp_path / "0")
    store = Store(tmp_path / "0")
    with pytest.raises(Exception, match="lock"):
        Store(tmp_path / "0")
    assert store.offset == 99
    store.close()


def test_every_label_set_exists_from_the_start() -> None:
    registry = CollectorRegistry()
    RuntimeMetrics(registry, "tracker", ["events", "delays"])
    for stage in STAGES:
        labels = {"service": "tracker", "stage": stage}
        assert registry.get_sample_value("chasqui_stage_seconds_count", labels) == 0
    for topic in ("events", "delays"):
        assert registry.get_sample_value("chasqui_consumer_lag_records", {"topic": topic}) == 0


def test_logs_are_json_and_name_what_they_are_about(capsys: pytest.CaptureFixture[str]) -> None:
    handlers, level = logging.root.handlers, logging.root.level
    try:
        configure_logs("INFO")
        with bound(event_id="e1", subject_id="shipment/S1"):
            logger("test").info("admitted", row=1)
        for _ in range(3):
            logging.getLogger("aiokafka").error("broker %s is away", 1)
    finally:
        logging.root.handlers = handlers
        logging.root.setLevel(level)
    admitted, outage = map(json.loads, capsys.readouterr().err.splitlines())
    assert admitted.pop("at").endswith("Z")
    assert admitted == {
        "event": "admitted", "row": 1, "event_id": "e1", "subject_id": "shipment/S1",
        "level": "info", "logger": "test",
    }  # fmt: skip
    assert outage["event"] == "broker 1 is away"

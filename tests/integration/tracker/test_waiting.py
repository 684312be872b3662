"""Without a Kafka the tracker waits, says that it is not ready, and stops when told to."""

from pathlib import Path

from services.cli.broker import free_port
from tests.integration.tracker.site import Tracker, eventually


def test_it_waits_for_an_absent_kafka_and_ends_with_0(tmp_path: Path) -> None:
    tracker = Tracker(f"127.0.0.1:{free_port()}", tmp_path / "waiting", "wall")
    try:
        eventually(lambda: tracker.status("/healthz") == 200, "it is alive")
        assert tracker.status("/readyz") == 503
        assert tracker.get("/v1/movements/shipment/EC-1").status_code == 503
    finally:
        code = tracker.end()
    assert code == 0

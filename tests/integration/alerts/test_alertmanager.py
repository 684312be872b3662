"""Alerts and a real Alertmanager: what is open is open there, and what ended ends there."""

from datetime import datetime, timedelta
from pathlib import Path

from services.alerts.core.standing import Standing, distinct, of_book, watchdog
from services.alerts.settings import AlertsSettings
from services.alerts.sinks import LEVEL_SINKS
from services.cli.broker import EmbeddedBroker
from services.runtime.clock import Clock
from tests.integration.alerts.alertmanager import Alertmanager, alertmanager
from tests.integration.alerts.receiver import Receiver
from tests.integration.alerts.site import Site, eventually
from tests.unit.alerts.desk import Desk, delay


def site(broker: EmbeddedBroker, folder: Path, *peers: Alertmanager) -> Site:
    env = {
        "CHASQUI_ALERTS_SINKS": "alertmanager",
        "CHASQUI_ALERTS_ALERTMANAGER_URLS": ",".join(peer.url for peer in peers),
    }
    return Site(broker.bootstrap, folder, env)


def test_an_alert_opens_worsens_and_ends_in_alertmanager(fresh_broker, tmp_path, receiver):
    peer = alertmanager(tmp_path, receiver)
    alerts = site(fresh_broker, tmp_path, peer)
    with peer.running(), alerts.running():
        eventually(lambda: ("Watchdog", "info") in peer.firing(), "the watchdog fires")
        alerts.tell(delay(), delay("silent", seq=2, milestone=None))
        eventually(lambda: ("DeliveryOverdue", "warning") in peer.firing(), "it is open there")
        overdue = peer.firing()["DeliveryOverdue", "warning"]
        assert overdue["labels"]["subject"] == "EC-AMB-0017"
        assert overdue["annotations"]["summary"] == "delivery_overdue of EC-AMB-0017."
        assert overdue["generatorURL"].endswith("/v1/movements/shipment/EC-AMB-0017")
        alerts.tell(delay(does="changed", seq=3, severity="critical"))
        eventually(lambda: ("DeliveryOverdue", "critical") in peer.firing(), "it is graver")
        eventually(lambda: ("DeliveryOverdue", "warning") not in peer.firing(), "and only graver")
        alerts.tell(delay(does="cleared", seq=4, severity="critical"))
        eventually(lambda: ("Silent", "warning") in peer.firing(), "the inhibited speaks")
        ended = ("resolved", "DeliveryOverdue", "critical")
        eventually(lambda: ended in peer.told(), "the end is told")
        assert 'notifications_total{outcome="ok",sink="alertmanager"}' in alerts.metrics()
        assert 'alert_delay_seconds_count{sink="alertmanager"} 2.0' in alerts.metrics()
    told = peer.told()
    assert told.index(("firing", "DeliveryOverdue", "warning")) < told.index(ended)
    assert told.count(ended) == 1


def test_alerts_killed_and_alertmanager_killed_lose_no_alert_and_no_end(
    fresh_broker, tmp_path, receiver
):
    peer = alertmanager(tmp_path, receiver)
    alerts = site(fresh_broker, tmp_path, peer)
    with peer.running(), alerts.running() as process:
        alerts.tell(*(delay(subject_id=f"EC-{n}") for n in range(10)))
        eventually(lambda: _subjects(peer) == 10, "all are open there")
        peer.kill()
        alerts.tell(*(delay(does="cleared", seq=2, subject_id=f"EC-{n}") for n in range(5)))
        process.kill()
        process.wait()
    with peer.running(), alerts.running():
        eventually(lambda: _subjects(peer) == 5, "what is open is shown to the new one")


def test_every_peer_is_told(fresh_broker, tmp_path, receiver):
    with Receiver().listening() as others:
        folder = tmp_path / "second"
        folder.mkdir()
        peers = alertmanager(tmp_path, receiver), alertmanager(folder, others)
        alerts = site(fresh_broker, tmp_path, *peers)
        with peers[0].running(), peers[1].running(), alerts.running():
            alerts.tell(delay())
            for peer in peers:
                eventually(lambda peer=peer: _subjects(peer) == 1, "it is open there")


async def test_one_bad_alert_of_many_is_left_out(
    tmp_path: Path, receiver: Receiver, settings: AlertsSettings, clock: Clock
):
    peer = alertmanager(tmp_path, receiver)
    here = settings.model_copy(update={"alerts_alertmanager_urls": (peer.url,)})
    bad = Standing({"alertname": ""}, {}, clock.wall(), None)
    with peer.running():
        sink = LEVEL_SINKS["alertmanager"](here, clock)
        answers = await sink.show([*_many(clock.wall(), 20), bad, watchdog(clock.wall())])
        await sink.close()
        assert [a.outcome for a in answers].count("refused") == 1
        assert len({a["labels"].get("subject") for a in peer.alerts()} - {None}) == 20


def _many(now: datetime, count: int) -> list[Standing]:
    desk = Desk()
    desk.at = now - timedelta(minutes=1)
    subjects = [f"EC-{n}" for n in range(count)]
    desk.hear(*(delay(subject_id=subject) for subject in subjects))
    desk.wait()
    books = (desk.book(f"shipment/{subject}") for subject in subjects)
    return distinct(each for book in books for each in of_book(book, now, desk.policy))


def _subjects(peer: Alertmanager) -> int:
    return len([a for a in peer.alerts() if a["labels"]["alertname"] == "DeliveryOverdue"])

"""What an older build stored is read, and its alerts go on."""

from datetime import timedelta

from msgspec import msgpack

from services.alerts.core.alert import Alert
from services.alerts.core.book import Book
from services.alerts.core.policy import Route, Step
from services.alerts.core.words import alert_fields
from services.alerts.processors import Alerts, BookCodec, DigestCodec
from tests.unit.alerts.desk import LOG, Desk, delay

KEY = b"shipment/EC-AMB-0017"
OF_OLD = ("delay", "opened_at", "resolved_at", "inhibited_by", "released_at", "told", "tell_at")
HOUR = timedelta(hours=1)


def stored_of_old(book: Book) -> bytes:
    """The state as the build before acknowledgements wrote it."""
    fields = msgpack.decode(msgpack.encode(book))
    for alert in fields["alerts"]:
        for name in alert.keys() - {*OF_OLD, "formers"}:
            del alert[name]
    return msgpack.encode(fields)


def test_an_alert_that_an_older_build_told_presses_and_its_end_is_told():
    desk = Desk()
    desk.hear(delay(does="raised", severity="critical"))
    desk.wait()
    desk.answer_all()
    book = BookCodec().decode(stored_of_old(desk.book()))
    (alert,) = book.alerts
    assert isinstance(alert, Alert)
    assert (alert.sinks, alert.waits_since, alert.status) == (None, None, "open")
    now = Desk(Route("log"), Route("webhook"), steps=(Step("critical", 1, HOUR),)).policy
    looked = Alerts(now).on_deadline(KEY, book, None, desk.at)
    assert looked.deadline == desk.at + HOUR
    pressed = Alerts(now).on_deadline(KEY, looked.state, None, desk.at + HOUR)
    assert sorted(call.target for call in pressed.calls) == ["log", "webhook"]
    assert alert_fields(pressed.state.alerts[0])["escalation"] == 1


def test_a_digest_of_an_older_build_goes_on():
    desk = Desk(LOG)
    desk.hear(delay(backlog=True))
    desk.wait(timedelta(minutes=1))
    state = desk.driver.state("digests", b"country/EC")
    fields = msgpack.decode(msgpack.encode(state))
    for name in ("grades", "told_severity", "sinks", "weather"):
        del fields[name]
    read = DigestCodec().decode(msgpack.encode(fields))
    assert (read.total, read.told, read.severity) == (1, 1, "info")

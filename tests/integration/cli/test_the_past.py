"""What `chasqui show` tells of the past is what the tracker answered then, on a real Kafka."""

from pathlib import Path
from time import sleep

import orjson

from schemas.topics import CONTRIBUTIONS, EVENTS
from services.cli.export import export
from services.cli.log_reader import lag
from services.cli.publish import publish
from services.cli.show import show
from tests.integration.cli.conftest import Site


def _said(event_id: str, type: str, at: str, heard: str, **more: object) -> dict[str, object]:
    return {
        "event_id": event_id, "publisher": "US-FBI", "kind": "shipment", "subject_id": "K-1",
        "type": type, "classifier": "actual", "occurred_at": f"2025-{at}T00:00:00Z",
        "recorded_at": f"2025-{heard}T00:00:00Z", "received_at": f"2025-{heard}T00:00:00Z", **more,
    }  # fmt: skip


_LINE = {"line": 1, "item": "vest", "quantity": 20, "unit": "H87"}
_OTHERS = [
    _said("r", "registered", at, at, subject_id=f"K-{number}", lines=[_LINE])
    for number, at in enumerate(("01-05", "01-11", "02-20", "02-21"), start=2)
]
_PROMISED = {"kind": "commitment", "subject_id": "US-EC-1", "recipient": "EC", "lines": [_LINE]}
_NAMING = {"refs": {"commitment": "US-EC-1"}, "lines": [_LINE]}
_CHAPTERS: list[tuple[str, *tuple[dict[str, object], ...]]] = [
    (
        "2025-01-15T00:00:00Z",
        _said("c", "committed", "01-01", "01-01", **_PROMISED, due_at="2025-04-01T00:00:00Z"),
        _said("r", "registered", "01-01", "01-01", **_NAMING),
        _said("p", "handed_over", "02-01", "01-01", classifier="planned"),
        _said("e", "handed_over", "02-11", "01-10", classifier="estimated"),
        _said("q", "handed_over", "02-11", "01-12", classifier="planned"),
        *_OTHERS[:2],
    ),
    ("2025-03-01T00:00:00Z", *_OTHERS[2:]),
    (
        "2025-03-12T00:00:00Z",
        _said(
            "h", "handed_over", "02-08", "03-10", lines=[{"line": 1, "accepted": 20}], closed=True
        ),
    ),
]
"""Until when each is told, and its words."""


_SUBJECTS = ("shipment/K-1", "commitment/US-EC-1")


def _known(site: Site, *options: str, of: str = _SUBJECTS[0]) -> dict[str, object]:
    shown = site.run(show, of, "--json", *options)
    assert shown.exit_code == 0, shown.output
    known: dict[str, object] = orjson.loads(shown.stdout)
    return known


def _short(known: dict[str, object]) -> str:
    delays = known["delays"]
    assert isinstance(delays, list)
    return " ".join([str(known["state"]), *(delay["delay"] for delay in delays)])


def _presents(site: Site) -> dict[str, dict[str, object]]:
    """What the tracker answers now, when what one subject hands to the other has come."""
    while lag(site.bootstrap, "chasqui.tracker", CONTRIBUTIONS.full_name):
        sleep(0.2)
    return {subject: _known(site, of=subject) for subject in _SUBJECTS}


def test_what_was_known_then_is_what_the_tracker_answered_then(site: Site, tmp_path: Path) -> None:
    answered = {}
    for until, *words in _CHAPTERS:
        path = tmp_path / "chapter.ndjson"
        path.write_bytes(b"\n".join(map(orjson.dumps, words)))
        assert site.run(publish, path, "--until", until).exit_code == 0
        while lag(site.bootstrap, "chasqui.tracker", EVENTS.full_name):
            sleep(0.2)
        answered[until] = _presents(site)
    assert [_short(known[_SUBJECTS[0]]) for known in answered.values()] == [
        "planned eta_slip", "planned delivery_overdue", "delivered unverified_delivery",
    ]  # fmt: skip
    states = [known[_SUBJECTS[1]]["state"] for known in answered.values()]
    assert states == ["covered", "covered", "handed_over"]

    journal = tmp_path / "journal.ndjson"
    assert site.run(export, "--output", journal).exit_code == 0
    for until, presents in answered.items():
        for subject, known in presents.items():
            then = _known(site, "--known-at", until, of=subject)
            assert then == _known(site, "--known-at", until, "--journal", str(journal), of=subject)
            assert {name: then[name] for name in known} == known
    known = answered[_CHAPTERS[-1][0]][_SUBJECTS[0]]
    now = _known(site, "--slips")
    assert {name: now[name] for name in known} == known
    assert _short(_known(site, "--at", "2025-02-10T00:00:00Z")) == "delivered"
    then = _known(site, "--at", "2025-02-10T00:00:00Z", of=_SUBJECTS[1])
    assert then["state"] == "handed_over"
    slips = now["slips"]
    assert isinstance(slips, list)
    assert [(slip["moves"], slip["moved"], slip["known_at"]) for slip in slips] == [
        ("estimated", "P10D", "2025-01-10T00:00:00Z"),
        ("planned", "P10D", "2025-01-12T00:00:00Z"),
    ]
    assert site.run(show, "shipment/K-0", "--slips").exit_code == 1

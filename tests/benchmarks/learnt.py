"""When an overdue delivery that nobody reported is believed to be late, by which rule how well.

`python -m tests.benchmarks.learnt --record FILE.csv [--plot FILE.svg]`: a record
of deliveries with the days on which each was scheduled, delivered and recorded. It is replayed in
the order of time; each rule knows at each moment only what was recorded by then. A look is taken
each day at each note that is due and not recorded; the first that is sure enough is the alert.

In the end the record goes through the tracker and alerts in memory: when they tell that a delivery
is likely late is measured in the same way.

right: of the alerts, the notes that were delivered after their due moment. recall: of the notes
that were, those with an alert before they were recorded. wait: days from due to the alert.
still out: of the alerts, the notes that were not delivered at the moment of the alert.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from services.tracker.core.sentence import duration
from tests.benchmarks.learnt_plot import draw
from tests.benchmarks.learnt_record import DAY, Note, looks, read
from tests.benchmarks.learnt_rules import (
    DuePassed,
    FallBack,
    LagQuantile,
    LatestOnly,
    Rule,
    Shrunken,
    Tracker,
    country,
    everyone,
    publisher,
    publisher_country,
    publisher_mode,
)
from tests.benchmarks.learnt_told import told_likely
from tests.benchmarks.measure import table

_RULES: Mapping[str, Callable[[], Rule]] = {
    "due passed": DuePassed,
    "quantile of lag, country": lambda: LagQuantile(country, 15, timedelta(days=7)),
    "quantile of lag, publisher": lambda: LagQuantile(publisher, 50, timedelta(days=14)),
    "latest 20 silences, publisher": lambda: LatestOnly(publisher, 20),
    "shrunken, publisher, country": lambda: Shrunken(everyone, publisher, publisher_country),
    "fall-back, publisher, mode": lambda: FallBack(everyone, publisher, publisher_mode),
    "fall-back, publisher, country": lambda: FallBack(everyone, publisher, publisher_country),
    "as in the tracker": lambda: Tracker(everyone, publisher, publisher_country),
}
_SHOWN = {"due passed": [1.0], "as in the tracker": [1.0]}
_SURE = [n / 100 for n in range(30, 96)]
_HEADER = ("alerts", "right %", "recall %", "wait d", "still out %")
_CHANGE = datetime(2013, 1, 1, tzinfo=UTC)
"""From this year on reports of the record at hand lag; before, nearly none did."""


class Score(NamedTuple):
    """How well a rule did; shares of 1, and days."""

    alerts: int
    right: float
    recall: float
    wait: float
    out: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    if asked.record is None:
        print("Nothing to measure: the record is no part of the repository, name it by --record.")
        return
    notes = read(asked.record)
    print(f"{len(notes):,} notes, {sum(note.late for note in notes)} truly late")
    told = {name: replay(make(), notes) for name, make in _RULES.items()}
    _print_rules(notes, told)
    _print_parts(notes, told["as in the tracker"])
    for hours in (0, 24, 72):
        grace = timedelta(hours=hours)
        _print_told(notes, told_likely(asked.record, grace), grace)
    if asked.plot:
        draw(asked.plot, {name: _curve(name, notes, sure) for name, sure in told.items()})


Sureness = dict[str, list[float]]
"""Of each silent note, day by day."""


def replay(rule: Rule, notes: Sequence[Note]) -> Sureness:
    reports = iter(sorted(notes, key=lambda note: (note.recorded_at, note.name)))
    coming = next(reports, None)
    told: Sureness = {}
    for look in looks(notes):
        while coming is not None and coming.recorded_at <= look.at:
            rule.learn(coming)
            coming = next(reports, None)
        told.setdefault(look.note.name, []).append(rule.sure(look))
    return told


def score(notes: Iterable[Note], told: Sureness, sure: float) -> Score:
    """Of a rule that is as sure as that."""

    def alert(note: Note) -> timedelta | None:
        days = (day for day, each in enumerate(told.get(note.name, ())) if each >= sure)
        first = next(days, None)
        return None if first is None else first * DAY

    return score_of(notes, alert)


def score_of(notes: Iterable[Note], alert: Callable[[Note], timedelta | None]) -> Score:
    """Of alerts that come so long after the due moment."""
    late = found = out = alerts = 0
    waited = timedelta(0)
    for note in notes:
        late += note.late
        wait = alert(note)
        if wait is not None:
            alerts, waited, found = alerts + 1, waited + wait, found + note.late
            out += note.delivered_at > note.due + wait
    some = max(1, alerts)
    return Score(alerts, found / some, found / max(1, late), waited / DAY / some, out / some)


def _print_rules(notes: Sequence[Note], told: Mapping[str, Sureness]) -> None:
    rows = [
        (name, f"{sure:.2f}", *_cells(score(notes, each, sure)))
        for name, each in told.items()
        for sure in _SHOWN.get(name, [0.5, 0.6, 2 / 3, 0.7, 0.8, 0.9])
    ]
    print(table(("rule", "sure", *_HEADER), rows))


_PARTS: Mapping[str, Callable[[Note], bool]] = {
    "one half of the notes": lambda note: note.in_first_half,
    "the other half": lambda note: not note.in_first_half,
    "due before 2013": lambda note: note.due < _CHANGE,
    "due since 2013": lambda note: note.due >= _CHANGE,
}


def _print_told(notes: Sequence[Note], likely: Mapping[str, datetime], grace: timedelta) -> None:
    """What the tracker told after that grace, measured from the due moment."""

    def alert(note: Note) -> timedelta | None:
        at = likely.get(note.name)
        return None if at is None else at - note.due

    parts = {"all": [*notes]} | {n: [*filter(has, notes)] for n, has in _PARTS.items()}
    rows = [(name, *_cells(score_of(part, alert))) for name, part in parts.items()]
    print("\n" + table((f"told, grace {duration(grace)}", *_HEADER), rows))


def _print_parts(notes: Sequence[Note], told: Sureness) -> None:
    rows = []
    for name, has in _PARTS.items():
        part = [note for note in notes if has(note)]
        silent = [note for note in part if note.silence > timedelta(0)]
        base = sum(note.late for note in silent) / max(1, len(silent))
        rows.append((name, f"{base:.1%}", *_cells(score(part, told, 1.0))))
    print("\n" + table(("as in the tracker", "due passed", *_HEADER), rows))


def _cells(got: Score) -> tuple[str, ...]:
    shares = (f"{each * 100:.1f}" for each in (got.right, got.recall))
    return (str(got.alerts), *shares, f"{got.wait:.2f}", f"{got.out * 100:.1f}")


def _curve(name: str, notes: Sequence[Note], told: Sureness) -> list[Score]:
    found = (score(notes, told, sure) for sure in _SHOWN.get(name, _SURE))
    return [each for each in found if each.alerts]


if __name__ == "__main__":
    main()

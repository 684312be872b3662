"""From what was said to what is so: `facts_of` derives the facts of a movement from its history."""

from collections.abc import Iterable
from datetime import datetime

from services.tracker.core import counts as counting
from services.tracker.core import milestones
from services.tracker.core.counts import Actual, Counts
from services.tracker.core.events import OPERATOR_WORDS, Report
from services.tracker.core.facts import Facts
from services.tracker.core.ledger import LedgerLine, exact, opening_lines
from services.tracker.core.merge import History
from services.tracker.core.milestones import LEGGED, MILESTONES, Milestone, MilestoneKey
from services.tracker.core.state import Position, Standing, position, standing

PHYSICAL = frozenset({"departed", "arrived", "handed_over", "confirmed", "completed"})

Spoken = dict[MilestoneKey, dict[str, list[Report]]]


def facts_of(history: History) -> Facts:
    """Derive the facts: every order and repetition of the same events gives the same ones."""
    live = tuple(sorted(history.live(), key=lambda report: report.recency))
    actual = _by_type(live)
    registered = counting.registration(actual)
    agency = (registered.parties.owner or registered.publisher) if registered else None
    counts = counting.settle(actual, agency)
    spoken = _spoken(live)
    legs = _last_leg(registered, spoken)
    found = milestones.build(
        spoken,
        history.registers.values(),
        actual.get("rebaselined", ()),
        counting.ranker(agency),
        counts.hand_over,
        legs,
    )
    place = position(found, legs, handed_over=counts.hand_over is not None)
    stands = standing(found, counts, place)
    return _facts(history, live, actual, registered, agency, counts, found, place, stands)


def _facts(  # noqa: PLR0913 - the one place where all that was derived comes together
    history: History,
    live: tuple[Report, ...],
    actual: Actual,
    registered: Report | None,
    agency: str | None,
    counts: Counts,
    found: dict[MilestoneKey, Milestone],
    place: Position,
    stands: Standing,
) -> Facts:
    lines = counts.snapshots[-1].lines if counts.snapshots else opening_lines(registered)
    contradicted_at = _contradicted_at(actual, counts, stands)
    conflict_at = counting.live_conflict_at(history)
    disputed = _disputed(counts.confirmed, lines)
    doubts = {
        "conflict": conflict_at is not None,
        "contradiction": contradicted_at is not None,
        "disputed": disputed,
        "inferred": any(milestone.inferred for milestone in found.values()),
        "inversion": _inverted(found, place.legs),
        "over_delivered": any(line.over_delivered for line in lines),
        "possible_duplicate": counts.possible_duplicate,
        "unknown_line": registered is not None and any(x.shipped is None for x in lines),
        "unregistered": registered is None,
    }
    return Facts(
        kind=history.kind,
        subject_id=history.subject_id,
        state=stands.state,
        ended=stands.ended,
        leg=place.leg,
        legs=place.legs,
        agency=agency,
        custodian=_custodian(live),
        commitment=_commitment(registered, live),
        country=_country(registered, found),
        registered=registered,
        milestones=found,
        snapshots=counts.snapshots,
        lines=lines,
        hand_over=counts.hand_over,
        delivered_at=counts.delivered_at,
        cancelled_at=counts.cancelled.happened_at if counts.cancelled else None,
        contradicted_at=contradicted_at,
        conflict_at=conflict_at,
        confirmed=counts.confirmed,
        disputed=disputed,
        holds=counting.holds(actual, counts),
        doubts=tuple(sorted(name for name, so in doubts.items() if so)),
        last_contact_at=history.last_contact_at,
        reports=live,
    )


def _by_type(reports: Iterable[Report]) -> Actual:
    found: Actual = {}
    for report in reports:
        if report.classifier == "actual":
            found.setdefault(report.type, []).append(report)
    return found


def _spoken(reports: Iterable[Report]) -> Spoken:
    found: Spoken = {}
    for report in reports:
        if report.type in MILESTONES and report.classifier is not None:
            key = (report.type, report.leg if report.type in LEGGED else 1)
            found.setdefault(key, {}).setdefault(report.classifier, []).append(report)
    return found


def _last_leg(registered: Report | None, spoken: Spoken) -> int:
    """As registered, or the largest leg that somebody reports or plans."""
    legs = [
        leg
        for (kind, leg), said in spoken.items()
        if kind in LEGGED and ("actual" in said or "planned" in said)
    ]
    return max([registered.legs or 1 if registered else 1, *legs])


def _contradicted_at(actual: Actual, counts: Counts, stands: Standing) -> datetime | None:
    """The first physical event after a cancellation that is the state."""
    if counts.cancelled is None or stands.state != "cancelled":
        return None
    at = counts.cancelled.happened_at
    later = [r.happened_at for kind in PHYSICAL for r in actual.get(kind, ())]
    return min((moment for moment in later if moment > at), default=None)


def _disputed(confirmed: Report | None, lines: tuple[LedgerLine, ...]) -> bool:
    """The recipient's own word differs from the counted hand-over in a line that it names."""
    if confirmed is None:
        return False
    known = {line.line: line for line in lines}
    for said in confirmed.lines:
        line = known.get(said.line, LedgerLine(said.line))
        if (exact(said.accepted), exact(said.damaged)) != (line.accepted, line.damaged):
            return True
    return False


def _inverted(found: dict[MilestoneKey, Milestone], legs: int) -> bool:
    """A leg whose arrival is reported before its departure."""
    for leg in range(1, legs + 1):
        departed, arrived = found.get(("departed", leg)), found.get(("arrived", leg))
        if departed and arrived and departed.actual_at and arrived.actual_at:
            if arrived.actual_at < departed.actual_at:
                return True
    return False


def _custodian(live: tuple[Report, ...]) -> str | None:
    named = (
        report
        for report in live
        if report.classifier == "actual"
        and report.parties.custodian is not None
        and report.type not in OPERATOR_WORDS
    )
    last = max(named, key=lambda report: (report.happened_at, report.recency), default=None)
    return last.parties.custodian if last else None


def _commitment(registered: Report | None, live: tuple[Report, ...]) -> str | None:
    if registered is not None and registered.refs.commitment is not None:
        return registered.refs.commitment
    last = milestones.newest(report for report in live if report.refs.commitment is not None)
    return last.refs.commitment if last else None


def _country(registered: Report | None, found: dict[MilestoneKey, Milestone]) -> str | None:
    hand_over = found["handed_over", 1]
    arrivals = [m for m in found.values() if m.type == "arrived" and m.actual is not None]
    said = (
        registered,
        hand_over.actual,
        hand_over.estimate,
        hand_over.plan,
        *(arrival.actual for arrival in reversed(arrivals)),
    )
    for report in said:
        if report is not None and report.location.country is not None:
            return report.location.country
    return None

"""From what was said to what is so: `facts_of` derives the facts of a movement from its history."""

from collections.abc import Iterable

from schemas.vocabulary import LEGGED
from services.tracker.core import counts as counting
from services.tracker.core import milestones
from services.tracker.core.counts import Counts
from services.tracker.core.doubts import doubts_of
from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.ledger import LedgerLine
from services.tracker.core.merge import History
from services.tracker.core.milestones import MILESTONES, MilestoneKey
from services.tracker.core.ranks import Actual
from services.tracker.core.snapshots import opening_lines
from services.tracker.core.state import position, standing

Spoken = dict[MilestoneKey, dict[str, list[Report]]]


def facts_of(history: History) -> Facts:
    """Derive the facts: every order and repetition of the same events gives the same ones."""
    live = tuple(sorted(history.live(), key=lambda report: report.recency))
    actual, spoken = _by_type(live), _spoken(live)
    registered = counting.registration(actual)
    agency = (registered.parties.owner or registered.publisher) if registered else None
    counts = counting.settle(actual, agency)
    legs = _last_leg(registered, spoken)
    found = milestones.build(
        spoken, history.registers.values(), actual, agency, counts.hand_over, legs
    )
    handed_over = counts.hand_over is not None or "completed" in actual
    place = position(found, legs, handed_over=handed_over)
    stands = standing(found, counts, place)
    lines = _lines(counts)
    return Facts(
        history.kind,
        history.subject_id,
        live,
        history.last_contact_at,
        registered,
        agency,
        found,
        counts,
        lines,
        place,
        stands,
        counting.holds(actual, counts, agency),
        doubts_of(history, actual, counts, found, lines, stands),
    )


def _lines(counts: Counts) -> tuple[LedgerLine, ...]:
    """The ledger as it stands, with the lines that only the recipient names."""
    standing = counts.snapshots[-1].lines if counts.snapshots else None
    lines = standing or opening_lines(counts.entries.registered)
    known = {line.line for line in lines}
    confirmed = counts.confirmed.lines if counts.confirmed else ()
    named = (LedgerLine(said.line) for said in confirmed if said.line not in known)
    return tuple(sorted((*lines, *named), key=lambda line: line.line))


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

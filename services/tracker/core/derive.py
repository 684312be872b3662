"""From what was said to what is so: `facts_of` derives the facts of a movement from its history."""

from schemas.vocabulary import LEGGED
from services.tracker.core import counts as counting
from services.tracker.core import milestones
from services.tracker.core.counts import Counts
from services.tracker.core.doubts import doubts_of
from services.tracker.core.events import Report
from services.tracker.core.facts import Facts, Said, commitment_of, mode_of
from services.tracker.core.ledger import LedgerLine
from services.tracker.core.merge import History
from services.tracker.core.milestones import MILESTONES, MilestoneKey, Spoken
from services.tracker.core.ranks import ranker
from services.tracker.core.resolved import RESOLVING, resolved
from services.tracker.core.snapshots import opening_lines
from services.tracker.core.state import position, standing
from services.tracker.core.terms import standing_terms


def facts_of(history: History) -> Facts:
    """Derive the facts: every order and repetition of the same events gives the same ones."""
    history, live, said, spoken = _heard(history)
    actual = said.get("actual", {})
    registered = counting.registration(actual)
    agency = (registered.parties.owner or registered.publisher) if registered else None
    rank = ranker(agency)
    counts = counting.settle(actual, rank, registered)
    named = commitment_of(registered, live) if history.terms else None
    terms = standing_terms(history.terms, named)
    dues = milestones.dues_of(history, terms, actual.get("rebaselined", ()))
    legs = _last_leg(registered, spoken)
    found = milestones.build(spoken, dues, rank, counts.hand_over, legs)
    handed_over = counts.hand_over is not None or "completed" in actual
    place = position(found, legs, handed_over=handed_over)
    stands = standing(found, counts, place)
    lines = _lines(counts)
    return Facts(
        history.kind,
        history.subject_id,
        live,
        said,
        history.folded,
        history.last_contact_at,
        registered,
        agency,
        found,
        counts,
        lines,
        place,
        stands,
        counting.holds(actual, counts, rank),
        doubts_of(history, actual, counts, found, lines, stands),
        terms,
        mode_of(place.leg, found, registered),
    )


def _heard(history: History) -> tuple[History, tuple[Report, ...], Said, Spoken]:
    """The history as operators' words have it, and its live reports, sorted."""
    live = tuple(history.live())
    said, spoken = _by_word(live)
    if RESOLVING.isdisjoint(said.get("actual", ())):
        return history, live, said, spoken
    history = resolved(history)
    live = tuple(history.live())
    return history, live, *_by_word(live)


def _lines(counts: Counts) -> tuple[LedgerLine, ...]:
    """The ledger as it stands, with the lines that only the recipient names."""
    standing = counts.snapshots[-1].lines if counts.snapshots else None
    lines = standing or opening_lines(counts.entries.registered)
    if counts.confirmed is None:
        return lines
    known = {line.line for line in lines}
    named = [LedgerLine(said.line) for said in counts.confirmed.lines if said.line not in known]
    return tuple(sorted((*lines, *named), key=lambda line: line.line)) if named else lines


def _by_word(reports: tuple[Report, ...]) -> tuple[Said, Spoken]:
    """The reports by classifier and type, and those of milestones by leg and classifier."""
    said: dict[str, dict[str, list[Report]]] = {}
    spoken: dict[MilestoneKey, dict[str, list[Report]]] = {}
    for report in reports:
        kind, classifier = report.type, report.classifier
        if classifier is None:
            continue
        said.setdefault(classifier, {}).setdefault(kind, []).append(report)
        if kind in MILESTONES:
            key = (kind, report.leg if kind in LEGGED else 1)
            spoken.setdefault(key, {}).setdefault(classifier, []).append(report)
    return said, spoken


def _last_leg(registered: Report | None, spoken: Spoken) -> int:
    """As registered, or the largest leg that somebody reports or plans."""
    last = (registered.legs or 1) if registered else 1
    for (kind, leg), said in spoken.items():
        if leg > last and kind in LEGGED and ("actual" in said or "planned" in said):
            last = leg
    return last

"""What a long history forgets: beyond a limit, words that others have superseded are folded away.

Never a word on which a milestone, the ledger, a hold or a delay rests. The history remembers how
many went and until when they were said, so that a repetition of one changes nothing.
"""

from collections.abc import Iterator

import msgspec

from schemas.vocabulary import LEGGED
from services.tracker.core.events import Report
from services.tracker.core.facts import Facts, latest
from services.tracker.core.limits import Limits
from services.tracker.core.merge import History, Register
from services.tracker.core.milestones import MILESTONES, MilestoneKey, best, newest
from services.tracker.core.ranks import ranker
from services.tracker.core.rules_plan import slip_of
from services.tracker.core.sentence import last_report

_ADD_UP = frozenset({"handed_over", "confirmed"})
"""Actual ones are counted, not replaced."""


def fold_away(history: History, facts: Facts, limits: Limits) -> History:
    """The history with a quarter of room again, if it was too long and has what can be spared."""
    if len(history.registers) <= limits.words:
        return history
    rests_on = _rests_on(facts, limits)
    spare = [each for each in history.registers if _is_spare(each, rests_on, facts)]
    gone = spare[: len(history.registers) - limits.words * 3 // 4]
    if not gone:
        return history
    away = {each.report.identity for each in gone}
    last = gone[-1].report.revised_at
    until = history.folded_until
    return msgspec.structs.replace(
        history,
        registers=tuple(r for r in history.registers if r.report.identity not in away),
        folded=history.folded + len(gone),
        folded_until=last if until is None else max(last, until),
    )


def was_folded_away(history: History, report: Report, facts: Facts, limits: Limits) -> bool:
    """Whether this word, new to the history before, is so old and idle that it went already.

    `history` and `facts` are those with the word.
    """
    if history.folded_until is None or report.revised_at > history.folded_until:
        return False
    register = history.find(report.publisher, report.event_id)
    return register is not None and _is_spare(register, _rests_on(facts, limits), facts)


def _is_spare(register: Register, rests_on: frozenset[str], facts: Facts) -> bool:
    report, doubts = register.report, facts.doubts
    replaced = report.type in MILESTONES or report.type == "registered"
    if report.retracted or register.rivals or not replaced:
        return False
    if report.classifier == "actual" and report.type in _ADD_UP:
        return False
    if doubts.contradicted_at == report.happened_at or doubts.conflict_at == report.revised_at:
        return False
    return report.identity not in rests_on


def _rests_on(facts: Facts, limits: Limits) -> frozenset[str]:
    """The identities of the reports that decide the facts."""
    dues = (due for m in facts.milestones.values() for due in (m.baseline, m.due))
    sources = {due.source for due in dues if due is not None}
    return frozenset({*sources, *(report.identity for report in _decisive(facts, limits))})


def _decisive(facts: Facts, limits: Limits) -> Iterator[Report]:
    for milestone in facts.milestones.values():
        standing = (milestone.plan, milestone.estimate)
        yield from (report for report in standing if report is not None)
    yield from _best_for_some_agency(facts)
    named = (
        facts.registered,
        last_report(facts),
        latest(r for r in facts.actual if r.parties.custodian is not None),
        newest([r for r in facts.reports if r.refs.commitment is not None]),
        newest([r for r in facts.said("handed_over", "estimated") if r.location.country]),
        newest([r for r in facts.said("handed_over", "planned") if r.location.country]),
    )
    yield from (report for report in named if report is not None)
    slip = slip_of(facts, limits)
    if slip is not None:
        turns = (slip.first, slip.last, slip.before, slip.back)
        yield from (report for report in turns if report is not None)


def _best_for_some_agency(facts: Facts) -> Iterator[Report]:
    """Of each milestone the reports of which one counts, whoever turns out to own the movement."""
    reported: dict[MilestoneKey, list[Report]] = {}
    for report in facts.actual:
        if report.type in MILESTONES:
            leg = report.leg if report.type in LEGGED else 1
            reported.setdefault((report.type, leg), []).append(report)
    for reports in reported.values():
        for agency in {None, *(report.publisher for report in reports)}:
            standing = best(reports, ranker(agency))
            if standing is not None:
                yield standing

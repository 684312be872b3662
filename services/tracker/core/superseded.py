"""What a long history forgets: beyond a limit, estimates that others have superseded.

They alone come without end. Plans, reports and registrations stay: one that is outranked today may
count tomorrow. The history remembers how many estimates went and until when they were said, so that
a repetition of one changes nothing.
"""

from collections.abc import Iterator

import msgspec

from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.limits import Limits
from services.tracker.core.merge import History, Register
from services.tracker.core.milestones import MILESTONES, newest
from services.tracker.core.rules_plan import slip_of


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
    report = register.report
    if report.retracted or register.rivals or register.firsts:
        return False
    if report.classifier != "estimated" or report.type not in MILESTONES:
        return False
    return facts.doubts.conflict_at != report.revised_at and report.identity not in rests_on


def _rests_on(facts: Facts, limits: Limits) -> frozenset[str]:
    """The identities of the estimates that decide the facts."""
    return frozenset(report.identity for report in _decisive(facts, limits) if report is not None)


def _decisive(facts: Facts, limits: Limits) -> Iterator[Report | None]:
    yield from (milestone.estimate for milestone in facts.milestones.values())
    yield newest([r for r in facts.reports if r.refs.commitment is not None])
    yield newest([r for r in facts.said("handed_over", "estimated") if r.location.country])
    slip = slip_of(facts, limits)
    if slip is not None:
        yield from (slip.first, slip.last, slip.before, slip.back)

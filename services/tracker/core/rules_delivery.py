"""The rules about what was handed over: late, short, damaged, unverified, not shown up."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Identity, Lateness, Step
from services.tracker.core.ledger import LedgerLine, Number
from services.tracker.core.limits import Limits
from services.tracker.core.snapshots import Snapshot
from services.tracker.core.state import Ended

_DELIVERY_OVERDUE = Identity("delivery_overdue", "handed_over")
_SHORT_DELIVERY = Identity("short_delivery", "handed_over")
_DAMAGE_LOSS = Identity("damage_loss")
_UNVERIFIED_DELIVERY = Identity("unverified_delivery", "confirmed")
_NO_SHOW = Identity("no_show", "handed_over")


def counts_heads(facts: Facts) -> bool:
    """A deployment with a due moment and registered heads is measured by who showed up."""
    if facts.kind != "deployment" or facts.handed_over.due is None:
        return False
    return bool(facts.heads)


def patience(facts: Facts, limits: Limits) -> timedelta:
    """How long after due a hand-over that nobody reported is not told, and one made is not late."""
    return limits.no_show if counts_heads(facts) else limits.grace


def delivery_overdue(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Due to be handed over, and not delivered; first unreported, then likely true.

    When it is likely while the silence lasts, past silences say (`believing`).
    """
    due = facts.handed_over.due
    if due is None or counts_heads(facts):
        return
    ended = next((snapshot for snapshot in facts.snapshots if snapshot.ended), None)
    yield Lateness(
        _DELIVERY_OVERDUE,
        (
            Step(due.at + limits.grace, "warning", "unreported"),
            Step(due.at + max(limits.grace, limits.lag), "critical", "likely"),
        ),
        threshold=limits.grace,
        until=ended.at if ended else None,
        because=_end_of_waiting(ended),
        due_at=due.at,
        evidence=(due.source,),
        silent_since=due.at,
    )


def _end_of_waiting(ended: Snapshot | None) -> str | None:
    if ended is None:
        return None
    if ended.written_off:
        return "cancelled"
    return None if ended.delivered else "superseded"


def short_delivery(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """The hand-over is over, or long left open, and something promised was not in it."""
    if not facts.snapshots or counts_heads(facts):
        return
    shortage = _shortage(facts.snapshots)
    if shortage is None:
        yield from _left_open(facts, limits)
        return
    lateness = _discrepancy(
        facts,
        _SHORT_DELIVERY,
        shortage.moments,
        _missed(shortage.last.lines, limits),
    )
    made_good = shortage.made_good
    if made_good is not None and (lateness.until is None or made_good.at < lateness.until):
        because = "cancelled" if made_good.written_off else None
        lateness = msgspec.structs.replace(lateness, until=made_good.at, because=because)
    yield lateness


class Shortage(msgspec.Struct, frozen=True):
    """The latest shortage: its begin and each later hand-over that leaves it, and its end."""

    moments: list[datetime]
    last: Snapshot
    made_good: Snapshot | None = None


def _shortage(snapshots: Sequence[Snapshot]) -> Shortage | None:
    found: Shortage | None = None
    for snapshot in snapshots:
        if not snapshot.short:
            if found is not None and found.made_good is None:
                found = msgspec.structs.replace(found, made_good=snapshot)
        elif found is None or found.made_good is not None:
            found = Shortage([snapshot.at], snapshot)
        else:
            again = [snapshot.at] if snapshot.hand_over else []
            found = Shortage([*found.moments, *again], snapshot)
    return found


def _left_open(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """A partial hand-over without a due moment that nobody closed or completed in time."""
    if facts.hand_over is None or facts.handed_over.due is not None:
        return
    ended = next((snapshot for snapshot in facts.snapshots if snapshot.ended), None)
    open_ = [s for s in facts.snapshots if s.hand_over and not s.ended]
    if not open_:
        return
    partial_at = open_[-1].at
    until, because = _accepted_at(facts, "short_delivery", partial_at), "accepted"
    if ended is not None and (until is None or ended.at < until):
        until, because = ended.at, "cancelled" if ended.written_off else ""
    yield Lateness(
        _SHORT_DELIVERY,
        (Step(partial_at + limits.partial, _missed(open_[-1].lines, limits)),),
        threshold=limits.partial,
        until=until,
        because=(because or None) if until else None,
        evidence=_hand_overs(facts),
    )


def _missed(lines: Iterable[LedgerLine], limits: Limits) -> str:
    """Critical where a line that lacks something has serial numbers or lacks a serious share."""
    lacking = [line for line in lines if line.lacking > 0]
    serious = any(line.serials or _serious(line, line.lacking, limits) for line in lacking)
    return "critical" if serious else "warning"


def damage_loss(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Something was damaged or lost."""
    moments: list[datetime] = []
    harmed: Number = 0
    for snapshot in facts.snapshots:
        total = sum(line.harmed for line in snapshot.lines)
        if total > harmed:
            moments.append(snapshot.at)
        harmed = total
    if moments:
        lines = [line for line in facts.lines if line.harmed > 0]
        people = facts.kind == "deployment" or any(line.unit == "IE" for line in lines)
        serious = people or any(_serious(line, line.harmed, limits) for line in lines)
        severity = "critical" if serious else "warning"
        yield _discrepancy(facts, _DAMAGE_LOSS, moments, severity)


def _serious(line: LedgerLine, amount: Number, limits: Limits) -> bool:
    return line.shipped is not None and amount * limits.serious_share >= line.shipped


def _discrepancy(
    facts: Facts, identity: Identity, moments: Sequence[datetime], severity: str
) -> Lateness:
    """A discrepancy since its begin, or anew since the first moment that no acceptance covers."""
    began = moments[0]
    accepted_at = _accepted_at(facts, identity.delay, began)
    while accepted_at is not None:
        later = [at for at in moments if at > accepted_at]
        if not later:
            break
        began, accepted_at = later[0], _accepted_at(facts, identity.delay, later[0])
    due = facts.handed_over.due if identity.milestone else None
    return Lateness(
        identity,
        (Step(began, severity),),
        threshold=timedelta(0),
        until=accepted_at,
        because="accepted" if accepted_at else None,
        due_at=due.at if due else None,
        evidence=_hand_overs(facts),
    )


def _accepted_at(facts: Facts, delay: str, began: datetime) -> datetime | None:
    """The first acceptance that covers what occurred at `began`."""
    accepted = (r for r in facts.said("discrepancy_accepted") if r.delay == delay)
    return min((r.happened_at for r in accepted if r.happened_at >= began), default=None)


def unverified_delivery(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Delivered as the sender says, and the recipient has not confirmed it."""
    if facts.delivered_at is None:
        return
    said = [facts.milestone(kind) for kind in ("confirmed", "completed", "returned")]
    ends = [Ended(word.actual_at, word.type) for word in said if word.actual_at is not None]
    first = min(ends, key=lambda ended: ended.at, default=None)
    yield Lateness(
        _UNVERIFIED_DELIVERY,
        (Step(facts.delivered_at + limits.verification, "info"),),
        threshold=limits.verification,
        until=first.at if first else None,
        because=first.word if first and first.names_cause else None,
        evidence=_hand_overs(facts),
    )


def no_show(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Fewer heads reported for duty than were registered."""
    due = facts.handed_over.due
    if due is None or not counts_heads(facts):
        return
    late = due.at + limits.no_show
    likely = facts.hand_over.first_at if facts.hand_over else due.at + limits.lag
    reached = next((snapshot for snapshot in facts.snapshots if _complete(snapshot)), None)
    until = _accepted_at(facts, "no_show", late)
    because = "accepted" if until else None
    if reached is not None and (until is None or reached.at < until):
        until, because = reached.at, "cancelled" if reached.written_off else None
    yield Lateness(
        _NO_SHOW,
        (
            Step(late, "warning", "unreported"),
            Step(max(late, likely), "critical", "likely"),
        ),
        threshold=limits.no_show,
        until=until,
        because=because,
        due_at=due.at,
        evidence=(due.source, *_hand_overs(facts)),
        silent_since=None if facts.hand_over else due.at,
    )


def _complete(snapshot: Snapshot) -> bool:
    """As many heads as were to come are present, or no more are to come."""
    return snapshot.written_off or sum(h.shortfall for h in snapshot.heads) <= 0


def _hand_overs(facts: Facts) -> tuple[str, ...]:
    """The reports that a discrepancy rests on."""
    words = [*facts.said("handed_over"), *facts.said("lost")]
    return tuple(report.identity for report in words)

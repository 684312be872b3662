"""The other side of the webhook fails, for long or for one message of many, while all else runs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import pairwise
from zlib import crc32

from schemas.times import parse
from services.cli.dead_lettered import Letter, dead_letters, outdated, send_again
from tests.faults.receiving import Message, message_of, refused, taken
from tests.faults.running import Row, Run, Size
from tests.faults.world import Shape
from tests.integration.alerts.receiver import HANG, RESET, Behaviour, Request, well

SINKS = Shape(trackers=1, alertmanager=True, through=("tests.faults.hasty",))
"""What alerts does is tried, so one tracker is enough; it tries again ten times as soon."""
LONG = Size(60, 780)
_SHARE = 0.75
"""Of a run in which the sink is away."""
_SILENCE_SECONDS = 3
_TOLD_SECONDS = 2.0
"""So long after it is late nothing is left to be told of it, as a rule."""
_AT_ONCE = 64
"""So many calls may be under way when a sink asks for silence."""


def away(behaviour: Behaviour, run: Run) -> None:
    """Whatever it is told it answers so, for most of the run."""
    with _answering(run, lambda _: behaviour) as before:
        _let_most_of_it_pass(run)
    _all_arrives(run, before)


def asks_for_silence(run: Run) -> None:
    """429, and when to come again: it is not asked before, but for what is under way."""
    hook = run.world.hook
    hook.answer_headers = {"retry-after": str(_SILENCE_SECONDS)}
    with _answering(run, lambda _: 429) as before:
        _let_most_of_it_pass(run)
    hook.answer_headers = {}
    asked_at = [request.at for request, _ in hook.refused[before:]]
    bouts = 1 + sum(late - early >= _SILENCE_SECONDS for early, late in pairwise(asked_at))
    run.count("asked in vain", len(asked_at))
    asked = f"asked {len(asked_at)} times in {bouts} bouts"
    run.demand(len(asked_at) <= bouts * _AT_ONCE, asked)
    _all_arrives(run, before)


def refuses_some(run: Run) -> None:
    """400 to all about every fifth subject; what it refused an operator sends again at last."""
    with _answering(run, lambda request: 400 if _cursed(message_of(request)) else 200) as before:
        while run.loaded:
            run.wait(0.2, 0.5)
        run.eventually(lambda: run.settled, "nothing more becomes late")
        time.sleep(_TOLD_SECONDS)
    bodies = {message.call_id: message.body for message in refused(run.world.hook, before)}
    letters: list[Letter] = []
    run.findings.recoveries.append(
        run.eventually(
            lambda: _sent_again(run, letters, frozenset(bodies)), "all dead letters are sent again"
        )
    )
    other = [each for each in letters if bytes(each.dead.message) != bodies[each.dead.call_id]]
    run.demand(not other, f"a dead letter is not what was refused: {other[:1]}")
    run.demand(bool(letters), "nothing was refused")
    run.count("sent again by an operator", len(letters))


def _sent_again(run: Run, so_far: list[Letter], wanted: frozenset[str]) -> bool:
    """Send again what stands and is not outdated; whether that was all, and all of it arrived."""
    standing = dead_letters(run.world.bootstrap)
    over = outdated(run.world.bootstrap, standing)
    letters = [letter for letter in standing if letter.dead.call_id not in over]
    send_again(run.world.bootstrap, letters, "faults", run.world.clock.wall())
    so_far += letters
    took = {message.call_id for message in taken(run.world.hook)}
    return not letters and wanted <= took | over


def _cursed(message: Message) -> bool:
    return crc32(message.subject.encode()) % 5 == 0


@contextmanager
def _answering(run: Run, usually: Callable[[Request], Behaviour]) -> Iterator[int]:
    """For so long the hook answers so; how much it had refused before."""
    hook, began = run.world.hook, run.world.clock.wall()
    before = len(hook.refused)
    hook.usually = usually
    try:
        yield before
    finally:
        hook.usually = well
    ended = run.world.clock.wall()
    run.count("seconds away", round((ended - began).total_seconds()))
    run.findings.spans.append((began, ended))


def _let_most_of_it_pass(run: Run) -> None:
    until = time.perf_counter() + run.size.seconds * _SHARE
    while run.loaded and time.perf_counter() < until:
        run.wait(0.1, 0.1)


def _all_arrives(run: Run, before: int) -> None:
    """What was refused is taken soon, though much of it was over by then."""
    hook = run.world.hook
    wanted = {message.call_id for message in refused(hook, before)}
    run.demand(bool(wanted), "nothing was refused")
    seconds = run.eventually(
        lambda: wanted <= {message.call_id for message in taken(hook)}, "all arrives after it"
    )
    run.findings.recoveries.append(seconds)


def began_and_ended_meanwhile(run: Run) -> None:
    """There were alerts that began and ended inside the outage, and people heard of both."""
    messages = taken(run.world.hook)
    opened, resolved = (
        {m.alert_id: parse(m.written_at) for m in messages if m.news == news}
        for news in ("opened", "resolved")
    )
    both = [
        one
        for one, at in resolved.items()
        if one in opened and any(_within(span, opened[one], at) for span in run.findings.spans)
    ]
    run.count("began and ended meanwhile", len(both))
    run.demand(bool(both), "nothing began and ended meanwhile")


def _within(span: tuple[datetime, datetime], began: datetime, ended: datetime) -> bool:
    return span[0] <= began <= ended <= span[1]


def _outage(name: str, act: Callable[[Run], None]) -> Row:
    return Row(
        name,
        "everything arrives after it, in order, also what began and ended inside it",
        act,
        shape=SINKS,
        long=LONG,
        then=began_and_ended_meanwhile,
    )


OUTAGES_OF_SINKS = (
    _outage("sink answers 500", partial(away, 500)),
    _outage("sink hangs", partial(away, HANG)),
    _outage("sink resets", partial(away, RESET)),
    _outage("sink says 429, Retry-After", asks_for_silence),
    Row(
        "sink refuses one of many",
        "the others do not wait; it stands among the dead letters and is sent again as it was",
        refuses_some,
        shape=SINKS,
        long=LONG,
    ),
)

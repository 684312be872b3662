"""Tells of shipments and teams whose end is known while it is told, whatever happens on the way.

Every plot states beside its events what must be true in the end, in plain values and without a
word of the tracker's code: the state, how much was accepted, what is late.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from tests.support.telling import CARRIER, RECIPIENT, Json, Story, Word, deployment, shipment

SHIPPED = 5
_FAR = timedelta(days=3 * 365)
_GRACE = timedelta(hours=30)
"""What is to be late by the end of a run is so this long after it at the latest."""
_PROMISES = 4
_MUCH = 10_000
_ESTIMATES = 6
"""Words that a subject has at most which change nothing but its count."""


@dataclass(frozen=True)
class Expected:
    """What must be true of a subject in the end."""

    subject: str
    """`kind/subject_id`."""
    state: str
    accepted: float
    events: int
    """How many different events there are of it that were not taken back."""
    delays: tuple[str, ...] = ()
    """The names of the delays that are open, sorted."""


@dataclass(frozen=True)
class Promised:
    """What must have been handed over in the end of what a commitment promised."""

    commitment: str
    handed_over: float


@dataclass(frozen=True)
class Telling:
    """What is to be said, each word at its moment, and what must be true in the end."""

    words: tuple[Word, ...]
    expected: tuple[Expected, ...]
    promised: tuple[Promised, ...]
    settled_at: datetime
    """Business time at which all that is expected to be late is late."""


@dataclass(frozen=True)
class Span:
    """The business time in which it happens."""

    begin: datetime
    length: timedelta

    def at(self, share: float) -> datetime:
        """The moment after that share of it."""
        return self.begin + self.length * share

    @property
    def never(self) -> datetime:
        """A moment that no run reaches."""
        return self.begin + _FAR


class Ending(NamedTuple):
    """A story, and what must be true when all of it was heard."""

    story: Story
    state: str
    accepted: float = 0
    delays: tuple[str, ...] = ()


Plot = Callable[[Random, Story, Span], Ending]


def telling(seed: int, subjects: int, span: Span) -> Telling:
    """So many subjects, the plots in turn; the same seed tells the same."""
    chance = Random(seed)
    words: list[Word] = []
    expected = []
    handed_over = dict.fromkeys((_promise(seed, number) for number in range(_PROMISES)), 0.0)
    for commitment in handed_over:
        words += _in_disorder(chance, _committed(commitment, span), span)
    for number in range(subjects):
        begin, plot = PLOTS[number % len(PLOTS)]
        ending = plot(chance, begin(f"FT-{seed}-{number:04d}"), span)
        story = _estimated(chance, ending.story, span)
        words += _in_disorder(chance, story, span)
        told = ending.state, ending.accepted, _standing(story), ending.delays
        expected.append(Expected(story.key.decode(), *told))
        handed_over[_promise(seed, number)] += ending.accepted
    words.sort(key=lambda word: word.heard_at)
    promised = tuple(Promised(*each) for each in handed_over.items())
    return Telling(tuple(words), tuple(expected), promised, span.at(1) + _GRACE)


def _promise(seed: int | str, number: int) -> str:
    """The commitment that a subject fulfils."""
    return f"FT-{seed}-C{number % _PROMISES}"


def _committed(commitment: str, span: Span) -> Story:
    """More of all that moves than will ever be handed over, by a day that nobody lives to see."""
    lines: list[Json] = [
        {"line": 1, "item": "radio", "quantity": _MUCH, "unit": "H87"},
        {"line": 2, "item": "instructor", "quantity": _MUCH, "unit": "IE"},
    ]
    return Story("commitment", commitment).committed(span.never, at=span.begin, lines=lines)


def _standing(story: Story) -> int:
    """How many different events nobody took back."""
    names = {str(word.event["event_id"]) for word in story.words}
    return len(names - {str(w.event["event_id"]) for w in story.words if "retracted" in w.event})


def _in_disorder(chance: Random, story: Story, span: Span) -> Iterator[Word]:
    """Some words come later than they were said, some at the very end, some twice."""
    for word in story.words:
        late = chance.random()
        heard_at = word.heard_at
        if late < 0.25:
            heard_at += (span.at(1) - heard_at) * chance.random()
        elif late < 0.28:
            heard_at = max(heard_at, span.at(1))
        yield Word(word.event, heard_at)
        if chance.random() < 0.1:
            yield Word(word.event, heard_at + span.length * chance.random() * 0.1)


def _estimated(chance: Random, story: Story, span: Span) -> Story:
    """Estimates of a moment that nobody waits for."""
    for number in range(chance.randint(0, _ESTIMATES)):
        said = span.at(chance.uniform(0.05, 0.9))
        name = f"eta-{number}"
        story = story.estimated("returned", span.never, by=CARRIER, said=said, name=name)
    return story


def _begun(story: Story, span: Span, due_at: datetime) -> Story:
    """Registered, and due to be handed over at `due_at`."""
    people = story.kind == "deployment"
    item, unit = ("instructor", "IE") if people else ("radio", "H87")
    lines: list[Json] = [{"line": 1, "item": item, "quantity": SHIPPED, "unit": unit}]
    _, seed, number = story.subject_id.split("-")
    commitment = _promise(seed, int(number))
    begun = story.registered(at=span.begin, legs=1, lines=lines, commitment=commitment)
    return begun.planned("handed_over", due_at, said=span.begin)


def _under_way(story: Story, span: Span) -> Story:
    """Gone by sea, with the announcement that nothing will be heard."""
    return story.departed(span.at(0.1), mode="sea", silent_until=span.never)


def _soon(chance: Random, span: Span) -> datetime:
    return span.at(chance.uniform(0.1, 0.6))


def delivered_in_time(chance: Random, story: Story, span: Span) -> Ending:
    """All of it is handed over before it is due, and the recipient says so."""
    at = span.at(chance.uniform(0.2, 0.8))
    told = _under_way(_begun(story, span, span.never), span).arrived(span.at(0.15))
    told = told.handed_over(at, SHIPPED).confirmed(at + span.length * 0.05, SHIPPED)
    return Ending(told, "confirmed", SHIPPED)


def delivered_late(chance: Random, story: Story, span: Span) -> Ending:
    """All of it is handed over long after it was due: what was raised is cleared."""
    told = _under_way(_begun(story, span, span.at(0.1)), span)
    told = told.handed_over(span.at(0.9), SHIPPED).confirmed(span.at(0.95), SHIPPED)
    return Ending(told, "confirmed", SHIPPED)


def never_handed_over(chance: Random, story: Story, span: Span) -> Ending:
    """Due soon, gone, and never heard of again."""
    told = _under_way(_begun(story, span, _soon(chance, span)), span)
    return Ending(told, "in_transit", 0, ("delivery_overdue",))


def handed_over_in_part(chance: Random, story: Story, span: Span) -> Ending:
    """Three of five are handed over, the rest never: overdue, and short."""
    told = _under_way(_begun(story, span, _soon(chance, span)), span)
    told = told.handed_over(span.at(0.7), 3)
    return Ending(told, "partially_delivered", 3, ("delivery_overdue",))


def closed_short(chance: Random, story: Story, span: Span) -> Ending:
    """Three of five, and that is all: nobody waits any more, and two are missing."""
    told = _under_way(_begun(story, span, _soon(chance, span)), span)
    told = told.handed_over(span.at(0.5), 3, closed=True).confirmed(span.at(0.6), 3)
    return Ending(told, "confirmed", 3, ("short_delivery",))


def on_its_way(chance: Random, story: Story, span: Span) -> Ending:
    """Due in years, and on its way."""
    return Ending(_under_way(_begun(story, span, span.never), span), "in_transit")


def never_departed(chance: Random, story: Story, span: Span) -> Ending:
    """It was to go soon, and nobody says that it did."""
    told = _begun(story, span, span.never)
    told = told.planned("departed", _soon(chance, span), said=span.begin, leg=1)
    return Ending(told, "planned", 0, ("never_departed",))


def held_for_good(chance: Random, story: Story, span: Span) -> Ending:
    """It arrived, security keeps it, and nobody lets it go."""
    told = _under_way(_begun(story, span, span.never), span).arrived(span.at(0.2))
    told = told.held(span.at(chance.uniform(0.25, 0.7)), reason="security")
    return Ending(told, "arrived", 0, ("held",))


def released(chance: Random, story: Story, span: Span) -> Ending:
    """Kept long enough to be late, let go, and handed over."""
    told = _under_way(_begun(story, span, span.never), span).arrived(span.at(0.15))
    told = told.held(span.at(0.2), reason="security").released(span.at(0.7))
    told = told.handed_over(span.at(0.8), SHIPPED).confirmed(span.at(0.9), SHIPPED)
    return Ending(told, "confirmed", SHIPPED)


def no_show(chance: Random, story: Story, span: Span) -> Ending:
    """Two of five instructors report for duty."""
    told = _begun(story, span, _soon(chance, span)).departed(span.at(0.05), mode="air")
    told = told.arrived(span.at(0.08)).handed_over(span.at(0.6), 2)
    return Ending(told, "partially_delivered", 2, ("no_show",))


def called_off(chance: Random, story: Story, span: Span) -> Ending:
    """Overdue already when it is cancelled."""
    told = _begun(story, span, span.at(0.1)).cancelled(span.at(chance.uniform(0.5, 0.9)))
    return Ending(told, "cancelled")


def taken_back(chance: Random, story: Story, span: Span) -> Ending:
    """The hand-over did not happen after all: what was cleared is late again."""
    told = _under_way(_begun(story, span, _soon(chance, span)), span)
    told = told.handed_over(span.at(0.5), SHIPPED, name="wrong")
    told = told.retracts("wrong", said=span.at(0.8))
    return Ending(told, "in_transit", 0, ("delivery_overdue",))


def corrected(chance: Random, story: Story, span: Span) -> Ending:
    """Three of five were a slip of the pen: the later word says five."""
    told = _under_way(_begun(story, span, span.at(0.2)), span)
    told = told.handed_over(span.at(0.4), 3, closed=True, name="count")
    lines = [{"line": 1, "accepted": SHIPPED}]
    told = told.revises("count", said=span.at(0.7), lines=lines)
    return Ending(told.confirmed(span.at(0.8), by=RECIPIENT), "confirmed", SHIPPED)


PLOTS: tuple[tuple[Callable[[str], Story], Plot], ...] = (
    (shipment, delivered_in_time),
    (shipment, delivered_late),
    (shipment, never_handed_over),
    (shipment, handed_over_in_part),
    (shipment, closed_short),
    (shipment, on_its_way),
    (shipment, never_departed),
    (shipment, held_for_good),
    (shipment, released),
    (deployment, no_show),
    (shipment, called_off),
    (shipment, taken_back),
    (shipment, corrected),
)
"""How each kind of subject fares; all are told in equal numbers."""

"""A realistic journal: shipments and deployments from promise to confirmation, most in time.

Some 8 events a subject; 5 % of the events come days late, 2 % twice, and field systems report out
of order; one subject in ten is held, one in ten hears that it slips, one in twenty is short.
"""

from random import Random

from services.runtime.processor import Record
from tests.support.hearing import in_order_heard, journal_record
from tests.support.telling import CARRIER, OWNER, RECIPIENT, Json, Story, deployment, shipment

_SECONDS_A_DAY = 86_400
_PERIOD = 60
"""Days over which subjects begin."""
_GOODS = ("vest", "ambulance", "radio", "generator", "medical_kit")
_PEOPLE = ("trainer", "medical_team", "cyber_team")
_PLACES = (("EC", "Quito"), ("EC", "Guayaquil"), ("PE", "Lima"), ("CO", "Pasto"))


def realistic_journal(subjects: int, seed: int = 1) -> list[Record]:
    """The journal's records in the order in which they were ingested."""
    chance = Random(seed)
    stories = [_story(chance, number) for number in range(subjects)]
    words = in_order_heard(stories)
    return [journal_record(word.event, word.heard_at) for word in words]


def talkative(chance: Random, number: int, words: int) -> Story:
    """A movement under way of which so much is said, most of it soon superseded."""
    story = _promised(chance, number, 0, legs=3)
    while len(story.words) < words:
        at = 4 + len(story.words) / 50
        if chance.random() < 0.5:
            story = story.estimated(
                "handed_over", _second(15 + chance.random()), **_heard(chance, at)
            )
        else:
            leg = 1 + len(story.words) * 3 // words
            story = story.arrived(_second(at), min(3, leg), **_going(chance, at))
    return story


def piecemeal(chance: Random, number: int, words: int) -> Story:
    """A movement that is handed over in so many parts, each of which counts."""
    story = _promised(chance, number, 0, legs=1)
    while len(story.words) < words:
        at = 4 + len(story.words) / 50
        story = story.handed_over(_second(at), accepted=1, **_going(chance, at, RECIPIENT))
    return story


def _story(chance: Random, number: int) -> Story:
    begin = _day(chance) % _PERIOD
    legs = 2 if chance.random() < 0.3 else 1
    story = _promised(chance, number, begin, legs)
    at = begin + 3 + 1.5 * chance.random()
    for leg in range(1, legs + 1):
        story, at = _travelled(chance, story, leg, at)
    if chance.random() < 0.1:
        said = at - 1
        story = story.estimated("handed_over", _second(begin + 25), **_heard(chance, said))
    if chance.random() < 0.1:
        story = story.held(_second(at + 0.1), **_heard(chance, at + 0.1))
        at += 5 * chance.random()
        story = story.released(_second(at + 0.2), **_heard(chance, at + 0.2))
    return _repeated(chance, _received(chance, story, at))


def _travelled(chance: Random, story: Story, leg: int, at: float) -> tuple[Story, float]:
    """One leg, after which it waits for a while."""
    mode = chance.choice(("air", "road", "sea"))
    more = {"silent_until": _second(at + 7)} if mode == "sea" else {}
    days = {"air": 0.9, "road": 0.5, "sea": 7}[mode] * (0.3 + 0.7 * chance.random())
    story = story.departed(_second(at), leg, mode=mode, **more, **_going(chance, at))
    at += days
    story = story.arrived(_second(at), leg, **_going(chance, at))
    return story, at + chance.random()


def _promised(chance: Random, number: int, begin: float, legs: int) -> Story:
    people = chance.random() < 0.3
    story = deployment(f"EC-T{number:07d}") if people else shipment(f"EC-S{number:07d}")
    country, name = chance.choice(_PLACES)
    items = {
        item: chance.choice((4, 20, 300))
        for item in chance.sample(_PEOPLE if people else _GOODS, 1 if chance.random() < 0.7 else 2)
    }
    more: Json = {"said": _second(begin), "country": country, "place": name, "owner": OWNER}
    story = story.registered(
        at=_second(begin), legs=legs, commitment=f"US-EC-{number % 500:04d}", **items, **more
    )
    story = story.planned("departed", _second(begin + 4), said=_second(begin + 0.01))
    return story.planned(
        "handed_over", _second(begin + 20), said=_second(begin + 0.02), country=country
    )


def _received(chance: Random, story: Story, at: float) -> Story:
    lines = story.words[0].event["lines"]
    assert isinstance(lines, list)
    at += 0.5 + 2 * chance.random()
    short = chance.random() < 0.05
    counted = [
        {"line": line["line"], "accepted": line["quantity"] - (2 if short else 0)} for line in lines
    ]
    story = story.tells(
        "handed_over",
        _second(at),
        lines=counted,
        closed=True,
        **_going(chance, at, custodian=RECIPIENT),
    )
    if chance.random() < 0.8:
        at += 1 + chance.random()
        story = story.confirmed(_second(at), lines=counted, **_heard(chance, at))
    return story


def _going(chance: Random, at: float, custodian: str = CARRIER) -> Json:
    country, name = chance.choice(_PLACES)
    more = _heard(chance, at)
    return {**more, "by": CARRIER, "custodian": custodian, "country": country, "place": name}


def _heard(chance: Random, at: float) -> Json:
    """Written down within the hour; heard soon after, or after days without a network."""
    said = at + chance.random() / 24
    late = chance.random() < 0.05
    heard = said + chance.random() * (6 if late else 0.1)
    return {"said": _second(said), "heard": _second(heard)}


def _repeated(chance: Random, story: Story) -> Story:
    for word in story.words:
        if chance.random() < 0.02:
            story = story.with_word(word.event, word.heard_at)
    return story


def _second(at: float) -> float:
    """Most clocks in the field tell no milliseconds."""
    return round(at * _SECONDS_A_DAY) / _SECONDS_A_DAY


def _day(chance: Random) -> float:
    """A moment to the second, so that hardly any two are the same."""
    return chance.randrange(_PERIOD * _SECONDS_A_DAY) / _SECONDS_A_DAY

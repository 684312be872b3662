"""Random valid events of one movement: identities, moments and quantities collide on purpose."""

from collections.abc import Callable
from random import Random

from tests.support.telling import CARRIER, OWNER, RECIPIENT, Json, Story, deployment, shipment

PUBLISHERS = (OWNER, OWNER, CARRIER, RECIPIENT)
MODES = ("air", "sea", "road", "inland_water", None)
MILESTONES = ("ready", "departed", "arrived", "handed_over", "completed", "returned")
DAYS = 40


def random_story(chance: Random, count: int, subject_id: str = "EC-1") -> Story:
    """So many events; some revise, retract, repeat or contradict earlier ones."""
    begin = shipment if chance.random() < 0.7 else deployment
    story = begin(subject_id)
    for _ in range(count):
        story = chance.choice(_WORDS)(chance, story)
    return story


def _moment(chance: Random) -> float:
    return chance.randrange(4 * DAYS) / 4


def _envelope(chance: Random, at: float) -> Json:
    """Who says it, when it was written down and heard; seldom a revision or another's custody."""
    said = max(0.0, at + chance.choice((0, 0, 0.25, 5)))
    more: Json = {
        "by": chance.choice(PUBLISHERS),
        "name": f"e{chance.randrange(12)}",
        "said": said,
        "heard": said + chance.choice((0, 0, 0.25, 3, 15)),
    }
    if chance.random() < 0.3:
        more["revised"] = said + chance.choice((0.25, 1, 10))
    if chance.random() < 0.3:
        more["custodian"] = chance.choice(PUBLISHERS)
    if chance.random() < 0.2:
        more["country"] = chance.choice(("EC", "PE"))
    return more


def _registered(chance: Random, story: Story) -> Story:
    more = _envelope(chance, _moment(chance) / 8)
    if chance.random() < 0.4:
        more["owner"] = chance.choice(PUBLISHERS)
    items = {
        name: chance.choice((1, 10, 40))
        for name in chance.sample(("vest", "radio"), 1 + chance.randrange(2))
    }
    at = max(0.0, float(str(more["said"])) - 1)
    return story.registered(at=at, legs=1 + chance.randrange(3), **items, **more)


def _foreseen(chance: Random, story: Story) -> Story:
    more = _envelope(chance, _moment(chance) / 4)
    classifier = chance.choice(("planned", "planned", "estimated"))
    legs = {"leg": 1 + chance.randrange(3)}
    type = chance.choice((*MILESTONES, "handed_over", "handed_over"))
    return story.tells(type, _moment(chance), classifier=classifier, **legs, **more)


def _moved(chance: Random, story: Story) -> Story:
    at = _moment(chance)
    type = chance.choice(("ready", "departed", "departed", "arrived", "arrived", "seen"))
    more = _envelope(chance, at)
    mode = chance.choice(MODES)
    if mode is not None:
        more["mode"] = mode
    if type == "departed" and chance.random() < 0.2:
        more["silent_until"] = at + 3
    return story.tells(type, at, leg=1 + chance.randrange(3), **more)


def _handed_over(chance: Random, story: Story) -> Story:
    at = _moment(chance)
    count = {name: chance.choice((0, 0, 1, 3)) for name in ("damaged", "missing", "surplus")}
    line = {"line": 1 + chance.randrange(3), "accepted": chance.choice((0, 1, 5, 39, 40)), **count}
    more = _envelope(chance, at)
    if chance.random() < 0.3:
        return story.confirmed(at, lines=[line] if chance.random() < 0.7 else [], **more)
    return story.tells("handed_over", at, lines=[line], closed=chance.random() < 0.4, **more)


def _taken_away(chance: Random, story: Story) -> Story:
    at = _moment(chance)
    take: Callable[..., Story] = chance.choice((story.lost, story.split, story.merged))
    return take(at, chance.choice((1, 10, 40)), **_envelope(chance, at))


def _held(chance: Random, story: Story) -> Story:
    at, hold_id = _moment(chance), f"H{chance.randrange(2)}"
    if chance.random() < 0.5:
        return story.released(at, hold_id, **_envelope(chance, at))
    reason = chance.choice(("customs", "security"))
    return story.held(at, hold_id, reason, **_envelope(chance, at))


def _ended(chance: Random, story: Story) -> Story:
    at = _moment(chance)
    end = chance.choice((story.cancelled, story.completed, story.returned))
    return end(at, **_envelope(chance, at))


def _decided(chance: Random, story: Story) -> Story:
    at = _moment(chance)
    more = {**_envelope(chance, at), "by": "US-OPS"}
    if chance.random() < 0.5:
        delay = chance.choice(("short_delivery", "damage_loss", "no_show"))
        return story.accepted(delay, at, **more)
    milestone = chance.choice(("departed", "arrived", "handed_over", "confirmed", "completed"))
    return story.rebaselined(milestone, _moment(chance), at=at, leg=1, **more)


def _resolved(chance: Random, story: Story) -> Story:
    at = _moment(chance)
    more = {**_envelope(chance, at), "by": "US-OPS"}
    match chance.randrange(4):
        case 0:
            type = chance.choice(("handed_over", "handed_over", "lost", "split", "merged"))
            return story.prefers(type, chance.choice(PUBLISHERS), at=at, **more)
        case 1:
            lines = [{"line": 1, "item": "vest", "quantity": 40, "unit": _unit(story)}]
            more |= {"owner": chance.choice(PUBLISHERS)}
            return story.adopted(at, **(more | chance.choice(({}, {"lines": lines}))))
        case 2:
            return story.reopened(at, **more)
        case _:
            said = [i for i, word in enumerate(story.words) if "retract_reason" not in word.event]
            if not said:
                return story.reopened(at, **more)
            return story.prefers_content(chance.choice(said), at=at, **more)


def _unit(story: Story) -> str:
    return "IE" if story.kind == "deployment" else "H87"


def _contradicted(chance: Random, story: Story) -> Story:
    """An earlier word again, at the same moment of revision with other content."""
    said = [word for word in story.words if "retract_reason" not in word.event]
    if not said:
        return _moved(chance, story)
    word = chance.choice(said)
    other = {**word.event, "mode": chance.choice(("air", "sea", "road", "rail"))}
    return story.with_word(other, word.heard_at)


def _taken_back(chance: Random, story: Story) -> Story:
    said = _moment(chance)
    if not story.words or chance.random() < 0.2:
        return story.retracts(f"r{chance.randrange(3)}", said=said, type="departed")
    name = chance.choice(story.words).event["event_id"]
    return story.retracts(str(name), said=said)


def _repeated(chance: Random, story: Story) -> Story:
    if not story.words:
        return _moved(chance, story)
    word = chance.choice(story.words)
    return story.with_word(word.event, word.heard_at)


_WORDS: tuple[Callable[[Random, Story], Story], ...] = (
    _registered,
    _registered,
    _foreseen,
    _foreseen,
    _foreseen,
    _moved,
    _moved,
    _handed_over,
    _handed_over,
    _taken_away,
    _held,
    _ended,
    _decided,
    _resolved,
    _resolved,
    _contradicted,
    _taken_back,
    _repeated,
)

"""Random promises, and movements that name them, forget them and change their mind."""

from random import Random

from tests.support.random_stories import random_story
from tests.support.telling import Story, Word, promise

PROMISES = ("US-EC-1", "US-EC-2")


def random_promises(chance: Random, movements: int) -> list[Story]:
    """Promises that are revised, cancelled and retracted, and movements that change their mind."""
    told = [_random_promise(chance, name) for name in PROMISES]
    for number in range(movements):
        story = random_story(chance, chance.randrange(1, 10), f"EC-{number}")
        words = tuple(_naming(chance, story, place) for place in range(len(story.words)))
        told.append(Story(story.kind, story.subject_id, words))
    return told


def _naming(chance: Random, story: Story, place: int) -> Word:
    word = story.words[place]
    if word.event["type"] == "seen" or word.event.get("retracted") or chance.random() < 0.4:
        return word
    named = {"commitment": chance.choice(PROMISES)}
    return Word({**word.event, "refs": named}, word.heard_at)


def _random_promise(chance: Random, name: str) -> Story:
    story = promise(name)
    for _ in range(chance.randrange(4)):
        said = chance.randrange(30)
        more = {"name": f"c{chance.randrange(2)}", "said": said, "heard": said + 1}
        if chance.random() < 0.2:
            story = story.cancelled(said, **{**more, "name": "x"})
        elif chance.random() < 0.2 and story.words:
            identity = str(chance.choice(story.words).event["event_id"])
            story = story.retracts(identity, said=said + 5)
        else:
            items = {"vest": chance.choice((1, 10)), "radio": chance.choice((5, 40))}
            due = chance.randrange(10, 80)
            story = story.committed(due, by=chance.choice(("US-FBI", "US-DHS")), **more, **items)
    return story

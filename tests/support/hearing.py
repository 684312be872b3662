"""Hears stories as the tracker does, in memory, and gives an account of what it then says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

import orjson

from schemas.canonical import journal_value
from schemas.events import event_adapter
from schemas.times import parse, wire
from schemas.topics import COMMITMENTS, CONTRIBUTIONS, DELAYS, EVENTS, MOVEMENTS, QUARANTINE
from services.runtime.job import Job
from services.runtime.memory import MemoryDriver
from services.runtime.moments import to_ms
from services.runtime.processor import Record
from services.tracker.core.limits import DEFAULT_LIMITS, Limits
from services.tracker.core.rulebook import RuleBook
from services.tracker.core.view import dumps
from services.tracker.job import create_job
from services.tracker.processors import CommitmentsProcessor
from tests.support.telling import BEGINNING, Json, Moment, Story, Word, moment


def journal_record(event: Json, heard_at: datetime) -> Record:
    """The event as admission writes it to the journal at that moment."""
    admitted = event_adapter.validate_json(orjson.dumps(event))
    key = f"{event['kind']}/{event['subject_id']}".encode()
    headers = (("at", str(to_ms(heard_at)).encode()), ("source", b"test"))
    return Record(EVENTS.full_name, key, journal_value(admitted, heard_at), headers)


def tick_record(at: datetime, partition: int = 0) -> Record:
    """The tick that moves a partition's time."""
    value = orjson.dumps({"at": wire(at), "type": "tick"})
    headers = (("at", str(to_ms(at)).encode()),)
    return Record(EVENTS.full_name, None, value, headers, partition)


def rules_record(toml: str, at: Moment, partition: int = 0) -> Record:
    """The record that applies rules from a moment on."""
    told = moment(at)
    value = orjson.dumps({"type": "rules", "at": wire(told), "version": "x", "toml": toml})
    headers = (("at", str(to_ms(told)).encode()),)
    return Record(EVENTS.full_name, None, value, headers, partition)


def tracker_job(limits: Limits = DEFAULT_LIMITS, partitions: int = 1) -> Job:
    """The tracker as its service runs it, with no metrics."""
    return create_job(partitions, book=RuleBook(default=limits))


def in_order_heard(stories: Iterable[Story]) -> list[Word]:
    """The words of all stories in the order in which they reached the journal."""
    words = chain.from_iterable(story.words for story in stories)
    return sorted(words, key=lambda word: word.heard_at)


@dataclass
class Account:
    """What the tracker said of the stories it heard."""

    driver: MemoryDriver
    key: bytes
    partitions: int = 1
    records: list[Record] = field(default_factory=list)

    @property
    def delays(self) -> list[Json]:
        """All records of delays of what was told of, in order; not of parts nobody announced."""
        told_of = {record.key for record in self.records}
        written = self._written(DELAYS.full_name)
        return [orjson.loads(r.value or b"") for r in written if r.key in told_of]

    @property
    def outputs(self) -> list[Record]:
        """All that was written of movements, and nothing of those who report on them."""
        ours = (MOVEMENTS.full_name, DELAYS.full_name, QUARANTINE.full_name)
        return [record for record in self.driver.outputs if record.topic in ours]

    @property
    def quarantined(self) -> list[Record]:
        return self._written(QUARANTINE.full_name)

    @property
    def movement(self) -> Json:
        """The public state as it stands."""
        return self.view()

    def view(self, key: bytes | None = None) -> Json:
        """The public state of one subject, as the last record of its topic tells it."""
        mine = [r for r in self._written(MOVEMENTS.full_name) if r.key == (key or self.key)]
        return orjson.loads(mine[-1].value or b"")

    def promise(self, subject_id: str = "US-EC-1") -> Json:
        """A commitment as it stands, with its movements; the topic has the same without them."""
        key = f"commitment/{subject_id}".encode()
        said = [r for r in self._written(COMMITMENTS.full_name) if r.key == key]
        whole: Json = orjson.loads(dumps(self.driver.state(CommitmentsProcessor.name, key).view()))
        told = {name: value for name, value in whole.items() if name != "movements"}
        assert orjson.loads(said[-1].value or b"") == told
        return whole

    def terms(self, subject_id: str = "EC-1") -> list[Json]:
        """The terms that were sent to a movement."""
        said = [orjson.loads(r.value or b"") for r in self._written(EVENTS.full_name)]
        return [each for each in said if each["subject_id"] == subject_id]

    def contributions(self) -> list[tuple[str, Json]]:
        """All contributions, each with the promise that it was made to."""
        return [
            ((r.key or b"").decode(), orjson.loads(r.value or b""))
            for r in self._written(CONTRIBUTIONS.full_name)
        ]

    @property
    def facts(self) -> bytes:
        """The bytes of the public state without its delays: a function of the set of events."""
        return orjson.dumps({k: v for k, v in self.movement.items() if k != "delays"})

    def milestone(self, type: str, leg: int | None = None) -> Json | None:
        """One milestone of the view; None if it is not listed."""
        listed = self.movement["milestones"]
        return next((m for m in listed if (m["type"], m["leg"]) == (type, leg)), None)

    def line(self, number: int = 1) -> Json:
        """One line of the ledger."""
        return next(line for line in self.movement["lines"] if line["line"] == number)

    def of(self, delay: str) -> list[Json]:
        """All records of the delays of that name."""
        return [record for record in self.delays if record["delay"] == delay]

    def said(self, delay: str) -> list[str]:
        """The records of a delay in short words: what an operator would read aloud."""
        return [aloud(record) for record in self.of(delay)]

    def open(self) -> list[str]:
        """The names of the delays that are open."""
        return [delay["delay"] for delay in self.movement["delays"]]

    def hear(self, *words: Word) -> "Account":
        """Hear more, in the given order."""
        for word in words:
            self.records.append(journal_record(word.event, word.heard_at))
            self.driver.feed(self.records[-1])
        return self

    def wait(self, until: Moment) -> "Account":
        """Let time pass with nothing heard, in every partition."""
        for number in range(self.partitions):
            self.records.append(tick_record(moment(until), number))
            self.driver.feed(self.records[-1])
        return self

    def _written(self, topic: str) -> list[Record]:
        return [record for record in self.driver.outputs if record.topic == topic]


def listen(story: Story, limits: Limits = DEFAULT_LIMITS, partitions: int = 1) -> Account:
    """An account of which nothing is heard yet."""
    return Account(MemoryDriver(tracker_job(limits, partitions)), story.key, partitions)


def hear(
    *stories: Story,
    until: Moment | None = None,
    limits: Limits = DEFAULT_LIMITS,
    partitions: int = 1,
) -> Account:
    """Tell the stories to a tracker in the order in which they were heard, then let time pass."""
    account = listen(stories[0], limits, partitions).hear(*in_order_heard(stories))
    assert not account.driver.failures, account.driver.failures
    return account if until is None else account.wait(until)


def replay(
    records: Sequence[Record], limits: Limits = DEFAULT_LIMITS, *, whole_journal: bool = False
) -> MemoryDriver:
    """A journal told again to a new tracker."""
    driver = MemoryDriver(tracker_job(limits), whole_journal=whole_journal)
    for record in records:
        driver.feed(record)
    return driver


def days(text: str | None) -> str:
    """A wire time as days since the beginning of the story."""
    if text is None:
        return "never"
    return f"day {(parse(text) - BEGINNING) / timedelta(days=1):g}"


def aloud(record: Json) -> str:
    """One record of a delay in short words."""
    severity = " ".join(str(x) for x in (record["severity"], record["confidence"]) if x)
    past = " (historic)" if record["historic"] else ""
    match record["type"]:
        case "delay_raised":
            since = (
                ""
                if record["raised_at"] == record["late_since"]
                else f", late since {days(record['late_since'])}"
            )
            return f"raised {days(record['raised_at'])}{since}: {severity}{past}"
        case "delay_changed":
            return f"changed, late since {days(record['late_since'])}: {severity}"
        case _:
            ended = f", ended {days(record['ended_at'])}" if record["ended_at"] else ""
            return f"cleared {days(record['cleared_at'])}{ended}: {record['because']}{past}"

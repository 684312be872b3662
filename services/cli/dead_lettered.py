"""What stands among the dead letters: messages that a sink never took, and why."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord

from schemas.times import wire
from schemas.topics import ALERTS, DEAD_LETTERS, REPLAYS
from services.alerts.core.dead_letters import (
    DeadLetter,
    Replay,
    decode_dead_letter,
    decode_replay,
)
from services.cli.errors import CommandError
from services.cli.kafka_clients import reading, writing
from services.cli.log_reader import last_words, partitions_of, records_to_end


class Said(msgspec.Struct, frozen=True):
    """The part of a message that a list shows."""

    class Data(msgspec.Struct, frozen=True):
        """Of the alert."""

        sentence: str = ""

    type: str
    data: Data


class Standing(msgspec.Struct, frozen=True):
    """The part of an alert that says how far it has come."""

    alert_id: str
    delay_id: str
    seq: int
    status: str

    def outlived(self, letter: "Letter", newest: int, *, ended: bool) -> bool:
        """Whether the sink was told something newer since.

        `newest` is the last seq of all letters in its line, `ended` that the end is among them. Of
        an escalation no change is told, only its end.
        """
        escalation = self.alert_id != self.delay_id
        newer = not escalation and newest < self.seq
        freed = letter.what == _TAKEN and self.status != _TAKEN
        return newer or freed or (self.status == _OVER and not ended)


_OVER = "resolved"
_TAKEN = "acknowledged"
_decode_standing = msgspec.json.Decoder(Standing).decode


class Letter(NamedTuple):
    """A dead letter and its subject's key."""

    key: bytes
    dead: DeadLetter

    @property
    def said(self) -> Said:
        """What it was to say."""
        return msgspec.json.decode(self.dead.message, type=Said)

    @property
    def line(self) -> tuple[str, str]:
        """What a sink hears in order: the alert, and the sink."""
        return self.dead.alert_id, self.dead.sink

    @property
    def what(self) -> str:
        """What happened to the alert, as `opened`."""
        return self.said.type.rpartition(".")[2]

    def told(self) -> dict[str, object]:
        """What is known of it, without the message."""
        dead, said = self.dead, self.said
        return {
            "call_id": dead.call_id,
            "sink": dead.sink,
            "reason": dead.reason,
            "status": dead.status,
            "attempts": dead.attempts,
            "at": dead.at,
            "subject": self.key.decode(errors="replace"),
            "message": said.type,
            "sentence": said.data.sentence,
            "detail": dead.detail,
        }


def dead_letters(bootstrap: str, sink: str | None = None) -> list[Letter]:
    """All that were not sent again since they were parked last, in the order of each subject."""
    with reading(bootstrap) as consumer:
        parked = {dead.call_id: (r, dead) for r, dead in _read(consumer)}
        again_at = dict(_replayed(consumer))
    return [
        Letter(record.key, dead)
        for record, dead in parked.values()
        if sink in {None, dead.sink} and again_at.get(dead.call_id, 0) <= record.timestamp
    ]


def dead_letter(bootstrap: str, number: str) -> Letter:
    """The last with a call_id that begins so; CommandError where there is none, or several."""
    with reading(bootstrap) as consumer:
        found = {
            dead.call_id: Letter(r.key, dead)
            for r, dead in _read(consumer)
            if dead.call_id.startswith(number)
        }
    return one_of(list(found.values()), number)


def one_of(letters: Sequence[Letter], number: str) -> Letter:
    """The letter whose call_id begins so; CommandError where there is none, or several."""
    found = [letter for letter in letters if letter.dead.call_id.startswith(number)]
    if len(found) != 1:
        message = f"{len(found) or 'No'} dead letters have an ID that begins with {number!r}."
        raise CommandError(message)
    return found[0]


def outdated(bootstrap: str, letters: Sequence[Letter]) -> set[str]:
    """The call_ids of those whose sink was told something newer of the same alert since.

    Sent after it, they would open again what is over, or say again what no longer holds.
    """
    views = map(_decode_standing, last_words(bootstrap, ALERTS.full_name))
    return outlived(letters, {view.alert_id: view for view in views})


def outlived(letters: Sequence[Letter], standing: Mapping[str, Standing]) -> set[str]:
    """The call_ids of those that are outdated by how their alerts stand; of a digest none is."""
    newest: dict[tuple[str, str], int] = {}
    for each in letters:
        newest[each.line] = max(newest.get(each.line, 0), each.dead.seq)
    ended = {each.line for each in letters if each.what == _OVER}
    return {
        each.dead.call_id
        for each in letters
        if (view := standing.get(each.dead.alert_id)) is not None
        and view.outlived(each, newest[each.line], ended=each.line in ended)
    }


def send_again(bootstrap: str, letters: Sequence[Letter], by: str, at: datetime) -> None:
    """Let alerts send them again, each as it was, in this order."""
    with writing(bootstrap) as producer:
        sent = [
            producer.send(REPLAYS.full_name, msgspec.json.encode(_replay(each, by, at)), each.key)
            for each in letters
        ]
        producer.flush()
        for future in sent:
            future.get()


def _replay(letter: Letter, by: str, at: datetime) -> Replay:
    dead = letter.dead
    return Replay(
        call_id=dead.call_id,
        sink=dead.sink,
        alert_id=dead.alert_id,
        seq=dead.seq,
        message=dead.message,
        by=by,
        at=wire(at),
    )


def _read(consumer: KafkaConsumer) -> Iterator[tuple[ConsumerRecord, DeadLetter]]:
    for record in _records(consumer, DEAD_LETTERS.full_name):
        yield record, decode_dead_letter(record.value)


def _replayed(consumer: KafkaConsumer) -> Iterator[tuple[str, int]]:
    """Which were sent again, and when, in ms; what is none was set aside by alerts as well."""
    for record in _records(consumer, REPLAYS.full_name):
        try:
            replay = decode_replay(record.value or b"")
        except ValueError:
            continue
        yield replay.call_id, record.timestamp


def _records(consumer: KafkaConsumer, topic: str) -> Iterator[ConsumerRecord]:
    yield from records_to_end(consumer, partitions_of(consumer, topic))

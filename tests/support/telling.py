"""Stories of movements, told in the trade's words; each word is one event as a source sends it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import orjson

from schemas.canonical import canonical, canonical_hash
from schemas.events import event_adapter
from schemas.times import wire

Json = dict[str, object]
Moment = datetime | float
"""A moment, or so many days after the beginning of the story."""

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
OWNER = "US-DHS-HSI"
RECIPIENT = "EC-PN"
CARRIER = "EC-TRANSANDES"


def day(number: float, hour: float = 0) -> datetime:
    """The moment so many days and hours after the beginning."""
    return BEGINNING + timedelta(days=number, hours=hour)


def moment(at: Moment) -> datetime:
    """A datetime as it is; a number of days from the beginning."""
    return at if isinstance(at, datetime) else day(at)


@dataclass(frozen=True)
class Word:
    """One event as it was sent, and when it reached the journal."""

    event: Json
    heard_at: datetime


@dataclass(frozen=True)
class Story:
    """What is said of one subject, word after word; each method gives a longer story back.

    `at` is when it happened or is foreseen, `said` when it was written down (default: when it
    happened, for a plan the beginning), `heard` when it reached the journal (default: `said`).
    """

    kind: str
    subject_id: str
    words: tuple[Word, ...] = field(default=())

    @property
    def key(self) -> bytes:
        """The key of the subject's records."""
        return f"{self.kind}/{self.subject_id}".encode()

    def tells(  # noqa: PLR0913 - an event has so many sides
        self,
        type: str,
        at: Moment | None,
        *,
        classifier: str = "actual",
        by: str = OWNER,
        name: str | None = None,
        said: Moment | None = None,
        heard: Moment | None = None,
        revised: Moment | None = None,
        **fields: object,
    ) -> "Story":
        """Any event; `name` is its event_id, by default the type and its place in the story."""
        told = at if said is None else said
        assert told is not None, "an event without a moment of its own needs `said`"
        event: Json = {
            "event_id": name or f"{type}-{len(self.words) + 1}",
            "publisher": by,
            "kind": self.kind,
            "subject_id": self.subject_id,
            "type": type,
            "classifier": classifier,
            "occurred_at": None if at is None else wire(moment(at)),
            "recorded_at": wire(moment(told)),
            "revised_at": None if revised is None else wire(moment(revised)),
            **_nested(fields),
        }
        last = told if revised is None else revised
        heard_at = moment(last if heard is None else heard)
        return self.with_word({k: v for k, v in event.items() if v is not None}, heard_at)

    def with_word(self, event: Json, heard_at: datetime) -> "Story":
        """The story and one more event, as it is."""
        return replace(self, words=(*self.words, Word(event, heard_at)))

    def registered(
        self,
        *,
        at: Moment = 0,
        lines: Sequence[Json] | None = None,
        unit: str | None = None,
        **said: object,
    ) -> "Story":
        """It exists; items are named with their quantities: `registered(ambulance=20)`."""
        more = {name: value for name, value in said.items() if name in _REGISTRATION}
        items = {name: value for name, value in said.items() if name not in _REGISTRATION}
        unit = unit or ("IE" if self.kind == "deployment" else "H87")
        made = [
            {"line": number, "item": item, "quantity": quantity, "unit": unit}
            for number, (item, quantity) in enumerate(items.items(), start=1)
        ]
        return self.tells("registered", at, lines=lines or made, **more)

    def committed(
        self,
        due: Moment,
        *,
        at: Moment = 0,
        recipient: str = "EC",
        lines: Sequence[Json] | None = None,
        unit: str = "H87",
        **said: object,
    ) -> "Story":
        """A promise; items are named with their quantities: `committed(90, ambulance=60)`."""
        more = {name: value for name, value in said.items() if name in _PROMISE}
        items = {name: value for name, value in said.items() if name not in _PROMISE}
        made = [
            {"line": number, "item": item, "quantity": quantity, "unit": unit}
            for number, (item, quantity) in enumerate(items.items(), start=1)
        ]
        terms = {"lines": lines or made, "due_at": wire(moment(due)), "recipient": recipient}
        return self.tells("committed", at, **terms, **more)

    def planned(self, type: str, at: Moment, *, said: Moment = 0, **more: object) -> "Story":
        """It is to happen at `at`; planned hand-overs make the due moment."""
        return self.tells(type, at, classifier="planned", said=said, **more)

    def estimated(self, type: str, at: Moment, *, said: Moment, **more: object) -> "Story":
        """It is now expected to happen at `at`."""
        return self.tells(type, at, classifier="estimated", said=said, **more)

    def ready(self, at: Moment, **more: object) -> "Story":
        return self.tells("ready", at, **more)

    def departed(self, at: Moment, leg: int = 1, **more: object) -> "Story":
        return self.tells("departed", at, leg=leg, **more)

    def arrived(self, at: Moment, leg: int = 1, **more: object) -> "Story":
        return self.tells("arrived", at, leg=leg, **more)

    def held(
        self, at: Moment, hold_id: str = "H1", reason: str = "customs", **more: object
    ) -> "Story":
        return self.tells("held", at, hold_id=hold_id, reason=reason, **more)

    def released(self, at: Moment, hold_id: str = "H1", **more: object) -> "Story":
        return self.tells("released", at, hold_id=hold_id, **more)

    def handed_over(self, at: Moment, accepted: float = 0, **more: object) -> "Story":
        """Custody passed to the recipient; several lines by `lines=`, closed by `closed=True`."""
        return self.tells("handed_over", at, **_counted(accepted, more))

    def confirmed(self, at: Moment, accepted: float | None = None, **more: object) -> "Story":
        """The recipient's own word; by default without naming any line."""
        counted = more if accepted is None else _counted(accepted, more)
        return self.tells("confirmed", at, **{"by": RECIPIENT, **counted})

    def lost(self, at: Moment, quantity: float, line: int = 1, **more: object) -> "Story":
        lines = [{"line": line, "quantity": quantity}]
        return self.tells("lost", at, **{"lines": lines, "reason": "damage", **more})

    def split(
        self,
        at: Moment,
        quantity: float,
        child: str = "EC-1-A",
        due: Moment | None = None,
        **more: object,
    ) -> "Story":
        part: Json = {"subject_id": child, "lines": [{"line": 1, "quantity": quantity}]}
        children = [part if due is None else {**part, "due_at": wire(moment(due))}]
        return self.tells("split", at, **{"children": children, **more})

    def merged(self, at: Moment, quantity: float, into: str = "EC-9", **more: object) -> "Story":
        lines = [{"line": 1, "quantity": quantity}]
        return self.tells("merged", at, into=into, **{"lines": lines, **more})

    def completed(self, at: Moment, **more: object) -> "Story":
        return self.tells("completed", at, **more)

    def returned(self, at: Moment, **more: object) -> "Story":
        return self.tells("returned", at, **more)

    def cancelled(self, at: Moment, **more: object) -> "Story":
        return self.tells("cancelled", at, **more)

    def seen(self, at: Moment, **more: object) -> "Story":
        return self.tells("seen", at, **more)

    def rebaselined(self, milestone: str, to: Moment, *, at: Moment, **more: object) -> "Story":
        """An operator moves a due moment."""
        more = {"by": "US-OPS", "note": "agreed with the recipient", **more}
        return self.tells("rebaselined", at, milestone=milestone, to=to, **more)

    def accepted(self, delay: str, at: Moment, **more: object) -> "Story":
        """An operator accepts a discrepancy."""
        more = {"by": "US-OPS", "note": "agreed with the recipient", **more}
        return self.tells("discrepancy_accepted", at, delay=delay, **more)

    def prefers(self, type: str, of: str, *, at: Moment, **more: object) -> "Story":
        """An operator says whose reports of a type count."""
        counts = {"publisher": of, "type": type}
        return self._resolves("preferred", at, doubt="possible_duplicate", counts=counts, **more)

    def prefers_content(self, number: int, *, at: Moment, **more: object) -> "Story":
        """An operator says that what the word of that number (from 0) said counts."""
        event = self.words[number].event
        counts = {
            "publisher": event["publisher"],
            "event_id": event["event_id"],
            "content": canonical_hash(canonical(event_adapter.validate_json(orjson.dumps(event)))),
        }
        return self._resolves("preferred", at, doubt="conflict", counts=counts, **more)

    def adopted(self, at: Moment, owner: str = OWNER, **more: object) -> "Story":
        """An operator says whose it is; with `lines` it has a ledger."""
        return self._resolves("adopted", at, owner=owner, **more)

    def reopened(self, at: Moment, **more: object) -> "Story":
        """An operator voids what ended it."""
        return self._resolves("reopened", at, **more)

    def _resolves(self, type: str, at: Moment, **more: object) -> "Story":
        return self.tells(type, at, **{"by": "US-OPS", "note": "asked by telephone", **more})

    def revises(
        self, name: str, *, said: Moment, heard: Moment | None = None, **changes: object
    ) -> "Story":
        """A later revision of the event of that name; `at` moves it."""
        old = self._last(name)
        if "at" in changes:
            changes["occurred_at"] = wire(moment(changes.pop("at")))
        event = {**old, **_nested(changes), "revised_at": wire(moment(said))}
        return self.with_word(event, moment(said if heard is None else heard))

    def retracts(
        self,
        name: str,
        *,
        said: Moment,
        heard: Moment | None = None,
        by: str = OWNER,
        type: str = "",
    ) -> "Story":
        """The event of that name is taken back, be it known already or not."""
        known = next((w.event for w in self.words if w.event["event_id"] == name), {})
        event: Json = {
            "event_id": name,
            "publisher": known.get("publisher", by),
            "kind": self.kind,
            "subject_id": self.subject_id,
            "type": type or known["type"],
            "recorded_at": wire(moment(said)),
            "retracted": True,
            "retract_reason": "incorrect_data",
        }
        return self.with_word(event, moment(said if heard is None else heard))

    def _last(self, name: str) -> Json:
        return next(w.event for w in reversed(self.words) if w.event["event_id"] == name)


def shipment(subject_id: str = "EC-1") -> Story:
    """Goods that move."""
    return Story("shipment", subject_id)


def deployment(subject_id: str = "EC-T1") -> Story:
    """People that move."""
    return Story("deployment", subject_id)


def promise(subject_id: str = "US-EC-1") -> Story:
    """What was promised."""
    return Story("commitment", subject_id)


_SAID = frozenset({"by", "name", "said", "heard", "revised", "owner", "event_id"})
_PROMISE = _SAID | {"programme", "request", "reason"}
"""What a promise may say besides its items."""
_REGISTRATION = frozenset(
    {"by", "name", "said", "heard", "revised", "legs", "mode", "owner", "custodian", "country"}
    | {"place", "commitment", "priority", "event_id"}
)
"""What a registration may say besides its items."""


def _counted(accepted: float, more: Json) -> Json:
    counts = {name: more.pop(name) for name in ("damaged", "missing", "surplus") if name in more}
    line = {"line": more.pop("line", 1), "accepted": accepted, **counts}
    return {"lines": [line], **more}


def _nested(fields: Json) -> Json:
    """Fields as the wire nests them; moments as the wire writes them."""
    flat = dict(fields)
    parties = {name: flat.pop(name) for name in ("owner", "custodian") if name in flat}
    place = {name: flat.pop(name) for name in ("country", "place") if name in flat}
    made: Json = {}
    if parties:
        made["parties"] = parties
    if place:
        made["location"] = {{"place": "name"}.get(name, name): x for name, x in place.items()}
    refs = {name: flat.pop(name) for name in ("commitment", "request") if name in flat}
    if refs:
        made["refs"] = refs
    if "to" in flat:
        made["at"] = wire(moment(flat.pop("to")))
    if "silent_until" in flat:
        made["silent_until"] = wire(moment(flat.pop("silent_until")))
    return {**made, **flat}

"""One digest a country for the backlog: what was long late before anybody said a word of it."""

from datetime import datetime
from uuid import NAMESPACE_DNS, uuid5

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from schemas.alerts import AuditEntry
from schemas.times import wire
from schemas.vocabulary import AuditAction, DelayName
from services.alerts.core.backlog import COUNTRY, Step
from services.alerts.core.dead_letters import Replay, given_up, replayed, settled
from services.alerts.core.delay import Audience
from services.alerts.core.outbox import (
    Outbox,
    Receipt,
    addressed,
    next_try_at,
    received,
    send,
)
from services.alerts.core.policy import Policy
from services.alerts.core.words import News, audit_record, body
from services.runtime.processor import Outcome, Record

_CHASQUI = uuid5(NAMESPACE_DNS, "chasqui")
_WRITTEN: dict[News, AuditAction] = {
    News.OPENED: "raised",
    News.CHANGED: "changed",
    News.RESOLVED: "resolved",
}


class Digest(Struct, frozen=True):
    """A country's open backlog by delay, and what was told of it."""

    counts: dict[DelayName, int] = {}
    opened_at: datetime | None = None
    seq: int = 0
    """Of the messages."""
    told: int = 0
    """How many delays the last message spoke of; 0 when none stands."""
    told_at: datetime | None = None
    tell_at: datetime | None = None
    outbox: Outbox = ()

    @property
    def total(self) -> int:
        """Delays open in the backlog."""
        return sum(self.counts.values())


def take(digest: Digest, step: Step, now: datetime, policy: Policy) -> Digest:
    """The digest after one step; a growing one is to be told, an empty one at once."""
    count = digest.counts.get(step.delay, 0) + step.by
    counts = {**digest.counts, step.delay: count}
    digest = replace(digest, counts={name: n for name, n in sorted(counts.items()) if n})
    if digest.total == 0:
        return replace(digest, tell_at=now if digest.told else None)
    if digest.tell_at is not None or digest.total <= digest.told:
        return digest
    first = now + policy.digest_after
    again = digest.told_at and digest.told_at + policy.digest_every
    return replace(digest, tell_at=max(first, again) if again and digest.told else first)


def outcome(digest: Digest, key: bytes, now: datetime, policy: Policy) -> Outcome[Digest]:
    """Tell and send what is due."""
    out: list[Record] = []
    if digest.tell_at is not None and digest.tell_at <= now:
        digest, told = _tell(digest, country_of(key), now, policy)
        out.append(told)
    sending = send(digest.outbox, key, now, policy)
    for each in sending.parked:
        out += given_up(each, key, now)
    digest = replace(digest, outbox=sending.outbox)
    moments = [at for at in (digest.tell_at, next_try_at(digest.outbox)) if at is not None]
    return Outcome(digest, min(moments, default=None), out, sending.calls)


def answer(
    digest: Digest, receipt: Receipt, key: bytes, now: datetime, policy: Policy
) -> tuple[Digest, list[Record]]:
    """The digest after a sink's answer, and what is written down of it."""
    outbox, done = received(digest.outbox, receipt, policy)
    written = [] if done is None else settled(done, receipt, key, now)
    return replace(digest, outbox=outbox), written


def replay(digest: Digest, letter: Replay, now: datetime) -> tuple[Digest, list[Record]]:
    """The digest with a dead letter to be sent again, and what is written down of it."""
    outbox, written = replayed(digest.outbox, letter, now)
    return replace(digest, outbox=outbox), written


def digest_id(country: str) -> str:
    """The digest's identity, made like a delay's."""
    return str(uuid5(_CHASQUI, msgspec.json.encode(["backlog", country]).decode()))


def country_of(key: bytes) -> str:
    """The country of a digest's key."""
    return key.decode().removeprefix(COUNTRY)


def sentence(digest: Digest, country: str) -> str:
    """What a person reads."""
    if digest.total == 0:
        return f"The backlog of {country} is worked off."
    parts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in digest.counts.items())
    return f"Backlog of {country}, long late when first reported, nobody was paged: {parts}."


def _tell(digest: Digest, country: str, now: datetime, policy: Policy) -> tuple[Digest, Record]:
    news = News.CHANGED if digest.told else News.OPENED
    opened_at = digest.opened_at if digest.told else now
    if digest.total == 0:
        news = News.RESOLVED
    digest = replace(
        digest,
        seq=digest.seq + 1,
        told=digest.total,
        told_at=now,
        tell_at=None,
        opened_at=opened_at,
    )
    said = body(f"digest.{news}", Audience.ON_CALL, fields(digest, country, now), now)
    number = digest_id(country)
    messages = [
        addressed(number, digest.seq, route.sink, said, now)
        for route in policy.routes
        if Audience.ON_CALL in route.audiences
    ]
    entry = AuditEntry(
        alert_id=number, action=_WRITTEN[news], at=now, by="chasqui", severity="info"
    )
    return replace(digest, outbox=(*digest.outbox, *messages)), audit_record(entry)


def fields(digest: Digest, country: str, now: datetime) -> dict[str, object]:
    """The digest as sinks see it."""
    open_ = digest.total > 0
    return {
        "alert_id": digest_id(country),
        "seq": digest.seq,
        "delay": "backlog",
        "severity": "info",
        "country": country,
        "sentence": sentence(digest, country),
        "delays": digest.counts,
        "status": "open" if open_ else "resolved",
        "opened_at": digest.opened_at and wire(digest.opened_at),
        "resolved_at": None if open_ else wire(now),
    }

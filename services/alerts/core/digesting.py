"""How a digest changes: by what joins and leaves it, by time, and by what sinks answer."""

from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from schemas.alerts import AuditEntry
from schemas.vocabulary import SEVERITIES, AuditAction, DelayName, Severity
from services.alerts.core.backlog import Step
from services.alerts.core.dead_letters import Replay, given_up, replayed, settled
from services.alerts.core.delay import Audience
from services.alerts.core.digest import About, Digest, about_of, fields
from services.alerts.core.outbox import (
    Receipt,
    addressed,
    next_try_at,
    received,
    send,
)
from services.alerts.core.policy import Policy
from services.alerts.core.storm import Asked, Counted, answer_of, weigh
from services.alerts.core.words import News, audit_record, body
from services.runtime.processor import Outcome, Record

N = TypeVar("N", DelayName, Severity)
_WRITTEN: dict[News, AuditAction] = {
    News.OPENED: "raised",
    News.CHANGED: "changed",
    News.RESOLVED: "resolved",
}


def take(digest: Digest, step: Step | Counted, now: datetime, policy: Policy) -> Digest:
    """The digest after one step; a growing one is to be told, an empty one at once."""
    grades = digest.grades
    if isinstance(step, Counted):
        grades = _with(grades, step.severity, step.by)
    digest = replace(digest, counts=_with(digest.counts, step.delay, step.by), grades=grades)
    if digest.total == 0:
        return replace(digest, tell_at=now if digest.told else None)
    graver = SEVERITIES.index(digest.severity) > SEVERITIES.index(digest.told_severity)
    first = now + policy.digest_after
    if digest.told == 0 or graver:
        return replace(digest, tell_at=min(digest.tell_at or first, first))
    if digest.tell_at is not None or digest.total <= digest.told:
        return digest
    return replace(digest, tell_at=max(first, (digest.told_at or now) + policy.digest_every))


def judge(
    digest: Digest, asked: Asked, key: bytes, now: datetime, policy: Policy
) -> tuple[Digest, Record]:
    """Whether a new alert may be told by itself: the digest after it, and the answer."""
    weather = weigh(digest.weather, asked, now, policy.storm)
    return replace(digest, weather=weather), answer_of(weather, asked, about_of(key).country, now)


def outcome(digest: Digest, key: bytes, now: datetime, policy: Policy) -> Outcome[Digest]:
    """Tell and send what is due."""
    out: list[Record] = []
    if digest.tell_at is not None and digest.tell_at <= now:
        digest, told = _tell(digest, about_of(key), now, policy)
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


def _with(counts: dict[N, int], name: N, by: int) -> dict[N, int]:
    changed = {**counts, name: counts.get(name, 0) + by}
    return {each: count for each, count in sorted(changed.items()) if count}


def _tell(digest: Digest, about: About, now: datetime, policy: Policy) -> tuple[Digest, Record]:
    news = News.CHANGED if digest.told else News.OPENED
    if digest.total == 0:
        news = News.RESOLVED
    digest = replace(
        digest,
        seq=digest.seq + 1,
        told=digest.total,
        told_at=now,
        tell_at=None,
        opened_at=digest.opened_at if digest.told else now,
        told_severity=digest.severity if digest.total else digest.told_severity,
        sinks=_hearers(digest, about, policy),
    )
    said = body(f"digest.{news}", Audience.ON_CALL, fields(digest, about, now), now)
    messages = [addressed(about.id, digest.seq, sink, said, now) for sink in digest.sinks]
    entry = AuditEntry(
        alert_id=about.id,
        action=_WRITTEN[news],
        at=now,
        by="chasqui",
        severity=digest.told_severity,
    )
    return replace(digest, outbox=(*digest.outbox, *messages)), audit_record(entry)


def _hearers(digest: Digest, about: About, policy: Policy) -> tuple[str, ...]:
    """Whom it is for as it is now, and who heard of it before."""
    wanted = policy.hearers(about.matter(digest.severity)) if digest.total else ()
    known = digest.sinks if digest.told else ()
    if digest.told and not known:  # a build that did not write it down told all
        known = policy.hearers(about.matter(digest.told_severity))
    return tuple(dict.fromkeys((*known, *wanted)))

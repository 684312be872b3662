"""How a publisher, what is learnt of it and its silence go over the wire."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from schemas.delays import delay_id
from schemas.times import wire
from services.tracker.core.learning import Episode
from services.tracker.core.learnt import Group, Learnt, Silence
from services.tracker.core.publisher import Publisher, named, quantile
from services.tracker.core.sentence import day, duration
from services.tracker.core.view import Json

_DELAY = "publisher_silent"
_MINUTE = timedelta(minutes=1)
_HOUR, _DAY = 60, 1440


def scorecard(publisher: Publisher) -> Json:
    """A publisher for people (`schemas/publishers.py`)."""
    counts, silence = publisher.counts, publisher.silence
    every = publisher.all_lags()
    return {
        "publisher": publisher.code,
        "last_at": wire(publisher.heard_at),
        "reports": counts.reports,
        "late": counts.late,
        "late_share": round(counts.late / counts.actual, 4) if counts.actual else 0.0,
        "duplicates": counts.duplicates,
        "stale": counts.stale,
        "corrections": counts.corrections,
        "conflicts": counts.conflicts,
        "future_stamps": counts.future_stamps,
        "lag_p50": _quantile(every, 50),
        "lag_p90": _quantile(every, 90),
        "median_interval": duration(publisher.interval) if publisher.interval else None,
        "moving": publisher.moving,
        "silent_since": wire(silence.since) if silence else None,
        "lags": [_lag(name, sorted(lags)) for name, lags in sorted(publisher.lags.items())],
    }


def learnt_record(publisher: Publisher, now: datetime, *, home: bool, asks: bool) -> Json:
    """What every partition is told of it (`schemas/journal.py`)."""
    return {
        "type": "learnt",
        "at": wire(now),
        "publisher": publisher.code,
        "heard_at": wire(publisher.heard_at),
        "groups": [_group(each) for each in publisher.groups],
        "silence": _silence(publisher.silence) if publisher.silence else None,
        "deliveries": [_delivery(each) for each in publisher.ended.episodes],
        "home": home,
        "asks": asks,
    }


def silence_records(
    code: str, before: Learnt | None, after: Learnt, now: datetime, rules_version: str
) -> Iterator[Json]:
    """What is to be told of its silence: that it began, or that it is over."""
    was = before.silence if before else None
    if was is None and after.silence is not None:
        yield _told(code, after, after.silence, rules_version)
    elif was is not None and after.silence is None:
        yield _over(_told(code, after, was, rules_version), after, was, now)


def _told(code: str, learnt: Learnt, silence: Silence, version: str) -> Json:
    episode = learnt.silences
    return {
        "type": "delay_raised",
        "delay_id": delay_id(_DELAY, "publisher", code, None, None, None, episode),
        "episode": episode,
        "seq": 2 * episode - 1,
        "delay": _DELAY,
        "kind": "publisher",
        "subject_id": code,
        "milestone": None,
        "leg": None,
        "hold_id": None,
        "late_since": wire(silence.since),
        "raised_at": wire(learnt.raised_at or silence.since),
        "severity": "critical",
        "confidence": None,
        "country": None,
        "agency": code,
        "commitment": None,
        "items": [],
        "due_at": None,
        "next_step": None,
        "historic": False,
        "backlog": False,
        "sentence": _sentence(code, silence),
        "evidence": {
            "rule": _DELAY,
            "rules_version": version,
            "threshold": duration(silence.limit),
            "events": [],
        },
    }


def _over(told: Json, learnt: Learnt, silence: Silence, now: datetime) -> Json:
    """It spoke again, or nothing is in transit by its word any more."""
    spoke = learnt.heard_at > silence.heard_at
    cause, moment = ("heard of again", f" on {day(learnt.heard_at)}")
    if not spoke:
        cause, moment = ("nothing is on the move by its word any more", "")
    return told | {
        "type": "delay_cleared",
        "seq": 2 * learnt.silences,
        "cleared_at": wire(now),
        "ended_at": wire(learnt.heard_at) if spoke else None,
        "because": "happened" if spoke else "superseded",
        "sentence": f"Publisher {told['subject_id']}: the silence is over{moment}: {cause}.",
    }


def _sentence(code: str, silence: Silence) -> str:
    one = silence.moving == 1
    what = "1 subject is" if one else f"{silence.moving} subjects are"
    return (
        f"Publisher {code} has not been heard of since {day(silence.heard_at)}, though it usually "
        f"reports every {spoken(silence.interval)}; a word was due by {day(silence.since)}. "
        f"{what} on the move by its word, and silent with it."
    )


def spoken(span: timedelta) -> str:
    """A duration as people say it after `every`: `40 minutes`, `hour`, `6 hours`, `3 days`."""
    minutes = max(1, round(span / _MINUTE))
    if minutes >= 2 * _DAY:
        return f"{round(minutes / _DAY)} days"
    if minutes >= 2 * _HOUR:
        return f"{round(minutes / _HOUR)} hours"
    return {1: "minute", _HOUR: "hour"}.get(minutes, f"{minutes} minutes")


def _group(group: Group) -> Json:
    return {
        "kind": group.kind,
        "mode": group.mode,
        "reports": group.reports,
        "lag": duration(group.lag),
    }


def _delivery(episode: Episode) -> Json:
    return {
        "at": wire(episode.recorded_at),
        "subject": episode.subject,
        "country": episode.country,
        "silence": duration(episode.silence),
        "late": episode.late,
    }


def _silence(silence: Silence) -> Json:
    return {
        "since": wire(silence.since),
        "heard_at": wire(silence.heard_at),
        "limit": duration(silence.limit),
        "interval": duration(silence.interval),
        "moving": silence.moving,
    }


def _lag(name: str, lags: Sequence[int]) -> Json:
    kind, mode = named(name)
    return {
        "kind": kind,
        "mode": mode,
        "reports": len(lags),
        "p50": _quantile(lags, 50),
        "p90": _quantile(lags, 90),
    }


def _quantile(lags: Sequence[int], percent: int) -> str | None:
    return duration(quantile(lags, percent)) if lags else None

"""What a level sink shows: what lasts, and for a while what is over, each with its labels."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from schemas.vocabulary import Severity
from services.alerts.core.alert import Alert, Escalation
from services.alerts.core.book import Book
from services.alerts.core.delay import Delay
from services.alerts.core.digest import About, Digest, sentence
from services.alerts.core.policy import Policy
from services.alerts.core.routing import matter_of, sinks_of
from services.alerts.core.words import escalated_sentence

_IN_LABELS = frozenset(
    {"type", "severity", "delay", "kind", "subject_id", "milestone", "leg", "hold_id"}
    | {"agency", "country"}
)

Place = tuple[str | None, str | None]
"""Agency and country."""


class Standing(NamedTuple):
    """One label set, and since when, or until when, it holds."""

    labels: dict[str, str]
    annotations: dict[str, str]
    since: datetime
    until: datetime | None
    """None while it lasts."""
    path: str | None = None
    """Of the subject it is about, on the tracker."""
    sinks: frozenset[str] | None = None
    """The sinks it is for; None: every one."""

    @property
    def identity(self) -> tuple[tuple[str, str], ...]:
        """Its labels as a key."""
        return tuple(sorted(self.labels.items()))

    def is_for(self, sink: str) -> bool:
        """Whether a sink is to be shown it."""
        return self.sinks is None or sink in self.sinks


def of_book(book: Book, now: datetime, policy: Policy) -> Iterator[Standing]:
    """What was told of a subject, the severities it was told with before, and its escalations."""
    for alert in book.alerts:
        if alert.told is not None:
            yield _for_sinks(_shown(alert, alert.told.severity, alert.resolved_at), alert, policy)
            yield from (
                _for_sinks(_shown(alert, former.severity, former.until), alert, policy)
                for former in alert.formers
                if now < former.until + policy.shown_resolved
            )
            yield from (
                _escalated(alert, each, policy)
                for each in alert.escalations
                if each.ended_at is None or now < each.ended_at + policy.shown_resolved
            )


def of_digest(digest: Digest, about: About, now: datetime, policy: Policy) -> Iterator[Standing]:
    """What a digest stands for, once it was told."""
    if digest.opened_at is None or digest.told_at is None:
        return
    until = None if digest.told else digest.told_at
    if until is None or now < until + policy.shown_resolved:
        name = f"{about.what.capitalize()}Digest"
        severity = digest.told_severity
        labels = {"alertname": name, "severity": severity, "country": about.country}
        summary = {"summary": sentence(digest, about)}
        sinks = sinks_of(about.matter(severity), policy.choices)
        yield Standing(labels, summary, digest.opened_at, until, sinks=sinks)


def watchdog(since: datetime) -> Standing:
    """An alert that always fires: where it is missing, silence does not mean health."""
    labels = {"alertname": "Watchdog", "severity": "info"}
    says = "Chasqui's alerts reach this place. This alert always fires; act when it is missing."
    return Standing(labels, {"summary": says}, since, None)


def distinct(standings: Iterable[Standing]) -> list[Standing]:
    """One of each label set: what lasts over what ended, then what ended last."""
    best: dict[tuple[tuple[str, str], ...], Standing] = {}
    for each in standings:
        other = best.setdefault(each.identity, each)
        if other.until is not None and (each.until is None or each.until > other.until):
            best[each.identity] = each
    return list(best.values())


def path_of(kind: str | None, subject_id: str | None) -> str | None:
    """Where the tracker tells of a subject; of a publisher or a country nobody is asked."""
    if kind is None or subject_id is None or kind == "publisher":
        return None
    of = "commitments" if kind == "commitment" else f"movements/{quote(kind, safe='')}"
    return f"/v1/{of}/{quote(subject_id, safe='')}"


def milestone_of(milestone: str | None, leg: int | None, hold_id: str | None) -> str | None:
    """Which milestone or hold a delay is about: `arrived/2`, `hold/H1`, `handed_over`."""
    if hold_id is not None:
        return f"hold/{hold_id}"
    if milestone is None or leg is None:
        return milestone
    return f"{milestone}/{leg}"


def _for_sinks(standing: Standing, alert: Alert, policy: Policy) -> Standing:
    matter = matter_of(alert.delay)._replace(severity=standing.labels["severity"])
    return standing._replace(sinks=sinks_of(matter, policy.choices))


def _escalated(alert: Alert, escalation: Escalation, policy: Policy) -> Standing:
    shown = _for_sinks(_shown(alert, escalation.severity, escalation.ended_at), alert, policy)
    return shown._replace(
        labels={**shown.labels, "escalation": str(escalation.step)},
        annotations={**shown.annotations, "summary": escalated_sentence(alert)},
        since=escalation.at,
        sinks=shown.sinks if escalation.only is None else frozenset(escalation.only),
    )


def _shown(alert: Alert, severity: Severity, until: datetime | None) -> Standing:
    delay = alert.delay
    path = path_of(delay.kind, delay.subject_id)
    labels = _labels(delay, severity, None if alert.told is None else alert.told.place)
    return Standing(labels, _annotations(delay), alert.opened_at, until, path)


def _labels(delay: Delay, severity: Severity, place: Place | None) -> dict[str, str]:
    # An alert is known by its labels: whose it is, and where, may become known while it lasts.
    agency, country = place or (delay.agency, delay.country)
    labels = {
        "alertname": "".join(word.capitalize() for word in delay.delay.split("_")),
        "severity": severity,
        "delay": delay.delay,
        "kind": delay.kind,
        "subject": delay.subject_id,
        "milestone": milestone_of(delay.milestone, delay.leg, delay.hold_id),
        "agency": agency,
        "country": country,
    }
    return {name: value for name, value in labels.items() if value}


def _annotations(delay: Delay) -> dict[str, str]:
    fields: dict[str, object] = msgspec.to_builtins(delay)
    said = {"summary": fields.pop("sentence"), "audience": delay.audience.value, **fields}
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in said.items()
        if name not in _IN_LABELS and value is not None
    }

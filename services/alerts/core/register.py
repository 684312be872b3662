"""All alerts as the topic `alerts` tells them, in the order in which people page through them."""

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct
from msgspec.json import Decoder

from schemas.alerts import escalation_id
from schemas.vocabulary import SEVERITIES, AlertStatus, DelayName, Severity
from services.runtime.moments import to_ms

_MOST_STEPS = 20
"""Of escalation that are looked for."""
Moment = Annotated[datetime, Meta(tz=True)]


class Listed(Struct, frozen=True):
    """What an alert is found by."""

    alert_id: str
    delay: DelayName
    kind: str
    subject_id: str
    severity: Severity
    status: AlertStatus
    opened_at: Moment
    country: str | None = None
    agency: str | None = None
    acknowledged_by: str | None = None
    escalation: int | None = None
    resolved_at: Moment | None = None

    @property
    def key(self) -> bytes:
        """Of its subject, under which commands about it are written."""
        return f"{self.kind}/{self.subject_id}".encode()

    @property
    def other_ids(self) -> Iterator[str]:
        """What its open escalations may be called, which sinks are told of as alerts."""
        for step in range(1, min(self.escalation or 0, _MOST_STEPS) + 1):
            for severity in SEVERITIES:
                yield escalation_id(self.alert_id, severity, step)


class Place(NamedTuple):
    """Where an alert stands in the list: the newest first; it never moves."""

    before: int
    """Milliseconds it was opened after the epoch, negative."""
    alert_id: str


class Wanted(NamedTuple):
    """Which alerts are asked for."""

    one_of: Mapping[str, frozenset[str]] = {}
    """By the name of a field of Listed, the values it may have."""
    acknowledged: bool | None = None

    def takes(self, alert: Listed) -> bool:
        """Plain, as a look through all of them holds everything else up."""
        if self.acknowledged not in (None, alert.acknowledged_by is not None):
            return False
        for name, values in self.one_of.items():  # noqa: SIM110 - half the time of all()
            if getattr(alert, name) not in values:
                return False
        return True


class Page(NamedTuple):
    """Some alerts as JSON, and the place of the last one where more come behind it."""

    alerts: list[bytes]
    more_after: Place | None


class Known(NamedTuple):
    """An alert: what it is found by, and the record as it was written."""

    listed: Listed
    value: bytes


_decode = Decoder(Listed).decode


class Register:
    """Every alert that is not resolved, and those resolved last."""

    def __init__(self, resolved_kept: int) -> None:
        """So many resolved ones are kept; those resolved longest ago are forgotten."""
        self._forgot = False
        self._resolved_kept = resolved_kept
        self._alerts: dict[str, Known] = {}
        self._by_other_id: dict[str, str] = {}
        self._places: list[Place] = []
        self._resolved: list[tuple[int, str]] = []

    def take(self, value: bytes) -> None:
        """The newest word on an alert; ValueError for what is no alert."""
        listed = _decode(value)
        other_ids = dict.fromkeys(listed.other_ids, listed.alert_id)
        self._remove(listed.alert_id)
        self._alerts[listed.alert_id] = Known(listed, value)
        self._by_other_id.update(other_ids)
        insort(self._places, _place(listed))
        if listed.resolved_at is not None:
            insort(self._resolved, (to_ms(listed.resolved_at), listed.alert_id))
            self._forget_oldest()

    @property
    def resolved_since(self) -> datetime | None:
        """What was resolved before is forgotten; None where nothing is."""
        if not self._forgot or not self._resolved:
            return None
        return self._alerts[self._resolved[0][1]].listed.resolved_at

    def find(self, alert_id: str) -> Known | None:
        """By its id or that of an open escalation; None if it was never heard of, or forgotten."""
        return self._alerts.get(self._by_other_id.get(alert_id, alert_id))

    def page(self, wanted: Wanted, after: Place | None, limit: int) -> Page:
        """At most `limit` of the alerts behind a place, or from the first one on."""
        found: list[Known] = []
        for index in range(bisect_right(self._places, after) if after else 0, len(self._places)):
            known = self._alerts[self._places[index].alert_id]
            if not wanted.takes(known.listed):
                continue
            if len(found) == limit:
                return Page([each.value for each in found], _place(found[-1].listed))
            found.append(known)
        return Page([each.value for each in found], None)

    def _remove(self, alert_id: str) -> None:
        known = self._alerts.pop(alert_id, None)
        if known is None:
            return
        listed = known.listed
        for other_id in listed.other_ids:
            del self._by_other_id[other_id]
        del self._places[bisect_right(self._places, _place(listed)) - 1]
        if listed.resolved_at is not None:
            ended = (to_ms(listed.resolved_at), alert_id)
            del self._resolved[bisect_right(self._resolved, ended) - 1]

    def _forget_oldest(self) -> None:
        if len(self._resolved) > self._resolved_kept:
            self._remove(self._resolved[0][1])
            self._forgot = True


def _place(alert: Listed) -> Place:
    return Place(-to_ms(alert.opened_at), alert.alert_id)

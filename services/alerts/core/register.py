"""All alerts as the topic `alerts` tells them, in the order in which people page through them."""

from bisect import bisect_right, insort
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from msgspec.json import Decoder

from schemas.vocabulary import AlertStatus, DelayName, Severity
from services.runtime.moments import to_ms


class Listed(Struct, frozen=True):
    """What an alert is found by."""

    alert_id: str
    delay: DelayName
    kind: str
    subject_id: str
    severity: Severity
    status: AlertStatus
    opened_at: datetime
    country: str | None = None
    agency: str | None = None
    acknowledged_by: str | None = None
    resolved_at: datetime | None = None

    @property
    def key(self) -> bytes:
        """Of its subject, under which commands about it are written."""
        return f"{self.kind}/{self.subject_id}".encode()


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
        self._places: list[Place] = []
        self._resolved: list[tuple[int, str]] = []

    def take(self, value: bytes) -> None:
        """The newest word on an alert; ValueError for what is no alert."""
        listed = _decode(value)
        self._remove(listed.alert_id)
        self._alerts[listed.alert_id] = Known(listed, value)
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
        """None where it was never heard of, or is forgotten."""
        return self._alerts.get(alert_id)

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

"""PagerDuty, Events API v2: an incident is triggered, acknowledged and resolved by its key."""

from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from re import compile as pattern
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from schemas.vocabulary import Severity
from services.alerts.core.delay import Audience
from services.alerts.core.standing import milestone_of, path_of
from services.alerts.settings import AlertsSettings, MissingSettingError
from services.alerts.sinks.outbound import Outbound, safe_url
from services.alerts.sinks.sink import Answer
from services.runtime.clock import Clock
from services.runtime.processor import Call

Action = Literal["trigger", "acknowledge", "resolve"]
ACTIONS: Mapping[str, Action] = {
    "opened": "trigger",
    "changed": "trigger",
    "reminded": "trigger",
    "escalated": "trigger",
    "unacknowledged": "trigger",
    "acknowledged": "acknowledge",
    "resolved": "resolve",
}
"""What PagerDuty is to do at each word of an alert. It has none for others, such as a note."""

_SUMMARY_CHARS = 1024
_NAME_CHARS = 255
_EVENT_BYTES = 512 * 1024
_SPARE_BYTES = 1024
"""For the names of the details that are left out."""
_KEY = pattern("[A-Za-z0-9]{32}")

Fields = dict[str, object]


class WrongRoutingKeyError(ValueError):
    """A file that holds no routing key."""


class About(Struct, frozen=True):
    """The part of an alert that names the incident and says how grave it is."""

    alert_id: Annotated[str, Meta(min_length=1, max_length=_NAME_CHARS)]
    sentence: str
    severity: Severity
    delay: str
    kind: str | None = None
    subject_id: str | None = None
    milestone: str | None = None
    leg: int | None = None
    hold_id: str | None = None
    country: str | None = None
    raised_at: str | None = None

    @property
    def subject(self) -> str:
        """`kind/subject_id`; of a digest its country."""
        return f"{self.kind}/{self.subject_id}" if self.kind else f"country/{self.country}"


class Message(Struct, frozen=True):
    """A message to an edge sink; its data as they came, and read."""

    type: str
    timestamp: str
    audience: Audience
    data: Fields

    @property
    def about(self) -> About:
        """Raises msgspec.ValidationError where the data do not name an incident."""
        return msgspec.convert(self.data, About)


class PagerDutySink:
    """Sends each message as an event of the service whose routing key its audience has."""

    def __init__(
        self, url: str, keys: Mapping[Audience, str], tracker_url: str, outbound: Outbound
    ) -> None:
        """`url` takes events; `tracker_url` answers for movements."""
        self._url = url
        self._keys = keys
        self._tracker_url = tracker_url
        self._outbound = outbound

    async def take(self, call: Call) -> Answer:
        """Send it; 202 says that PagerDuty has it, not that somebody was paged yet."""
        try:
            message = msgspec.json.decode(call.body, type=Message)
            about = message.about
        except msgspec.ValidationError as error:
            return Answer("refused", detail=f"not a message about an alert: {error}")
        action = ACTIONS.get(message.type.rpartition(".")[2])
        if action is None:
            return Answer("ok", detail="PagerDuty has no word for it")
        key = self._keys.get(message.audience)
        if key is None:
            return Answer("refused", detail="no routing key is configured for its audience")
        event: Fields = {"routing_key": key, "event_action": action, "dedup_key": about.alert_id}
        body = msgspec.json.encode(event)
        if action == "trigger":
            body = _encoded(event | self._links(about), _payload(message, about), message.data)
        # Each key has limits of its own: one that is to wait does not hold up the other.
        return await self._outbound.post(self._url, body, {}, line=key)

    async def close(self) -> None:
        """Close its connections."""
        await self._outbound.close()

    def _links(self, about: About) -> Fields:
        path = path_of(about.kind, about.subject_id)
        link = {"href": f"{self._tracker_url}{path}", "text": about.subject}
        return {"client": "Chasqui", "links": [link] if path else []}


def from_settings(settings: AlertsSettings, clock: Clock) -> PagerDutySink:
    """The PagerDuty of the settings.

    Raises MissingSettingError, UnsafeTargetError, WrongRoutingKeyError, OSError.
    """
    if settings.alerts_pagerduty_routing_key_file is None:
        raise MissingSettingError("PagerDuty needs CHASQUI_ALERTS_PAGERDUTY_ROUTING_KEY_FILE")
    url = safe_url(settings.alerts_pagerduty_url, loopback=settings.alerts_allow_loopback_http)
    files = settings.pagerduty_key_files
    keys = {audience: read_routing_key(path) for audience, path in files.items()}
    outbound = Outbound(clock, settings.alerts_ca_file, secrets=tuple(keys.values()))
    return PagerDutySink(url, keys, settings.tracker_url.rstrip("/"), outbound)


def read_routing_key(path: Path) -> str:
    """The integration key of a service in PagerDuty. Raises WrongRoutingKeyError, OSError."""
    key = path.read_text().strip()
    if _KEY.fullmatch(key) is None:
        raise WrongRoutingKeyError(f"{path}: a routing key is 32 letters and digits")
    return key


def _payload(message: Message, about: About) -> Fields:
    fields: Fields = {
        "summary": _cut(about.sentence, _SUMMARY_CHARS),
        "severity": about.severity,
        "source": _cut(about.subject, _NAME_CHARS),
        "timestamp": about.raised_at or message.timestamp,
        "component": milestone_of(about.milestone, about.leg, about.hold_id),
        "group": about.country,
        "class": about.delay,
    }
    return {name: value for name, value in fields.items() if value}


def _encoded(event: Fields, payload: Fields, details: Fields) -> bytes:
    """The event as PagerDuty takes it: of one that is too large the largest details are cut."""
    whole = msgspec.json.encode(event | {"payload": payload | {"custom_details": details}})
    too_many = len(whole) - _EVENT_BYTES
    if too_many <= 0:
        return whole
    return _encoded(event, payload, _lightened(details, too_many))


def _lightened(details: Fields, by: int) -> Fields:
    """The details without the largest of them, and what was left out."""
    sizes = {name: len(msgspec.json.encode(value)) for name, value in details.items()}
    largest = sorted(sizes, key=lambda name: -sizes[name])
    freed = accumulate(sizes[name] for name in largest)
    gone = set(largest[: 1 + sum(1 for bytes_ in freed if bytes_ < by + _SPARE_BYTES)])
    return {n: v for n, v in details.items() if n not in gone} | {"left_out": sorted(gone)}


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else f"{text[: chars - 1]}…"

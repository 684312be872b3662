"""The alerts file: whom to tell of which alerts, and how patiently."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Final, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from schemas.contract import Refusing
from schemas.fields import AsTuple, Time
from schemas.rules import Duration
from schemas.texts import Country, Identifier, Publisher, Slug
from schemas.vocabulary import AudienceName, DelayName, LateKind, Severity

T = TypeVar("T")

Patience = Annotated[Duration, Field(ge=timedelta(seconds=1))]
Reminder = Annotated[Duration, Field(ge=timedelta(minutes=1))]
Subject = Annotated[str, Field(pattern=r"^[a-z_]+/[^/]+$", max_length=256)]
"""`kind/subject_id`."""
Some = Field(min_length=1)


class Scope(Refusing):
    """Whose alerts are meant: each list that is given has to name it, one that is left out any."""

    countries: Annotated[tuple[Country, ...] | None, AsTuple, Some] = None
    agencies: Annotated[tuple[Publisher, ...] | None, AsTuple, Some] = None


class RouteEntry(Scope):
    """Which alerts go to which sinks."""

    severities: Annotated[tuple[Severity, ...] | None, AsTuple, Some] = None
    kinds: Annotated[tuple[LateKind, ...] | None, AsTuple, Some] = None
    delays: Annotated[tuple[DelayName, ...] | None, AsTuple, Some] = None
    audiences: Annotated[tuple[AudienceName, ...] | None, AsTuple, Some] = None
    sinks: Annotated[tuple[Slug, ...], AsTuple]
    """Of those that are configured; none: nobody is told."""


class AcknowledgeSection(Refusing):
    """How acknowledgements are taken."""

    lasts: Patience = timedelta(hours=4)
    """An acknowledgement that does not say until when."""


class EscalationEntry(Refusing):
    """A step: what nobody acknowledges for so long is told as an alert of its own."""

    severity: Severity
    after: Patience
    """Of waiting for an acknowledgement."""
    sinks: Annotated[tuple[Slug, ...] | None, AsTuple, Some] = None
    """Left out: where the alert itself went."""


class RemindSection(Refusing):
    """How often an open alert that nobody acknowledges is told again; left out: never."""

    info: Reminder | None = None
    warning: Reminder | None = None
    critical: Reminder | None = None


class StormSection(Refusing):
    """When one digest stands for many new alerts of a country."""

    alerts_a_minute: Annotated[int, Field(ge=1, le=1000)] | None = None
    """More new ones are a storm; left out: none is."""
    lasts: Patience = timedelta(minutes=5)
    """A storm is over when there were no more than that for so long."""


class MaintenanceEntry(Scope):
    """A window in which the alerts of a country, an agency or a subject are not told."""

    name: Identifier
    starts_at: Time
    ends_at: Time
    subjects: Annotated[tuple[Subject, ...] | None, AsTuple, Some] = None

    @model_validator(mode="after")
    def _of_something_for_some_time(self) -> Self:
        if self.countries is None and self.agencies is None and self.subjects is None:
            raise ValueError(f"{self.name} names neither countries, agencies nor subjects")
        if self.ends_at <= self.starts_at:
            raise ValueError(f"{self.name} ends before it starts")
        return self


class AlertingFile(Refusing):
    """An alerts file. A section that stands in it replaces the built-in one as a whole."""

    routes: Annotated[tuple[RouteEntry, ...], AsTuple] = ()
    """An alert goes to the sinks of all routes that fit it; where none fits, to every sink."""
    acknowledge: AcknowledgeSection = AcknowledgeSection()
    escalation: Annotated[tuple[EscalationEntry, ...], AsTuple] = (
        EscalationEntry(severity="critical", after=timedelta(minutes=30)),
        EscalationEntry(severity="critical", after=timedelta(hours=2)),
    )
    remind: RemindSection = RemindSection(warning=timedelta(days=1), critical=timedelta(hours=4))
    storm: StormSection = StormSection(alerts_a_minute=30)
    maintenance: Annotated[tuple[MaintenanceEntry, ...], AsTuple] = ()

    @model_validator(mode="after")
    def _nothing_twice(self) -> Self:
        if again := _twice((step.severity, step.after) for step in self.escalation):
            raise ValueError(f"two steps of escalation are one: {again[0]} after {again[1]}")
        if name := _twice(window.name for window in self.maintenance):
            raise ValueError(f"two maintenance windows are called {name}")
        return self


MOST_BYTES: Final = 1024 * 1024
"""Of an alerts file."""


def parse_alerting(text: str) -> AlertingFile:
    """Read an alerts file.

    Raises:
        ValueError: it is too long, not TOML, or no alerts file; one sentence says where and why.
    """
    if len(text.encode()) > MOST_BYTES:
        raise ValueError(f"an alerts file has at most {MOST_BYTES} bytes")
    try:
        return AlertingFile.model_validate(tomllib.loads(text))
    except ValidationError as error:
        wrong = (f"{_place(e['loc'])}: {_says(e['msg'])}" for e in error.errors())
        raise ValueError("; ".join(wrong)) from None


def _place(where: tuple[int | str, ...]) -> str:
    """The field as its writer counts: `routes 2, sinks`."""
    text = ""
    for part in where:
        text += f" {part + 1}" if isinstance(part, int) else f"{', ' if text else ''}{part}"
    return text or "the file"


def _says(message: str) -> str:
    said = message.removeprefix("Value error, ")
    return "no such field" if said == "Extra inputs are not permitted" else said


def _twice(values: Iterable[T]) -> T | None:
    return next((value for value, count in Counter(values).items() if count > 1), None)

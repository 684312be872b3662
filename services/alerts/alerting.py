"""The alerts file made into a policy: which sinks hear of what, and how patiently."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from schemas.alerting import (
    AlertingFile,
    EscalationEntry,
    MaintenanceEntry,
    RemindSection,
    RouteEntry,
    StormSection,
    parse_alerting,
)
from schemas.vocabulary import Severity
from services.alerts.core.policy import Policy, Step, StormLimits
from services.alerts.core.routing import Choice, Match, Window

_LOOK_AGAIN = timedelta(minutes=10)


def read_alerting(path: Path | None) -> AlertingFile:
    """The file, or what is built in. Raises OSError, or ValueError with one sentence."""
    if path is None:
        return AlertingFile()
    try:
        return parse_alerting(path.read_text(encoding="utf-8"))
    except ValueError as error:
        message = f"{path}: {error}."
        raise ValueError(message) from error


def with_file(policy: Policy, file: AlertingFile, sinks: Collection[str]) -> Policy:
    """The policy by the file; ValueError where it names a sink that is not among `sinks`."""
    _demand_known(file, sinks)
    return replace(
        policy,
        choices=tuple(_choice(entry) for entry in file.routes),
        windows=tuple(_window(entry) for entry in file.maintenance),
        steps=tuple(_steps(file.escalation)),
        remind_every=_reminders(file.remind),
        acknowledged_for=file.acknowledge.lasts,
        storm=_storm(file.storm),
        look_again=_LOOK_AGAIN,
    )


def _demand_known(file: AlertingFile, sinks: Collection[str]) -> None:
    named: Iterable[tuple[str, ...] | None] = (
        *(entry.sinks for entry in file.routes),
        *(entry.sinks for entry in file.escalation),
    )
    unknown = sorted({sink for some in named for sink in some or () if sink not in sinks})
    if unknown:
        message = (
            f"the alerts file sends to {', '.join(unknown)}, but CHASQUI_ALERTS_SINKS names only"
            f" {', '.join(sinks)}."
        )
        raise ValueError(message)


def _choice(entry: RouteEntry) -> Choice:
    match = Match(
        severities=_some(entry.severities),
        audiences=_some(entry.audiences),
        countries=_some(entry.countries),
        agencies=_some(entry.agencies),
        kinds=_some(entry.kinds),
        delays=_some(entry.delays),
    )
    return Choice(match, frozenset(entry.sinks))


def _window(entry: MaintenanceEntry) -> Window:
    match = Match(
        countries=_some(entry.countries),
        agencies=_some(entry.agencies),
        subjects=_some(entry.subjects),
    )
    return Window(entry.name, match, entry.starts_at, entry.ends_at)


def _steps(entries: Iterable[EscalationEntry]) -> Iterator[Step]:
    ordered = sorted(entries, key=lambda entry: (entry.severity, entry.after))
    for severity, group in groupby(ordered, key=lambda entry: entry.severity):
        for number, entry in enumerate(group, start=1):
            yield Step(severity, number, entry.after, _some(entry.sinks))


def _reminders(section: RemindSection) -> dict[Severity, timedelta]:
    every: dict[Severity, timedelta | None] = {
        "info": section.info,
        "warning": section.warning,
        "critical": section.critical,
    }
    return {severity: some for severity, some in every.items() if some is not None}


def _storm(section: StormSection) -> StormLimits | None:
    if section.alerts_a_minute is None:
        return None
    return StormLimits(section.alerts_a_minute, section.lasts)


def _some(values: Iterable[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)

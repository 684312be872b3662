"""What alerts is told by its environment."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from services.alerts.alerting import read_alerting, with_file
from services.alerts.core.delay import Audience
from services.alerts.core.policy import Policy, Route
from services.runtime.clock import Clock
from services.runtime.settings import KeyedSettings

SinkName = Literal["log", "webhook", "pagerduty", "alertmanager"]
_SPAN = timedelta(seconds=1000)


class MissingSettingError(ValueError):
    """A sink was asked for and not told where to send, or with which secret."""


class AlertsSettings(KeyedSettings):
    """Settings of alerts; lists are written with commas, secrets stand in files."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    http_port: int = Field(default=8082, ge=0, le=65535)
    metrics_port: int = Field(default=9104, ge=0, le=65535)
    alerts_sinks: Annotated[tuple[SinkName, ...], NoDecode] = ("log",)
    alerts_webhook_url: str = ""
    alerts_webhook_stewards_url: str = ""
    """For what concerns the data alone; empty: data stewards have no webhook."""
    alerts_webhook_secret_file: Path | None = None
    alerts_pagerduty_url: str = "https://events.pagerduty.com/v2/enqueue"
    alerts_pagerduty_routing_key_file: Path | None = None
    alerts_pagerduty_stewards_routing_key_file: Path | None = None
    """Of the service for what concerns the data alone; none: PagerDuty is not told of it."""
    alerts_alertmanager_urls: Annotated[tuple[str, ...], NoDecode] = ()
    """Every peer: Alertmanagers do not tell each other."""
    alerts_resend: timedelta = Field(default=timedelta(seconds=30), gt=timedelta(0))
    alerts_file: Path | None = None
    """Whom to tell of which alerts, and how patiently: a TOML file; none: as built in."""
    alerts_settle: timedelta = Field(default=Policy.settle, ge=timedelta(0))
    alerts_digest_after: timedelta = Field(default=timedelta(seconds=30), ge=timedelta(0))
    alerts_allow_loopback_http: bool = False
    alerts_ca_file: Path | None = None
    """Authorities to trust besides the system's: an Alertmanager inside, and PagerDuty outside."""
    alerts_resolved_kept: int = Field(default=20_000, ge=0)
    """How many of the resolved alerts can be asked for; of the others the topic tells."""
    alerts_pagerduty_webhook_secret_file: Path | None = None
    """Signs what PagerDuty says of its incidents; absent: it is not listened to."""
    tracker_url: str = "http://127.0.0.1:8081"
    """Where people can look a movement up."""

    @field_validator("alerts_sinks", "alerts_alertmanager_urls", mode="before")
    @classmethod
    def _from_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("alerts_sinks")
    @classmethod
    def _someone_is_told(cls, sinks: tuple[SinkName, ...]) -> tuple[SinkName, ...]:
        return tuple(dict.fromkeys(sinks)) or ("log",)

    @property
    def webhook_urls(self) -> Mapping[Audience, str]:
        """The webhook of each audience that has one."""
        urls = {
            Audience.ON_CALL: self.alerts_webhook_url,
            Audience.DATA_STEWARDS: self.alerts_webhook_stewards_url,
        }
        return {audience: url for audience, url in urls.items() if url.strip()}

    @property
    def pagerduty_key_files(self) -> Mapping[Audience, Path]:
        """The file with PagerDuty's routing key of each audience that has one."""
        files = {
            Audience.ON_CALL: self.alerts_pagerduty_routing_key_file,
            Audience.DATA_STEWARDS: self.alerts_pagerduty_stewards_routing_key_file,
        }
        return {audience: path for audience, path in files.items() if path is not None}


def policy_of(settings: AlertsSettings, clock: Clock) -> Policy:
    """Whom to tell, and how patiently. Raises ValueError or OSError where the file is wrong."""
    audiences = {
        "log": frozenset(Audience),
        "webhook": frozenset(settings.webhook_urls),
        "pagerduty": frozenset(settings.pagerduty_key_files),
    }
    routes = tuple(
        Route(sink, audiences[sink]) for sink in settings.alerts_sinks if sink in audiences
    )
    policy = Policy(
        routes=routes,
        settle=settings.alerts_settle,
        digest_after=settings.alerts_digest_after,
        speed=speed_of(clock),
    )
    return with_file(policy, read_alerting(settings.alerts_file), settings.alerts_sinks)


def speed_of(clock: Clock) -> float | None:
    """Seconds of business time in one of wall time; None where the records alone move it."""
    if not clock.ticks:
        return None
    return (clock.now() - clock.now(ago=_SPAN)) / _SPAN

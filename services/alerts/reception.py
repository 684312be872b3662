"""Puts together what alerts has for people's tools: where it answers, and what runs behind."""

from collections.abc import Sequence
from typing import NamedTuple

from faust import Service
from starlette.routing import Route

from services.alerts.commanding import Commanding
from services.alerts.desk import Desk
from services.alerts.history import Histories
from services.alerts.known import KnownAlerts
from services.alerts.pagerduty_webhook import PagerDutyWebhook, read_secrets
from services.alerts.settings import AlertsSettings
from services.runtime.clock import Clock
from services.runtime.keys.live import LiveSources


class Reception(NamedTuple):
    """Routes of the interface, and the services that they need."""

    routes: Sequence[Route]
    services: Sequence[Service]


def create_reception(settings: AlertsSettings, clock: Clock) -> Reception:
    """Raises ValueError or OSError where a file of keys or secrets is not what it should be."""
    bootstrap, partitions = settings.kafka_bootstrap_servers, settings.partitions
    known = KnownAlerts(bootstrap, partitions, settings.alerts_resolved_kept)
    commanding = Commanding(bootstrap, settings.kafka_patience)
    histories = Histories(bootstrap, partitions)
    sources, within = LiveSources(settings.sources), settings.body_within
    routes = [*Desk(known, histories, commanding, sources, clock, within).routes]
    if settings.alerts_pagerduty_webhook_secret_file is not None:
        secrets = read_secrets(settings.alerts_pagerduty_webhook_secret_file)
        routes += PagerDutyWebhook(secrets, known, commanding, clock, within).routes
    return Reception(routes, (known, commanding))

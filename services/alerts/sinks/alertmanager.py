"""Prometheus Alertmanager, API v2: shown what stands, to every peer, again and again."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from schemas.times import wire
from services.alerts.core.standing import Standing
from services.alerts.settings import AlertsSettings, MissingSettingError
from services.alerts.sinks.outbound import Outbound, safe_url
from services.alerts.sinks.sink import Answer
from services.runtime.clock import Clock
from services.runtime.logs import logger

_LASTS = timedelta(seconds=120)
"""So long an alert stays open in Alertmanager when nobody shows it again."""
_BATCH = 500
_BAD_REQUEST = 400

Posted = Mapping[str, object]


class AlertmanagerSink:
    """Posts all alerts to all peers: one that got them does not tell the others."""

    def __init__(
        self, peers: Sequence[str], tracker_url: str, outbound: Outbound, clock: Clock
    ) -> None:
        """`peers` are base URLs; `tracker_url` answers for movements."""
        self._peers = peers
        self._tracker_url = tracker_url
        self._outbound = outbound
        self._clock = clock

    async def show(self, standings: Sequence[Standing]) -> Sequence[Answer]:
        """Show them in batches; one bad alert blocks no other."""
        alerts = [self._posted(each) for each in standings]
        batches = [alerts[i : i + _BATCH] for i in range(0, len(alerts), _BATCH)]
        answers = await asyncio.gather(*(self._show_peer(peer, batches) for peer in self._peers))
        return [answer for of_peer in answers for answer in of_peer]

    async def close(self) -> None:
        """Close its connections."""
        await self._outbound.close()

    async def _show_peer(self, peer: str, batches: Sequence[Sequence[Posted]]) -> list[Answer]:
        answers: list[Answer] = []
        for batch in batches:
            answers += await self._post(peer, batch)
            if answers[-1].outcome == "retry":
                break  # it is shown everything again soon; do not wait for it batch by batch
        return answers

    async def _post(self, peer: str, batch: Sequence[Posted]) -> list[Answer]:
        answer = await self._outbound.post(f"{peer}/api/v2/alerts", msgspec.json.encode(batch), {})
        if answer.status != _BAD_REQUEST or len(batch) == 1:
            if answer.outcome != "ok":
                logger(__name__).warning(
                    "alertmanager does not accept", status=answer.status, alerts=len(batch)
                )
            return [answer]
        middle = len(batch) // 2
        first = await self._post(peer, batch[:middle])
        return first + await self._post(peer, batch[middle:])

    def _posted(self, standing: Standing) -> Posted:
        path = standing.path
        return {
            "labels": standing.labels,
            "annotations": standing.annotations,
            "startsAt": wire(standing.since),
            "endsAt": wire(standing.until or self._clock.wall() + _LASTS),
            "generatorURL": f"{self._tracker_url}{path}" if path else "",
        }


def from_settings(settings: AlertsSettings, clock: Clock) -> AlertmanagerSink:
    """The Alertmanager of the settings. Raises MissingSettingError, UnsafeTargetError."""
    if not settings.alerts_alertmanager_urls:
        raise MissingSettingError("the alertmanager needs CHASQUI_ALERTS_ALERTMANAGER_URLS")
    loopback = settings.alerts_allow_loopback_http
    peers = [safe_url(url, loopback=loopback) for url in settings.alerts_alertmanager_urls]
    outbound = Outbound(clock, settings.alerts_ca_file)
    return AlertmanagerSink(peers, settings.tracker_url.rstrip("/"), outbound, clock)

"""What every instance knows of all alerts: the topic `alerts`, followed to its end."""

from datetime import timedelta

from aiokafka import ConsumerRecord

from schemas.topics import ALERTS
from services.alerts.core.register import Register
from services.runtime.following import Following
from services.runtime.logs import logger
from services.runtime.problems import SOON, Problem

_WITHIN = timedelta(seconds=5)


class KnownAlerts(Following):
    """Alerts of all partitions, whoever owns them and whether anybody does."""

    def __init__(self, bootstrap: str, partitions: int, resolved_kept: int) -> None:
        """So many resolved alerts are kept."""
        super().__init__(bootstrap, ALERTS, partitions, self._hear)
        self._register = Register(resolved_kept)

    async def now(self) -> Register:
        """All that was committed when this was asked, never less. Raises Problem 503."""
        if not await self.caught_up(_WITHIN):
            says = "not all alerts are known here at the moment: Kafka is away, or they are read"
            raise Problem(503, "not_ready", says, retry_after=SOON)
        return self._register

    def _hear(self, record: ConsumerRecord) -> None:
        try:
            self._register.take(record.value or b"")
        except (ValueError, RecursionError) as error:
            place = f"{record.partition}/{record.offset}"
            logger(__name__).error("no alert", place=place, error=str(error))

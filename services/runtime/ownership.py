"""Which instance owns a partition, so that a question can be passed on to it."""

from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError
from faust import Service

from services.runtime.clock import monotonic
from services.runtime.job import Job
from services.runtime.settings import RuntimeSettings

_KEPT = timedelta(seconds=2)


class Ownership(Service):  # type: ignore[misc]
    """Looks the owners up in the consumer group, whose members give their URL as client id."""

    def __init__(self, job: Job, settings: RuntimeSettings) -> None:
        super().__init__()
        self._group = job.group
        self._bootstrap = settings.kafka_bootstrap_servers
        self._admin: AIOKafkaAdminClient | None = None
        self._urls: dict[int, str] = {}
        self._looked_at = 0.0

    async def url_of(self, partition: int) -> str | None:
        """The advertised URL of the owner; None while nobody owns it or Kafka cannot tell."""
        if monotonic() - self._looked_at > _KEPT.total_seconds():
            self._looked_at = monotonic()
            try:
                self._urls = await self._look()
            except KafkaError:
                self._urls = {}
        return self._urls.get(partition)

    async def on_stop(self) -> None:
        if self._admin is not None:
            await self._admin.close()

    async def _look(self) -> dict[int, str]:
        if self._admin is None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
            await admin.start()
            self._admin = admin
        (response,) = await self._admin.describe_consumer_groups([self._group])
        urls = {}
        for _, _, _, _, _, members, *_ in response.groups:
            for _, client_id, _, _, assignment in members:
                for _, partitions in ConsumerProtocolMemberAssignment.decode(assignment).assignment:
                    urls.update(dict.fromkeys(partitions, client_id))
        return urls

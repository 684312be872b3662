"""The other instances of the tracker: a question about a subject goes to the one that owns it."""

from typing import NamedTuple, Protocol

import httpx
from faust import Service

FORWARDED = "x-chasqui-forwarded"
"""Set on a question that was passed on once: whoever gets it answers, or nobody does."""
_OWNER_SECONDS = 5.0


class Owners(Protocol):
    """Tells who owns a partition."""

    async def url_of(self, partition: int) -> str | None:
        """The URL of the owner; None while nobody is."""


class PeerAnswer(NamedTuple):
    """What the owner answered."""

    status: int
    body: bytes
    headers: dict[str, str]


class Peers(Service):  # type: ignore[misc]
    """Asks other instances, directly and for a few seconds at most."""

    def __init__(self, owners: Owners) -> None:
        super().__init__()
        self._owners = owners
        self._client: httpx.AsyncClient | None = None

    async def ask(self, partition: int, path: str) -> PeerAnswer | None:
        """The owner's answer to GET `path`; None where nobody owns it or the owner is silent."""
        url = await self._owners.url_of(partition)
        if url is None:
            return None
        if self._client is None:
            # Instances reach each other directly; a proxy is for the world outside.
            self._client = httpx.AsyncClient(timeout=_OWNER_SECONDS, trust_env=False)
        try:
            answer = await self._client.get(url + path, headers={FORWARDED: "1"})
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        kept = ("content-type", "retry-after")
        headers = {name: answer.headers[name] for name in kept if name in answer.headers}
        return PeerAnswer(answer.status_code, answer.content, headers)

    async def on_stop(self) -> None:
        if self._client is not None:
            await self._client.aclose()

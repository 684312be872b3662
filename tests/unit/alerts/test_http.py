"""Alive is one thing, to be relied on another."""

import httpx
import pytest

from services.alerts.http import create_http
from services.runtime.engine import Owned


class Progress:
    def __init__(self, ready: bool) -> None:
        self.ready = ready

    def owned(self) -> dict[int, Owned]:
        return {3: Owned(self.ready, 5, 10)}


@pytest.mark.parametrize(("ready", "status"), [(True, 200), (False, 503)])
async def test_readiness_tells_how_far_recovery_is(ready, status):
    transport = httpx.ASGITransport(create_http(Progress(ready)))
    async with httpx.AsyncClient(transport=transport, base_url="http://alerts") as client:
        answer, alive = await client.get("/readyz"), await client.get("/healthz")
    assert answer.status_code == status
    partition = {"ready": ready, "recovered": 5, "to_recover": 10}
    assert answer.json() == {"ready": ready, "partitions": {"3": partition}}
    assert alive.status_code == 200

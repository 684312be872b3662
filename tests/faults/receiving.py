"""What the other side of the alerts' webhook was told."""

import base64
from typing import Any, NamedTuple

import orjson

from tests.integration.alerts.receiver import Receiver, Request

PATH = "/hook"
SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}\n"


class Message(NamedTuple):
    """One call as it came."""

    call_id: str
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """What it says of the alert."""
        data: dict[str, Any] = orjson.loads(self.body)["data"]
        return data

    @property
    def alert_id(self) -> str:
        return str(self.data.get("alert_id"))

    @property
    def news(self) -> str:
        """`opened`, `changed` or `resolved`."""
        return str(orjson.loads(self.body)["type"]).rpartition(".")[2]

    @property
    def subject(self) -> str:
        """`kind/subject_id`."""
        return f"{self.data.get('kind')}/{self.data.get('subject_id')}"

    @property
    def written_at(self) -> str:
        """When alerts wrote it, in wall time of the wire."""
        return str(orjson.loads(self.body)["timestamp"])


def message_of(request: Request) -> Message:
    return Message(request.headers["webhook-id"], request.body)


def taken(receiver: Receiver) -> list[Message]:
    """All that it took, in order."""
    return [message_of(request) for request in list(receiver.taken)]


def refused(receiver: Receiver, since: int = 0) -> list[Message]:
    """All that it was told and did not take, in order, but for so much at the beginning."""
    return [message_of(request) for request, _ in receiver.refused[since:]]

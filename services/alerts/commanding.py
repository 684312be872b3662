"""What people say of an alert, judged, and written to the topic `commands`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from faust import Service
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from schemas.commands import Command
from schemas.fields import Time
from schemas.texts import Note
from schemas.topics import COMMANDS
from schemas.values import BadValue
from schemas.vocabulary import CommandName
from services.alerts.core.register import Listed
from services.runtime.problems import SOON, Problem
from services.runtime.processor import Record
from services.runtime.writer import Unavailable, Writer


class Said(BaseModel):
    """The body of a command; a misspelt field must not pass for one that is left out."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    note: Note | None = None


class Acknowledge(Said):
    """Somebody takes it, until then, or for as long as is usual."""

    until: Time | None = None


class LeaveNote(Said):
    """Something that others should know."""

    note: Note


_BODIES: Final[Mapping[CommandName, type[Said]]] = {
    "acknowledge": Acknowledge,
    "unacknowledge": Said,
    "note": LeaveNote,
}


class Commanding(Service):  # type: ignore[misc]
    """Writes commands to the topic, from where they come to the alert's own partition."""

    def __init__(self, bootstrap: str, patience: timedelta) -> None:
        """`patience` is how long Kafka may take to acknowledge."""
        super().__init__()
        self._writer = Writer(bootstrap, patience, quiet=True)  # the engine waits for Kafka too

    async def on_start(self) -> None:
        """Begin to connect."""
        await self._writer.start()

    async def on_stop(self) -> None:
        """Send what was taken, as far as that is possible in time."""
        await self._writer.stop()

    async def write(self, key: bytes, command: Command) -> None:
        """Return when it is safe, under the key of its subject. Raises Problem 503."""
        value = command.model_dump_json().encode()
        try:
            await self._writer.write([Record(COMMANDS.full_name, key, value)])
        except Unavailable:
            says = "Kafka did not acknowledge; say it again, which does no harm"
            raise Problem(503, "unavailable", says, retry_after=SOON) from None


def command_of(name: CommandName, body: bytes, alert: Listed, by: str, at: datetime) -> Command:
    """What was said of an alert. Raises Problem 409 or 422."""
    try:
        said = _BODIES[name].model_validate_json(body or b"{}")
    except ValidationError as error:
        raise _refused(error.errors(include_url=False)[0]) from None
    if name != "note" and alert.resolved_at is not None:
        raise Problem(409, "resolved", "the alert is resolved: there is nothing left to do")
    until = said.until if isinstance(said, Acknowledge) else None
    if until is not None and until <= at:
        raise Problem(422, "until_passed", "until lies in the past", field="until")
    return Command(command=name, delay_id=alert.alert_id, by=by, at=at, until=until, note=said.note)


def _refused(fault: ErrorDetails) -> Problem:
    field = ".".join(map(str, fault["loc"])) or None
    error = fault.get("ctx", {}).get("error")
    if isinstance(error, BadValue):
        return Problem(422, error.reason.value, error.says, field=field)
    match fault["type"]:
        case "json_invalid":
            return Problem(422, "not_json", "the body is not JSON")
        case "missing":
            return Problem(422, "missing_field", f"{field} is missing", field=field)
        case "extra_forbidden":
            return Problem(422, "unknown_field", f"there is no {field} to say", field=field)
        case _:
            says = f"{field} is of another type" if field else "the body is a JSON object"
            return Problem(422, "wrong_type", says, field=field)

"""Every word about a subject as it was heard: also those that later words replaced."""

from datetime import datetime

import msgspec

from services.tracker.core.events import Report, content_hash, read_report


class Heard(msgspec.Struct, frozen=True, gc=False):
    """A report, the partition time at which it became known, and why it was said."""

    report: Report
    digest: bytes
    known_at: datetime
    why: str | None = None


class _Grounds(msgspec.Struct, frozen=True, gc=False):
    """The grounds that a journal value gives."""

    note: str | None = None
    retract_reason: str | None = None
    reason: str | None = None


_grounds = msgspec.json.Decoder(_Grounds)


def hear(value: bytes, known_at: datetime) -> Heard:
    """Read a journal value.

    Raises:
        msgspec.MsgspecError: it is not an admitted event.
    """
    said = _grounds.decode(value)
    why = said.note or said.retract_reason or said.reason
    return Heard(read_report(value), content_hash(value), known_at, why)

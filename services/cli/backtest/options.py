"""The options of `chasqui backtest` that no other command has."""

import re
from datetime import datetime, timezone, tzinfo
from zoneinfo import ZoneInfo

import click

_HOURS = re.compile(r"(\d{1,2})-(\d{1,2})")
_OFFSET = re.compile(r"[+-]\d\d:\d\d")


class NightHours(click.ParamType):
    """Two hours of the clock, as `22-06`."""

    name = "hours"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        found = _HOURS.fullmatch(str(value))
        begin, end = (int(found[1]), int(found[2])) if found else (0, 0)
        if begin == end or begin > 23 or end > 24:  # noqa: PLR2004 - hours of the clock
            self.fail(f"{value!r}: a night is two different hours, as 22-06", param, ctx)
        return begin, end


class Zone(click.ParamType):
    """A place of the time zone database, or an offset, as `Europe/Kyiv` or `+02:00`."""

    name = "zone"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tzinfo:
        if isinstance(value, tzinfo):
            return value
        try:
            return _zone(str(value))
        except (OSError, ValueError, LookupError):
            self.fail(f"{value!r}: a zone is written Europe/Kyiv or +02:00", param, ctx)


def _zone(text: str) -> tzinfo:
    if not _OFFSET.fullmatch(text):
        return ZoneInfo(text)
    offset = datetime.fromisoformat(f"2000-01-01T00:00:00{text}").utcoffset()
    return timezone(offset) if offset else ZoneInfo("UTC")

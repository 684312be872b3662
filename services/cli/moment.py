"""A time, and a span of time, on the command line."""

from datetime import datetime, timedelta

import click
from pydantic import TypeAdapter, ValidationError

from schemas.rules import Duration
from schemas.times import parse


class MomentType(click.ParamType):
    """Reads RFC 3339 with an offset, as `2026-03-31T00:00:00Z`."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse(str(value))
        except ValueError as error:
            self.fail(f"{value!r}: {error}", param, ctx)


class DurationType(click.ParamType):
    """Reads ISO 8601, as `PT4H`."""

    name = "duration"
    _adapter = TypeAdapter[timedelta](Duration)

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        try:
            span = self._adapter.validate_python(value)
        except ValidationError:
            span = timedelta(0)
        if not span:
            self.fail(f"{value!r} is not a duration, as PT4H or P1D", param, ctx)
        return span


MOMENT = MomentType()
DURATION = DurationType()

"""A time on the command line."""

from datetime import datetime

import click

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


MOMENT = MomentType()

"""`chasqui adopt`: an operator says whose a subject is that nobody registered."""

from datetime import datetime
from pathlib import Path
from typing import Final

import click

from schemas.codes import PERSON
from services.cli.moment import MOMENT
from services.cli.operator_words import key_file_option, note_option, say, url_option
from services.cli.rows import JsonObject
from services.cli.subject import SUBJECT, Subject

_PIECE: Final = "H87"


class Quantity(click.ParamType):
    """Reads `ambulance=4`, or `flour=1200:KGM` with a unit of its own."""

    name = "item=quantity"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> JsonObject:
        if isinstance(value, dict):
            return value
        item, _, said = str(value).partition("=")
        number, _, unit = said.partition(":")
        try:
            quantity = float(number)
        except ValueError:
            self.fail(f"{value!r} is not ITEM=QUANTITY[:UNIT], as in ambulance=4", param, ctx)
        plain = int(quantity) if quantity.is_integer() else quantity
        return {"item": item, "quantity": plain, "unit": unit}


@click.command("adopt", short_help="Say whose an unregistered subject is.")
@click.argument("subject", type=SUBJECT, metavar="KIND/ID")
@click.argument("owner")
@click.option(
    "--line",
    "lines",
    type=Quantity(),
    multiple=True,
    help="What it carries, ITEM=QUANTITY[:UNIT], line by line; without it has no ledger.",
)
@click.option("--legs", type=click.IntRange(min=1), help="Over how many legs it goes.")
@click.option("--country", help="Where it goes.")
@click.option("--commitment", help="The promise that it fulfils.")
@note_option
@click.option("--said-at", type=MOMENT, help="When the decision was taken (default: now).")
@key_file_option
@url_option
def adopt(  # noqa: PLR0913 - one for each of its options
    subject: Subject,
    owner: str,
    *,
    lines: tuple[JsonObject, ...],
    legs: int | None,
    country: str | None,
    commitment: str | None,
    note: str,
    said_at: datetime | None,
    key_file: Path | None,
    url: str | None,
) -> None:
    """Say that KIND/ID, which nobody registered, is OWNER's; any registration beats it.

    Speaks as CHASQUI_PUBLISHER under a key with the scope `operator`.
    """
    words: JsonObject = {"type": "adopted", "parties": {"owner": owner}, "note": note}
    words["lines"] = _numbered(lines, PERSON if subject.kind == "deployment" else _PIECE)
    if legs is not None:
        words["legs"] = legs
    if country is not None:
        words["location"] = {"country": country}
    if commitment is not None:
        words["refs"] = {"commitment": commitment}
    say(subject, words, at=said_at, key_file=key_file, url=url)


def _numbered(lines: tuple[JsonObject, ...], unit: str) -> list[JsonObject]:
    """The lines from 1, in the usual unit where none is said."""
    return [
        {"line": number, **line, "unit": line["unit"] or unit}
        for number, line in enumerate(lines, start=1)
    ]

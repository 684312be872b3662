"""A journal judged by other rules than its own."""

from collections.abc import Iterator
from pathlib import Path

import click
import orjson

from schemas.times import wire
from services.cli.rules import read_rules
from services.runtime.moments import from_ms
from services.runtime.partition import moment_of
from services.runtime.processor import Record

rules_option = click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="TOML",
    help="Judge by this rules file from the first record on.",
)


class OtherRules:
    """Applies one rules file before all else of each partition; later ones only move time."""

    def __init__(self, version: str, toml: str) -> None:
        self.version = version
        self._said = {"type": "rules", "version": version, "toml": toml}
        self._begun: set[int | None] = set()

    def over(self, record: Record) -> Iterator[Record]:
        """What a journal by these rules has in place of the record."""
        if record.partition not in self._begun:
            self._begun.add(record.partition)
            yield _broadcast(record, self._said)
        yield _broadcast(record, {"type": "tick"}) if rules_in(record) else record


def other_rules(path: Path | None) -> OtherRules | None:
    """Those of a rules file, if one is named; CommandError says what is wrong with it."""
    if path is None:
        return None
    file, text = read_rules(path)
    return OtherRules(file.version, text)


def rules_in(record: Record) -> str | None:
    """The version of the rules that the record applies, if it applies any."""
    said = None if record.key is not None else orjson.loads(record.value or b"{}")
    return str(said["version"]) if said and said["type"] == "rules" else None


def _broadcast(record: Record, said: dict[str, str]) -> Record:
    at = wire(from_ms(moment_of(record) or 0))
    value = orjson.dumps({**said, "at": at}, option=orjson.OPT_SORT_KEYS)
    return record._replace(key=None, value=value, offset=None)

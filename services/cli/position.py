"""How far a file was sent, kept beside it so that a broken run can go on."""

from hashlib import sha256
from pathlib import Path

import orjson

from services.cli.errors import CommandError


class Position:
    """A small file with the number of rows that were acknowledged, in the order they are sent.

    It belongs to one content, sent to one place: with anything else in it, sending starts anew.
    """

    def __init__(self, path: Path, content: str) -> None:
        self._path = path
        self._content = content

    def read(self) -> int:
        """Rows acknowledged by earlier runs; 0 without a file."""
        try:
            kept = orjson.loads(self._path.read_bytes())
        except FileNotFoundError:
            return 0
        except (OSError, orjson.JSONDecodeError) as error:
            message = f"The position file {self._path} cannot be read: {error}."
            raise CommandError(message) from error
        same = isinstance(kept, dict) and kept.get("content") == self._content
        return int(kept["rows"]) if same else 0

    def write(self, rows: int) -> None:
        """Remember the rows that are acknowledged now."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.write_bytes(orjson.dumps({"content": self._content, "rows": rows}))
        fresh.replace(self._path)

    def forget(self) -> None:
        """Everything is acknowledged: the next run sends it all again, which changes nothing."""
        self._path.unlink(missing_ok=True)


def content_mark(rows: list[bytes], target: str) -> str:
    """What is sent and where to, as one short word."""
    mark = sha256(target.encode())
    for row in rows:
        mark.update(row)
        mark.update(b"\n")
    return mark.hexdigest()

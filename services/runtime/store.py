"""The states of one partition on this machine's disk."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from rocksdict import Options, Rdict, WriteBatch

_OFFSET = b"\0offset"
_FIRST_KEY = b"\1"
"""Keys of states start with a processor's name; ours with a zero byte."""


class Store:
    """A RocksDB that knows up to which offset of the changelog it has been written."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.create_if_missing(create_if_missing=True)
        options.set_write_buffer_size(32 * 1024 * 1024)
        options.set_keep_log_file_num(2)
        self._db = Rdict(str(folder), options)

    @property
    def offset(self) -> int:
        """Of the last changelog record that is in here; -1 when empty."""
        return int(self.get(_OFFSET) or -1)

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._db.get(key)
        return value

    def scan(self, prefix: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """All states whose key starts so, in the order of the keys."""
        for key, value in self._db.items(from_key=prefix or _FIRST_KEY):
            if not key.startswith(prefix):
                return
            yield key, value

    def write(self, writes: Mapping[bytes, bytes | None], offset: int) -> None:
        """Put (None: delete) all and the changelog offset, or, after a crash, nothing of it."""
        batch = WriteBatch(raw_mode=True)
        for key, value in writes.items():
            batch.delete(key) if value is None else batch.put(key, value)
        batch.put(_OFFSET, b"%d" % offset)
        self._db.write(batch)

    def close(self) -> None:
        self._db.close()

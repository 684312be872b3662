"""The states of one partition on this machine's disk."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import rmtree

from rocksdict import Options, Rdict, WriteBatch

from services.runtime.logs import logger

_OFFSET = b"\0offset"
_FIRST_KEY = b"\1"
"""Keys of states start with a processor's name; ours with a zero byte."""
_BROKEN = ("Corruption", "IO error: No such file")
"""How RocksDB begins to tell of missing or damaged files; not of a full disk or a lock."""


class BrokenStoreError(Exception):
    """Files of the store are damaged."""


class Store:
    """A RocksDB that knows up to which offset of the changelog it has been written.

    It is only a cache of the changelog: what is damaged is thrown away. A full disk is an error.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        try:
            self._db = self._opened()
        except Exception as error:
            if not str(error).startswith(_BROKEN):
                raise
            self._discard(str(error))

    @property
    def offset(self) -> int:
        """Of the last changelog record that is in here; -1 when empty."""
        return int(self.get(_OFFSET) or -1)

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._db.get(key)
        return value

    def scan(self, prefix: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """All states whose key starts so, in the order of the keys. Raises BrokenStoreError."""
        last = prefix or _FIRST_KEY
        for key, value in self._db.items(from_key=last):
            last = key
            if not key.startswith(prefix):
                return
            yield key, value
        self._prove_end(last)

    def write(self, writes: Mapping[bytes, bytes | None], offset: int) -> None:
        """Put (None: delete) all and the changelog offset, or, after a crash, nothing of it."""
        batch = WriteBatch(raw_mode=True)
        for key, value in writes.items():
            batch.delete(key) if value is None else batch.put(key, value)
        batch.put(_OFFSET, b"%d" % offset)
        self._db.write(batch)

    def discard(self, why: str) -> None:
        """Throw everything away, to begin with an empty store."""
        self._db.close()
        self._discard(why)

    def close(self) -> None:
        self._db.close()

    def _discard(self, why: str) -> None:
        logger(__name__).warning("store discarded", folder=str(self._folder), why=why)
        rmtree(self._folder)
        self._folder.mkdir()
        self._db = self._opened()

    def _opened(self) -> Rdict:
        options = Options(raw_mode=True)
        options.create_if_missing(create_if_missing=True)
        options.set_write_buffer_size(32 * 1024 * 1024)
        options.set_keep_log_file_num(2)
        return Rdict(str(self._folder), options)

    def _prove_end(self, last: bytes) -> None:
        """Iterators end before a damaged block as if there were nothing more; only status tells."""
        behind = self._db.iter()
        behind.seek(last)
        if behind.valid():
            behind.next()
        try:
            behind.status()
        except Exception as error:
            raise BrokenStoreError(str(error)) from error

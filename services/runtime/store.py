"""The states of one partition on this machine's disk."""

import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from rocksdict import BlockBasedOptions, Options, Rdict, WriteBatch, WriteOptions

from services.runtime.clock import monotonic
from services.runtime.deadlines import Hint
from services.runtime.logs import logger
from services.runtime.stored import deadline_of

_OFFSET = b"\0offset"
_FIT = "fit-2"
"""A file beside the database's own: it has this format, and was not found damaged."""
_HINT = b"\0@"
"""Begins the keys of an index by deadline, in which the 8 bytes of the deadline come next."""
_AT = struct.Struct(">q")
_FLUSH_SECONDS = 300.0
_FIRST_KEY = b"\1"
"""Keys of states start with a processor's name; ours with a zero byte."""
_BROKEN = ("Corruption", "IO error: No such file")
"""How RocksDB begins to tell of missing or damaged files; not of a full disk or a lock."""


class BrokenStoreError(Exception):
    """Files of the store are damaged."""


class Store:
    """A RocksDB that knows up to which offset of the changelog it has been written.

    It is only a cache of the changelog, which is its log of writes ahead too: after a kill -9 it is
    as it was some minutes before. What is damaged is thrown away. A full disk is an error.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fit = folder / _FIT
        self._flushed_at = monotonic()
        self._unlogged = WriteOptions()
        self._unlogged.disable_wal = True
        try:
            self._db = self._opened()
        except BrokenStoreError as error:
            self._begin_anew(str(error))

    @property
    def offset(self) -> int:
        """Of the last changelog record that is in here; -1 when empty."""
        return int(self.get(_OFFSET) or -1)

    def get(self, key: bytes) -> bytes | None:
        with self._judged():
            value: bytes | None = self._db.get(key)
        return value

    def scan(self, prefix: bytes = b"", since: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """All states whose key starts so, in order, from that key on. Raises BrokenStoreError."""
        return self._from(max(prefix or _FIRST_KEY, since), prefix)

    def hints(self, since: Hint) -> Iterator[Hint]:
        """The deadlines from that one on, in order; an old one may be among them."""
        for key, _ in self._from(_hint_key(since), _HINT):
            yield Hint(_AT.unpack_from(key, len(_HINT))[0], key[len(_HINT) + _AT.size :])

    def write(
        self, writes: Mapping[bytes, bytes | None], offset: int, dropped: Iterable[Hint] = ()
    ) -> None:
        """Put (None: delete) all and the changelog offset, or, after a crash, nothing of it.

        `dropped` are deadlines that hold no longer; those of the values written hold.
        """
        batch = WriteBatch(raw_mode=True)
        for hint in dropped:
            batch.delete(_hint_key(hint))
        for key, value in writes.items():
            if value is None:
                batch.delete(key)
                continue
            batch.put(key, value)
            if key >= _FIRST_KEY and (at := deadline_of(value)) is not None:
                batch.put(_hint_key(Hint(at, key)), b"")
        batch.put(_OFFSET, b"%d" % offset)
        with self._judged():
            self._db.write(batch, self._unlogged)
            if monotonic() - self._flushed_at > _FLUSH_SECONDS:
                self._flushed_at = monotonic()
                self._db.flush(wait=False)

    def forget_hints(self, before: int) -> None:
        """Nothing is due before that moment in ms: what a recovery left of it goes."""
        self._db.delete_range(_HINT, _hint_key(Hint(before, b"")), self._unlogged)

    def discard(self, why: str) -> None:
        """Throw everything away, to begin with an empty store."""
        self._db.close()
        self._begin_anew(why)

    def close(self) -> None:
        try:
            self._db.flush()
        finally:
            self._db.close()

    def _begin_anew(self, why: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if any(self._folder.iterdir()):
            logger(__name__).warning("store discarded", folder=str(self._folder), why=why)
            rmtree(self._folder)
            self._folder.mkdir()
        self._fit.touch()
        self._db = self._opened()

    def _opened(self) -> Rdict:
        if not self._fit.exists():
            raise BrokenStoreError("another version wrote it, or it was found damaged")
        options = Options(raw_mode=True)
        options.set_write_buffer_size(32 * 1024 * 1024)
        options.set_keep_log_file_num(2)
        # Compact less often: what is read meanwhile is found by its filters.
        options.set_level_zero_file_num_compaction_trigger(8)
        blocks = BlockBasedOptions()
        blocks.set_bloom_filter(10, block_based=False)
        options.set_block_based_table_factory(blocks)
        with self._judged():
            return Rdict(str(self._folder), options)

    def _from(self, start: bytes, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Iterators end before a damaged block as if there were nothing more; only status tells."""
        found = self._db.iter()
        found.seek(start)
        while found.valid() and (key := found.key()).startswith(prefix):
            yield key, found.value()
            found.next()
        with self._judged():
            found.status()

    @contextmanager
    def _judged(self) -> Iterator[None]:
        """Damage is found when it is read: the next start begins with an empty store."""
        try:
            yield
        except Exception as error:
            if not str(error).startswith(_BROKEN):
                raise
            self._fit.unlink(missing_ok=True)
            raise BrokenStoreError(str(error)) from error


def _hint_key(hint: Hint) -> bytes:
    return _HINT + _AT.pack(hint.at) + hint.key

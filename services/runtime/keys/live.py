"""The sources file, read again whenever it changes."""

import os
from pathlib import Path

import structlog

from services.runtime.keys.file import Keyring, SourcesFileError, read_sources

Stamp = tuple[int, int, int]
"""Inode, size and time of change of a file."""


class LiveSources:
    """The keyring of a file as it is now; a broken one is told once and changes nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: Stamp | None = None
        self._keyring = Keyring(read_sources(path))
        self._seen = self._stamp()

    def keyring(self) -> Keyring:
        seen = self._stamp()
        if seen != self._seen:
            self._seen = seen
            self._read()
        return self._keyring

    def _read(self) -> None:
        log = structlog.get_logger()
        try:
            self._keyring = Keyring(read_sources(self._path))
            log.info("sources_read", sources=len(self._keyring))
        except SourcesFileError as error:
            log.error("sources_file_broken", detail=str(error))  # noqa: TRY400 -- the sentence says all

    def _stamp(self) -> Stamp | None:
        try:
            status = os.stat(self._path)  # noqa: PTH116 -- asked for at every request
        except OSError:
            return None
        return (status.st_ino, status.st_size, status.st_mtime_ns)

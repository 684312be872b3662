"""Which of the instances on this machine a process is, so that it finds its own state again."""

import fcntl
import os
import socket
from itertools import count
from pathlib import Path


class InstanceTakenError(Exception):
    """Another process runs under the wanted instance id."""


class Instance:
    """A name that no other live process with the same state folder has, and a folder of its own.

    The lock ends with the process, however it ends; so a restart takes the same name and folder.
    """

    def __init__(self, state_dir: Path, wanted: str = "") -> None:
        """Take the wanted name, else `<host>-<first free number>`. Raises InstanceTakenError."""
        state_dir.mkdir(parents=True, exist_ok=True)
        names = [wanted] if wanted else (f"{socket.gethostname()}-{n}" for n in count())
        for self.name in names:
            self._lock = os.open(state_dir / f"{self.name}.lock", os.O_CREAT | os.O_RDWR)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(self._lock)
            else:
                self.folder = state_dir / self.name
                return
        raise InstanceTakenError(f"another process runs as instance {wanted} in {state_dir}")

    def release(self) -> None:
        os.close(self._lock)

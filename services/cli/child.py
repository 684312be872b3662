"""A child process that does not outlive the one that started it."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO, Self

LEASH = 'read _; kill -TERM "$0"; kill -CONT "$0"; sleep 10; kill -KILL "$0"'
"""Ends process $0 when standard input ends, that is when whoever holds its other end is gone."""


class Child:
    """A child in a session of its own, so that Ctrl-C reaches us alone and we choose the order.

    Its leash is a shell that reads from a pipe held by us alone: the kernel closes the pipe
    however we end, kill -9 included, and the shell ends the child. Linux's parent-death signal
    would do it without the shell, but it follows the thread that forked, and macOS has none.
    """

    def __init__(
        self, process: "subprocess.Popen[bytes]", leash: "subprocess.Popen[bytes]"
    ) -> None:
        self._process = process
        self._leash = leash

    @classmethod
    def start(
        cls,
        command: Sequence[str],
        *,
        output: IO[bytes] | int = subprocess.PIPE,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Self:
        """Start `command`; both its output streams go to `output`."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )
        leash = subprocess.Popen(
            ["/bin/sh", "-c", LEASH, str(process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return cls(process, leash)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def output(self) -> IO[bytes]:
        """What the child writes, when it was started with `subprocess.PIPE`."""
        if self._process.stdout is None:
            raise ValueError("the child's output goes to a file")
        return self._process.stdout

    def exit_code(self) -> int | None:
        """The exit code, minus the signal's number when one ended it; None while it runs."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens to a child that has ended."""
        self._process.send_signal(number)

    def wait(self, patience: timedelta) -> int | None:
        """Wait for its end and return the exit code, or None when patience runs out."""
        try:
            code = self._process.wait(patience.total_seconds())
        except subprocess.TimeoutExpired:
            return None
        self._release()
        return code

    def end(self, patience: timedelta) -> int:
        """Ask it to end, insist with SIGKILL when patience runs out, and return the exit code."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        code = self.wait(patience)
        return self.kill() if code is None else code

    def kill(self) -> int:
        """End it by SIGKILL, at once."""
        self.signal(signal.SIGKILL)
        code = self._process.wait()
        self._release()
        return code

    def _release(self) -> None:
        """Drop the leash before its process id can belong to somebody else."""
        if self._leash.poll() is None:
            self._leash.kill()
        self._leash.wait()
        if self._leash.stdin:
            self._leash.stdin.close()

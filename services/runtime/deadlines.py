"""Which key is to be looked at next, and when: the next ones in memory, all in the store."""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

NEVER = 2**63 - 1
_WINDOW = 10_000
_MOST = 10 * _WINDOW


class Hint(NamedTuple):
    """A key may be due at that moment in ms; whether it is, its entry knows."""

    at: int
    key: bytes


_END = Hint(NEVER, b"")


class Entries(Protocol):
    """Knows the truth."""

    def deadline(self, key: bytes) -> int | None:
        """The key's deadline as it stands."""

    def hints(self, since: Hint) -> Iterator[Hint]:
        """All from that one on, in order; some may hold no longer."""


class Deadlines:
    """At most one deadline a key, taken in order (deadline, key).

    In memory are hints to all before `_horizon`, some ten thousand; the others stay with the
    entries. So neither memory nor a restart grows with the number of keys.
    """

    def __init__(self, entries: Entries, since: int = 0) -> None:
        """Nothing is due before `since`."""
        self.dropped: list[Hint] = []
        """What holds no longer, and can be forgotten once all that happened is safe."""
        self._entries = entries
        self._near: list[Hint] = []
        self._horizon = Hint(since, b"")

    def move(self, key: bytes, before: int | None, after: int | None) -> None:
        """The key's entry says another deadline than before."""
        if before == after:
            return
        if before is not None:
            self.dropped.append(Hint(before, key))
        if after is not None and (hint := Hint(after, key)) < self._horizon:
            heappush(self._near, hint)
            if len(self._near) > _MOST:
                self._near.sort()
                self._horizon = self._near[_WINDOW]
                del self._near[_WINDOW:]

    def first(self) -> int | None:
        """The earliest deadline of all."""
        while self._near or self._look_further():
            if self._holds(self._near[0]):
                return self._near[0].at
            heappop(self._near)
        return None

    def pop(self, before: int) -> Hint | None:
        """Take the first deadline strictly before the given moment, if there is one."""
        while (self._near or self._look_further()) and self._near[0].at < before:
            if self._holds(hint := heappop(self._near)):
                return hint
        return None

    def _holds(self, hint: Hint) -> bool:
        if self._entries.deadline(hint.key) == hint.at:
            return True
        self.dropped.append(hint)
        return False

    def _look_further(self) -> bool:
        """Take the next ones into memory."""
        since, self._horizon = self._horizon, _END
        for hint in () if since is _END else self._entries.hints(since):
            if len(self._near) == _WINDOW:
                self._horizon = hint
                break
            self._near.append(hint)
        return bool(self._near)

"""Which key is to be looked at next, and when."""

from heapq import heapify, heappop, heappush


class Deadlines:
    """At most one deadline a key, taken in order (deadline, key).

    Deadlines are milliseconds. A replaced deadline stays in the heap until it comes up (lazy
    deletion) or until stale entries are the greater part.
    """

    def __init__(self) -> None:
        self._at: dict[bytes, int] = {}
        self._heap: list[tuple[int, bytes]] = []

    def __len__(self) -> int:
        return len(self._at)

    def set(self, key: bytes, at: int | None) -> None:
        """Replace the key's deadline; None drops it."""
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            heappush(self._heap, (at, key))
            self._compact()

    def first(self) -> int | None:
        """The earliest deadline of all."""
        heap = self._heap
        while heap and self._at.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
        return heap[0][0] if heap else None

    def pop(self, before: int) -> tuple[int, bytes] | None:
        """Take the first deadline strictly before the given moment, if there is one."""
        at = self.first()
        if at is None or at >= before:
            return None
        _, key = heappop(self._heap)
        del self._at[key]
        return at, key

    def _compact(self) -> None:
        if len(self._heap) > 2 * len(self._at) + 64:
            self._heap = [(at, key) for key, at in self._at.items()]
            heapify(self._heap)

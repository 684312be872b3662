"""By what the movements of a partition are judged: the rules in force and what is learnt."""

from services.tracker.core.learnt import Judge
from services.tracker.core.rulebook import RuleBook
from services.tracker.known import Known

_KEPT = 64
"""One for each partition, but they come and go."""


class Judges:
    """The judge of each partition, made anew only when what is known there changed."""

    def __init__(self, book: RuleBook) -> None:
        """`book` are the rules until others are applied."""
        self._book = book
        self._made: dict[int, tuple[Known | None, Judge]] = {}

    def of(self, shared: Known | None) -> Judge:
        made = self._made.get(id(shared))
        if made is None or made[0] is not shared:
            if len(self._made) >= _KEPT:
                self._made.clear()
            made = self._made[id(shared)] = (shared, self._judge(shared))
        return made[1]

    def _judge(self, shared: Known | None) -> Judge:
        return Judge(self._book) if shared is None else shared.judge(self._book)

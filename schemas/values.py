"""What a value that the contract does not take is told by."""

from schemas.vocabulary import RefusalReason


class BadValue(ValueError):  # noqa: N818 - says what it is
    """A value that the contract does not take: the reason, a sentence, a field if not its own."""

    def __init__(self, reason: RefusalReason, says: str, field: str | None = None) -> None:
        super().__init__(says)
        self.reason = reason
        self.says = says
        self.field = field

"""How much may be said of one subject, so that nobody keeps others from being heard."""

from schemas.vocabulary import OPERATORS_WORDS
from services.tracker.core.events import Report
from services.tracker.core.limits import Limits
from services.tracker.core.merge import History


def too_much(history: History, report: Report, limits: Limits, *, is_new: bool) -> bool:
    """Whether this report, merged into the history, makes it too long or too large."""
    return (is_new and _too_many(history, report, limits)) or _too_large(history, report, limits)


def _too_many(history: History, report: Report, limits: Limits) -> bool:
    """Of all, or of one publisher, who must not keep others from being heard."""
    if len(history.registers) <= limits.most_words // 2 or report.type in OPERATORS_WORDS:
        return False
    own = sum(each.report.publisher == report.publisher for each in history.registers)
    return len(history.registers) > limits.most_words or own > limits.most_words // 2


def _too_large(history: History, report: Report, limits: Limits) -> bool:
    """Whether this report makes it so; one without lines never does."""
    if not report.size:
        return False
    return sum([each.size for each in history.registers]) > limits.most_bytes

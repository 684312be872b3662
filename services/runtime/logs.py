"""Logs as JSON lines on standard error, with what they are about bound to them."""

import logging
import sys
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.stdlib import BoundLogger, ProcessorFormatter, add_log_level, add_logger_name

_SHARED: list[structlog.types.Processor] = [
    merge_contextvars,
    add_log_level,
    add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.format_exc_info,
]
_LIBRARIES = ("aiokafka", "kafka", "faust", "mode", "uvicorn", "httpx", "asyncio")
_REPEAT_AFTER_SECONDS = 30.0
_BEING_MADE = "GroupCoordinatorNotAvailableError"


class OnceInAWhile(logging.Filter):
    """Lets a library's same complaint through once in 30 s, and none of its small talk."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING and record.getMessage().startswith("[^"):
            return False  # Faust tells of each part that it starts and stops, in our own name
        if not record.name.startswith(_LIBRARIES):
            return True
        if _BEING_MADE in record.getMessage():
            return False  # a new Kafka makes its topic of offsets when it is first asked
        complaint = (record.name, str(record.msg))
        again = record.created - self._said_at.get(complaint, 0) >= _REPEAT_AFTER_SECONDS
        if again:
            self._said_at[complaint] = record.created
        return again


def configure_logs(level: str) -> None:
    """Send our own logs and those of libraries (warnings and worse) the same way."""
    structlog.configure(
        processors=[*_SHARED, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(OnceInAWhile())
    rendered: list[structlog.types.Processor] = [
        ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(),
    ]
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=_SHARED, processors=rendered))
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.root.level))


def logger(name: str) -> BoundLogger:
    log: BoundLogger = structlog.stdlib.get_logger(name)
    return log


def bound(**ids: Any) -> Any:
    """A context in which every log line names these ids (event_id, subject_id, ...)."""
    return bound_contextvars(**ids)

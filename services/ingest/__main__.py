"""`python -m services.ingest http` or `kafka`: one of the two ways in, as a process."""

import sys
from collections.abc import Callable, Sequence
from typing import Final

from pydantic import ValidationError

from services.ingest.settings import HttpSettings, KafkaSettings
from services.runtime.keys.file import SourcesFileError
from services.runtime.logs import configure_logs
from services.runtime.settings import wrong_settings


def run_http() -> int:
    """Until SIGTERM (exit 0)."""
    from services.ingest.serve import serve_http  # noqa: PLC0415 - each way holds only its own

    settings = HttpSettings()
    configure_logs(settings.log_level)
    return serve_http(settings)


def run_kafka() -> int:
    """Until SIGTERM (exit 0) or a crash (exit 1)."""
    from services.ingest.kafka import serve_kafka  # noqa: PLC0415 - Faust is 20 MB, not for HTTP

    serve_kafka(KafkaSettings())
    return 0


_WAYS_IN: Final[dict[str, Callable[[], int]]] = {"http": run_http, "kafka": run_kafka}


def main(arguments: Sequence[str]) -> int:
    """Run until told to stop; answers the exit code."""
    if len(arguments) != 1 or arguments[0] not in _WAYS_IN:
        return _fault("say which way in: http or kafka")
    try:
        return _WAYS_IN[arguments[0]]()
    except SourcesFileError as error:
        return _fault(str(error))
    except ValidationError as error:
        return _fault(wrong_settings(error))


def _fault(sentence: str) -> int:
    sys.stderr.write(f"ingest: {sentence}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The process of the tracker: `python -m services.tracker`."""

import sys

from pydantic import ValidationError

from services.runtime.app import run
from services.runtime.clock import parse_clock
from services.runtime.settings import wrong_settings
from services.tracker.app import create_app
from services.tracker.settings import TrackerSettings


def main() -> None:
    """Run until told to stop; wrong settings end it at once, with one sentence for each."""
    try:
        settings = TrackerSettings()
    except ValidationError as error:
        sys.exit(wrong_settings(error))
    run(create_app(settings, clock=parse_clock(settings.clock)), settings)


if __name__ == "__main__":
    main()

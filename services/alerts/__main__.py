"""The process of alerts: `python -m services.alerts`."""

import sys

from pydantic import ValidationError

from services.alerts.app import create_app
from services.alerts.settings import AlertsSettings
from services.runtime.app import run
from services.runtime.clock import parse_clock
from services.runtime.settings import wrong_settings


def main() -> None:
    """Run until told to stop; wrong settings end it at once, with one sentence for each."""
    try:
        settings = AlertsSettings()
        app = create_app(settings, clock=parse_clock(settings.clock))
    except ValidationError as error:
        sys.exit(wrong_settings(error))
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    run(app, settings)


if __name__ == "__main__":
    main()

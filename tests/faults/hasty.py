"""A service whose alerts try again ten times as soon as in earnest, so that outages are short.

`python -m tests.faults.hasty services.alerts` runs the real service's program.
"""

import runpy
import sys
from datetime import timedelta
from functools import partial

from services.alerts import settings
from services.alerts.core.policy import Policy


def main() -> None:
    module = sys.argv.pop(1)
    waits = {"retry_first": timedelta(seconds=1), "retry_most": timedelta(seconds=8)}
    setattr(settings, "Policy", partial(Policy, **waits))  # noqa: B010 - mypy takes it for a mistake
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

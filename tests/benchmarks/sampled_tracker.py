"""The tracker's process, sampled from a SIGHUP on: `python -m tests.benchmarks.sampled_tracker`.

When it ends it writes the samples of each stage to the file that `STAGES_FILE` names.
"""

import json
import os
import signal
from pathlib import Path

from services.tracker.__main__ import main
from tests.benchmarks.stages import Sampler

if __name__ == "__main__":
    sampler = Sampler()
    # Faust has a use of its own for the signals that are for users.
    signal.signal(signal.SIGHUP, lambda *_: sampler.start())
    try:
        main()
    finally:
        sampler.stop()
        Path(os.environ["STAGES_FILE"]).write_text(json.dumps(sampler.samples))

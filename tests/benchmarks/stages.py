"""Where the CPU of a tracker goes: samples of its main thread, each given to a stage of work."""

import signal
from collections import Counter
from types import FrameType

_EVERY_SECONDS = 0.002
_OF_THE_TRACKER = {
    ("events.py", "read_report"): "decode",
    ("events.py", "content_hash"): "decode",
    ("merge.py", "fold"): "fold: merge",
    ("superseded.py", "fold_away"): "fold: merge",
    ("superseded.py", "was_folded_away"): "fold: merge",
    ("derive.py", "facts_of"): "fold: facts",
    ("rules.py", "assess"): "rules",
    ("told.py", "news"): "rules",
    ("telling.py", "deadline_of"): "rules",
    ("learnt.py", "limits_of"): "rules",
    ("view.py", "delay_record"): "outputs",
    ("view.py", "movement_view"): "outputs",
    ("view.py", "dumps"): "outputs",
    ("codec.py", "encode"): "state codec",
    ("codec.py", "decode"): "state codec",
    ("passing.py", "pass_on"): "commitments",
    ("processors.py", "_contributions"): "commitments",
    ("commitment.py", "hear"): "commitments",
    ("commitment.py", "take"): "commitments",
    ("commitment.py", "look_again"): "commitments",
    ("processors.py", "shown_commitment"): "commitments",
    ("activity.py", "noted"): "publishers",
    ("publishers.py", "joined_activity"): "publishers",
    ("publishers.py", "on_record"): "publishers",
    ("publishers.py", "on_deadline"): "publishers",
    ("known.py", "on_record"): "publishers",
}
STAGES = (
    "decode",
    "fold: merge",
    "fold: facts",
    "rules",
    "outputs",
    "commitments",
    "publishers",
    "state codec",
    "tracker, rest",
    "store",
    "engine",
    "Kafka",
    "event loop, rest",
)


class Sampler:
    """Looks at the main thread each few ms of the process's CPU time.

    What other threads use, as RocksDB's, falls on whatever the main thread does then.
    """

    def __init__(self) -> None:
        self.samples: Counter[str] = Counter()

    def start(self) -> None:
        signal.signal(signal.SIGPROF, self._take)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _take(self, _: int, frame: FrameType | None) -> None:
        self.samples[stage_of(frame)] += 1


def stage_of(frame: FrameType | None) -> str:
    """The stage that the outermost telling frame belongs to; Kafka's client wherever it is."""
    told, files = None, []
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.endswith(_ALWAYS_THERE):
            files.append(code.co_filename)
        told = _OF_THE_TRACKER.get((code.co_filename.rpartition("/")[2], code.co_name)) or told
        frame = frame.f_back
    if told is not None:
        return told
    for part, stage in _BY_FILE.items():
        if any(part in file for file in files):
            return stage
    return "event loop, rest"


_ALWAYS_THERE = ("tracker/__main__.py", "runtime/app.py")
_BY_FILE = {
    "runtime/store.py": "store",
    "aiokafka": "Kafka",
    "services/tracker/": "tracker, rest",
    "services/runtime/": "engine",
}
"""By what is in a file's name, the first that fits."""

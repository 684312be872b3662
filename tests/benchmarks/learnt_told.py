"""When the tracker itself told of a delivery that it is likely late, as a person would hear it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from services.cli.backtest.run import Run
from services.cli.journal import Journal
from services.cli.other_rules import OtherRules
from services.cli.taking import Order, Taking
from services.runtime.moments import from_ms
from services.runtime.partition import moment_of
from services.tracker.core.sentence import duration

MAPPING = Path(__file__).parents[2] / "deploy" / "mappings" / "aid-deliveries.toml"
_AFTER_THE_LAST = timedelta(days=90)


def told_likely(record: Path, grace: timedelta) -> Mapping[str, datetime]:
    """When each delivery note was first told to be likely late, by tracker and alerts in memory."""
    rules = f'version = "grace"\n[default]\ngrace = "{duration(grace)}"\n'
    run, last = Run(OtherRules("grace", rules)), 0
    for each in Journal(Taking(record, MAPPING, Order.RECEIVED, None)).records():
        run.feed(each)
        last = max(last, moment_of(each) or 0)
    run.end(from_ms(last) + _AFTER_THE_LAST, from_ms(last))
    told: dict[str, datetime] = {}
    for alert in run.alerts():
        likely = (grade.at for grade in alert.grades if grade.confidence == "likely")
        first = next(likely, None)
        if alert.about.delay == "delivery_overdue" and first is not None:
            told.setdefault(alert.about.subject_id, first)
    return told

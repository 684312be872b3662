"""Where alerts go: one file and one row for each sink."""

from collections.abc import Callable, Mapping

from services.alerts.settings import AlertsSettings, SinkName
from services.alerts.sinks import alertmanager, log, pagerduty, webhook
from services.alerts.sinks.sink import EdgeSink, LevelSink
from services.runtime.clock import Clock

EDGE_SINKS: Mapping[SinkName, Callable[[AlertsSettings, Clock], EdgeSink]] = {
    "log": log.to_stdout,
    "webhook": webhook.from_settings,
    "pagerduty": pagerduty.from_settings,
}
LEVEL_SINKS: Mapping[SinkName, Callable[[AlertsSettings, Clock], LevelSink]] = {
    "alertmanager": alertmanager.from_settings,
}
SINKS: Mapping[SinkName, Callable[[AlertsSettings, Clock], EdgeSink | LevelSink]] = {
    **EDGE_SINKS,
    **LEVEL_SINKS,
}

"""Platform: throughput, lag in seconds, recovery, quarantine."""

from deploy.grafana.board import Board
from deploy.grafana.panels import CRITICAL, WARNING, Panel, Query, Says, bars, lines, number

_ACCEPTED = 'chasqui_ingest_events_total{outcome="accepted"}'
_RATE = "[$__rate_interval]"


def platform() -> Board:
    """What those who run it look at."""
    return Board(
        "chasqui-platform",
        "Platform",
        "Whether events come, are read in time, are safe, and what could not be taken.",
        [("Now", _now()), ("Flow", _flow()), ("States", _states()), ("Quarantine", _quarantine())],
    )


def _now() -> list[Panel]:
    away = "Processes that Prometheus does not reach."
    behind = "The worst age of what a service read last; 0 when all are caught up."
    fresh = "Since an event was accepted over HTTP or Kafka."
    recovering = "Partitions whose states are not back yet; their subjects are not looked after."
    last = 'max(max_over_time(chasqui_last_event_timestamp_seconds{service="ingest"}[7d]))'
    return [
        number(
            Says("Away", away, steps=[(1, CRITICAL)]), 'sum(up{job="chasqui"} == bool 0)', width=6
        ),
        number(
            Says("Lag", behind, "s", [(60, WARNING), (300, CRITICAL)]),
            "max(chasqui_consumer_lag_seconds)",
            width=6,
        ),
        number(Says("Last event", fresh, "s", [(86_400, WARNING)]), f"time() - {last}", width=6),
        number(
            Says("Recovering", recovering, steps=[(1, WARNING)]),
            "sum(chasqui_table_recovering)",
            width=6,
        ),
    ]


def _flow() -> list[Panel]:
    taken = "Rows accepted by the edge and of field reports, and records that each service handled."
    lag = "Age of what was read last, by topic; 0 when caught up, however many records that was."
    rows = "What became of rows; requests where their rows are not known."
    steps = [(60, WARNING), (300, CRITICAL)]
    asked = f"sum by (le, transport) (rate(chasqui_ingest_request_seconds_bucket{_RATE}))"
    handled = f"sum by (service) (rate(chasqui_events_handled_total{_RATE}))"
    outcomes = f"sum by (transport, outcome) (rate(chasqui_ingest_events_total{_RATE}))"
    return [
        lines(
            Says("Events a second", taken, "eps"),
            Query(f"sum(rate({_ACCEPTED}{_RATE}))", "accepted"),
            Query(handled, "handled by {{service}}"),
        ),
        lines(
            Says("Lag in seconds", lag, "s", steps),
            Query("max by (topic) (chasqui_consumer_lag_seconds)", "{{topic}}"),
        ),
        lines(
            Says("Rows by outcome", rows, "cps"),
            Query(f"{outcomes} > 0", "{{transport}} {{outcome}}"),
            stacked=True,
        ),
        lines(
            Says(
                "Answered within",
                "99 of 100 requests, or batches of field reports.",
                "s",
                [(1, WARNING)],
            ),
            Query(f"histogram_quantile(0.99, {asked})", "{{transport}}"),
        ),
        lines(
            Says(
                "Records not read",
                "Offsets, markers of transactions among them; says nothing of time.",
            ),
            Query("sum by (topic) (chasqui_consumer_lag_records)", "{{topic}}"),
        ),
        lines(
            Says(
                "Time of a stage",
                "99 of 100: handling a chunk, making it safe in Kafka.",
                "s",
                [(1, WARNING)],
            ),
            Query(
                "histogram_quantile(0.99, sum by (le, service, stage)"
                f' (rate(chasqui_stage_seconds_bucket{{stage!="recover"}}{_RATE})))',
                "{{service}} {{stage}}",
            ),
        ),
    ]


def _states() -> list[Panel]:
    recovery = "Nine of ten partitions had their states back within this, of those assigned."
    bucket = "chasqui_table_recovery_seconds_bucket"
    return [
        lines(
            Says("Keys kept", "Movements, commitments, publishers and subjects of alerts."),
            Query("sum by (service) (chasqui_table_keys)", "{{service}}"),
            width=8,
        ),
        bars(
            Says("Recovery", recovery, "s", [(30, WARNING), (300, CRITICAL)]),
            Query(f"histogram_quantile(0.9, sum by (le, service) ({bucket}))", "{{service}}"),
            width=8,
        ),
        lines(
            Says(
                "Rebalances",
                "Assignments of partitions within a quarter of an hour.",
                steps=[(10, WARNING)],
            ),
            Query("sum by (service) (increase(chasqui_rebalances_total[15m]))", "{{service}}"),
            width=8,
        ),
    ]


def _quarantine() -> list[Panel]:
    reasons = "Records put in quarantine in the time shown: `chasqui quarantine list --reason ...`."
    failed = "Records and deadlines that the program itself failed on: a fault of it."
    unknown = "Fields and items that nobody knows here; taken all the same."
    return [
        bars(
            Says("Quarantine by reason", reasons, steps=[(20, WARNING)]),
            Query(
                "sum by (service, reason) (increase(chasqui_events_buried_total[$__range])) > 0",
                "{{service}} {{reason}}",
            ),
            width=12,
        ),
        number(
            Says("Failed on", failed, steps=[(1, CRITICAL)]),
            'sum(increase(chasqui_events_buried_total{reason="broken"}[$__range]))'
            " + sum(increase(chasqui_deadlines_failed_total[$__range]))",
            width=6,
        ),
        number(
            Says("Unknown words", unknown),
            "sum(increase(chasqui_unknown_fields_total[$__range]))"
            " + sum(increase(chasqui_unknown_items_total[$__range]))",
            width=6,
        ),
        lines(
            Says("Quarantine over time", "Records a second, by reason.", "cps"),
            Query(f"sum by (reason) (rate(chasqui_events_buried_total{_RATE})) > 0", "{{reason}}"),
            width=24,
            stacked=True,
        ),
    ]

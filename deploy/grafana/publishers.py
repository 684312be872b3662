"""Publishers: how each reports, so that late paper is not taken for late goods."""

from deploy.grafana.board import Board, Choice
from deploy.grafana.panels import (
    CRITICAL,
    WARNING,
    Column,
    Panel,
    Query,
    Says,
    bars,
    lines,
    number,
    rows,
)

_CARDS = "Made anew once an hour. The ten are named that are silent or have most late events."
_DAY = 86_400


def publishers() -> Board:
    """What data stewards look at."""
    return Board(
        "chasqui-publishers",
        "Publishers",
        "How the field systems report: how late, how often twice or corrected, and who is silent.",
        [("Scorecards", _cards()), ("How reports come", _coming())],
        [Choice("publisher", "chasqui_publisher_reports", "Who reports.")],
        since="now-7d",
    )


def _of(metric: str, more: str = "") -> str:
    return f'max by (publisher) (chasqui_publisher_{metric}{{publisher=~"$publisher"{more}}})'


def _cards() -> list[Panel]:
    known = "Publishers of which something was ever admitted."
    silent = "They have said nothing for far longer than usual, though their subjects are moving."
    many, most = [(0.1, WARNING), (0.3, CRITICAL)], [(_DAY, WARNING), (7 * _DAY, CRITICAL)]
    return [
        number(Says("Publishers", known), "sum(chasqui_publishers)", width=6),
        number(
            Says("Silent", silent, steps=[(1, CRITICAL)]),
            'sum(chasqui_publishers{silent="yes"})',
            width=6,
        ),
        bars(
            Says("Lag", f"Nine of ten reports come within this. {_CARDS}", "s", most),
            Query(_of("lag_seconds", ',quantile="0.9"'), "{{publisher}}"),
            width=12,
        ),
        rows(
            Says("Scorecards", f"Shares are of its reports, late of what happened. {_CARDS}"),
            [
                Column("silent", _of("silent"), "bool_yes_no", [(1, CRITICAL)]),
                Column(
                    "last heard of",
                    f"1000 * {_of('last_event_timestamp_seconds')}",
                    "dateTimeAsIso",
                ),
                Column("reports", _of("reports")),
                Column("over a day late", _of("late_ratio"), "percentunit", many),
                Column("duplicates", _of("duplicate_ratio"), "percentunit", many),
                Column("corrections", _of("correction_ratio"), "percentunit", many),
                Column("lag, half", _of("lag_seconds", ',quantile="0.5"'), "s", most),
                Column("lag, 9 of 10", _of("lag_seconds", ',quantile="0.9"'), "s", most),
            ],
        ),
        lines(
            Says(
                "Late share",
                f"Share reported over a day after it happened. {_CARDS}",
                "percentunit",
                many,
            ),
            Query(_of("late_ratio"), "{{publisher}}"),
            width=24,
        ),
    ]


def _coming() -> list[Panel]:
    classes = "From what happened to its receipt, by who says so: custodian, owner or another."
    rate = "rate(chasqui_event_transport_delay_seconds_bucket[$__rate_interval])"
    counted = "Events known already, older than what stands, and over a day late."
    of_tracker = '{service="tracker"}[$__rate_interval]))'
    return [
        lines(
            Says("Transport delay", classes, "s", [(_DAY, WARNING)]),
            Query(
                f"histogram_quantile(0.9, sum by (le, publisher_class) ({rate}))",
                "{{publisher_class}}",
            ),
        ),
        lines(
            Says("Repeated, out of order, late", counted, "cps"),
            Query(f"sum(rate(chasqui_events_duplicate_total{of_tracker}", "duplicates"),
            Query(f"sum(rate(chasqui_events_out_of_order_total{of_tracker}", "out of order"),
            Query(f"sum(rate(chasqui_events_late_total{of_tracker}", "late"),
        ),
    ]

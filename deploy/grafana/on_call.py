"""On call: what is open, whether people are told of it in time, and whether the system is well."""

from deploy.grafana.board import Board
from deploy.grafana.panels import CRITICAL, WARNING, Panel, Query, Says, bars, lines, number

_DELAY = "From the passing of a deadline until a sink accepted the alert of it, in wall time."


def on_call() -> Board:
    """What those on call look at first."""
    return Board(
        "chasqui-on-call",
        "On call",
        "Open alerts, whether each sink takes them within a minute, and what is wrong by itself.",
        [("Open", _open()), ("Are people told in time?", _told()), ("Sinks", _sinks())],
    )


def _open() -> list[Panel]:
    firing = "Alerts of Prometheus about Chasqui itself, each with a page in docs/runbook."
    asked = 'ALERTS{alertname=~"Chasqui.*",alertstate="firing"}'
    return [
        number(
            Says("Critical alerts", "Open; somebody is to act now.", steps=[(1, CRITICAL)]),
            'sum(chasqui_alerts_open{severity="critical"})',
        ),
        number(
            Says("Warnings", "Open; to be looked at today.", steps=[(1, WARNING)]),
            'sum(chasqui_alerts_open{severity="warning"})',
        ),
        number(
            Says(
                "Waiting for an acknowledgement",
                "The oldest alert on call that was told and nobody has taken.",
                "s",
                steps=[(1800, WARNING), (7200, CRITICAL)],
            ),
            "max(chasqui_alert_oldest_unacknowledged_seconds)",
        ),
        bars(
            Says("The system itself", f"{firing} The watchdog always fires.", nothing="no word"),
            Query(f"count by (alertname) ({asked})", "{{alertname}}"),
            width=12,
        ),
        lines(
            Says("Open alerts", "By severity; at most half a minute old."),
            Query("sum by (severity) (chasqui_alerts_open)", "{{severity}}"),
            width=12,
            stacked=True,
        ),
        lines(
            Says("Told again", "Alerts escalated, and reminders, as nobody took what was told."),
            Query(
                "sum by (how) (increase(chasqui_alerts_pressed_total[$__rate_interval]))", "{{how}}"
            ),
            width=12,
        ),
    ]


def _told() -> list[Panel]:
    objective = "The service level is 99 % within a minute; the dashes are where its rules alert."
    buckets = "chasqui_alert_delay_seconds_bucket"
    rate = f"sum by (le, sink) (rate({buckets}[$__rate_interval]))"
    within = f'sum by (sink) (increase({buckets}{{le="60.0"}}[$__range]))'
    all_of_them = "sum by (sink) (increase(chasqui_alert_delay_seconds_count[$__range]) > 0)"
    burn = [(0.06, WARNING), (0.144, CRITICAL)]
    return [
        bars(
            Says("Told within a minute", f"{_DELAY} Of the time shown.", "percentunit"),
            Query(f"{within} / {all_of_them}", "{{sink}}"),
            width=6,
        ),
        lines(
            Says("Alert delay", _DELAY, "s", [(60, CRITICAL)]),
            Query(f"histogram_quantile(0.5, {rate})", "{{sink}} half of them"),
            Query(f"histogram_quantile(0.99, {rate})", "{{sink}} 99 of 100"),
            width=9,
        ),
        lines(
            Says("Told too late", f"Share over a minute. {objective}", "percentunit", burn),
            Query("chasqui:alert_delay_slow:ratio5m", "{{sink}} 5 min"),
            Query("chasqui:alert_delay_slow:ratio1h", "{{sink}} 1 h"),
            Query("chasqui:alert_delay_slow:ratio6h", "{{sink}} 6 h"),
            width=9,
        ),
    ]


def _sinks() -> list[Panel]:
    outcomes = "ok: taken. retry: sent again. refused and given_up: never sent again."
    ages = "The oldest message that a sink has not taken; it is tried for a day."
    steps = [(60, WARNING), (300, CRITICAL)]
    sent = "sum by (sink, outcome) (rate(chasqui_notifications_total[$__rate_interval]))"
    lost = 'increase(chasqui_notifications_total{outcome=~"refused|given_up"}[$__range])'
    return [
        lines(
            Says("Messages to sinks", outcomes, "ops"),
            Query(f"{sent} > 0", "{{sink}} {{outcome}}"),
        ),
        lines(
            Says("Age of what is not taken", ages, "s", steps),
            Query("max by (sink) (chasqui_outbox_oldest_seconds)", "{{sink}}"),
        ),
        lines(
            Says("Not taken yet", "Messages that wait for a sink.", steps=[(100, WARNING)]),
            Query("sum by (sink) (chasqui_outbox_records)", "{{sink}}"),
        ),
        number(
            Says(
                "Never told",
                "Messages refused or given up in the time shown.",
                steps=[(1, CRITICAL)],
            ),
            f"sum({lost})",
            width=12,
        ),
    ]

"""Deliveries: what is late, by country, agency and kind; what was promised and how far it is."""

from deploy.grafana.board import Board, Choice
from deploy.grafana.panels import CRITICAL, WARNING, Panel, Query, Says, bars, lines, number

_NAMED = "The ten with the gravest lateness are named, the others together as (other)."
_UNITS = "Units of all items, goods and people alike, of promises that stand."
_COUNTRY, _AGENCY = 'country=~"$country"', 'agency=~"$agency"'


def deliveries() -> Board:
    """What the people behind the deliveries look at."""
    return Board(
        "chasqui-deliveries",
        "Deliveries",
        "What was promised to partner countries, how far it is, and what of it is late.",
        [("Late now", _late()), ("Where and whose", _whose()), ("Promises", _promises())],
        [
            Choice("country", "chasqui_subjects_late_by_country", "Of the recipient."),
            Choice("agency", "chasqui_subjects_late_by_agency", "Whose promise or movement it is."),
        ],
        since="now-7d",
    )


def _count(severity: str) -> str:
    return f'sum(chasqui_subjects_late{{severity="{severity}"}})'


def _late() -> list[Panel]:
    critical = "Shipments, deployments and commitments with a critical delay: likely not to arrive."
    warning = "Those whose gravest delay is a warning: late, or nothing was reported."
    info = "Those of which a word is missing or doubted: paperwork, no alarm."
    moving = "Shipments and deployments that left and have not been handed over yet."
    names = "Open delays by what is late of them; one subject may have several."
    return [
        number(Says("Critical", critical, steps=[(1, CRITICAL)]), _count("critical")),
        number(Says("Warning", warning, steps=[(1, WARNING)]), _count("warning")),
        number(Says("To be looked into", info), _count("info")),
        number(
            Says("On the move", moving),
            'sum(chasqui_movements{state=~"in_transit|at_stop|arrived|partially_delivered"})',
        ),
        bars(
            Says("Delays by name", names, steps=[(1, WARNING)]),
            Query("sum by (delay) (chasqui_delays_open) > 0", "{{delay}}"),
        ),
        lines(
            Says("Late over time", f"Subjects by their gravest delay. {info}"),
            Query("sum by (severity) (chasqui_subjects_late)", "{{severity}}"),
        ),
        lines(
            Says("Movements by state", "Shipments and deployments by how far they are."),
            Query("sum by (state) (chasqui_movements) > 0", "{{state}}"),
            stacked=True,
        ),
    ]


def _whose() -> list[Panel]:
    steps = [(1, WARNING), (10, CRITICAL)]
    late = 'severity=~"warning|critical"'
    by_country = f"chasqui_subjects_late_by_country{{{_COUNTRY},{late}}}"
    by_agency = f"chasqui_subjects_late_by_agency{{{_AGENCY},{late}}}"
    by_kind = f"chasqui_subjects_late{{{late}}}"
    return [
        bars(
            Says("Late by country", f"Late subjects by recipient. {_NAMED}", steps=steps),
            Query(f"sum by (country) ({by_country}) > 0", "{{country}}"),
        ),
        bars(
            Says("Late by agency", f"Late subjects by whose they are. {_NAMED}", steps=steps),
            Query(f"sum by (agency) ({by_agency}) > 0", "{{agency}}"),
        ),
        bars(
            Says("Late by kind", "Late shipments, deployments and commitments.", steps=steps),
            Query(f"sum by (kind) ({by_kind})", "{{kind}}"),
        ),
    ]


def _promises() -> list[Panel]:
    stages = "Covered: a movement will bring it. Moving: it has left. Then handed over, confirmed."
    sums = "chasqui_commitments_units"
    return [
        lines(
            Says("Promised, moving, handed over", f"{_UNITS} {stages}"),
            Query(f"sum by (stage) ({sums})", "{{stage}}"),
            width=24,
        ),
        bars(
            Says("By country", f"{_UNITS} {_NAMED}"),
            *_stages(f"sum by (country) ({sums}_by_country{{{_COUNTRY},", "{{country}}"),
            width=12,
        ),
        bars(
            Says("By agency", f"{_UNITS} {_NAMED}"),
            *_stages(f"sum by (agency) ({sums}_by_agency{{{_AGENCY},", "{{agency}}"),
            width=12,
        ),
    ]


def _stages(of: str, name: str) -> list[Query]:
    words = {"promised": "promised", "moving": "moving", "handed_over": "handed over"}
    return [Query(f'{of}stage="{stage}"}}) > 0', f"{name} {word}") for stage, word in words.items()]

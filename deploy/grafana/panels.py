"""The kinds of panel of the dashboards, each with title, description, unit and thresholds."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from grafana_foundation_sdk.builders import bargauge, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.common import (
    GraphThresholdsStyleConfig,
    ReduceDataOptions,
    StackingConfig,
    VizLegendOptions,
)
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef(type_val="prometheus", uid="chasqui-prometheus")
"""As provisioning/datasources names it."""
ALWAYS, WARNING, CRITICAL = "green", "orange", "red"

Steps = Sequence[tuple[float, str]]
"""From which value on a number is of which colour; green before the first."""
P = TypeVar("P", stat.Panel, timeseries.Panel, bargauge.Panel, table.Panel)


class Says(NamedTuple):
    """What a panel is: its title, what it means to whom reads it, its unit, and what is grave."""

    title: str
    means: str
    unit: str = "short"
    steps: Steps = ()
    nothing: str = "none"
    """What stands there when there is nothing to show."""


class Query(NamedTuple):
    """What is asked, and how each series of the answer is called."""

    expr: str
    legend: str = ""


class Column(NamedTuple):
    """One column of a table, with what it asks for."""

    name: str
    expr: str
    unit: str = "short"
    steps: Steps = ()


Panel = stat.Panel | timeseries.Panel | bargauge.Panel | table.Panel


def number(says: Says, expr: str, *, width: int = 4) -> stat.Panel:
    """One large number, as it is now, with its past behind it."""
    panel = _panel(stat.Panel(), says, width, 5).with_target(_ask(Query(expr), "A"))
    last = ReduceDataOptions().calcs(["lastNotNull"])
    panel.graph_mode(BigValueGraphMode.AREA).color_mode(BigValueColorMode.VALUE)
    return panel.reduce_options(last)


def lines(says: Says, *queries: Query, width: int = 12, stacked: bool = False) -> timeseries.Panel:
    """Values over time; the thresholds are drawn where there are any."""
    panel = _panel(timeseries.Panel(), says, width, 8)
    for name, query in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(_ask(query, name))
    legend = VizLegendOptions().display_mode(LegendDisplayMode.TABLE).show_legend(show_legend=True)
    panel.legend(legend.placement(LegendPlacement.BOTTOM).calcs(["lastNotNull", "max"]))
    panel.min(0).fill_opacity(30 if stacked else 8).line_width(1)
    style = GraphThresholdsStyleMode.DASHED if says.steps else GraphThresholdsStyleMode.OFF
    panel.thresholds_style(GraphThresholdsStyleConfig().mode(style))
    mode = StackingMode.NORMAL if stacked else StackingMode.NONE
    return panel.stacking(StackingConfig().mode(mode).group("A"))


def bars(says: Says, *queries: Query, width: int = 8) -> bargauge.Panel:
    """One bar for each series, as they are now."""
    panel = _panel(bargauge.Panel(), says, width, 8)
    for name, query in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(_ask(query, name, instant=True))
    panel.display_mode(BarGaugeDisplayMode.BASIC).orientation(VizOrientation.HORIZONTAL)
    return panel.min(0).reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))


def rows(says: Says, columns: Sequence[Column], *, width: int = 24) -> table.Panel:
    """A row for each value of the label that all columns are summed by."""
    panel = _panel(table.Panel(), says, width, 9)
    names = {}
    for letter, column in zip("ABCDEFGHIJ", columns, strict=False):
        query = _ask(Query(column.expr), letter, instant=True)
        panel.with_target(query.format(PromQueryFormat.TABLE))
        panel.override_by_name(column.name, _column(column))
        names[f"Value #{letter}"] = column.name
    shown = {"excludeByName": {"Time": True}, "renameByName": names, "indexByName": {}}
    panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    return panel.with_transformation(DataTransformerConfig(id_val="organize", options=shown))


def _panel(panel: P, says: Says, width: int, height: int) -> P:
    panel.title(says.title).description(says.means).unit(says.unit).no_value(says.nothing)
    panel.datasource(SOURCE).thresholds(_thresholds(says.steps))
    return panel.span(width).height(height)


def _ask(query: Query, name: str, *, instant: bool = False) -> prometheus.Dataquery:
    asked = prometheus.Dataquery().expr(query.expr).ref_id(name).datasource(SOURCE)
    asked.legend_format(query.legend or "__auto")
    return asked.instant() if instant else asked.range()


def _thresholds(steps: Steps) -> ThresholdsConfig:
    found = [Threshold(color=ALWAYS), *(Threshold(value=at, color=colour) for at, colour in steps)]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


def _column(column: Column) -> list[DynamicConfigValue]:
    found = [DynamicConfigValue(id_val="unit", value=column.unit)]
    if column.steps:
        colours = _thresholds(column.steps).build()
        cells = {"type": "color-text"}
        found.append(DynamicConfigValue(id_val="thresholds", value=colours))
        found.append(DynamicConfigValue(id_val="custom.cellOptions", value=cells))
    return found

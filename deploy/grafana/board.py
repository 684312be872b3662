"""A dashboard: its rows of panels, what it can be narrowed down to, and its JSON."""

from collections.abc import Sequence
from typing import NamedTuple

from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink, QueryVariable, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.grafana.panels import SOURCE, Panel

_TAG = "chasqui"


class Choice(NamedTuple):
    """A label that a reader narrows the dashboard down to; all of its values at first."""

    label: str
    of: str
    """The metric that has it."""
    means: str


class Board(NamedTuple):
    """One dashboard; panels stand side by side until a row of 24 is full."""

    uid: str
    title: str
    means: str
    rows: Sequence[tuple[str, Sequence[Panel]]]
    choices: Sequence[Choice] = ()
    since: str = "now-24h"

    @property
    def file(self) -> str:
        """Its name below dashboards/."""
        return f"{self.uid.removeprefix('chasqui-')}.json"

    def json(self) -> str:
        """It as Grafana reads it."""
        made = Dashboard(self.title).uid(self.uid).description(self.means).tags([_TAG]).readonly()
        made.timezone("browser").time(self.since, "now").refresh("30s")
        made.tooltip(DashboardCursorSync.CROSSHAIR).link(_to_the_others())
        for choice in self.choices:
            made.with_variable(_variable(choice))
        number = 0
        for title, panels in self.rows:
            number += 1
            made.with_row(Row(title).id(number))
            for panel in panels:
                number += 1
                made.with_panel(panel.id(number))
        return JSONEncoder(indent=2, sort_keys=True).encode(made.build()) + "\n"


def _to_the_others() -> DashboardLink:
    link = DashboardLink("Chasqui").type(DashboardLinkType.DASHBOARDS).tags([_TAG])
    return link.as_dropdown(as_dropdown=True).keep_time(keep_time=True)


def _variable(choice: Choice) -> QueryVariable:
    made = QueryVariable(choice.label).label(choice.label).description(choice.means)
    made.datasource(SOURCE).query(f"label_values({choice.of}, {choice.label})")
    made.include_all(include_all=True).all_value(".*").multi(multi=True)
    made.current(VariableOption(selected=True, text="All", value="$__all"))
    made.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    return made.sort(VariableSort.ALPHABETICAL_ASC)

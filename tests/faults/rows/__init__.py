"""The faults, one file for each family; `ROWS` names them all, in the order of the table."""

from tests.faults.rows.absence import ABSENCE
from tests.faults.rows.calls import CALLS
from tests.faults.rows.changelog import CHANGELOGS
from tests.faults.rows.disk_full import DISK_FULL
from tests.faults.rows.kills import KILLS
from tests.faults.rows.outages import OUTAGES
from tests.faults.rows.peers import PEERS
from tests.faults.rows.points import POINTS
from tests.faults.rows.restarts import RESTARTS
from tests.faults.rows.rules import RULES
from tests.faults.rows.sinks import OUTAGES_OF_SINKS
from tests.faults.rows.sleeper import SLEEPER
from tests.faults.rows.stops import EDGE, GRACEFUL
from tests.faults.rows.storm import STORM
from tests.faults.rows.upgrade import UPGRADE
from tests.faults.running import Row

ROWS: tuple[Row, ...] = (
    *KILLS,
    *EDGE,
    *POINTS,
    *RESTARTS,
    *OUTAGES,
    *ABSENCE,
    *STORM,
    *SLEEPER,
    *CHANGELOGS,
    *DISK_FULL,
    *GRACEFUL,
    *UPGRADE,
    *RULES,
    *CALLS,
    *OUTAGES_OF_SINKS,
    *PEERS,
)

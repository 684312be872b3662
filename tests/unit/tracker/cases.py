"""For each rule a story that is late and one that is just in time."""

from typing import NamedTuple

from tests.support.telling import Story, deployment, shipment


class Case(NamedTuple):
    """A story that is late, how that is told, and a story that is not, however long one waits."""

    late: Story
    until: float
    told: list[str]
    in_time: Story


vests = shipment().registered(vest=40)
team = deployment().registered(trainer=10)
ambulances = shipment().registered(ambulance=20, legs=2)
due_on_10 = vests.planned("handed_over", 10)

CASES = {
    "never_departed": Case(
        late=vests.planned("departed", 10),
        until=11,
        told=["raised day 11: warning"],
        in_time=vests.planned("departed", 10).departed(10.9),
    ),
    "milestone_overdue": Case(
        late=vests.departed(5).planned("arrived", 10),
        until=11,
        told=["raised day 11: warning"],
        in_time=vests.departed(5).planned("arrived", 10).arrived(10.9),
    ),
    "delivery_overdue": Case(
        late=due_on_10,
        until=11,
        told=["raised day 11: warning unreported"],
        in_time=due_on_10.handed_over(10.9, 40),
    ),
    "eta_slip": Case(
        late=due_on_10.estimated("handed_over", 11.1, said=5),
        until=5,
        told=["raised day 5: warning"],
        in_time=due_on_10.estimated("handed_over", 11, said=5),
    ),
    "dwell": Case(
        late=ambulances.departed(1).arrived(5),
        until=8,
        told=["raised day 8: warning"],
        in_time=ambulances.departed(1).arrived(5).departed(7.9, leg=2),
    ),
    "held": Case(
        late=vests.held(3),
        until=6,
        told=["raised day 6: warning"],
        in_time=vests.held(3).released(5.9),
    ),
    "silent": Case(
        late=vests.departed(1, mode="road"),
        until=1.5,
        told=["raised day 1.5: warning"],
        in_time=vests.departed(1, mode="road").seen(1.4).arrived(1.8),
    ),
    "short_delivery": Case(
        late=vests.handed_over(5, 39, closed=True),
        until=5,
        told=["raised day 5: warning"],
        in_time=vests.handed_over(5, 40, closed=True),
    ),
    "damage_loss": Case(
        late=vests.handed_over(5, 39, damaged=1),
        until=5,
        told=["raised day 5: warning"],
        in_time=vests.handed_over(5, 40),
    ),
    "unverified_delivery": Case(
        late=vests.handed_over(5, 40),
        until=35,
        told=["raised day 35: info"],
        in_time=vests.handed_over(5, 40).confirmed(34.9),
    ),
    "no_show": Case(
        late=team.planned("handed_over", 10),
        until=10.5,
        told=["raised day 10.5: warning unreported"],
        in_time=team.planned("handed_over", 10).handed_over(10.4, 10),
    ),
    "overstay": Case(
        late=team.planned("completed", 30).handed_over(10, 10),
        until=33,
        told=["raised day 33: info"],
        in_time=team.planned("completed", 30).handed_over(10, 10).completed(32.9),
    ),
    "unplanned": Case(
        late=vests,
        until=3,
        told=["raised day 3: info"],
        in_time=vests.planned("handed_over", 10, said=2.9),
    ),
    "contradiction": Case(
        late=vests.cancelled(5).departed(6),
        until=6,
        told=["raised day 6: info"],
        in_time=vests.departed(4).cancelled(5),
    ),
    "conflict": Case(
        late=vests.departed(5, name="D").departed(5, name="D", mode="air"),
        until=5,
        told=["raised day 5: info"],
        in_time=vests.departed(5, name="D").departed(5, name="D", mode="air", revised=6),
    ),
    "disputed": Case(
        late=vests.handed_over(5, 40).confirmed(6, 39),
        until=6,
        told=["raised day 6: info"],
        in_time=vests.handed_over(5, 40).confirmed(6, 40),
    ),
}

"""People on their way: vetted, in part, replaced, absent, staying on, relieved, home."""

from tests.support.hearing import Account, hear
from tests.support.telling import Story, deployment, promise

TEAM = deployment().registered(instructor=10, interpreter=2)
ROLES = [{"line": 1, "accepted": 10}, {"line": 2, "accepted": 2}]


def present(account: Account) -> list[tuple[object, object, object]]:
    """Role, heads to come and heads present."""
    lines = account.movement["lines"]
    assert isinstance(lines, list)
    return [(line["item"], line["shipped"], line["accepted"]) for line in lines]


def test_heads_are_counted_by_role() -> None:
    roles = [{"line": 1, "accepted": 9}, {"line": 2, "accepted": 2}]
    account = hear(TEAM.handed_over(8, lines=roles))
    assert present(account) == [("instructor", 10, 9), ("interpreter", 2, 2)]
    assert account.movement["state"] == "partially_delivered"


def test_a_clearance_that_does_not_come_is_told_and_ends_with_it() -> None:
    team = TEAM.planned("departed", 12).held(2, "VISA", reason="clearance_vetting")
    account = hear(team.released(10, "VISA").ready(10.5).departed(11, mode="air"), until=11.2)
    assert account.said("held") == [
        "raised day 5: warning",
        "changed, late since day 5: critical",
        "cleared day 10, ended day 10: happened",
    ]
    assert "held" not in account.open()


def test_who_comes_later_ends_the_no_show() -> None:
    first = [{"line": 1, "accepted": 8}, {"line": 2, "accepted": 2}]
    team = TEAM.planned("handed_over", 8).handed_over(8, lines=first)
    account = hear(team.handed_over(12, 2, closed=True), until=20)
    assert account.said("no_show") == [
        "raised day 8.5: critical likely",
        "cleared day 12, ended day 12: happened",
    ]
    assert account.movement["state"] == "delivered"


def test_a_replacement_before_duty_is_a_new_word_about_the_team() -> None:
    roles = [
        {"line": 1, "item": "instructor", "quantity": 9, "unit": "IE"},
        {"line": 2, "item": "interpreter", "quantity": 3, "unit": "IE"},
    ]
    team = deployment().registered(instructor=10, interpreter=2, name="R")
    team = team.planned("handed_over", 8).revises("R", said=5, lines=roles)
    came = [{"line": 1, "accepted": 9}, {"line": 2, "accepted": 3}]
    account = hear(team.handed_over(8, lines=came, closed=True), until=20)
    assert present(account) == [("instructor", 9, 9), ("interpreter", 3, 3)]
    assert account.delays == []


def test_who_is_lost_before_duty_leaves_a_gap_that_another_team_fills() -> None:
    promised = promise().committed(40, instructor=10, unit="IE")
    lost = Story("deployment", "A").registered(instructor=10, at=1, commitment="US-EC-1")
    lost = lost.departed(20, mode="air").lost(21, 1, reason="other").handed_over(22, 9, closed=True)
    relief = Story("deployment", "B").registered(instructor=1, at=25, commitment="US-EC-1")
    account = hear(promised, lost, relief, until=39)
    assert account.said("commitment_uncovered") == [
        "raised day 21, late since day 10: warning",
        "cleared day 25, ended day 25: happened",
    ]
    harmed = [d for d in account.of("damage_loss") if d["subject_id"] == "A"]
    assert [d["severity"] for d in harmed] == ["critical"]


def test_a_relief_keeps_the_promise_when_the_first_team_goes_home() -> None:
    """A rotation: the tour that ended counts with those who came, the relief with those to come."""
    promised = promise().committed(60, trainer=12, unit="IE")
    first = Story("deployment", "A").registered(trainer=6, at=1, commitment="US-EC-1")
    first = first.handed_over(10, 6, closed=True).planned("completed", 30)
    first = first.completed(31).returned(32)
    relief = Story("deployment", "B").registered(trainer=6, at=5, commitment="US-EC-1")
    account = hear(promised, first, relief.handed_over(29, 6, closed=True), until=59)
    assert account.of("commitment_uncovered") == []
    (line,) = account.promise()["lines"]
    assert (line["covered"], line["handed_over"]) == (12, 12)
    assert account.view(b"deployment/A")["state"] == "returned"


def test_who_stays_beyond_the_tour_is_told_until_home() -> None:
    team = TEAM.handed_over(8, lines=ROLES).planned("completed", 30)
    account = hear(team.returned(40), until=60)
    assert account.said("overstay") == [
        "raised day 33: info",
        "cleared day 40, ended day 40: returned",
    ]


def test_a_team_that_is_home_before_its_duty_ends_everything() -> None:
    team = TEAM.planned("handed_over", 8).departed(2, mode="air")
    account = hear(team.returned(10), until=60)
    assert account.movement["state"] == "returned"
    assert account.said("no_show")[-1] == "cleared day 10, ended day 10: returned"
    assert "held" not in account.open()

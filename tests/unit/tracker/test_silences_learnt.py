"""What a delivery that was unreported when due teaches, and what an overdue one is told by it."""

import pytest

from services.tracker.core.learning import Episode
from tests.support.hearing import aloud
from tests.support.silences import Lived, delivered, paper_late, truly_late, vests
from tests.support.telling import OWNER, Story, day, deployment, shipment


def test_a_delivery_that_was_unreported_when_due_teaches_once() -> None:
    story = delivered(vests("A", 10), 12, heard=15)
    again = story.handed_over(12, 1, closed=True, heard=16, name="H").confirmed(17, 1).seen(18)
    lived = Lived(again, until=20)
    assert lived.taught() == [
        {
            "subject": "shipment/A",
            "due_at": "2026-01-11T00:00:00Z",
            "known_at": "2026-01-16T00:00:00Z",
            "delivered_at": "2026-01-13T00:00:00Z",
            "country": "EC",
            "late_at": "2026-01-12T00:00:00Z",
        }
    ]
    (episode,) = lived.known.past.everyone.episodes
    assert episode == Episode(day(15), "shipment/A", day(15) - day(10), late=True, country="EC")
    assert lived.known.past.publishers[OWNER].episodes == (episode,)


@pytest.mark.parametrize(
    "story",
    [
        delivered(vests("A", 10), 12, heard=12).rebaselined("handed_over", 20, at=1),
        delivered(vests("A", 10), 9, heard=10),
        vests("A", 10).handed_over(11, 0).cancelled(14),
        vests("A", 10).lost(12, 1),
        shipment("A").registered(vest=1, heard=20).planned("handed_over", 10, heard=20),
        delivered(shipment("A").registered(vest=1), 8, heard=9).planned(
            "handed_over", 10, heard=15
        ),
    ],
    ids=["moved", "reported in time", "cancelled", "lost", "not known before", "planned after"],
)
def test_what_teaches_nothing(story: Story) -> None:
    if story.words[0].heard_at == day(20):
        story = delivered(story, 12, heard=21)
    assert Lived(story, until=25).taught() == []


def test_a_plan_that_came_after_the_report_lengthens_no_silence() -> None:
    registered = shipment("A").registered(vest=1)
    story = delivered(registered, 12, heard=13).planned("handed_over", 10, by="US-FBI", heard=15)
    past = Lived(story, until=20).known.past
    silence = day(13) - day(10)
    assert past.everyone.episodes == (Episode(day(15), "shipment/A", silence, late=True),)
    assert set(past.publishers) == {"US-FBI"}


def test_a_revision_corrects_what_was_taught() -> None:
    story = delivered(vests("A", 10), 12, heard=15)
    lived = Lived(story.revises("H", said=18, at=9), until=20)
    first, second = lived.taught()
    assert (first["delivered_at"], second["delivered_at"]) == (
        "2026-01-13T00:00:00Z",
        "2026-01-10T00:00:00Z",
    )
    assert lived.known.past.everyone.episodes == (
        Episode(day(18), "shipment/A", day(15) - day(10), late=False, country="EC"),
    )


def test_a_report_that_is_retracted_ended_no_silence_in_time() -> None:
    story = delivered(vests("A", 10), 9, heard=15).retracts("H", said=18)
    lived = Lived(story, until=20)
    assert [each.get("delivered_at") for each in lived.taught()] == ["2026-01-10T00:00:00Z", None]
    assert [each.late for each in lived.known.past.everyone.episodes] == [True]
    again = Lived(story.handed_over(10, 1, closed=True, heard=30), until=31)
    assert again.known.past.everyone.episodes == (
        Episode(day(30), "shipment/A", day(30) - day(10), late=False, country="EC"),
    )


def test_a_publisher_that_was_truly_late_is_believed_at_once_and_in_one_sentence() -> None:
    lived = Lived(*truly_late(4), vests("B", 30), until=32)
    (raised,) = lived.of("B")
    assert aloud(raised) == "raised day 30: critical likely"
    assert raised["evidence"]["learnt"] == {
        "times": 4,
        "late": 4,
        "publisher": OWNER,
        "country": "EC",
    }
    assert (
        f"Of the last 4 times {OWNER} was silent this long about a delivery to EC, "
        "4 were truly late." in raised["sentence"]
    )


def test_silences_that_were_over_before_anybody_is_told_are_not_as_long() -> None:
    short = [delivered(vests(f"SHORT-{n}", 10), 10.25, 10.5) for n in range(10)]
    longer = paper_late(4, silence=16)
    lived = Lived(*short, *longer, vests("B", 30), until=40)
    assert lived.said("B") == ["raised day 31: warning unreported"]


def test_elsewhere_the_publisher_itself_is_asked() -> None:
    lived = Lived(*truly_late(4), vests("B", 30, country="PE"), until=32)
    (raised,) = lived.of("B")
    assert f"Of the last 4 times {OWNER} was silent this long, 4 were" in raised["sentence"]
    assert raised["evidence"]["learnt"]["country"] is None


def test_of_others_everyone_is_asked_once_enough_is_known() -> None:
    other = vests("B", 30, by="US-FBI")
    few = Lived(*truly_late(9), other, until=32)
    assert few.said("B") == ["raised day 31: warning unreported"]
    lived = Lived(*truly_late(10), other, until=32)
    (raised,) = lived.of("B")
    assert "Of the last 10 times anybody was silent this long, 10 were" in raised["sentence"]


def test_where_the_paper_is_late_a_silence_is_believed_when_the_paper_would_have_come() -> None:
    lived = Lived(*paper_late(6), *truly_late(3), vests("B", 30), until=34)
    raised, changed = lived.of("B")
    assert [aloud(raised), aloud(changed)] == [
        "raised day 31: warning unreported",
        "changed, late since day 31: critical likely",
    ]
    assert raised["next_step"]["at"] == "2026-02-03T00:00:00Z", "due and three days"
    assert "learnt" not in raised["evidence"]
    assert changed["evidence"]["learnt"]["times"] == 3


def test_what_is_only_late_paper_stays_unreported() -> None:
    lived = Lived(*paper_late(6, silence=16), vests("B", 30), until=60)
    assert lived.said("B") == ["raised day 31: warning unreported"]
    assert lived.of("B")[0]["next_step"] is None


def test_what_was_believed_stays_so_whatever_is_learnt() -> None:
    harmless = paper_late(30, due=26, silence=6)
    victim = delivered(vests("B", 30), 38, heard=40)
    moved = vests("C", 30).rebaselined("handed_over", 31, at=33)
    lived = Lived(*truly_late(4), *harmless, victim, moved, until=41)
    raised, cleared = lived.of("B")
    assert raised["severity"] == "critical"
    assert cleared["evidence"]["learnt"] == raised["evidence"]["learnt"]
    assert lived.said("C") == [
        "raised day 30: critical likely",
        "changed, late since day 31: critical likely",
    ]
    lived = Lived(*truly_late(4), *harmless, vests("D", 33), until=41)
    assert lived.said("D") == ["raised day 34: warning unreported"]


def test_a_team_that_does_not_show_up_is_judged_alike_until_some_of_it_do() -> None:
    team = deployment("T").registered(trainer=10, country="EC").planned("handed_over", 30)
    lived = Lived(*truly_late(4), team, until=32)
    assert lived.said("T", "no_show") == ["raised day 30: critical likely"]
    some = Lived(*truly_late(4), team.handed_over(29.75, 6), until=32)
    assert some.said("T", "no_show") == ["raised day 30.5: critical likely"]
    assert "learnt" not in some.of("T", "no_show")[0]["evidence"]


def test_what_is_believed_before_anybody_lost_patience_is_open_from_then_on() -> None:
    lived = Lived(*truly_late(4), delivered(vests("B", 30), 30.5, heard=31.5), until=40)
    raised, cleared = lived.of("B")
    assert [aloud(raised), cleared["because"]] == ["raised day 30: critical likely", "happened"]
    assert raised["next_step"] is None
    reported = delivered(vests("C", 30), 29, heard=30)
    assert Lived(*truly_late(4), reported, until=40).said("C") == []


def test_a_publisher_that_is_only_hours_late_is_not_believed_before_the_grace() -> None:
    hours = [delivered(vests(f"H-{n}", 10), 10.4, heard=10.6) for n in range(6)]
    lived = Lived(*hours, vests("B", 30), until=32)
    assert [each.late for each in lived.known.past.everyone.episodes] == [False] * 6
    assert lived.said("B") == ["raised day 31: warning unreported"]


def test_a_hand_over_that_is_dated_ahead_takes_no_page_back() -> None:
    team = deployment("T").registered(trainer=10, country="EC").planned("handed_over", 30)
    lived = Lived(*truly_late(4), team.handed_over(33.5, 6, heard=33), until=35)
    assert lived.said("T", "no_show") == ["raised day 30: critical likely"]

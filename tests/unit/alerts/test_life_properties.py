"""Any order of delays, commands, receipts, restarts and pauses is a valid path of an alert."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alerts import Alert, AuditEntry, escalation_id
from schemas.times import wire
from schemas.topics import ALERTS, AUDIT
from services.alerts.core.policy import Route, Step, StormLimits
from services.alerts.core.routing import Choice, Match, Window
from tests.unit.alerts.desk import START, Desk
from tests.unit.alerts.test_properties import Word, tellings

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
STEPS = (
    Step("critical", 1, 10 * MINUTE),
    Step("critical", 2, HOUR, frozenset({"webhook"})),
    Step("warning", 1, 2 * HOUR),
)
LIMITS: dict[str, Any] = {
    "steps": STEPS,
    "remind_every": {"critical": 3 * HOUR, "warning": 5 * HOUR},
    "acknowledged_for": HOUR,
    "storm": StormLimits(alerts_a_minute=1, lasts=5 * MINUTE),
    "windows": (
        Window("a", Match(countries=frozenset({"EC"})), START + HOUR, START + 2 * HOUR),
        Window("b", Match(agencies=frozenset({"none"})), START, START + 9 * HOUR),
    ),
    "choices": (
        Choice(Match(severities=frozenset({"critical"})), frozenset({"log", "webhook"})),
        Choice(Match(), frozenset({"log"})),
    ),
    "look_again": 10 * MINUTE,
}
ROUTES = (Route("log"), Route("webhook"))
PAUSES = (0.0, 0.5, 5.0, 61.0, 700.0, 4000.0, 20_000.0)
OPERATORS_WORDS = {"acknowledged", "unacknowledged", "noted", "ignored"}


class Order(NamedTuple):
    """An operator's word, about the alert of one of the words or about none."""

    name: str
    about: int
    of_step: int
    lasts: float | None
    at: float


class Act(NamedTuple):
    """One thing that happens, and how long nothing happens then."""

    does: Word | Order | str
    pause: float


def orders(heard: int) -> st.SearchStrategy[Order]:
    """Operators' words about what was heard so far, and some about nothing."""
    return st.builds(
        Order,
        st.sampled_from(("acknowledge", "acknowledge", "unacknowledge", "note")),
        st.one_of(st.integers(0, heard), st.just(heard), st.just(-1)),
        st.sampled_from((0, 0, 0, 1, 2)),
        st.sampled_from((None, None, 1.0, 600.0, 20_000.0)),
        st.sampled_from((-9000.0, -1.0, 0.0, 0.0, 3600.0)),
    )


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Word], list[Act]]:
    """What a tracker says in its order, with repeats, commands, answers and pauses in between."""
    words = draw(tellings())
    acts: list[Act] = []
    pauses = st.sampled_from(PAUSES)
    others = st.sampled_from(("ok", "ok", "retry", "refused", "again", "again", *words))
    for heard, word in enumerate(words):
        acts.append(Act(word, draw(pauses)))
        more = st.lists(st.tuples(st.one_of(orders(heard), others), pauses), max_size=4)
        acts += [Act(does, pause) for does, pause in draw(more)]
    return words, acts


class Life:
    """A desk at which it happens; `restarts` after every act or never."""

    def __init__(self, words: Sequence[Word], *, restarts: bool = False) -> None:
        self.desk = Desk(*ROUTES, **LIMITS)
        self.commands = 0
        self._words = words
        self._restarts = restarts
        self._last: dict[str, Any] | None = None

    def live(self, acts: Sequence[Act]) -> None:
        for act in acts:
            self._do(act.does)
            if self._restarts:
                self.desk.driver.restart()
            self.desk.wait(timedelta(seconds=act.pause))
            assert_sound(self.desk)

    def end(self) -> None:
        """Every sink answers, and time goes on until nothing but reminders is left."""
        for _ in range(150):
            self.desk.answer_all()
            self.desk.wait(5 * MINUTE)
        self.desk.answer_all()

    def _do(self, does: Word | Order | str) -> None:
        if isinstance(does, Order):
            self._last = self._command(does)
            self._say(self._last)
        elif does == "again":
            self._say(self._last)
        elif isinstance(does, str):
            for call in self.desk.calls():
                self.desk.answer(call, does)
        else:
            self.desk.hear(does)

    def _command(self, order: Order) -> dict[str, Any]:
        number = "nothing" if order.about < 0 else self._words[order.about]["delay_id"]
        if order.about >= 0 and order.of_step:
            number = escalation_id(number, "critical", order.of_step)
        until = None if order.lasts is None else self.desk.at + timedelta(seconds=order.lasts)
        return {
            "word": order.name,
            "delay_id": number,
            "at": wire(self.desk.at + timedelta(seconds=order.at)),
            "until": until and wire(until),
            "note": "Seen.",
        }

    def _say(self, command: dict[str, Any] | None) -> None:
        if command is not None:
            self.desk.command(**command)
            self.commands += 1


def assert_sound(desk: Desk) -> None:
    """What is so at every moment."""
    for alert in desk.book().alerts:
        steps = [(e.severity, e.step) for e in alert.escalations if e.open]
        assert len(steps) == len(set(steps))
        assert alert.open or not steps
        assert not (steps and alert.acknowledged)
        if alert.acknowledged is not None and alert.open:
            assert alert.acknowledged.until > desk.at or alert.listens_until is not None
        assert (alert.waits_since is not None) == alert.waits


def _statuses(desk: Desk) -> dict[str, list[str]]:
    statuses: dict[str, list[str]] = defaultdict(list)
    for record in desk.written(ALERTS.full_name):
        alert = Alert.model_validate_json(record.value or b"")
        if alert.alert_id == alert.delay_id:  # an escalation may begin anew
            statuses[alert.alert_id].append(alert.status)
        assert (record.key or b"").decode() == alert.alert_id
        assert (alert.status == "acknowledged") <= (alert.acknowledged_by == "maria")
    return statuses


def _said(desk: Desk) -> dict[str, list[tuple[str, str]]]:
    """Of each alert and escalation what was said to which sink, each message once, in order."""
    said: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for call in desk.driver.calls:
        message = msgspec.json.decode(call.body)
        if message["type"].startswith("alert."):
            word = (call.target, message["type"].removeprefix("alert."))
            known = said[message["data"]["alert_id"]].setdefault(call.call_id, word)
            assert known == word
    return {number: list(words.values()) for number, words in said.items()}


@given(lives())
@settings(max_examples=150, deadline=None)
def test_any_order_of_commands_delays_receipts_and_time_is_a_valid_path(
    life: tuple[list[Word], list[Act]],
) -> None:
    words, acts = life
    path = Life(words)
    path.live(acts)
    path.end()
    desk = path.desk
    assert desk.driver.failures == []
    for number, statuses in _statuses(desk).items():
        assert "resolved" not in statuses[:-1] or set(statuses) == {"resolved"}, number
    entries = [
        AuditEntry.model_validate_json(r.value or b"") for r in desk.written(AUDIT.full_name)
    ]
    by_operators = [entry for entry in entries if entry.by == "maria"]
    assert len(by_operators) == path.commands
    assert {entry.action for entry in by_operators} <= OPERATORS_WORDS
    assert all((e.reason is not None) == (e.action == "ignored") for e in by_operators)
    _assert_told(desk)


def _assert_told(desk: Desk) -> None:
    """What was told to open is told to end, and nothing that still stands was forgotten."""
    said, open_ = _said(desk), {a.delay.delay_id: a for a in desk.book().alerts if a.open}
    escalations = {number for a in open_.values() for number in a.ids[1:]}
    for number, words in said.items():
        for sink in {sink for sink, _ in words}:
            heard = [word for other, word in words if other == sink]
            assert heard[0] in {"opened", "escalated"}
            ended = number not in open_ and number not in escalations
            assert (heard[-1] == "resolved") == (ended or _is_over(open_.values(), number))
    for alert in open_.values():
        assert alert.acknowledged is None
        if alert.may_be_told:
            assert alert.told is not None
            assert alert.told.seq == alert.delay.seq
            assert {s.number for s in STEPS if s.severity == alert.delay.severity} <= {
                e.step for e in alert.escalations if e.open
            } or alert.delay.audience != "on_call"
        elif alert.told is None and alert.delay.severity == "critical":
            assert alert.delay.quiet or not (alert.inhibited_by or "").startswith("storm:")


def _is_over(alerts: Any, number: str) -> bool:
    """Whether it is an escalation that ended before its alert."""
    steps = {i: e for a in alerts for i, e in zip(a.ids[1:], a.escalations, strict=True)}
    return number in steps and not steps[number].open


@given(lives())
@settings(max_examples=75, deadline=None)
def test_a_restart_after_every_act_changes_nothing(life: tuple[list[Word], list[Act]]) -> None:
    words, acts = life
    steady, restarted = Life(words), Life(words, restarts=True)
    for path in (steady, restarted):
        path.live(acts)
    assert restarted.desk.book() == steady.desk.book()
    assert restarted.desk.driver.outputs == steady.desk.driver.outputs
    assert restarted.desk.driver.calls == steady.desk.driver.calls

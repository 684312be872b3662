"""Compares ledger, journal, states, delays and alerts when a run is over."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import orjson

from schemas.topics import ALERTS, COMMITMENTS, DELAYS, MOVEMENTS, QUARANTINE
from tests.faults.findings import Findings
from tests.faults.ledger import Identity, Ledger, identity_of
from tests.faults.receiving import Message, taken
from tests.faults.shipments import Expected, Promised
from tests.faults.topics import Reader, done_up_to
from tests.faults.witness import Witness
from tests.faults.world import PARTITIONS, World

GROUP = "chasqui.tracker"
_PAUSE = 0.3
_DELAYS, _MOVEMENTS = DELAYS.full_name, MOVEMENTS.full_name
View = dict[str, Any]


class Checker:
    """Looks at one world from outside, run after run."""

    def __init__(self, world: World, patience: float = 90) -> None:
        """`patience` is how many seconds each thing may take until it is as it must be."""
        self._world = world
        self._patience = patience
        self._witness = Witness(world.bootstrap, PARTITIONS)
        self._alerts = Reader(world.bootstrap, ALERTS.full_name, PARTITIONS)
        self._quarantine = Reader(world.bootstrap, QUARANTINE.full_name, PARTITIONS)
        self._commitments = Reader(world.bootstrap, COMMITMENTS.full_name, PARTITIONS)
        self._promises: dict[str, View] = {}
        self._alert_views: dict[str, View] = {}

    def check(self, ledger: Ledger, findings: Findings) -> None:
        """Wait until the world has caught up, and add what is not as it must be."""
        findings.acknowledged += len(ledger.acknowledged)
        findings.violations += [f"refused: {why}" for why in ledger.refused.values()]
        self._await_handled()
        self._journal(ledger, findings)
        self._states(ledger, findings)
        self._sums(ledger, findings)
        self._outputs(findings)
        if self._world.shape.alerts:
            self._check_alerts(ledger, findings)
        buried = self._quarantine.more()
        findings.violations += [f"in quarantine: {dict(r.headers)}" for r in buried]

    def close(self) -> None:
        self._witness.close()
        self._alerts.close()
        self._quarantine.close()
        self._commitments.close()

    def _await_handled(self) -> None:
        """Wait until all that is in the journal now was handled, or patience is at its end."""
        wanted = self._witness.read_journal()

        def handled() -> bool:
            done = done_up_to(self._world.bootstrap, GROUP, list(wanted))
            return all(done[place] >= wanted[place] for place in wanted)

        self._wait(handled)

    def _wait(self, holds: Callable[[], bool]) -> bool:
        until = time.perf_counter() + self._patience
        while not (held := holds()) and time.perf_counter() < until:
            self._world.tend()
            time.sleep(_PAUSE)
        return held

    def _journal(self, ledger: Ledger, findings: Findings) -> None:
        """Every acknowledged event is in the journal."""
        there = set(_identities(self._witness))
        findings.lost += [
            f"{number}: {identity}"
            for number, identity in sorted(ledger.identities().items())
            if identity not in there
        ]

    def _states(self, ledger: Ledger, findings: Findings) -> None:
        """Every subject is as the ledger says, on the topic and where the tracker is asked."""
        wrong: dict[str, list[str]] = {}

        def all_right() -> bool:
            self._witness.read_outputs()
            wrong["topic"] = states_wrong(ledger.expected, self._witness.last(_MOVEMENTS))
            return not wrong["topic"]

        def answered() -> bool:
            wrong["answers"] = states_wrong(ledger.expected, self._asked(ledger))
            return not wrong["answers"]

        self._wait(all_right)
        self._wait(answered)
        findings.states_wrong += [f"{where}: {w}" for where, each in wrong.items() for w in each]

    def _sums(self, ledger: Ledger, findings: Findings) -> None:
        """Every commitment has what its movements handed over, whichever partitions they are in."""
        wrong: list[str] = []

        def all_right() -> bool:
            for record in self._commitments.more():
                self._promises[(record.key or b"").decode()] = orjson.loads(record.value or b"")
            wrong[:] = sums_wrong(ledger.promised, self._promises)
            return not wrong

        self._wait(all_right)
        findings.states_wrong += wrong

    def _asked(self, ledger: Ledger) -> dict[str, bytes]:
        """What the trackers answer, asked in turn: each passes on what is another's."""
        answers = {}
        trackers = self._world.trackers
        with httpx.Client(timeout=5, trust_env=False) as client:
            for number, each in enumerate(ledger.expected):
                url = trackers[number % len(trackers)].url
                try:
                    answer = client.get(f"{url}/v1/movements/{each.subject}")
                except httpx.HTTPError:
                    continue
                if answer.is_success:
                    answers[each.subject] = answer.content
        return answers

    def _outputs(self, findings: Findings) -> None:
        """What was said is what a run in memory says of the journal, once and in order."""
        self._await_handled()
        at_least = {topic: self._witness.counts(topic) for topic in (_DELAYS, _MOVEMENTS)}
        self._witness.read_outputs()
        self._witness.read_journal()
        delays = self._witness.compare(_DELAYS, at_least[_DELAYS])
        findings.delays_lost += delays.lost
        findings.delays_invented += delays.invented
        movements = self._witness.compare(_MOVEMENTS, at_least[_MOVEMENTS])
        findings.states_wrong += [*movements.lost, *movements.invented]
        findings.outputs_repeated += [*delays.repeated, *movements.repeated]

    def _check_alerts(self, ledger: Ledger, findings: Findings) -> None:
        """An alert is open for each open delay and for no other, and was told at least once."""
        wrong: list[str] = []
        mine = {each.subject for each in ledger.expected}

        def all_right() -> bool:
            self._witness.read_outputs()
            for record in self._alerts.more():
                self._alert_views[(record.key or b"").decode()] = orjson.loads(record.value or b"")
            views = [view for view in self._alert_views.values() if subject_of(view) in mine]
            told = self._witness.told[_DELAYS]
            delays = {key.decode(): said for key, said in told.items() if key.decode() in mine}
            wrong[:] = alerts_wrong(delays, views, taken(self._world.hook))
            return not wrong

        self._wait(all_right)
        findings.alerts_wrong += wrong


def states_wrong(expected: list[Expected], views: dict[str, bytes]) -> list[str]:
    """The subjects whose public state is not what the ledger says."""
    wrong = []
    for each in expected:
        value = views.get(each.subject)
        if value is None:
            wrong.append(f"{each.subject} is not known")
        elif (seen := _seen(each.subject, orjson.loads(value))) != each:
            wrong.append(f"{seen} instead of {each}")
    return wrong


def sums_wrong(promised: list[Promised], views: dict[str, View]) -> list[str]:
    """The commitments whose ledger is not what the movements together handed over."""
    wrong = []
    for each in promised:
        lines = views.get(f"commitment/{each.commitment}", {}).get("lines", ())
        handed_over = sum(line["handed_over"] for line in lines)
        if not lines or handed_over != each.handed_over:
            wrong.append(f"{each.commitment}: {handed_over} handed over, not {each.handed_over}")
    return wrong


def _seen(subject: str, view: View) -> Expected:
    accepted = sum(line["accepted"] for line in view["lines"])
    delays = tuple(sorted(delay["delay"] for delay in view["delays"]))
    return Expected(subject, view["state"], accepted, view["events"], delays)


def alerts_wrong(
    delays: dict[str, list[bytes]], alerts: list[View], messages: list[Message]
) -> list[str]:
    """Where alerts and what people were told do not agree with the records of delays."""
    last = {r["delay_id"]: r for said in delays.values() for r in map(orjson.loads, said)}
    open_delays = {one for one, record in last.items() if record["type"] != "delay_cleared"}
    open_alerts = {view["delay_id"]: view for view in alerts if view["status"] == "open"}
    wrong = [f"no alert for {last[one]}" for one in sorted(open_delays - open_alerts.keys())]
    wrong += [f"alert without a delay: {o}" for o in sorted(open_alerts.keys() - open_delays)]
    wrong += [
        f"{one} stands at {open_alerts[one]['seq']}, not {last[one]['seq']}"
        for one in sorted(open_delays & open_alerts.keys())
        if open_alerts[one]["seq"] != last[one]["seq"]
    ]
    opened = {message.alert_id for message in messages if message.news == "opened"}
    to_tell = {one for one, view in open_alerts.items() if _is_told(view)}
    wrong += [f"nobody was told of {one}" for one in sorted(to_tell - opened)]
    ended = {message.alert_id for message in messages if message.news == "resolved"}
    over = {view["delay_id"] for view in alerts if view["status"] == "resolved"}
    wrong += [f"nobody was told of the end of {one}" for one in sorted(over & opened - ended)]
    return wrong + _other_words(messages) + _out_of_order(messages)


def _is_told(view: View) -> bool:
    return not (view["historic"] or view["backlog"] or view["inhibited_by"])


def _other_words(messages: list[Message]) -> list[str]:
    """The ids of calls that were repeated with other words."""
    said: dict[str, bytes] = {}
    return [
        f"call {message.call_id} was repeated with other words"
        for message in messages
        if said.setdefault(message.call_id, message.body) != message.body
    ]


def _out_of_order(messages: list[Message]) -> list[str]:
    """The alerts of which something was told for the first time after something newer."""
    last: dict[str, int] = {}
    calls: set[str] = set()
    wrong = []
    for message in messages:
        seq, before = int(message.data["seq"]), last.get(message.alert_id, 0)
        if message.call_id not in calls and seq < before:
            wrong.append(f"{message.alert_id}: {seq} was told after {before}")
        calls.add(message.call_id)
        last[message.alert_id] = max(seq, before)
    return wrong


def subject_of(view: View) -> str:
    return f"{view['kind']}/{view['subject_id']}"


def _identities(witness: Witness) -> list[Identity]:
    said = (orjson.loads(r.value or b"") for r in witness.journal if r.key is not None)
    return [identity_of(each) for each in said if each["type"] != "terms"]

"""What PagerDuty is told: one incident for each alert, within PagerDuty's limits."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from services.alerts.sinks import SINKS
from services.alerts.sinks.pagerduty import ACTIONS, PagerDutySink
from tests.integration.alerts.conftest import ROUTING_KEY, STEWARDS_KEY
from tests.integration.alerts.contract import call
from tests.integration.alerts.receiver import Receiver
from tests.unit.alerts.desk import Desk, delay


@pytest.fixture
async def pager(settings, clock) -> AsyncIterator[PagerDutySink]:
    made = SINKS["pagerduty"](settings, clock)
    assert isinstance(made, PagerDutySink)
    yield made
    await made.close()


def events(receiver: Receiver) -> list[dict[str, object]]:
    return [msgspec.json.decode(request.body) for request in receiver.requests]


def saying(word: str, **data: object):
    """The call of an alert, with another word or other data."""
    said = call()
    message = msgspec.json.decode(said.body)
    message["type"] = f"alert.{word}"
    message["data"] |= data
    return said._replace(body=msgspec.json.encode(message))


async def test_an_incident_says_what_is_late_and_where_to_look(pager, receiver):
    told = call(milestone="arrived", leg=2, severity="critical", country="EC")
    await pager.take(told)
    (event,) = events(receiver)
    assert receiver.requests[0].path == "/v2/enqueue"
    assert (event["event_action"], event["routing_key"]) == ("trigger", ROUTING_KEY)
    assert event["dedup_key"] == msgspec.json.decode(told.body)["data"]["alert_id"]
    assert event["links"] == [
        {
            "href": "http://127.0.0.1:8081/v1/movements/shipment/EC-AMB-0017",
            "text": "shipment/EC-AMB-0017",
        }
    ]
    payload = event["payload"]
    details = payload.pop("custom_details")
    assert payload == {
        "summary": "delivery_overdue of EC-AMB-0017.",
        "severity": "critical",
        "source": "shipment/EC-AMB-0017",
        "timestamp": "2026-03-02T00:00:00Z",
        "component": "arrived/2",
        "group": "EC",
        "class": "delivery_overdue",
    }
    assert details["evidence"]["rule"] == "delivery_overdue"
    assert details["evidence"]["threshold"] == "PT24H"


@pytest.mark.parametrize("word", ACTIONS)
async def test_each_word_of_an_alert_has_its_action(word, pager, receiver):
    assert (await pager.take(saying(word))).outcome == "ok"
    (event,) = events(receiver)
    assert event["event_action"] == ACTIONS[word]
    if event["event_action"] != "trigger":
        assert event.keys() == {"routing_key", "event_action", "dedup_key"}


async def test_what_pagerduty_has_no_word_for_is_not_said(pager, receiver):
    assert (await pager.take(saying("noted"))).outcome == "ok"
    assert receiver.requests == []


async def test_the_life_of_an_alert_is_one_incident(pager, receiver):
    desk = Desk()
    desk.hear(delay())
    desk.wait()
    words = [delay(does="changed", seq=2, severity="critical"), delay(does="cleared", seq=3)]
    for word in [*words, None]:
        (said,) = desk.calls()
        await pager.take(said)
        desk.answer(said)
        if word is not None:
            desk.hear(word)
            desk.wait()
    actions = [event["event_action"] for event in events(receiver)]
    assert actions == ["trigger", "trigger", "resolve"]
    assert len({event["dedup_key"] for event in events(receiver)}) == 1


async def test_data_stewards_have_a_service_of_their_own(pager, receiver):
    await pager.take(call())
    await pager.take(call(name="conflict", milestone=None))
    assert [event["routing_key"] for event in events(receiver)] == [ROUTING_KEY, STEWARDS_KEY]


async def test_who_has_to_wait_for_one_service_does_not_for_the_other(pager, receiver):
    receiver.behaviours = [429]
    receiver.answer_headers = {"retry-after": "60"}
    stewards = call(name="conflict", milestone=None)
    outcomes = [(await pager.take(each)).outcome for each in (stewards, call(), stewards)]
    assert outcomes == ["retry", "ok", "retry"]
    assert len(receiver.requests) == 2


@pytest.mark.parametrize("character", ["x", "ñ", "🚑"])
async def test_a_summary_is_cut_between_characters(character, pager, receiver):
    await pager.take(saying("opened", sentence=character * 1500))
    (event,) = events(receiver)
    assert event["payload"]["summary"] == character * 1023 + "…"


async def test_of_a_large_event_the_largest_details_are_cut(pager, receiver):
    evidence = {"rule": "delivery_overdue", "events": [f"US-DHS-HSI/{n:09}" for n in range(40_000)]}
    said = saying("opened", evidence=evidence, items=["radio" * 3] * 20)
    assert (await pager.take(said)).outcome == "ok"
    (event,) = events(receiver)
    assert len(receiver.requests[0].body) <= 512 * 1024
    details = event["payload"]["custom_details"]
    assert details["left_out"] == ["evidence"]
    assert details["items"] == ["radio" * 3] * 20
    assert event["dedup_key"] == msgspec.json.decode(said.body)["data"]["alert_id"]
    assert event["payload"]["summary"] == "delivery_overdue of EC-AMB-0017."


async def test_a_digest_is_an_incident_of_its_country(pager, receiver):
    desk = Desk()
    desk.hear(delay(backlog=True))
    desk.wait(desk.policy.digest_after * 2)
    (said,) = desk.calls()
    assert (await pager.take(said)).outcome == "ok"
    payload = events(receiver)[0]["payload"]
    assert (payload["source"], payload["class"]) == ("country/EC", "backlog")
    assert payload["severity"] == "info"
    assert events(receiver)[0]["links"] == []


@pytest.mark.parametrize("data", [{"alert_id": ""}, {"alert_id": "x" * 256}, {"severity": "bad"}])
async def test_what_names_no_incident_is_refused(data, pager, receiver):
    answer = await pager.take(saying("opened", **data))
    assert answer.outcome == "refused"
    assert receiver.requests == []


async def test_an_audience_without_a_service_is_not_told(settings, receiver, clock):
    alone = settings.model_copy(update={"alerts_pagerduty_stewards_routing_key_file": None})
    answer = await SINKS["pagerduty"](alone, clock).take(call(name="conflict", milestone=None))
    assert (answer.outcome, answer.status) == ("refused", None)
    assert receiver.requests == []

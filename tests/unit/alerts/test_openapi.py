"""The checked-in document is the one that the models make, and tells what is answered."""

from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from schemas.topics import AUDIT
from services.alerts.history import History
from services.alerts.openapi import CHECKED_IN, document
from services.runtime.openapi import as_text
from tests.unit.alerts.desk import SECOND, Desk, delay
from tests.unit.alerts.people import People

ONE = f"/v1/alerts/{delay()['delay_id']}"


@pytest.fixture
def people(tmp_path: Path) -> People:
    """In front of alerts as alerts itself wrote them."""
    desk = Desk()
    desk.hear(delay(), delay("held", seq=2, hold_id="H1"))
    desk.wait(SECOND)
    desk.answer_all()
    desk.hear(delay("held", "cleared", seq=3, hold_id="H1"))
    people = People(tmp_path, *desk.alerts().values())
    people.history = History([each.value or b"" for each in desk.written(AUDIT.full_name)], True)
    return people


def check(instance: object, path: str, method: str, status: int) -> None:
    """The instance is what the document tells of that answer."""
    told: Mapping[str, Mapping[str, object]] = document()["paths"][path][method]["responses"]
    (content,) = told[str(status)]["content"].values()  # type: ignore[attr-defined]
    jsonschema.validate(instance, {**content["schema"], "components": document()["components"]})


def test_it_is_regenerated_byte_for_byte() -> None:
    assert CHECKED_IN.read_text(encoding="utf-8") == as_text(document())


def test_all_that_is_answered_is_told_and_nothing_else(people: People) -> None:
    health = {("/healthz", "get"), ("/readyz", "get")}
    told = {(path, method) for path, of in document()["paths"].items() for method in of}
    served = {
        (route.path, method.lower())
        for route in people.routes
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert told == served | health


def test_answers_are_what_it_tells(people: People) -> None:
    page, one = people.get("/v1/alerts").json(), people.get(ONE).json()
    assert (len(page["alerts"]), len(one["history"])) == (2, 5)
    check(page, "/v1/alerts", "get", 200)
    check(one, "/v1/alerts/{alert_id}", "get", 200)
    wrong = people.get("/v1/alerts?limit=0")
    check(wrong.json(), "/v1/alerts", "get", wrong.status_code)
    taken = people.post(f"{ONE}/acknowledge", {"note": "Asked the carrier."})
    check(taken.json(), "/v1/alerts/{alert_id}/acknowledge", "post", taken.status_code)
    assert people.get("/openapi.json").json() == document()

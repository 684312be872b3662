"""Personal data stays out: fields named after it, and addresses and numbers inside free text."""

import pytest

from schemas.personal import personal_field, personal_text
from schemas.refusals import RefusedEvent, event_of
from schemas.vocabulary import RefusalReason
from tests.unit.schemas.test_refusals import REBASELINED, REGISTERED

FIELDS = (
    "name first_name firstName LastName full-name driver_name contactName surname apellidos Nombre "
    "passport passport_no passportNumber date_of_birth dob e_mail email contact_email home_phone "
    "telephone mobile mobile_number cedula national_id ssn soldier-name"
)
HARMLESS = (
    "vessel_name ship_name port_name item_name filename colour driver mobile_unit custodian lines "
    "mailbox personnel birthing named owner_name id card_reader last_contact_at phonetic"
)


@pytest.mark.parametrize("field", FIELDS.split())
def test_a_field_that_is_named_after_a_persons_data_is_found_at_any_depth(field: str) -> None:
    assert personal_field({field: "x"}) == field
    assert personal_field({"lines": [{"line": 1}, {"by": {field: 7}}]}) == f"lines.by.{field}"
    assert personal_field({"parties": {"owner": "US-FBI", field: ["x"]}}) == f"parties.{field}"


@pytest.mark.parametrize("field", HARMLESS.split())
def test_a_field_of_a_thing_is_not(field: str) -> None:
    assert personal_field({field: "x", "more": [{field: {}}]}) is None


def test_the_name_of_a_place_is_in_the_contract_and_a_null_says_nothing() -> None:
    assert personal_field({"location": {"name": "Guayaquil"}, "first_name": None}) is None
    assert personal_field({"stop": {"location": {"name": "Quito"}}}) == "stop.location.name"


def test_a_hostile_name_is_told_short_and_in_one_line() -> None:
    found = personal_field({"a\nb " * 90: {"ssn": "x"}})
    assert found is not None
    assert len(found) <= 128
    assert found.isprintable()


PERSONAL = (
    "ask juan.perez@policia.gob.ec about it",
    "<j@fbi.gov>",
    "call +593 4 123 4567",
    "+1 (202) 555-0147",
    "+593991234567",
    "(202) 555-0147 after five",
    "202.555.0147",
    "her number is 0991234567",
    "tel: 223 4567",
    "Whatsapp 99 123 45 67",
)
IMPERSONAL = (
    "Port strike: agreed with the police on 19 February.",
    "replaced under US-EC-2026-030, container CSQU3054383, AWB 045-12345678",
    "SSCC 106141412345678908, TCN FB25160024X001XXX",
    "due 2026-03-15T19:00:00-05:00, was 2026-02-19",
    "10 200 300 rounds, 1,200,000 USD, lat -2.1894128, lon -79.8890662",
    "line 1: 40, line 2: 1150 of 1200; 0 lost",
    "40 @ 12.50 a piece",
    "Guayaquil, Gate 12-B 2345",
)


@pytest.mark.parametrize("text", PERSONAL)
def test_an_address_or_a_number_is_found_in_text(text: str) -> None:
    assert personal_text(text)
    place = {"location": {"country": "EC", "name": text}}
    for event, field in (
        ({**REBASELINED, "note": text}, "note"),
        ({**REGISTERED, **place}, "location.name"),
        ({**REGISTERED, **place, "mode": "boat", "publisher": 7}, "location.name"),
    ):
        with pytest.raises(RefusedEvent) as refused:
            event_of(event)
        refusal = refused.value.refusal
        assert (refusal.reason, refusal.field) == (RefusalReason.PERSONAL_DATA, field)
        assert text not in refusal.detail


@pytest.mark.parametrize("text", IMPERSONAL)
def test_the_numbers_of_the_trade_are_not(text: str) -> None:
    assert personal_text(text) is None
    assert event_of({**REBASELINED, "note": text}).type == "rebaselined"

"""Check digits and code lists."""

import pytest

from schemas.codes import COUNTRIES, UNITS, container_is_sound, sscc_is_sound


@pytest.mark.parametrize("code", ["106141412345678908", "340123450000000000"])
def test_a_sound_sscc(code: str) -> None:
    assert sscc_is_sound(code)


@pytest.mark.parametrize("code", ["CSQU3054383", "MSKU6011672", "TEXU3070079", "HLXU2008419"])
def test_a_sound_container(code: str) -> None:
    assert container_is_sound(code)


@pytest.mark.parametrize("place", range(18))
def test_any_changed_digit_unsounds_an_sscc(place: int) -> None:
    code = "106141412345678908"
    changed = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
    assert not sscc_is_sound(changed)


@pytest.mark.parametrize("place", range(4, 11))
def test_any_changed_digit_unsounds_a_container(place: int) -> None:
    code = "CSQU3054383"
    changed = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
    assert not container_is_sound(changed)


def test_the_code_lists() -> None:
    assert len(COUNTRIES) == 249
    assert {"EC", "US", "CI", "SS", "CD"} <= COUNTRIES
    assert not {"UK", "EU", "XX", "ZZ"} & COUNTRIES
    assert {"H87", "KGM", "TNE", "LTR", "MTR", "IE", "EA", "SET", "PR", "BX", "XBX"} <= UNITS
    assert not {"KG", "PCS", "EACH", "h87", ""} & UNITS
    assert all(1 < len(unit) <= 3 for unit in UNITS)

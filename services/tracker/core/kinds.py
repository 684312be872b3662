"""The catalogue of item kinds: the words for them. An unknown kind runs on the defaults."""

from typing import NamedTuple

from services.tracker.core.ledger import Number


class Kind(NamedTuple):
    """What one and many of an item are called."""

    one: str
    many: str


KINDS = {
    "ambulance": Kind("ambulance", "ambulances"),
    "cyber_team": Kind("cyber-security specialist", "cyber-security specialists"),
    "generator": Kind("generator", "generators"),
    "instructor": Kind("instructor", "instructors"),
    "interpreter": Kind("interpreter", "interpreters"),
    "logistics_vehicle": Kind("logistics vehicle", "logistics vehicles"),
    "mechanic": Kind("mechanic", "mechanics"),
    "medical_kit": Kind("medical kit", "medical kits"),
    "medical_team": Kind("medic", "medics"),
    "radio": Kind("radio", "radios"),
    "scanner": Kind("scanner", "scanners"),
    "trainer": Kind("trainer", "trainers"),
    "vest": Kind("bulletproof vest", "bulletproof vests"),
}


def words_for(item: str | None, quantity: Number) -> str:
    """What to call so many of an item."""
    if item is None:
        return "unit" if quantity == 1 else "units"
    known = KINDS.get(item)
    if known is None:
        plain = item.replace("_", " ")
        known = Kind(plain, plain)
    return known.one if quantity == 1 else known.many

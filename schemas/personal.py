"""What looks like a person's data: names of fields, and addresses and numbers inside free text.

The contract has no field for it, so whatever is refused here was never needed. A person's name
inside a note cannot be told from any other words: that stays the writer's duty.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_EVER: Final = """
    apellido apellidos birth birthdate birthday cedula celular correo dni dob email emails
    firstname forename forenames fullname givenname lastname nombres passport passports pasaporte
    phone phones ssn surname surnames telefono telefonos telephone username whatsapp
"""
_ALWAYS: Final = frozenset(_EVER.split())
"""Words that make any field personal: `home_phone`, `dateOfBirth`, `passport_no`."""

_BEARERS: Final = """
    agent captain commander consignee contact contacto courier doctor driver employee escort family
    first full given guard inspector instructor last legal maiden member middle officer operator
    passenger patient person pilot receiver recipient sender signatory signer soldier trainee
    trainer traveler traveller user
"""
_PERSONS: Final = frozenset(_BEARERS.split())
_NAMES: Final = frozenset({"name", "names", "nombre"})
"""A `name` alone is a person's, and that of one of these; that of a vessel or a port is not."""

_PHRASES: Final = (
    "mobile|mobile number|cell number|e mail|home address|personal id|national id|identity card"
    "|id card|social security number"
)
_WHOLE: Final = frozenset(tuple(phrase.split()) for phrase in _PHRASES.split("|"))
"""Names that are personal as they are, and harmless within longer ones."""

_PLACE: Final = "location.name"
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PARTS: Final = re.compile(r"[^\W_]+")

_EMAIL: Final = re.compile(r"[^\s@<>()]@[\w-]+(?:\.[\w-]+)+")
_PHONE: Final = re.compile(
    r"""
    \+[ ]?\(?\d(?:[ ().-]{0,2}\d){7,14}                   # +593 4 123 4567
    | (?<![\w-]) \(?\d{2,4}\)?[ .-]\d{3,4}[ .-]\d{4} (?![\w-])  # (555) 123-4567
    | (?<![\w-]) 0\d{8,10} (?![\w-])                      # 0991234567
    | \b(?:cel|cell|mobile|phone|tel|telf|telephone|teléfono|whatsapp)\b\W{0,3}\d[\d ().-]{4,}\d
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FEWEST_DIGITS: Final = 6
_SHOWN: Final = 128


def personal_text(text: str) -> str | None:
    """What of free text looks personal, in words; None where nothing does."""
    if "@" in text and _EMAIL.search(text):
        return "an e-mail address"
    digits = sum(map(str.isdigit, text))
    return "a telephone number" if digits >= _FEWEST_DIGITS and _PHONE.search(text) else None


def personal_field(raw: object) -> str | None:
    """The dotted name of the first field that looks personal and is not null, however deep."""
    found = next(_personal_fields(raw, ""), None)
    return found and "".join(char if char.isprintable() else "?" for char in found[:_SHOWN])


def _personal_fields(raw: object, path: str) -> Iterator[str]:
    if isinstance(raw, list):
        for entry in raw:
            yield from _personal_fields(entry, path)
    elif isinstance(raw, dict):
        for name, said in raw.items():
            full = f"{path}.{name}" if path else name
            if said is not None and full != _PLACE and _names_a_person(name[:_SHOWN]):
                yield full
            yield from _personal_fields(said, full)


@lru_cache(maxsize=1000)
def _names_a_person(field: str) -> bool:
    words = tuple(word.lower() for word in _PARTS.findall(_HUMP.sub("_", field)))
    if not words or words in _WHOLE or not _ALWAYS.isdisjoint(words):
        return bool(words)
    return words[-1] in _NAMES and (len(words) == 1 or not _PERSONS.isdisjoint(words[:-1]))

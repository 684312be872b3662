"""HTML and SVG as nested elements: whatever is not markup already is escaped."""

import re
from collections.abc import Iterable
from html import escape
from typing import Final

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EMPTY: Final = frozenset({"line", "meta", "rect"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def element(tag: str, /, *children: str, **attributes: str | float) -> Markup:
    """An element; an attribute's underscores are hyphens, but for a last one, which is dropped."""
    said = "".join(f' {_name(key)}="{_safe(str(value))}"' for key, value in attributes.items())
    if tag in _EMPTY and not children:
        return Markup(f"<{tag}{said}/>")
    return Markup(f"<{tag}{said}>{joined(children)}</{tag}>")


def joined(children: Iterable[str]) -> Markup:
    """One after the other."""
    return Markup("".join(c if isinstance(c, Markup) else _safe(c) for c in children))


def _name(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")


def _safe(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\ufffd", text))

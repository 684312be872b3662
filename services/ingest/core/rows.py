"""A batch cut into rows without understanding them: each keeps its bytes as they came."""

import re
from collections.abc import Iterator

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TOKEN = re.compile(_STRING + rb'|["\[\]{},]', re.DOTALL)
_SIGN = re.compile(rb"[\[\]{},]")
_SPACE = b" \t\r\n"
_DEPTH = 6
"""Levels of an event: itself, children, a child, its lines, a line, its serials."""
_OPENING = frozenset(b"[{")
_CLOSING = frozenset(b"]}")
_COMMA = ord(",")
_ARRAY_END = ord("]")


def _element() -> re.Pattern[bytes]:
    """An object or a list as an array's element, with what follows it; in time that is linear."""
    plain = rb'[^"\[\]{}]*+'
    flat = plain + rb"(?:" + _STRING + plain + rb")*+"
    inner = flat
    for _ in range(_DEPTH - 1):
        inner = flat + rb"(?:[\[{]" + inner + rb"[\]}]" + flat + rb")*+"
    space = rb"[ \t\r\n]*+"
    return re.compile(space + rb"([\[{]" + inner + rb"[\]}])" + space + rb"([,\]])", re.DOTALL)


_ELEMENT = _element()


class BrokenArrayError(ValueError):
    """The array does not end where the body ends, so its rows cannot be told apart."""


def rows_of_lines(body: bytes) -> Iterator[bytes]:
    """The lines of NDJSON; blank lines are no rows."""
    for line in body.split(b"\n"):
        stripped = line.removesuffix(b"\r")
        if stripped.strip(_SPACE):
            yield stripped


def is_array(body: bytes) -> bool:
    return body.lstrip(_SPACE).startswith(b"[")


def rows_of_array(body: bytes) -> Iterator[bytes]:
    """The elements of a JSON array as exact slices; an element may itself be broken.

    Raises BrokenArrayError, possibly after some rows, when brackets do not close or something
    follows the array.
    """
    start = body.index(b"[") + 1
    while (element := _ELEMENT.match(body, start)) is not None:
        start = element.end()
        if element[2] == b"]":
            _demand_end(_ARRAY_END, body[start:])
            yield element[1]
            return
        yield element[1]
    yield from _rows_by_tokens(body, start)


def _rows_by_tokens(body: bytes, start: int) -> Iterator[bytes]:
    """The elements from there on, whatever they are: numbers, texts, nothing, broken ones."""
    depth = 1
    for token in _tokens(body, start):
        sign = body[token.start()]
        depth += (sign in _OPENING) - (sign in _CLOSING)
        if depth == 1 and sign == _COMMA:
            yield body[start : token.start()].strip(_SPACE)
            start = token.end()
        elif depth == 0:
            _demand_end(sign, body[token.end() :])
            yield from _last_row(body[start : token.start()].strip(_SPACE), body[:start])
            return
    raise BrokenArrayError


def _tokens(body: bytes, start: int) -> Iterator[re.Match[bytes]]:
    """Strings and signs; after a quote that nothing ends, signs alone."""
    # No later quote is ended either: to look for it would cost the square of the body's length.
    for token in _TOKEN.finditer(body, start):
        if token[0] == b'"':
            yield from _SIGN.finditer(body, token.end())
            return
        yield token


def _last_row(row: bytes, before: bytes) -> Iterator[bytes]:
    empty_array = not row and before.strip(_SPACE) == b"["
    if not empty_array:
        yield row


def _demand_end(sign: int, rest: bytes) -> None:
    if sign != _ARRAY_END or rest.strip(_SPACE):
        raise BrokenArrayError

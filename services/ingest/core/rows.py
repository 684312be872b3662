"""A batch cut into rows without understanding them: each keeps its bytes as they came."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', re.DOTALL)
_SPACE = b" \t\r\n"
_OPENING = frozenset(b"[{")
_CLOSING = frozenset(b"]}")
_COMMA = ord(",")
_ARRAY_END = ord("]")


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
    depth, start = 0, 0
    for token in _TOKEN.finditer(body):
        sign = body[token.start()]
        depth += (sign in _OPENING) - (sign in _CLOSING)
        if depth == 1 and not start:
            start = token.end()
        elif depth == 1 and sign == _COMMA:
            yield body[start : token.start()].strip(_SPACE)
            start = token.end()
        elif depth == 0:
            _demand_end(sign, body[token.end() :])
            yield from _last_row(body[start : token.start()].strip(_SPACE), body[:start])
            return
    raise BrokenArrayError


def _last_row(row: bytes, before: bytes) -> Iterator[bytes]:
    empty_array = not row and before.strip(_SPACE) == b"["
    if not empty_array:
        yield row


def _demand_end(sign: int, rest: bytes) -> None:
    if sign != _ARRAY_END or rest.strip(_SPACE):
        raise BrokenArrayError

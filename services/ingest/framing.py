"""How a request's body is cut into rows: by its content type, and for JSON by its first sign."""

from enum import StrEnum
from itertools import islice

from starlette.requests import Request

from services.ingest.core.rows import BrokenArrayError, is_array, rows_of_array, rows_of_lines
from services.runtime.problems import Problem


class Framing(StrEnum):
    """The content types that are taken."""

    JSON = "application/json"
    NDJSON = "application/x-ndjson"


def framing_of(request: Request) -> Framing:
    """Raises Problem 415."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        return Framing(given)
    except ValueError:
        taken = " or ".join(Framing)
        raise Problem(
            415, "unknown_content_type", f"the content type is {taken}", close=True
        ) from None


def rows_of(body: bytes, framing: Framing, limit: int) -> list[bytes]:
    """The rows of a body; an array whose rows cannot be told apart is one.

    Raises Problem 400 or 413.
    """
    rows = _rows(body, framing, limit + 1)
    if len(rows) > limit:
        raise Problem(413, "too_many_rows", f"a batch has at most {limit} rows")
    if not rows:
        raise Problem(400, "empty_body", "there is no event in the body")
    return rows


def _rows(body: bytes, framing: Framing, most: int) -> list[bytes]:
    if framing is Framing.NDJSON:
        return list(islice(rows_of_lines(body), most))
    if not is_array(body):
        return [body] if body.strip() else []
    try:
        return list(islice(rows_of_array(body), most))
    except BrokenArrayError:
        return [body]

"""What is wrong with a request as a whole, as RFC 9457 problem details."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

PROBLEM_JSON: Final = "application/problem+json"
SOON: Final = timedelta(seconds=2)
"""After so long it is worth asking again."""


class Problem(Exception):  # noqa: N818 -- the word of RFC 9457
    """Ends a request with a status and a machine-readable code; outcomes of rows are not known."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        retry_after: timedelta | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        """The member of the body or the parameter of the query that is wrong."""
        self.headers = dict(_headers(status, retry_after, close=close))

    def response(self) -> Response:
        content: dict[str, object] = {
            "type": f"urn:chasqui:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.field is not None:
            content["field"] = self.field
        return Response(orjson.dumps(content), self.status, self.headers, PROBLEM_JSON)


def _headers(status: int, retry_after: timedelta | None, *, close: bool) -> Mapping[str, str]:
    headers = {}
    if retry_after is not None:
        headers["retry-after"] = str(max(1, -(-retry_after // timedelta(seconds=1))))
    if close:
        headers["connection"] = "close"
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Bearer realm="chasqui"'
    return headers


async def _answer_problem(_: Request, problem: Exception) -> Response:
    if not isinstance(problem, Problem):
        raise problem
    return problem.response()


async def _answer_http(_: Request, error: Exception) -> Response:
    """No such place, no such method."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    problem = Problem(status, status.name.lower(), error.detail)
    problem.headers.update(error.headers or {})
    return problem.response()


async def _answer_fault(_: Request, __: Exception) -> Response:
    """What nobody foresaw; what failed stands in the log only."""
    return Problem(500, "fault", "something here is broken; send the whole again later").response()


HANDLERS: Final[Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]]] = {
    Problem: _answer_problem,
    HTTPException: _answer_http,
    Exception: _answer_fault,
}
"""The exception handlers of an application that tells all that is wrong by problem details."""

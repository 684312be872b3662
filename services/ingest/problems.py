"""What is wrong with a request as a whole, as RFC 9457 problem details."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import Response

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):  # noqa: N818 -- the word of RFC 9457
    """Ends a request with a status; outcomes of rows are not known by it."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        retry_after: timedelta | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(_headers(status, retry_after, close=close))

    def response(self) -> Response:
        return _response(self.status, self.code, self.detail, self.headers)


def _headers(status: int, retry_after: timedelta | None, *, close: bool) -> Mapping[str, str]:
    headers = {}
    if retry_after is not None:
        headers["retry-after"] = str(max(1, -(-retry_after // timedelta(seconds=1))))
    if close:
        headers["connection"] = "close"
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Bearer realm="chasqui"'
    return headers


def _response(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    content = {
        "type": f"urn:chasqui:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return Response(orjson.dumps(content), status, dict(headers or {}), PROBLEM_JSON)


async def answer_problem(_: Request, problem: Exception) -> Response:
    """The exception handler of Problem."""
    if not isinstance(problem, Problem):
        raise problem
    return problem.response()


async def answer_fault(_: Request, __: Exception) -> Response:
    """The exception handler of what nobody foresaw; what failed stands in the log only."""
    return _response(500, "fault", "something here is broken; send the whole batch again later")

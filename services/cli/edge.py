"""The ingest edge as a client sees it: batches, sent again whole until their outcome is final."""

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from time import sleep
from typing import NamedTuple, Self

import httpx
from pydantic import BaseModel

from services.cli.errors import CommandError

BATCH_ROWS = 1000
BATCH_BYTES = 1024 * 1024
PATIENCE_SECONDS = 600.0
_TIMEOUT_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 30.0
_FINAL = {HTTPStatus.ACCEPTED, HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY}
_TRY_AGAIN = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


class RowAnswer(BaseModel):
    """What the edge says of one row."""

    row: int
    outcome: str
    event_id: str | None = None
    reason: str | None = None
    field: str | None = None
    detail: str | None = None


class BatchAnswer(BaseModel):
    """What the edge says of a batch."""

    accepted: int
    refused: int
    rows: tuple[RowAnswer, ...]


class Problem(NamedTuple):
    """Why a batch is not done yet, and how long the edge wants us to wait."""

    sentence: str
    retry_after_seconds: float | None


class Edge:
    """An ingest edge at `url`, spoken to under one source key."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._client = httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=_TIMEOUT_SECONDS
        )
        self._url = url
        self._patience = patience_seconds
        self._tell = tell

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, rows: Sequence[bytes]) -> BatchAnswer:
        """Send a batch until its outcome is final.

        CommandError when it is refused as a whole, or when patience ends.
        """
        waited, pause = 0.0, 0.5
        while True:
            answer = self._attempt(rows)
            if isinstance(answer, BatchAnswer):
                return answer
            if waited >= self._patience:
                advice = f"Gave up after {waited:.0f} s; run the same command again to go on."
                message = f"{answer.sentence} {advice}"
                raise CommandError(message)
            wait = answer.retry_after_seconds if answer.retry_after_seconds is not None else pause
            self._tell(f"{answer.sentence} Trying again in {wait:.0f} s.")
            sleep(wait)
            waited, pause = waited + max(wait, 0.1), min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _attempt(self, rows: Sequence[bytes]) -> BatchAnswer | Problem:
        try:
            response = self._client.post(
                "/v1/events",
                content=b"\n".join(rows),
                headers={"content-type": "application/x-ndjson"},
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            message = f"{self._url} is not a web address: {error}."
            raise CommandError(message) from error
        except httpx.TransportError as error:
            return Problem(f"{self._url} does not answer ({type(error).__name__}).", None)
        if response.status_code in _FINAL:
            return BatchAnswer.model_validate_json(response.content)
        if response.status_code in _TRY_AGAIN:
            return Problem(f"{self._url} is busy: {reason_of(response)}.", retry_after(response))
        if response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and len(rows) == 1:
            return _too_large(response)
        message = f"{self._url} refused the batch: {reason_of(response)}."
        raise CommandError(message)


def _too_large(response: httpx.Response) -> BatchAnswer:
    row = RowAnswer(row=1, outcome="refused", reason="too_large", detail=reason_of(response))
    return BatchAnswer(accepted=0, refused=1, rows=(row,))


def retry_after(response: httpx.Response) -> float | None:
    """The seconds that an answer asks to wait, where it does."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


def reason_of(response: httpx.Response) -> str:
    """What a problem document says, or the bare status."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    said = problem if isinstance(problem, dict) else {}
    words = said.get("detail") or said.get("title") or response.reason_phrase
    return f"{response.status_code} {words}".rstrip(".")


def batches(rows: Sequence[bytes]) -> Iterator[slice]:
    """Cut rows into batches that the edge takes, by number and by size."""
    start, size = 0, 0
    for index, row in enumerate(rows):
        full = index - start >= BATCH_ROWS or size + len(row) + 1 > BATCH_BYTES
        if full and index > start:
            yield slice(start, index)
            start, size = index, 0
        size += len(row) + 1
    if start < len(rows):
        yield slice(start, len(rows))

"""Requests to the outside: configured targets only, https, no redirects, short and bounded."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from ssl import SSLContext, create_default_context
from urllib.parse import unquote, urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, DummyCookieJar, TCPConnector
from yarl import URL

from schemas.vocabulary import SinkOutcome
from services.alerts.sinks.sink import Answer
from services.runtime.clock import Clock

LIMIT = timedelta(seconds=5)
"""For the whole exchange."""
_ANSWER_BYTES = 64 * 1024
_DETAIL_CHARS = 200
_HIDDEN = "[secret]"
_CONNECTIONS = 64
_HEADERS = {
    "content-type": "application/json",
    "user-agent": "chasqui",
    "accept-encoding": "identity",
}
_AGAIN = frozenset({408, 425, 429})
_ASKED_MOST = timedelta(days=1)
_WAITS_MOST = timedelta(hours=1)
"""No target keeps itself unheard for longer by what it says once."""


class UnsafeTargetError(ValueError):
    """A configured URL that nothing may be sent to."""


def safe_url(url: str, *, loopback: bool) -> str:
    """The URL without a trailing slash, if it is https, or where `loopback` allows it http to here.

    Raises UnsafeTargetError with a sentence that does not repeat the URL, which may hold a secret.
    """
    parts = urlsplit(url.strip())
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise UnsafeTargetError("a sink's URL names a host, no user, no password, no fragment")
    if parts.scheme == "http" and not (loopback and _is_loopback(parts.hostname)):
        raise UnsafeTargetError(
            "a sink's URL is https; http to 127.0.0.1 needs CHASQUI_ALERTS_ALLOW_LOOPBACK_HTTP=1"
        )
    if parts.scheme not in {"http", "https"}:
        raise UnsafeTargetError("a sink's URL is https")
    return url.strip().rstrip("/")


class Outbound:
    """An HTTP client that trusts nothing it is told."""

    def __init__(
        self, clock: Clock, ca_file: Path | None = None, secrets: Sequence[str] = ()
    ) -> None:
        """`ca_file` names authorities to trust besides the system's.

        `secrets` are in what is sent: a target that repeats them is not quoted.
        """
        self._clock = clock
        self._secrets = secrets
        self._waits: dict[tuple[str, str], datetime] = {}
        """Until when a target asked for silence, by its URL and line."""
        self._trust: SSLContext = create_default_context()
        if ca_file is not None:
            self._trust.load_verify_locations(ca_file)
        self._session: ClientSession | None = None
        """Made at the first request: it belongs to the event loop."""

    async def post(
        self, url: str, body: bytes, headers: dict[str, str], *, line: str = ""
    ) -> Answer:
        """The target's answer, or that there was none in time.

        A target that said Retry-After is not asked before, whatever there is to tell it; `line`
        names who has to wait where one URL has several customers.
        """
        until = self._waits.get((url, line))
        if until is not None and self._clock.wall() < until:
            return Answer("retry", detail="it asked for silence", retry_at=until)
        try:
            async with asyncio.timeout(LIMIT.total_seconds()):
                answer = await self._post(url, body, headers)
        except TimeoutError:
            return Answer("retry", detail="no answer in 5 s")
        except (ClientError, OSError) as error:
            # Never its text, which may hold the URL.
            return Answer("retry", detail=type(error).__name__)
        if answer.outcome == "retry" and answer.retry_at is not None:
            self._waits[url, line] = min(answer.retry_at, self._clock.wall() + _WAITS_MOST)
        return answer

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        target = URL(url, encoded=True)  # as it was configured, to the letter
        async with self._connected().post(
            target, data=body, headers=_HEADERS | headers, allow_redirects=False
        ) as response:
            text = await _beginning(response)
            outcome = outcome_of(response.status)
            detail = None if outcome == "ok" else self._quoted(text, url)
            retry_at = self._retry_at(response.headers.get("retry-after"))
            return Answer(outcome, response.status, detail, retry_at)

    def _connected(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(ssl=self._trust, limit=_CONNECTIONS),
                cookie_jar=DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session

    def _quoted(self, text: bytes, url: str) -> str:
        said = text.decode(errors="replace")
        # Who has no such page likes to say which: in a URL the path and the query may be secret.
        for secret in (*self._secrets, *_of_target(url)):
            said = said.replace(secret, _HIDDEN)
        return said[:_DETAIL_CHARS]

    def _retry_at(self, header: str | None) -> datetime | None:
        if header is None:
            return None
        if header.isascii() and header.isdigit():
            return self._clock.wall() + min(timedelta(seconds=int(header[:9])), _ASKED_MOST)
        now = self._clock.wall()
        try:
            at = parsedate_to_datetime(header)
            at = at.replace(tzinfo=at.tzinfo or UTC)
        except (ValueError, OverflowError):
            return None
        return None if at <= now else min(at, now + _ASKED_MOST)


def outcome_of(status: int) -> SinkOutcome:
    """What an HTTP status means: taken, to be tried again, or never to be taken."""
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own classes
        return "ok"
    return "retry" if status >= 500 or status in _AGAIN else "refused"  # noqa: PLR2004 - HTTP's own


def _of_target(url: str) -> list[str]:
    parts = urlsplit(url)
    return [said for said in (parts.path, unquote(parts.path), parts.query) if len(said) > 1]


async def _beginning(response: ClientResponse) -> bytes:
    text = b""
    while len(text) < _ANSWER_BYTES and (chunk := await response.content.readany()):
        text += chunk
    return text[:_ANSWER_BYTES]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

"""A request's body, bounded in size and time: endless streams and gzip bombs cost nothing."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import ClientDisconnect, Request

from services.runtime.problems import Problem

_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be, in bytes, and how long it may take."""

    sent: int
    unpacked: int
    within: timedelta


async def read_body(request: Request, limits: BodyLimits) -> bytes:
    """The body, unpacked. Raises Problem 400, 413 or 415."""
    packed = _is_packed(request)
    if _announced(request) > limits.sent and "expect" in request.headers:
        raise _too_large(limits.sent)
    chunks = request.stream()
    try:
        async with asyncio.timeout(limits.within.total_seconds()):
            sent = await _collect(chunks, limits.sent)
    except TimeoutError:
        raise _too_slow(limits.within) from None
    except ClientDisconnect:
        raise Problem(
            400, "body_cut_off", "the client went away within the body", close=True
        ) from None
    if sent is None:
        await _drain(chunks, limits.within)
        raise _too_large(limits.sent)
    return unpack_gzip(sent, limits.unpacked) if packed else sent


def _is_packed(request: Request) -> bool:
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise Problem(415, "unknown_coding", "the content coding is gzip or none")
    return coding == "gzip"


async def _collect(chunks: AsyncIterator[bytes], limit: int) -> bytes | None:
    """All chunks, or None as soon as they are more than the limit."""
    kept = bytearray()
    async for chunk in chunks:
        kept += chunk
        if len(kept) > limit:
            return None
    return bytes(kept)


async def _drain(chunks: AsyncIterator[bytes], within: timedelta) -> None:
    # Who still sends does not read: without this an honest client sees a reset and no answer.
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(within.total_seconds()):
            async for _ in chunks:
                pass


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", f"a body is at most {limit} bytes as sent", close=True)


def _too_slow(within: timedelta) -> Problem:
    seconds = f"{within.total_seconds():g}"
    return Problem(400, "body_too_slow", f"the body did not arrive within {seconds} s", close=True)


def unpack_gzip(packed: bytes, limit: int) -> bytes:
    """The bytes of one or more gzip members, at most `limit`. Raises Problem 400 or 413."""
    unpacked, rest = bytearray(), packed
    while rest:
        stream = zlib.decompressobj(_GZIP)
        try:
            unpacked += stream.decompress(rest, limit + 1 - len(unpacked))
        except zlib.error:
            raise Problem(400, "broken_gzip", "the body is not what gzip makes") from None
        if len(unpacked) > limit:
            raise Problem(413, "body_too_large", f"a body is at most {limit} bytes unpacked")
        if not stream.eof:
            raise Problem(400, "broken_gzip", "the gzip body ends too early")
        rest = stream.unused_data
    return bytes(unpacked)

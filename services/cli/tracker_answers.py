"""What the tracker answers over HTTP."""

from http import HTTPStatus

import httpx

from services.cli.edge import reason_of
from services.cli.errors import CommandError

_TIMEOUT_SECONDS = 30.0


def ask_tracker(url: str, path: str, unknown: str = "") -> httpx.Response:
    """Its answer; CommandError where it gives none, with `unknown` where it knows no such thing."""
    try:
        response = httpx.get(
            f"{url.rstrip('/')}/v1/{path}", timeout=_TIMEOUT_SECONDS, follow_redirects=True
        )
    except (httpx.TransportError, httpx.InvalidURL) as error:
        message = f"The tracker at {url} does not answer ({type(error).__name__})."
        raise CommandError(message) from error
    if response.status_code == HTTPStatus.NOT_FOUND and unknown:
        raise CommandError(unknown)
    if response.status_code != HTTPStatus.OK:
        raise CommandError(f"The tracker cannot tell: {reason_of(response)}.")
    return response

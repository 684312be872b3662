"""What the services answer people over HTTP."""

from collections.abc import Mapping
from http import HTTPStatus
from time import sleep
from typing import Final

import httpx

from services.cli.edge import reason_of, retry_after
from services.cli.errors import CommandError
from services.cli.rows import JsonObject

Parameters = Mapping[str, str | list[str]]

_TIMEOUT_SECONDS: Final = 30.0
_PATIENCE_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 1.0
_LEAST_SECONDS: Final = 0.1
_DONE: Final = {HTTPStatus.OK, HTTPStatus.ACCEPTED}


def ask_tracker(url: str, path: str, unknown: str = "") -> httpx.Response:
    """Its answer; CommandError where it gives none, with `unknown` where it knows no such thing."""
    request = httpx.Request("GET", _full(url, path))
    return _done("tracker", _sent("tracker", url, request), unknown)


class AlertsDesk:
    """The alerts service as people's tools see it, spoken to under one key."""

    def __init__(self, url: str, key: str, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        """What it cannot answer at the moment is asked again for so long."""
        self._url = url
        self._headers = {"authorization": f"Bearer {key}"}
        self._patience = patience_seconds

    def ask(self, path: str, parameters: Parameters, unknown: str = "") -> httpx.Response:
        """Its answer; CommandError where it gives none, with `unknown` where there is no such."""
        url = _full(self._url, path)
        request = httpx.Request("GET", url, params=dict(parameters), headers=self._headers)
        return self._answer(request, unknown)

    def say(self, path: str, said: JsonObject, unknown: str) -> httpx.Response:
        """Say something of an alert; it does no harm to say it twice. CommandError as in `ask`."""
        request = httpx.Request("POST", _full(self._url, path), json=said, headers=self._headers)
        return self._answer(request, unknown)

    def _answer(self, request: httpx.Request, unknown: str) -> httpx.Response:
        waited = 0.0
        while True:
            response = _sent("alerts service", self._url, request)
            later = response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
            if not later or waited >= self._patience:
                return _done("alerts service", response, unknown)
            wait = retry_after(response)
            wait = _PAUSE_SECONDS if wait is None else wait
            sleep(wait)
            waited += max(wait, _LEAST_SECONDS)


def _full(url: str, path: str) -> str:
    return f"{url.rstrip('/')}/v1/{path}"


def _sent(service: str, url: str, request: httpx.Request) -> httpx.Response:
    try:
        with httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=True) as client:
            return client.send(request)
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        message = f"The {service} at {url} does not answer ({type(error).__name__})."
        raise CommandError(message) from error


def _done(service: str, response: httpx.Response, unknown: str) -> httpx.Response:
    if response.status_code == HTTPStatus.NOT_FOUND and unknown:
        raise CommandError(unknown)
    if response.status_code not in _DONE:
        raise CommandError(f"The {service} cannot tell: {reason_of(response)}.")
    return response

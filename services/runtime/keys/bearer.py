"""Who speaks over HTTP: the holder of the key that a request brings."""

from starlette.requests import Request

from services.runtime.keys.file import Keyring
from services.runtime.keys.source import Source
from services.runtime.problems import Problem


def bearer(request: Request, keyring: Keyring) -> Source:
    """The holder of `Authorization: Bearer <key>`. Raises Problem 401."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        says = "a source's key is needed: Authorization: Bearer <key>"
        raise Problem(401, "no_key", says, close=True)
    source = keyring.holder(token.strip())
    if source is None:
        raise Problem(401, "unknown_key", "no source has this key", close=True)
    return source

"""A signed webhook, after the Standard Webhooks specification."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from services.alerts.core.delay import Audience
from services.alerts.settings import AlertsSettings, MissingSettingError
from services.alerts.sinks.outbound import Outbound, safe_url
from services.alerts.sinks.sink import Answer
from services.runtime.clock import Clock
from services.runtime.processor import Call

_PREFIX = "whsec_"
_SECRET_BYTES = range(24, 65)


class WeakSecretError(ValueError):
    """A secret that signs nothing."""


class Addressed(Struct, frozen=True):
    """Whom a message is for."""

    audience: Audience


class WebhookSink:
    """Posts each message, signed, to the URL of its audience."""

    def __init__(
        self,
        urls: Mapping[Audience, str],
        secrets: Sequence[bytes],
        outbound: Outbound,
        clock: Clock,
    ) -> None:
        """Every secret signs: one can be replaced while the receiver still knows the other."""
        self._urls = urls
        self._secrets = secrets
        self._outbound = outbound
        self._clock = clock

    async def take(self, call: Call) -> Answer:
        """Post it; the time in the signature is that of this try."""
        url = self._urls.get(msgspec.json.decode(call.body, type=Addressed).audience)
        if url is None:
            return Answer("refused", detail="no URL is configured for its audience")
        at = str(int(self._clock.wall().timestamp()))
        headers = {
            "webhook-id": call.call_id,
            "webhook-timestamp": at,
            "webhook-signature": signature(self._secrets, call.call_id, at, call.body),
        }
        return await self._outbound.post(url, call.body, headers)

    async def close(self) -> None:
        """Close its connections."""
        await self._outbound.close()


def signature(secrets: Sequence[bytes], number: str, at: str, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret."""
    signed = f"{number}.{at}.".encode() + body
    digests = (hmac.digest(secret, signed, hashlib.sha256) for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def read_secrets(path: Path) -> list[bytes]:
    """The secrets of a file, one a line: `whsec_` and base64 of 24 to 64 bytes; the newest first.

    Raises WeakSecretError, OSError.
    """
    lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    if not lines:
        raise WeakSecretError(f"{path} holds no secret")
    return [_secret(line, path) for line in lines]


def from_settings(settings: AlertsSettings, clock: Clock) -> WebhookSink:
    """The webhook of the settings.

    Raises MissingSettingError, UnsafeTargetError, WeakSecretError, OSError.
    """
    if settings.alerts_webhook_secret_file is None:
        raise MissingSettingError("the webhook needs CHASQUI_ALERTS_WEBHOOK_SECRET_FILE")
    urls = {
        audience: safe_url(url, loopback=settings.alerts_allow_loopback_http)
        for audience, url in settings.webhook_urls.items()
    }
    if not urls:
        raise MissingSettingError("the webhook needs CHASQUI_ALERTS_WEBHOOK_URL")
    secrets = read_secrets(settings.alerts_webhook_secret_file)
    return WebhookSink(urls, secrets, Outbound(clock, settings.alerts_ca_file), clock)


def _secret(line: str, path: Path) -> bytes:
    try:
        secret = base64.b64decode(line.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        secret = b""
    if not line.startswith(_PREFIX) or len(secret) not in _SECRET_BYTES:
        raise WeakSecretError(f"{path}: a secret is whsec_ and base64 of 24 to 64 bytes")
    return secret

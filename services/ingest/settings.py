"""What the two processes of ingest are told by their environment (prefix CHASQUI_)."""

from datetime import timedelta

from pydantic import Field

from services.runtime.settings import KeyedSettings


class HttpSettings(KeyedSettings):
    """Settings of the HTTP edge."""

    http_port: int = Field(default=8080, ge=0, le=65535)
    metrics_port: int = Field(default=9101, ge=0, le=65535)
    batch_rows: int = Field(default=1000, ge=1)
    batch_bytes: int = Field(default=1024 * 1024, ge=1)
    """Of a body as it is sent."""
    unpacked_bytes: int = Field(default=8 * 1024 * 1024, ge=1)
    """Of a body after gzip."""
    rows_per_second: float = Field(default=5000, gt=0)
    """Of one source, on the long run."""
    rows_at_once: float = Field(default=20_000, ge=1)
    """Of one source, in a burst."""
    requests_in_flight: int = Field(default=32, ge=1)
    """Of all sources; one more is told to come again."""
    drained_within: timedelta = timedelta(seconds=10)
    """How long open requests may take after SIGTERM."""


class KafkaSettings(KeyedSettings):
    """Settings of the process that admits field reports."""

    metrics_port: int = Field(default=9102, ge=0, le=65535)
    reports_at_once: int = Field(default=500, ge=1)

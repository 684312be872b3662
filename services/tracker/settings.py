"""What the tracker is told by its environment."""

from pydantic import Field

from services.runtime.settings import RuntimeSettings


class TrackerSettings(RuntimeSettings):
    """Settings of the tracker."""

    http_port: int = Field(default=8081, ge=0, le=65535)
    metrics_port: int = Field(default=9103, ge=0, le=65535)
    tracker_buried_events: int = Field(default=50_000, ge=1)
    """How many of the newest quarantined events can be asked for by name."""

"""What every process is told by its environment (prefix CHASQUI_)."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.runtime.clock import parse_clock
from services.runtime.failpoints import parse_failpoint


class RuntimeSettings(BaseSettings):
    """Settings shared by all services; each service adds its own in a subclass."""

    model_config = SettingsConfigDict(env_prefix="CHASQUI_", extra="ignore", frozen=True)

    kafka_bootstrap_servers: str = "127.0.0.1:9092"
    clock: str = "wall"
    partitions: int = Field(default=6, ge=1, le=1000)
    """Of every keyed topic; it never changes once the journal exists."""
    replication: int = Field(default=1, ge=1)
    state_dir: Path = Path("var")
    instance_id: str = ""
    """Name of this process among its group; empty: host name and the first free number."""
    session_timeout: timedelta = timedelta(seconds=10)
    """An instance that is silent for so long loses its partitions."""
    cached_keys: int = Field(default=50_000, ge=1)
    """Decoded states that a process keeps, shared evenly by its partitions."""
    failpoint: str = ""
    """For fault tests alone: where to end by kill -9; empty: nowhere."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """0 takes any free port."""
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=0, ge=0, le=65535)
    advertised_url: str = ""
    """Where other instances reach this one; empty: from http_host and http_port."""

    @field_validator("clock")
    @classmethod
    def _clock_is_known(cls, spec: str) -> str:
        parse_clock(spec)
        return spec

    @field_validator("failpoint")
    @classmethod
    def _failpoint_is_known(cls, spec: str) -> str:
        parse_failpoint(spec)
        return spec

    @property
    def url(self) -> str:
        return self.advertised_url or f"http://{self.http_host}:{self.http_port}"


class KeyedSettings(RuntimeSettings):
    """Settings of a service that knows its clients by their keys and writes what they say."""

    sources_file: Path | None = None
    """The keys and what each may do; absent: `sources.toml` in the state folder."""
    kafka_patience: timedelta = timedelta(seconds=5)
    """How long Kafka may take to acknowledge before a client is told to come again."""
    body_within: timedelta = timedelta(seconds=10)
    """How long a request's body may take to arrive."""

    @property
    def sources(self) -> Path:
        return self.sources_file or self.state_dir / "sources.toml"


def wrong_settings(error: ValidationError) -> str:
    """One sentence for each setting that is wrong, without its value, which may be a secret."""
    sentences = []
    for fault in error.errors(include_input=False):
        name = "_".join(map(str, fault["loc"])).upper()
        says = fault["msg"].removeprefix("Value error, ")
        sentences.append(f"CHASQUI_{name} is wrong: {says}.")
    return "\n".join(sentences)

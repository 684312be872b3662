"""The rules file: how long each thing may take before it is late, in layers."""

import tomllib
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from schemas.contract import Refusing
from schemas.texts import Identifier, Slug
from schemas.vocabulary import Mode, Reason


def _written(value: object) -> object:
    if not isinstance(value, str | timedelta):
        raise ValueError("a duration is a text, as PT24H or P7D")  # noqa: TRY004 - for pydantic
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(_written),
    Field(strict=False, ge=timedelta(0), le=timedelta(days=3650)),
]
"""ISO 8601, as PT24H or P7D."""
Share = Annotated[int, Field(ge=1, le=1000)]


Times = Annotated[int, Field(ge=1, le=100)]


class LimitsLayer(Refusing):
    """The limits that one layer sets; what it leaves out is as in the layer below."""

    grace: Duration | None = None
    """After due: never_departed, milestone_overdue, delivery_overdue."""
    departure_critical: Duration | None = None
    """After due: never_departed is critical then, or after the publisher's lag if that is more."""
    lag: Duration | None = None
    """A publisher's reporting lag until it is learnt. So long after due an overdue delivery is
    likely late where past silences do not tell, and after it none newly is."""
    publisher_silent_times: Times | None = None
    """A publisher is silent after so many of its usual intervals."""
    publisher_silent: Duration | None = None
    """At the earliest after so long."""
    tolerance: Duration | None = None
    """An estimate may be so far beyond due: eta_slip."""
    slip_step: Duration | None = None
    """Each further so much of a slip is told."""
    dwell: Duration | None = None
    dwell_waterborne: Duration | None = None
    """Where that or the next leg is by sea or inland water."""
    held: Duration | None = None
    held_reasons: dict[Reason, Duration] | None = None
    """Holds with a limit of their own; all other reasons have `held`."""
    held_critical: Duration | None = None
    silent: Duration | None = None
    silent_at_sea: Duration | None = None
    """At sea, where nobody said until when silence is expected."""
    partial: Duration | None = None
    """After the last partial hand-over without a due moment: short_delivery."""
    serious_share: Share | None = None
    """One part in so many of a line makes a discrepancy critical: 10 is 10 %."""
    verification: Duration | None = None
    """After delivery: unverified_delivery."""
    no_show: Duration | None = None
    overstay: Duration | None = None
    unplanned: Duration | None = None
    coverage: Duration | None = None
    """Before the due moment of a promise: commitment_uncovered."""
    backlog: Duration | None = None
    """What was late longer before the first record belongs to the backlog of a first start."""


class RulesFile(Refusing):
    """A rules file: the limits by default, by mode, by item and by commitment.

    Of one movement count the default, then its mode, then its items (of several the strictest of
    each limit), then its commitment.
    """

    version: Identifier
    """What alerts name as the rules they rest on."""
    default: LimitsLayer = LimitsLayer()
    mode: dict[Mode, LimitsLayer] = Field(default_factory=dict)
    item: dict[Slug, LimitsLayer] = Field(default_factory=dict)
    commitment: dict[Identifier, LimitsLayer] = Field(default_factory=dict)


MOST_BYTES: Final = 256 * 1024
"""Of a rules file."""


def parse_rules(text: str) -> RulesFile:
    """Read a rules file.

    Raises:
        ValueError: it is too long, not TOML, or not a rules file; it says where and why.
    """
    if len(text.encode()) > MOST_BYTES:
        raise ValueError(f"a rules file has at most {MOST_BYTES} bytes")
    return RulesFile.model_validate(tomllib.loads(text))

"""A token bucket: how much one source may send."""

from dataclasses import dataclass


@dataclass(slots=True)
class TokenBucket:
    """Tokens refilled at `rate` a second up to `burst`; a batch may leave a debt for the next one.

    Moments are seconds of any steady clock.
    """

    rate: float
    burst: float
    tokens: float
    filled_at: float

    @classmethod
    def full(cls, rate: float, burst: float, at: float) -> "TokenBucket":
        return cls(rate, burst, burst, at)

    def wait(self, at: float) -> float:
        """Seconds until something may be sent; 0 when it may be sent now."""
        self.tokens = min(self.burst, self.tokens + max(0.0, at - self.filled_at) * self.rate)
        self.filled_at = at
        return 0.0 if self.tokens > 0 else (1 - self.tokens) / self.rate

    def spend(self, tokens: int) -> None:
        self.tokens -= tokens

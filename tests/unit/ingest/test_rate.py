"""A source may send so much, and is told how long to wait."""

from services.ingest.core.rate import TokenBucket


def test_a_full_bucket_lets_a_burst_through_and_then_asks_to_wait() -> None:
    bucket = TokenBucket.full(rate=10, burst=20, at=100.0)
    assert bucket.wait(100.0) == 0
    bucket.spend(20)
    assert bucket.wait(100.0) == 0.1
    assert bucket.wait(100.1) == 0


def test_a_large_batch_leaves_a_debt() -> None:
    bucket = TokenBucket.full(rate=10, burst=20, at=0.0)
    bucket.spend(70)
    assert bucket.wait(0.0) == 5.1
    assert bucket.wait(5.1) == 0


def test_it_never_holds_more_than_its_burst_and_no_time_runs_backwards() -> None:
    bucket = TokenBucket.full(rate=10, burst=20, at=50.0)
    bucket.wait(9_000.0)
    assert bucket.tokens == 20
    bucket.spend(20)
    bucket.wait(8_000.0)
    assert bucket.tokens == 0

"""The rate of one key: the documented one, and what the vendor's answers say."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from conscope_app.sources.adapter import Allowance
from conscope_app.sources.polling.bucket import UNTOLD_RESET_S, TokenBucket

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@given(waits=st.lists(st.floats(0, 3), max_size=60), per_second=st.sampled_from([0.5, 2, 5, 7]))
def test_no_second_holds_more_than_the_vendor_allows(waits: list[float], per_second: float) -> None:
    """However the requests come: each goes out when the bucket says so, and no sooner."""
    bucket, now, sent = TokenBucket(per_second, NOON), NOON, list[datetime]()
    for wait in waits:
        now = max(now + wait * SECOND, bucket.ready_at(now))
        bucket.take(now)
        sent.append(now)

    most = max(1.0, per_second)
    assert all(sum(at <= each < at + SECOND for each in sent) <= most for at in sent)


def test_an_allowance_that_is_used_up_closes_the_bucket_until_it_begins_anew() -> None:
    """As the vendor says it, and counting what was sent since."""
    bucket, resets_at = TokenBucket(5, NOON), NOON + timedelta(hours=3)
    bucket.hear(Allowance(1, resets_at), NOON)
    later = NOON + SECOND
    assert bucket.ready_at(later) <= later

    bucket.take(later)

    assert bucket.ready_at(later) == resets_at
    assert bucket.left(resets_at) is None


def test_an_allowance_without_an_end_counts_for_a_minute() -> None:
    """Nothing left, and no word until when, is not for ever."""
    bucket = TokenBucket(5, NOON)
    bucket.hear(Allowance(0), NOON)

    assert bucket.ready_at(NOON) == NOON + timedelta(seconds=UNTOLD_RESET_S)


def test_it_is_closed_for_as_long_as_the_vendor_asks() -> None:
    """The longest of all that was asked for."""
    bucket = TokenBucket(5, NOON)
    bucket.close(NOON + timedelta(minutes=9))
    bucket.close(NOON + timedelta(minutes=2))

    assert bucket.ready_at(NOON) == NOON + timedelta(minutes=9)

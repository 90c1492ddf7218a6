"""What an answer means, by its status and headers."""

from datetime import timedelta

import pytest

from conscope_app.sources.adapter import Request
from conscope_app.sources.polling.answers import Failed, judge
from tests.sources.polling.adapters import NOON, SmallAdapter, an_answer

ASKED = Request("/all")


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("", id="empty"),
        pytest.param("soon", id="a word"),
        pytest.param("Mon, 01 Jan 99999999999 00:00:00 GMT", id="a year beyond integers"),
        pytest.param("1 Jan 2026 99999999999999999999:0:0 GMT", id="an hour beyond integers"),
        pytest.param("Mon, 01 Jan 2026 00:00:00 +99999999999999999999", id="a zone beyond them"),
        pytest.param("\xb2", id="a digit of another kind"),
    ],
)
def test_a_retry_after_that_says_nothing_is_passed_over(said: str) -> None:
    outcome = judge(SmallAdapter(), ASKED, an_answer(status=503, **{"retry-after": said}))

    assert isinstance(outcome, Failed)
    assert outcome.not_before is None


@pytest.mark.parametrize("said", ["999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_no_retry_after_closes_a_source_for_longer_than_a_day(said: str) -> None:
    outcome = judge(SmallAdapter(), ASKED, an_answer(status=503, **{"retry-after": said}))

    assert isinstance(outcome, Failed)
    assert outcome.not_before == NOON + timedelta(days=1)

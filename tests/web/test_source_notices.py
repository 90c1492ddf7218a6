"""What is said on pages of sources that are not well."""

import pytest

from conscope_app.store.sources.standings import SourceStanding
from tests.web.reports import NOW
from web.schema import Notice
from web.source_notices import source_notices


def standing(health: str | None, worker: str | None = "w") -> SourceStanding:
    return SourceStanding("seatgeek", health, "the reason", NOW, told=False, worker=worker)


def test_what_is_unhealthy_is_said_with_since_when_and_what_it_means() -> None:
    """So that nobody takes silence for a quiet market."""
    [notice] = source_notices([standing("short")], {"seatgeek"})

    assert notice == Notice(
        "source_unhealthy",
        "warning",
        "seatgeek is short of its usual count",
        "Since 2026-03-01 14:03:22 UTC: the reason. What is shown of it may be old.",
    )


@pytest.mark.parametrize(
    ("known", "configured", "codes"),
    [
        pytest.param([standing("healthy")], {"seatgeek"}, [], id="healthy"),
        pytest.param([standing(None)], {"seatgeek"}, [], id="not polled yet"),
        pytest.param([standing("failing")], (), ["source_unhealthy"], id="another's settings"),
        pytest.param([standing("failing", None)], (), [], id="nobody asks for it any more"),
        pytest.param(
            [standing("healthy", None)], {"seatgeek"}, ["source_not_polled"], id="nobody polls it"
        ),
        pytest.param([], {"seatgeek"}, ["source_not_polled"], id="nobody ever did"),
    ],
)
def test_each_is_said_where_somebody_should_look(
    known: list[SourceStanding], configured: set[str], codes: list[str]
) -> None:
    assert [each.code for each in source_notices(known, configured)] == codes


def test_a_key_that_is_not_accepted_is_the_worst() -> None:
    [notice] = source_notices([standing("not authorised")], ())

    assert (notice.level, notice.title) == ("danger", "seatgeek does not accept our key")

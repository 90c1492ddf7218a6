"""The judges of watches: each must say so when something is missing, doubled or wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.entries import Entry, Said, begun, followed
from conscope_app.alerting.watches.verdicts import Verdict
from tests.chaos.watches.decisions import compare_decisions
from tests.chaos.watches.findings import Findings
from tests.chaos.watches.forwarded import Price, compare_forwarded
from tests.chaos.watches.stored import (
    Queued,
    compare_entries,
    compare_episodes,
    episodes_of,
)
from tests.chaos.watches.told import DueEpisode, Message, Shown, judge_told, shown_in

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHANNELS = {"w": ("default",)}


def decided(verdict: Verdict, price: int | None, place: int, episode: str = "e1") -> Decision:
    return Decision(
        verdict=verdict,
        episode=episode,
        watch_id="w",
        watch_version=1,
        subject="opera",
        items=() if price is None else ("A-1",),
        labels={"row": "A"},
        price=None if price is None else Decimal(price),
        was=None,
        currency="USD",
        basis="all_in",
        at=NOON + timedelta(seconds=place),
        place=place,
        reason=f"{price} is low enough",
    )


RAISED = decided(Verdict.RAISED, 90, 1)
UPDATED = decided(Verdict.UPDATED, 80, 2)
OVER = decided(Verdict.OVER, None, 3)
ALL = [RAISED, UPDATED, OVER]


def counts(findings: Findings) -> tuple[int, int, int]:
    return findings.missing, findings.doubled, findings.wrong


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(ALL, (0, 0, 0), id="all as it has to be"),
        pytest.param([RAISED, OVER], (1, 0, 0), id="missing"),
        pytest.param([RAISED, UPDATED, UPDATED, OVER], (0, 1, 0), id="doubled"),
        pytest.param([RAISED, OVER, UPDATED], (0, 0, 1), id="in another order"),
        pytest.param([*ALL, decided(Verdict.RAISED, 70, 9)], (0, 0, 1), id="nobody's"),
        pytest.param(
            [msgspec.structs.replace(RAISED, price=Decimal(91)), UPDATED, OVER],
            (0, 0, 1),
            id="at another price",
        ),
    ],
)
def test_decisions(found: list[Decision], expected: tuple[int, int, int]) -> None:
    assert counts(compare_decisions(ALL, found)) == expected


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({}, "", id="as it was decided"),
        pytest.param({"price": Decimal(90)}, "price is", id="an update that was not written"),
        pytest.param({"over_at": None}, "over_at is None", id="an end that was not written"),
        pytest.param({"reason": "why not"}, "reason is 'why not'", id="another reason"),
    ],
)
def test_rows_of_episodes(changed: dict[str, Any], said: str) -> None:
    due = episodes_of(ALL)
    row = msgspec.structs.replace(due["e1"], **changed)

    findings = compare_episodes(due, [row])

    assert findings.wrong == bool(changed)
    assert said in findings.sentence


def test_a_row_that_is_missing_and_one_that_nobody_decided() -> None:
    due = episodes_of(ALL)
    stranger = msgspec.structs.replace(due["e1"], episode="e2")

    assert counts(compare_episodes(due, [stranger])) == (1, 0, 1)


def queued(entry: Entry | None, **flags: bool) -> Queued:
    values = {"waiting": False, "finished": False, "refused": False, **flags}
    return Queued("default", "e1", entry, **values)


def told(entry: Entry, price: int, *, over: bool = False) -> Entry:
    return msgspec.structs.replace(entry, said=Said("m", Decimal(price), over, NOON))


BEGUN = begun(RAISED)
LOWER = followed(BEGUN, UPDATED)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param(queued(told(LOWER, 80)), "", id="told as it is"),
        pytest.param(queued(told(LOWER, 90)), "it was told at 90", id="told as it was"),
        pytest.param(queued(told(BEGUN, 90)), "it is at 90", id="a decision that was left out"),
        pytest.param(queued(LOWER), "nothing of it has been said", id="not told"),
        pytest.param(queued(LOWER, waiting=True), "it waits", id="waiting"),
        pytest.param(queued(LOWER, refused=True), "it was refused", id="refused"),
        pytest.param(queued(None, finished=True), "finished, and not over", id="forgotten"),
    ],
)
def test_queues_of_what_is_raised(row: Queued, said: str) -> None:
    findings = compare_entries(episodes_of([RAISED, UPDATED]), CHANNELS, [row])

    assert findings.wrong == bool(said)
    assert said in findings.sentence


def test_queues_of_what_is_over() -> None:
    due = episodes_of(ALL)
    over = followed(LOWER, OVER)

    assert compare_entries(due, CHANNELS, [queued(None, finished=True)]).clean
    assert compare_entries(due, CHANNELS, [queued(told(over, 80, over=True))]).clean
    assert compare_entries(due, CHANNELS, [queued(told(over, 80))]).wrong == 1
    assert compare_entries(due, CHANNELS, []).missing == 1


def price(offset: int, event: str = "opera", at: float = 0.0, value: bytes = b"{}") -> Price:
    return Price(f"raw_prices-0-{offset}", event, value, at)


@pytest.mark.parametrize(
    ("watched", "expected"),
    [
        pytest.param([price(1), price(2)], (0, 0, 0), id="all of them"),
        pytest.param([price(2)], (1, 0, 0), id="missing"),
        pytest.param([price(1), price(2), price(2)], (0, 1, 0), id="doubled"),
        pytest.param([price(2), price(1)], (0, 0, 1), id="in another order"),
        pytest.param([price(1), price(2, value=b"{ }")], (0, 0, 1), id="changed"),
        pytest.param([price(1), price(2), price(3)], (0, 0, 1), id="not processed"),
    ],
)
def test_forwarded_prices(watched: list[Price], expected: tuple[int, int, int]) -> None:
    findings = compare_forwarded([price(1), price(2)], watched, lambda _event: 0)

    assert counts(findings) == expected


def test_prices_before_their_event_was_watched() -> None:
    """They need not be there, and may be there as the newest of the history; later ones must."""
    processed = [price(1, at=1), price(2, at=2), price(3, at=9)]

    def after_five(_event: str) -> float:
        return 5.0

    assert compare_forwarded(processed, [price(3)], after_five).clean
    assert compare_forwarded(processed, [price(2), price(2), price(3)], after_five).clean
    assert compare_forwarded(processed, [price(2)], after_five).missing == 1
    assert compare_forwarded(processed, [price(3), price(3)], after_five).doubled == 1
    assert compare_forwarded(processed, [], lambda _event: None).clean


CHEAP, GONE = Shown(Decimal(80), over=False), Shown(Decimal(80), over=True)


def message(number: int, says: Shown = GONE, said: Shown = CHEAP, episode: str = "e1") -> Message:
    return Message(f"m{number}", float(number), {episode: said}, {episode: says})


DUE = DueEpisode("e1", GONE)


def test_one_message_that_says_how_it_stands() -> None:
    heard = judge_told([DUE], [message(1)], [])

    assert heard.findings.clean
    assert (heard.told, heard.repeats, heard.unexplained) == (1, 0, 0)


def test_an_episode_that_is_announced_twice() -> None:
    """A kill between the two explains it, if the second one says how it stands."""
    twice = [message(1, says=CHEAP), message(5)]

    heard = judge_told([DUE], twice, [])
    assert (heard.findings.doubled, heard.unexplained) == (1, 1)
    heard = judge_told([DUE], twice, [2.0])
    assert (heard.findings.doubled, heard.repeats, heard.unexplained) == (1, 1, 0)
    assert judge_told([DUE], [message(1), message(5, says=CHEAP)], [2.0]).findings.wrong == 1


def test_an_episode_whose_message_was_not_edited() -> None:
    assert judge_told([DUE], [message(1, says=CHEAP)], []).findings.wrong == 1
    higher = Shown(Decimal(90), over=True)
    assert judge_told([DUE], [message(1, says=higher)], []).findings.wrong == 1


def test_an_episode_that_was_never_told() -> None:
    """It may be left out if it is over, and that is how its watch wants it."""
    assert judge_told([DUE], [], []).findings.missing == 1
    over_before = replace(DUE, may_be_left_out=True)
    assert judge_told([over_before], [], []).findings.clean
    assert judge_told([over_before], [], []).left_out == 1
    assert judge_told([replace(over_before, last=CHEAP)], [], []).findings.missing == 1


def test_an_episode_that_nobody_decided() -> None:
    assert judge_told([DUE], [message(1), message(2, episode="e2")], []).findings.wrong == 1


def test_digests_tell_what_has_changed() -> None:
    """In a message of its own; the same twice is a repetition there too."""
    digested = replace(DUE, in_digests=True)
    first, then = message(1, says=CHEAP), message(2, said=GONE)

    assert judge_told([digested], [first, then], []).repeats == 0
    assert judge_told([digested], [first, then, replace(then, id="m3")], []).unexplained == 1


def test_what_an_embed_says() -> None:
    embed = {
        "title": "✅ Over: Opera",
        "fields": [{"name": "Last price", "value": "$1,190.00 → $1,080.50 \\(all in\\)"}],
        "footer": {"text": "ConScope · e1"},
    }

    assert shown_in({"embeds": [embed]}) == {"e1": Shown(Decimal("1080.50"), over=True)}

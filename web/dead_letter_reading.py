"""Dead letters for who looks at them: one look at Kafka at a time, and never for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus

from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from faust.web import Request

from conscope_app import app
from conscope_app.core.clock import from_epoch_ms
from conscope_app.core.ids import RecordId
from conscope_app.core.printable import printable
from conscope_app.stream.letter_replay import Interrupted, LetterReplay, Replayed
from conscope_app.stream.newest_letters import Bounds, Glimpse, NewestLetters
from conscope_app.topics.tickets import DEAD_LETTERS, RAW_PRICES
from web.cursors import cursor_of, position_of
from web.operations_schema import Letter, Letters
from web.problems import Problem

MOST_SHOWN = 50
MOST_REPLAYED = 100
MOST_CHARACTERS = 2_000  # of a value; what is shown of anything else is shorter
_MOST_OF_A_NAME = 200

BOUNDS = Bounds()

# Longer than a look may take: whoever waits behind one other is answered.
_WAIT_S = 2 * BOUNDS.seconds

_turn = asyncio.Lock()


async def newest_letters(request: Request) -> Letters:
    """The letters that `reason` and `after` of the request ask for."""
    after = request.query.get("after")
    place = None if after is None else position_of(after, tuple[int, int, int])
    partitions = range(app.settings.partitions)
    async with _one_at_a_time():
        letters = NewestLetters(app.settings.brokers, DEAD_LETTERS.name, partitions, BOUNDS)
        async with letters:
            shown = await _shown(letters, request.query.get("reason") or None, place)
    behind = cursor_of(shown[MOST_SHOWN - 1].place) if len(shown) > MOST_SHOWN else None
    return Letters(
        as_of=app.services.clock(),
        letters=[_letter(each) for each in shown[:MOST_SHOWN]],
        next=behind,
        looked_at=letters.looked_at,
        is_complete=letters.is_complete or behind is not None,
    )


async def send_back(origins: list[RecordId], *, again: bool) -> Replayed:
    """Send the letters of these origins back to where they came from, each in one transaction."""
    async with _one_at_a_time():
        replay = LetterReplay(app.settings.brokers, RAW_PRICES.name, DEAD_LETTERS.name, BOUNDS)
        return await replay.send_back(origins, again=again)


async def _shown(
    letters: NewestLetters, reason: str | None, after: tuple[int, int, int] | None
) -> list[Glimpse]:
    """One more than is shown, where there are more."""
    shown: list[Glimpse] = []
    async with aclosing(letters.newest_first()) as newest_first:
        async for glimpse in newest_first:
            if after is not None and glimpse.place >= after:
                continue
            if reason is None or glimpse.letter.reason == reason:
                shown.append(glimpse)
            if len(shown) > MOST_SHOWN:
                break
    return shown


@asynccontextmanager
async def _one_at_a_time() -> AsyncIterator[None]:
    """Wait for the turn, and turn what Kafka says into what a person is told."""
    try:
        async with asyncio.timeout(_WAIT_S):
            await _turn.acquire()
    except TimeoutError:
        busy = "Others look at the dead letters right now; one goes at a time."
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, busy) from None
    try:
        yield
    except Interrupted as interrupted:
        sent = f"{len(interrupted.sent)} were sent back, the others were not; ask again"
        detail = f"It was interrupted: {sent}. {_said(interrupted.__cause__)}"
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail) from interrupted
    except (KafkaError, OSError, TimeoutError) as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, _said(error)) from error
    finally:
        _turn.release()


def _said(error: BaseException | None) -> str:
    if isinstance(error, ProducerFenced | InvalidProducerEpoch):
        return "Somebody else has begun to replay dead letters."
    where = app.settings.brokers.where
    if isinstance(error, TimeoutError):
        return f"Kafka at {where} does not answer in time."
    return f"Kafka at {where} cannot be worked with: {error}."


def _letter(glimpse: Glimpse) -> Letter:
    letter = glimpse.letter
    return Letter(
        id=str(letter.origin),
        at=from_epoch_ms(glimpse.timestamp),
        reason=letter.reason[:_MOST_OF_A_NAME],
        message=letter.message[:MOST_CHARACTERS],
        agent=letter.connector[:_MOST_OF_A_NAME],
        stage=letter.stage[:_MOST_OF_A_NAME],
        topic=letter.origin.topic,
        partition=letter.origin.partition,
        offset=letter.origin.offset,
        lies_at=f"{DEAD_LETTERS.name}-{glimpse.partition}-{glimpse.offset}",
        replayed=glimpse.replayed,
        cut=letter.cut,
        value=None if glimpse.value is None else _text_of(glimpse.value),
        size=glimpse.size,
    )


def _text_of(value: bytes) -> str:
    """The beginning of a value as one line of harmless text."""
    text = printable(value.decode("utf-8", "backslashreplace"))
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"

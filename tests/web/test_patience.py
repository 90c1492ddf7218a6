"""Asking something slow on behalf of many."""

import asyncio

import pytest

from web.patience import Asked, Unanswered


class Question:
    """A question that is answered when the test says so, on a clock that the test moves."""

    def __init__(self) -> None:
        self.asked = 0
        self.now = 100.0
        self.replies: asyncio.Queue[str | Exception] = asyncio.Queue()

    async def ask(self) -> str:
        self.asked += 1
        reply = await self.replies.get()
        if isinstance(reply, Exception):
            raise reply
        return reply

    def patient(self) -> Asked[str]:
        return Asked(self.ask, patience_s=0.01, monotonic=lambda: self.now)


async def test_many_who_ask_at_once_ask_once() -> None:
    """The question is under way once."""
    question = Question()
    asked = question.patient()
    question.replies.put_nowait("yes")

    answers = await asyncio.gather(*(asked.get() for _ in range(20)))

    assert set(answers) == {"yes"}
    assert question.asked == 1


async def test_a_fresh_answer_is_given_from_memory() -> None:
    """A second later it is asked for again."""
    question = Question()
    asked = question.patient()
    question.replies.put_nowait("first")
    question.replies.put_nowait("second")

    assert await asked.get() == "first"
    question.now += 0.9
    assert await asked.get() == "first"
    question.now += 0.2
    assert await asked.get() == "second"


async def test_a_question_without_an_answer_is_not_waited_for() -> None:
    """Unanswered after the patience, and at once while the same question still hangs."""
    question = Question()
    asked = question.patient()

    with pytest.raises(Unanswered):
        await asked.get()
    question.now += 30
    with pytest.raises(Unanswered, match="No answer for 30 s"):
        await asked.get()

    assert question.asked == 1
    question.replies.put_nowait("late")  # lets the question end


async def test_the_last_answer_stands_in_while_the_next_is_late() -> None:
    """For a few seconds; then it is too old to show."""
    question = Question()
    asked = question.patient()
    question.replies.put_nowait("known")
    assert await asked.get() == "known"

    question.now += 2
    assert await asked.get() == "known"
    question.now += 4
    with pytest.raises(Unanswered):
        await asked.get()
    question.replies.put_nowait("late")


async def test_a_failure_is_remembered_as_long_as_an_answer() -> None:
    """A database that is away is not asked by every request."""
    question = Question()
    asked = question.patient()
    question.replies.put_nowait(Unanswered("away"))
    question.replies.put_nowait("back")

    for _ in range(3):
        with pytest.raises(Unanswered, match="away"):
            await asked.get()
    assert question.asked == 1

    question.now += 1.1
    assert await asked.get() == "back"


async def test_a_defect_is_not_taken_for_an_absence() -> None:
    """Only Unanswered is for the page; anything else comes through as it is."""
    question = Question()
    question.replies.put_nowait(KeyError("a bug"))

    with pytest.raises(KeyError):
        await question.patient().get()

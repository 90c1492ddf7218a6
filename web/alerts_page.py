"""What the pages of alerts have in common: how they read, what they refuse, where they go on."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp.web import HTTPServiceUnavailable

from conscope_app import app
from conscope_app.store.brief_reads import TooSlow
from conscope_app.store.engine import Connection
from web import alerts_words, figures
from web.alerts_query import WITHIN
from web.problems import Problem
from web.templating import render

T = TypeVar("T")


async def read(work: Callable[[Connection], T]) -> T:
    """What is in the database; a page that says so where that takes too long."""
    try:
        return await app.services.database.run(work)
    except TooSlow as error:
        sentence = f"{error}. Asking for less (one event, a shorter time) may help."
        raise HTTPServiceUnavailable(text=sentence) from None


def show(template: str, **values: Any) -> str:
    """The page, with the words that these pages have in common."""
    return render(
        template,
        words=alerts_words,
        within=WITHIN,
        now=app.services.clock(),
        sources=figures.sources(app.cluster.view()),
        says_simulated=figures.says_simulated,
        **values,
    )


def problems_of(problem: Problem) -> dict[str, str]:
    """What is wrong with which field of the filter."""
    return {each.field: each.detail for each in problem.errors}


def further(path: str, query: Mapping[str, str], after: str | None) -> str | None:
    """The address of the list's next page; None where there is none."""
    if after is None:
        return None
    asked = {name: value for name, value in query.items() if name != "after" and value}
    return f"{path}?{urlencode({**asked, 'after': after})}"

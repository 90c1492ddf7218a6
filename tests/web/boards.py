"""A page that says whatever a test wrote on it last, and counts who asks."""

import asyncio

from markupsafe import Markup

from tests.web.reports import NOW
from web.news import PageState, State


class Board:
    """Panels by name; `why` is raised instead, where it is set."""

    def __init__(self, **panels: str) -> None:
        self.panels = panels or {"text": "first"}
        self.why: BaseException | None = None
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def ask(self) -> State:
        """What is written here now."""
        self.asked += 1
        await self.may_answer.wait()
        if self.why is not None:
            raise self.why
        return PageState.of(NOW, {name: Markup(text) for name, text in self.panels.items()})

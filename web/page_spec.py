"""What a live page is: the parameters of its address, and how its panels are put together."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from conscope_app.domains.tickets.records import MAX_NAME
from web.panels import Panels


class BadAddress(ValueError):
    """The address names no page, or not as that page wants it; the message says how."""


@dataclass(frozen=True, kw_only=True)
class PageSpec:
    """A page with parameters: each combination of them is a page of its own to those who watch it.

    `panels` is given the parameters by name: all that `needs` names, and of `takes` what came. It
    reads the database (with `briefly`: no page waits long), and raises HTTPNotFound for a page that
    is not there, and Unanswered, TooSlow or psycopg2's error where it cannot be read now.
    """

    panels: Callable[[Mapping[str, str]], Awaitable[Panels]]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()

    def parameters(self, query: Iterable[tuple[str, str]]) -> dict[str, str]:
        """The parameters of an address, or BadAddress: what is not asked for is not taken."""
        given: dict[str, str] = {}
        for name, value in query:
            if name not in self.needs and name not in self.takes:
                raise BadAddress("This page takes no such parameter.")
            if name in given:
                raise BadAddress(f"{name} is given twice.")
            if len(value) > MAX_NAME or "\0" in value:
                raise BadAddress(f"{name} is no value that could be stored.")
            given[name] = value
        missing = [name for name in self.needs if name not in given]
        if missing:
            raise BadAddress(f"This page needs {', '.join(missing)}.")
        return given

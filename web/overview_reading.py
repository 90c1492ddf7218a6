"""Reading the list of events: once for all who ask for the same, and never for long."""

from functools import lru_cache

from conscope_app import app
from conscope_app.store.engine import Connection, Database
from conscope_app.store.market.event_list import EventList, read_events
from conscope_app.store.market.event_list_find import Find
from web.asking import asked_of
from web.patience import Asked

# Longer than a read may take: it says itself that it was too slow.
_PATIENCE_S = 2.5
_QUESTIONS_KEPT = 256  # of one page each: those who keep the page open mostly look at the same


async def current_events(find: Find) -> EventList:
    """The lines as of a second ago at most; Unanswered, with the reason, where there are none."""
    return await _asked(app.services.database, find).get()


@lru_cache(maxsize=_QUESTIONS_KEPT)
def _asked(database: Database, find: Find) -> Asked[EventList]:
    def read(connection: Connection) -> EventList:
        return read_events(connection, find, app.services.clock())

    return asked_of(database, read, patience_s=_PATIENCE_S)

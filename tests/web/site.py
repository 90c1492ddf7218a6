"""The whole web of the application on a real socket, showing what a test hands it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec
from aiohttp.test_utils import TestServer

from conscope_app import app
from conscope_app.store.engine import Database
from conscope_app.stream.cluster import ClusterView, Health
from conscope_app.stream.losses import Origin
from tests.web.reports import NOW, a_view
from web.event_stream import EventStreams
from web.live_pages import LivePages

# Nothing listens on port 1: a database that is really away.
AWAY = "postgresql+psycopg2://conscope@127.0.0.1:1/none?connect_timeout=2"


class ShownCluster:
    """Stands where the workers' reports would be read; shows the view that a test hands it."""

    def __init__(self) -> None:
        self.shown = a_view()

    def view(self) -> ClusterView:
        """The view, as of now."""
        return self.shown


class Site:
    """The application's pages; `show` changes what they are about."""

    def __init__(self, server: TestServer) -> None:
        self.url = str(server.make_url("")).rstrip("/")
        self.cluster = ShownCluster()
        self.health = Health(ready=True, reasons=[])
        self.databases: list[Database] = []

    def reset(self) -> None:
        """Hand the application a healthy cluster, and a database that is away."""
        self.show()
        self.health = Health(ready=True, reasons=[])
        app.acknowledged = {}
        app.cluster = self.cluster  # type: ignore[assignment]  # it shows instead of reading Kafka
        app.health = lambda: self.health  # type: ignore[method-assign]  # what a test says it is
        app.services = replace(app.services, clock=lambda: NOW)
        self.use_database(AWAY)

    async def let_go(self) -> None:
        """Close the databases that were read so far: a server has so many connections."""
        done, self.databases = self.databases, []
        await asyncio.gather(*(database.close() for database in done))

    def use_database(self, url: str) -> None:
        """From now on the pages read this database."""
        database = Database(url)
        self.databases.append(database)
        app.services = replace(app.services, database=database)

    def acknowledge(self, acknowledged: dict[Origin, int]) -> None:
        """From now on these losses have been taken note of."""
        app.acknowledged = acknowledged

    def show(self, **given: object) -> None:
        """From now on the cluster is healthy but for what is given."""
        self.cluster.shown = msgspec.structs.replace(a_view(), **given)


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    """Serve the pages for as long as the block runs; what was handed in is taken back."""
    app.discover()
    from web import live  # registers itself with the application, as `discover` has it done

    before = (app.cluster, app.services, app.acknowledged)
    server = TestServer(await app.web.wsgi(), host="127.0.0.1")
    await server.start_server()
    site = Site(server)
    try:
        yield site
    finally:
        await server.close()
        # A worker that has stopped streams no more; here others go on in the same process.
        live.streams, live.pages = EventStreams(), LivePages()
        await site.let_go()
        app.cluster, app.services, app.acknowledged = before
        vars(app).pop("health", None)

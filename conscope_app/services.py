"""What agents and pages are handed: one typed object, built from the settings."""

from dataclasses import dataclass
from random import random

from conscope_app.core.clock import Clock, utc_now
from conscope_app.notify.courier import Courier
from conscope_app.notify.lease import own_name
from conscope_app.notify.notifiers import notifier_for
from conscope_app.notify.open_channels import channels_for
from conscope_app.notify.watch_courier import WatchCourier
from conscope_app.notify.watch_couriers import WatchCouriers
from conscope_app.polled_sources import recorder_of, sources_of
from conscope_app.polling_duty import PollingDuty, Topics
from conscope_app.settings import Settings
from conscope_app.store.engine import Database
from conscope_app.store.market.roll_ups import RollUps
from conscope_app.store.matches.alias_file import aliases_of
from conscope_app.store.matches.matching import EventMatching
from conscope_app.store.outbox import PostgresOutbox
from conscope_app.store.tickets.facts import facts_of
from conscope_app.store.watches.outbox import PostgresWatchOutbox
from conscope_app.stream.board import Board
from conscope_app.stream.dead_letter_sender import DeadLetterSender
from conscope_app.topics.tickets import (
    DEAD_LETTERS,
    MARKET_SNAPSHOTS,
    RAW_PRICES,
    WATCHED_PRICES,
    WATCHES,
)


@dataclass(frozen=True)
class Services:
    """The outside world: the clock, Postgres, whoever tells people, where refused records go."""

    clock: Clock
    sinks: Database  # for the ledgers, which write all the time
    database: Database  # for pages and samples, which must not queue behind them
    outbox: Database  # the courier's own
    telling_outbox: Database  # that of the watches' couriers
    watches: Database  # for whoever publishes them, which reads the history for it
    market: RollUps  # of the history, on a connection of their own
    matching: EventMatching  # of events, on a connection of its own
    board: Board  # what is watched, for whoever forwards prices
    courier: Courier
    telling: WatchCouriers  # of all channels that watches are told through
    dead_letters: DeadLetterSender
    polls: Database  # for what pollers remember
    polling: PollingDuty  # of the sources that are set

    async def close(self) -> None:
        """Finish what is on its way, and let go of connections."""
        await self.courier.close()
        await self.telling.close()
        await self.dead_letters.close()
        await self.market.close()
        await self.matching.close()
        databases = (self.outbox, self.telling_outbox, self.watches, self.polls, self.database)
        for database in (*databases, self.sinks):
            await database.close()


def build_services(settings: Settings) -> Services:
    """Build the services; nothing is opened until it is used.

    Raises `BadWebhookUrl`, `BadAliases` or `BadSource`, whose messages are for the person who set
    them.
    """
    url = settings.database_url.get_secret_value()
    outbox = Database(url, application_name="conscope courier", connections=2)
    telling_outbox = Database(url, application_name="conscope telling", connections=2)
    watch_outbox = PostgresWatchOutbox(telling_outbox, facts_of=facts_of)
    polls = Database(url, application_name="conscope polls", connections=2)
    sources = sources_of(settings)
    return Services(
        clock=utc_now,
        sinks=Database(url, application_name="conscope sinks", connections=4),
        database=Database(url, application_name="conscope pages", connections=2),
        outbox=outbox,
        telling_outbox=telling_outbox,
        watches=Database(url, application_name="conscope watches", connections=2),
        market=RollUps(
            Database(url, application_name="conscope market", connections=1),
            partitions=settings.partitions,
            clock=utc_now,
        ),
        matching=EventMatching(
            Database(url, application_name="conscope matching", connections=1),
            aliases=aliases_of(settings.venue_aliases_file),
            clock=utc_now,
        ),
        board=Board(settings.brokers, WATCHES.name),
        courier=Courier(
            outbox=PostgresOutbox(outbox),
            notifier=notifier_for(settings),
            messages_per_minute=settings.alert_messages_per_minute,
        ),
        telling=WatchCouriers(
            WatchCourier(
                outbox=watch_outbox,
                channel=channel,
                messages_per_minute=settings.alert_messages_per_minute,
            )
            for channel in channels_for(settings, utc_now).values()
        ),
        dead_letters=DeadLetterSender(settings.brokers, DEAD_LETTERS.name),
        polls=polls,
        polling=PollingDuty(
            sources,
            database=polls,
            brokers=settings.brokers,
            topics=Topics(RAW_PRICES.name, MARKET_SNAPSHOTS.name, WATCHED_PRICES.name),
            holder=own_name(),
            clock=utc_now,
            random=random,
            recorder=recorder_of(settings, sources),
        ),
    )

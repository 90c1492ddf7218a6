"""What agents and pages are handed: one typed object, built from the settings."""

from dataclasses import dataclass

from conscope_app.core.clock import Clock, utc_now
from conscope_app.notify.courier import Courier
from conscope_app.notify.notifiers import notifier_for
from conscope_app.settings import Settings
from conscope_app.store.engine import Database
from conscope_app.store.outbox import PostgresOutbox
from conscope_app.stream.dead_letter_sender import DeadLetterSender
from conscope_app.topics.tickets import DEAD_LETTERS


@dataclass(frozen=True)
class Services:
    """The outside world: the clock, Postgres, whoever tells people, where refused records go."""

    clock: Clock
    database: Database
    courier: Courier
    dead_letters: DeadLetterSender

    async def close(self) -> None:
        """Finish what is on its way, and let go of connections."""
        await self.courier.close()
        await self.dead_letters.close()
        await self.database.close()


def build_services(settings: Settings) -> Services:
    """Build the services; nothing is opened until it is used.

    Raises `BadWebhookUrl`, whose message is for the person who set it.
    """
    database = Database(settings.database_url.get_secret_value())
    return Services(
        clock=utc_now,
        database=database,
        courier=Courier(
            outbox=PostgresOutbox(database),
            notifier=notifier_for(settings),
            messages_per_minute=settings.alert_messages_per_minute,
        ),
        dead_letters=DeadLetterSender(settings.brokers, DEAD_LETTERS.name),
    )

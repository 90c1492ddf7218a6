"""The one place that builds the Faust application.

Faust brings the application object, its settings and command line, agents, topics, tables, timers,
sensors and the web server. Reading Kafka is ours (`conscope_app.stream`): Faust's own consumer,
conductor and table recovery are never started, through its boot strategy; docs/decisions/ says why.
"""

import gc
import importlib
import logging
from collections.abc import Collection, Mapping
from typing import Any

import faust
from aiokafka.errors import KafkaError
from faust.app.base import BootStrategy
from faust.types import AgentT

from conscope_app.core.loopback import is_loopback
from conscope_app.late_commands import register
from conscope_app.logs import QuietWorker, logging_config
from conscope_app.modules import COMMANDS, MODULES
from conscope_app.recent_errors import RecentErrors
from conscope_app.secrecy import mask_of
from conscope_app.services import Services
from conscope_app.settings import Settings
from conscope_app.start_up import services_or_exit, settings_or_exit
from conscope_app.stream.cluster import Cluster, ClusterView, Health
from conscope_app.stream.data_directory import DataDirectory
from conscope_app.stream.door import Door
from conscope_app.stream.ending import EXIT_STAY_DOWN, end_process
from conscope_app.stream.feed import Feed, OpenLedger
from conscope_app.stream.folder_lock import FolderInUseError
from conscope_app.stream.losses import Loss, Origin, reason, reported_losses, unacknowledged
from conscope_app.stream.membership import FeedLimits
from conscope_app.stream.table import DurableTable
from conscope_app.stream.topic import SlabTopic
from conscope_app.stream.watchdog import watch
from conscope_app.topics.create import check_partitions
from conscope_app.topics.lost_table import lost_changelogs

logger = logging.getLogger(__name__)

RETRY_S = 2.0

# Records that wait for an agent: half a second of what a worker takes with everything on. Rows and
# pages may be late rather than an alert.
PRESSING = 2_500

# For what people asked to hear others wait sooner: a fifth of a second's records, of the 5,000 that
# one worker is to bear with its watches.
URGENT = 1_000

# Also the transactional ids, consumer groups and changelogs begin with it: never change it.
APPLICATION = "conscope"


class WithoutFaustsConsumer(BootStrategy):
    """Start sensors, web and agents; records come from our feeds."""

    enable_kafka = False


class ConScope(faust.App):
    """The application. `settings` and `services` are what agents, pages and commands are handed."""

    BootStrategy = WithoutFaustsConsumer

    settings: Settings
    services: Services
    trouble: str | None = None
    cluster: Cluster
    door: Door
    feeds: dict[str, Feed]  # of every agent; those of `settings.agents` run here
    acknowledged: Mapping[Origin, int]  # losses, as last read from Postgres
    recent_errors: RecentErrors

    def feed(
        self,
        topic: SlabTopic,
        *,
        agent: str,
        group: str,
        open_ledger: OpenLedger,
        rest_s: float = 0.0,
        max_slab_records: int | None = None,
        gives_way_to: Collection[str] = (),
    ) -> Feed:
        """Have a topic read for its agent, its outcomes kept in the ledger opened per partition.

        A feed to which little came rests for `rest_s` before it asks for more. It may give its
        agent fewer records at once than the settings say, and wait, though not for ever, while
        there are watches and one of these agents of the same worker has more to do than it manages.
        """
        most = self.settings.max_slab_records
        feed = Feed(
            topic=topic,
            agent=agent,
            group=group,
            open_ledger=open_ledger,
            limits=FeedLimits(
                brokers=self.settings.brokers,
                max_slab_records=most if max_slab_records is None else min(most, max_slab_records),
                session_timeout_s=self.settings.session_timeout_s,
            ),
            rest_s=rest_s,
            is_another_behind=lambda: self._is_another_behind(agent),
            is_urgent=lambda: self._is_urgent(gives_way_to),
            clock=self.services.clock,
        )
        self.feeds[agent] = feed
        if agent in self.settings.agents:
            self.service(feed)
        return feed

    def own_feeds(self) -> list[Feed]:
        """Those that this worker reads."""
        return [feed for agent, feed in self.feeds.items() if agent in self.settings.agents]

    def is_under_pressure(self) -> bool:
        """Whether an agent of this worker has more to do than it manages."""
        return bool(self._behind())

    def _is_another_behind(self, agent: str) -> bool:
        """Whether others have more to do than they manage, and this agent has not."""
        behind = self._behind()
        return bool(behind) and agent not in behind

    def _is_urgent(self, agents: Collection[str]) -> bool:
        """Whether somebody waits for these agents: where nothing is watched nobody does."""
        if not self.services.board:
            return False
        return any(self.feeds[each].waiting > URGENT for each in agents)

    def _behind(self) -> set[str]:
        return {feed.agent for feed in self.own_feeds() if feed.waiting > PRESSING}

    async def _on_agent_error(self, agent: AgentT[Any], exc: BaseException) -> None:
        # Faust would start the agent anew, and the slab that it held would never be answered.
        end_process(f"agent {agent.name} failed: {exc!r}", error=exc)

    def discover(self, *_modules: str, **_options: Any) -> None:
        """Import every module that registers something; one that fails is an error, not a log."""
        for name in MODULES:
            importlib.import_module(name)
        register(COMMANDS)

    def health(self) -> Health:
        """Whether this worker does all its work, and if not, why."""
        reasons = [reason for feed in self.own_feeds() for reason in feed.reasons()]
        troubles_of_kafka = (self.trouble, self.door.trouble, self.services.dead_letters.trouble)
        reasons += [trouble for trouble in troubles_of_kafka if trouble]
        services = self.services
        outboxes = (services.outbox, services.telling_outbox)
        databases = (*outboxes, services.sinks, services.polls, services.database)
        troubles = {database.trouble for database in databases if database.trouble}
        reasons += [f"database: {trouble}" for trouble in sorted(troubles)]
        losses = unacknowledged(self._own_losses(), self.acknowledged)
        reasons += [reason(loss, self.acknowledged) for loss in losses]
        return Health(ready=not reasons, reasons=reasons)

    def _own_losses(self) -> list[Loss]:
        return [loss for feed in self.own_feeds() for loss in feed.losses()]

    def losses(self) -> list[Loss]:
        """What was removed unread from any partition of the cluster, acknowledged or not.

        Of its own partitions a worker knows better than its last report says.
        """
        groups = {feed.agent: feed.group for feed in self.feeds.values()}
        reported = reported_losses(self.view().partitions, groups)
        known = {loss.origin: loss for loss in (*reported, *self._own_losses())}
        return sorted(known.values())

    def view(self) -> ClusterView:
        """The whole cluster, as its workers last reported."""
        return self.cluster.view()

    async def on_first_start(self) -> None:
        """Refuse an open door, and take the data directory, before anything is opened.

        Faust's own options (`--web-bind`) may have changed what the settings had checked.
        """
        bind = str(self.conf.web_bind)
        if self.settings.web_token is None and not is_loopback(bind):
            end_process(
                f"--web-bind {bind} is reachable from other machines: set CONSCOPE_WEB_TOKEN, or "
                "leave it at 127.0.0.1",
                code=EXIT_STAY_DOWN,
            )
        self._hold_data_directory()
        await super().on_first_start()

    def _hold_data_directory(self) -> None:
        folder = self.conf.datadir
        try:
            name = DataDirectory(folder).hold()
        except FolderInUseError:
            end_process(
                f"the data directory {folder} is in use by another process, living or stopped: "
                "each worker needs its own, CONSCOPE_DATA_DIR",
                code=EXIT_STAY_DOWN,
            )
        except OSError as error:
            end_process(f"the data directory {folder} cannot be used: {error}")
        self.services.courier.go_by(name)
        self.services.telling.go_by(name)
        self.services.polling.go_by(name)

    async def on_start(self) -> None:
        """Check what must be so before the first record is read."""
        await super().on_start()
        # What was built at import lives for ever; collecting it again and again costs up to a
        # tenth of the time (docs/decisions/0001). Hardly any of it is garbage: to collect that
        # before would be a twentieth of the start, for some two hundred objects.
        gc.freeze()

    async def on_started(self) -> None:
        """Read nothing before the topics are as they must be."""
        await self._until_topics_are_right()
        watch(self.own_feeds, self.settings.watchdog_s)
        await super().on_started()

    async def _until_topics_are_right(self) -> None:
        while not self.should_stop:
            shut = await self.door.look()
            if shut is not None:
                if shut.lasts:
                    end_process(f"Kafka cannot be reached: {shut.why}", code=EXIT_STAY_DOWN)
                await self.sleep(RETRY_S)
                continue
            try:
                problems = await check_partitions(self.settings.brokers, self.settings.partitions)
                lost = {} if problems else await self._lost_changelogs()
            except (KafkaError, OSError, TimeoutError) as error:
                self.trouble = f"Kafka does not answer: {error!r}"
                logger.warning("%s", self.trouble)
                await self.sleep(RETRY_S)
            else:
                self.trouble = None
                if problems:
                    why = "the topics are not as they must be: " + "; ".join(problems)
                    end_process(why, code=EXIT_STAY_DOWN)
                if lost:
                    gone = ", ".join(f"{name}, partitions {at}" for name, at in lost.items())
                    end_process(
                        f"the changelog of a table is gone ({gone}), while what was published with "
                        "it is there; beginning anew would publish it again. Run `rebuild table`, "
                        "see docs/recovery.md",
                        code=EXIT_STAY_DOWN,
                    )
                return

    async def _lost_changelogs(self) -> dict[str, list[int]]:
        return await lost_changelogs(self.settings.brokers, self.settings.partitions)

    async def on_shutdown(self) -> None:
        """Close what the services opened, after the feeds and agents have stopped."""
        await super().on_shutdown()
        await self.services.close()


_app: ConScope | None = None


def current_app() -> ConScope:
    """The application of this process, built from the environment when first asked for."""
    global _app
    if _app is None:
        _app = build_app(settings_or_exit())
    return _app


def build_app(settings: Settings) -> ConScope:
    """Build the application from settings. Opens nothing; agents and pages register by import."""
    mask = mask_of(settings)
    recent_errors = RecentErrors(mask)
    app = ConScope(
        APPLICATION,
        broker=settings.kafka_url,
        datadir=settings.data_dir,
        Topic=SlabTopic,
        Table=DurableTable,
        store="memory://",
        autodiscover=True,
        topic_partitions=settings.partitions,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_host=settings.web_host,
        web_bind=settings.web_host,
        web_port=settings.web_port,
        web_tables_enabled=False,
        web_router_enabled=False,
        Worker=QuietWorker,
        logging_config=logging_config(settings.log_level, mask, recent_errors),
        stream_wait_empty=False,
    )
    app.settings = settings
    app.services = services_or_exit(settings)
    app.feeds = {}
    app.acknowledged = {}
    app.recent_errors = recent_errors
    app.cluster = Cluster(app.services.clock, counted_agent="track_prices")
    app.door = Door(settings.brokers)
    app.service(app.door)  # type: ignore[arg-type]  # Faust starts instances as well as classes
    return app

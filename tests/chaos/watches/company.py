"""A trial's watches from their making to the verdict on all that came of them."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from random import Random

import msgspec
from aiokafka import ConsumerRecord

from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.watch import Watch
from conscope_app.core.clock import utc_now
from conscope_app.kafka.brokers import Brokers
from conscope_app.store.engine import Database
from conscope_app.store.watches.definitions import last_definitions
from conscope_app.stream.reading import TopicReader
from conscope_app.topics.tickets import PROCESSED_PRICES, WATCH_DECISIONS, WATCHED_PRICES
from tests.broker.pipeline import Pipeline
from tests.chaos.verdict import Row
from tests.chaos.watches import wishes
from tests.chaos.watches.decisions import compare_decisions
from tests.chaos.watches.findings import Findings
from tests.chaos.watches.forwarded import compare_forwarded, prices_of
from tests.chaos.watches.people import People
from tests.chaos.watches.replay import Replayed, replay
from tests.chaos.watches.stored import (
    ENTRIES,
    EPISODES,
    Episode,
    Queued,
    compare_entries,
    compare_episodes,
    episode_of,
    episodes_of,
)
from tests.chaos.watches.told import (
    DueEpisode,
    Heard,
    Message,
    Shown,
    judge_told,
    shown_in,
)

# Comparing takes some seconds; what time alone changes later than this changes nothing of it.
NOTHING_DUE_S = 120.0

# A slab that was computed before a worker knew of a watch is in the log by then.
UNDER_WAY_S = 5.0

_decode = msgspec.json.Decoder(Decision).decode

Log = Mapping[int, Sequence[ConsumerRecord]]


class Company:
    """Writes the watches, says when they have come to rest, and judges."""

    def __init__(
        self, pipeline: Pipeline, brokers: Sequence[str], partitions: int, dice: Random
    ) -> None:
        self.people = People(pipeline, dice)
        self._pipeline = pipeline
        self._brokers = Brokers.plain(*brokers)
        self._partitions = partitions
        self._watched: Log = {}
        self._replayed: Mapping[int, Replayed] = {}

    def is_at_rest(self) -> bool:
        """Whether nothing is due by time alone; decides everything anew to find out."""
        self._watched = self._read(WATCHED_PRICES.name)
        self._replayed = replay(self._watched)
        horizon = utc_now().timestamp() + NOTHING_DUE_S
        dues = [each.next_due for each in self._replayed.values() if each.next_due is not None]
        return not any(due.timestamp() < horizon for due in dues)

    def nothing_waits(self) -> bool:
        """Whether every channel has been told all."""
        return self._pipeline.count("watch_entries", "waiting") == 0

    def judge(self, row: Row, cuts: Collection[float]) -> None:
        """Compare everything, and take it into the row; what never came to rest, as it stands."""
        if not self._replayed:
            self.is_at_rest()
        row.broken += self.people.trouble
        row.broken += [f"refused {why}" for each in self._parts for why in each.refused]
        decisions = [decision for each in self._parts for decision in each.decisions]
        episodes = episodes_of(decisions)
        watches = asyncio.run(self._definitions({each.watch_id for each in decisions}))
        messages = self._messages()
        _take(row, "watched prices", self._judge_forwarded())
        _take(row, "decisions of watches", self._judge_decisions())
        _take(row, "rows of watches", self._judge_stored(episodes, watches))
        due = [_due(each, watches[each.watch_id]) for each in episodes.values()]
        heard = judge_told(due, messages, cuts)
        _take_heard(row, len(due), heard)
        if not due:
            row.broken.append("no watch found anything: nothing has been shown")
        row.notes.append(
            f"{len({each.watch_id for each in decisions})} watches decided {len(decisions):,} "
            f"times: {len(due):,} episodes, {heard.told:,} told in {len(messages):,} messages with "
            f"{len(self._pipeline.discord.edits):,} edits, {heard.left_out} over before; "
            f"{heard.repeats} messages of watches told twice"
        )

    @property
    def _parts(self) -> list[Replayed]:
        return [self._replayed[partition] for partition in sorted(self._replayed)]

    def _judge_decisions(self) -> Findings:
        findings = Findings()
        for partition, records in self._read(WATCH_DECISIONS.name).items():
            found = [_decode(record.value or b"") for record in records]
            findings += compare_decisions(self._replayed[partition].decisions, found)
        return findings

    def _judge_forwarded(self) -> Findings:
        processed = _all(self._read(PROCESSED_PRICES.name))
        watched = prices_of(_all(self._watched))
        return compare_forwarded(prices_of(processed), watched, self._watched_since)

    def _judge_stored(
        self, episodes: Mapping[str, Episode], watches: Mapping[str, Watch]
    ) -> Findings:
        rows = [episode_of(row) for row in self._pipeline.query(EPISODES)]
        queued = [Queued.of(row) for row in self._pipeline.query(ENTRIES)]
        channels_of = {watch_id: watch.to.channels for watch_id, watch in watches.items()}
        findings = compare_episodes(episodes, rows)
        findings += compare_entries(episodes, channels_of, queued)
        return findings

    def _watched_since(self, event: str) -> float | None:
        if event in wishes.ALWAYS:
            return 0
        since = self.people.watched_since
        return None if since is None else since + UNDER_WAY_S

    def _messages(self) -> list[Message]:
        """Those of watches that the stand-in took, in order; a drop's alert names its record."""
        discord = self._pipeline.discord
        taken_at = {told.message_id: told.epoch_ms / 1000 for told in discord.told}
        return [
            Message(message_id, at, shown_in(payload), shown_in(discord.shown[message_id]))
            for (message_id, at), payload in zip(taken_at.items(), discord.messages, strict=True)
            if is_of_watches(payload)
        ]

    async def _definitions(self, watch_ids: Collection[str]) -> dict[str, Watch]:
        database = Database(self._pipeline.database_url, connections=1)
        try:
            return await database.run(lambda connection: last_definitions(connection, watch_ids))
        finally:
            await database.close()

    def _read(self, topic: str) -> Log:
        return asyncio.run(_read(self._brokers, topic, self._partitions))


def is_of_watches(payload: Mapping[str, object]) -> bool:
    """Whether a message was made of watches: those of drops have the ids of raw prices."""
    return " · raw_prices-" not in str(payload)


async def _read(brokers: Brokers, topic: str, partitions: int) -> Log:
    log: dict[int, list[ConsumerRecord]] = {partition: [] for partition in range(partitions)}
    async with TopicReader(brokers, topic, range(partitions)) as reader:
        async for run in reader.to_end():
            log[run[0].partition].extend(run)
    return log


def _all(log: Log) -> list[ConsumerRecord]:
    return [record for records in log.values() for record in records]


def _due(episode: Episode, watch: Watch) -> DueEpisode:
    return DueEpisode(
        episode.episode,
        Shown(episode.price, episode.over_at is not None),
        may_be_left_out=watch.often.over_meanwhile == "leave_out",
        in_digests=watch.id == wishes.DIGEST,
    )


def _take(row: Row, what: str, findings: Findings) -> None:
    row.missing += findings.missing
    row.doubled += findings.doubled
    row.wrong += findings.wrong
    if not findings.clean:
        row.broken.append(f"{what}: {findings.sentence}")


def _take_heard(row: Row, due: int, heard: Heard) -> None:
    findings = heard.findings
    row.alerts += due
    row.alerts_missing += findings.missing
    row.alerts_doubled += findings.doubled
    if findings.missing or findings.wrong:
        row.broken.append(f"episodes told: {findings.sentence}")
    if heard.unexplained:
        row.broken.append(
            f"{heard.unexplained} messages of watches were told twice without a fault to explain it"
        )

"""Decisions become episodes, and what each channel of their watches has to say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.alerting.watches.decisions import DECISION_FORMAT, Decision
from conscope_app.alerting.watches.verdicts import Verdict
from conscope_app.alerting.watches.watch import Watch
from conscope_app.core.record import Record
from conscope_app.core.refusal import Reason, Refused
from conscope_app.store.engine import Connection
from conscope_app.store.partitions import has_partition
from conscope_app.store.sink import Entry
from conscope_app.store.watches.channels import hold_channels
from conscope_app.store.watches.definitions import last_definitions
from conscope_app.store.watches.entries import read_episodes, write_changes
from conscope_app.store.watches.episodes import write_episodes

_TOLD = (Verdict.RAISED, Verdict.UPDATED, Verdict.OVER)

_CHANNELS = "SELECT episode, channel FROM watch_entries WHERE episode = ANY(%s)"

_decode = msgspec.json.Decoder(Decision).decode


def translate_decisions(records: Iterable[Record]) -> list[Entry[Decision]]:
    """The decisions of `watch_decisions`, in order; what cannot be read becomes a refusal."""
    return [Entry(record, _translated(record)) for record in records]


class DecisionWriter:
    """Writes `watch_episodes`, and into `watch_entries` what is to be told.

    What is raised is queued for the channels of its watch as it is defined now; what follows goes
    to the channels that it was queued for. A watch that was deleted keeps its last definition. The
    same decision again changes nothing.
    """

    def prepare(self, connection: Connection, rows: Sequence[Decision]) -> None:
        """Nothing is needed."""

    def write(self, cursor: Cursor, rows: Sequence[Decision]) -> None:
        """Episodes and queues, in the order of the rows."""
        if not rows:
            return
        connection = cast("Connection", cursor.connection)
        watches = last_definitions(connection, {row.watch_id for row in rows})
        by_channel = _by_channel(cursor, rows, watches)
        hold_channels(connection, by_channel)
        write_episodes(cursor, rows)
        for channel, decisions in by_channel.items():
            read = read_episodes(cursor, channel, {each.episode for each in decisions})
            for decision in decisions:
                read.queue.accept(decision, watches.get(decision.watch_id))
            write_changes(cursor, read)


def _by_channel(
    cursor: Cursor, decisions: Sequence[Decision], watches: Mapping[str, Watch]
) -> dict[str, list[Decision]]:
    """For each channel the decisions that concern it, in their order."""
    cursor.execute(_CHANNELS, ([each.episode for each in decisions],))
    channels: dict[str, set[str]] = defaultdict(set)
    for episode, channel in cursor.fetchall():
        channels[episode].add(channel)
    concerns: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        known = channels[decision.episode]
        # Where it was raised before, it is not raised once more for channels that came later.
        if decision.verdict is Verdict.RAISED and not known:
            watch = watches.get(decision.watch_id)
            known.update(() if watch is None else watch.to.channels)
        for channel in known:
            concerns[channel].append(decision)
    return concerns


def _translated(record: Record) -> Decision | Refused:
    if record.value is None:
        return Refused(Reason.NO_VALUE, "a decision without a value")
    try:
        decision = _decode(record.value)
    except msgspec.ValidationError as error:
        return Refused(Reason.WRONG_TYPE, f"it is no decision: {error}")
    except (msgspec.DecodeError, RecursionError) as error:
        return Refused(Reason.NOT_JSON, f"it is no JSON: {error}")
    except UnicodeDecodeError:
        return Refused(Reason.NOT_TEXT, "it is no UTF-8 text")
    if decision.format != DECISION_FORMAT:
        return Refused(Reason.WRONG_TYPE, f"format {decision.format} is not known here")
    if decision.verdict not in _TOLD:
        return Refused(Reason.WRONG_TYPE, f"nobody is told of {decision.verdict.value!r}")
    if decision.at.tzinfo is None or not has_partition(decision.at):
        return Refused(Reason.BAD_TIMESTAMP, f"{decision.at} is no moment of our time")
    if any(price is not None and not price.is_finite() for price in (decision.price, decision.was)):
        return Refused(Reason.BAD_PRICE, "its price is no number")
    if any("\0" in text for text in _texts(decision)):
        return Refused(Reason.CONTROL_CHARACTER, "it holds a character that no text may hold")
    return decision


def _texts(decision: Decision) -> Iterable[str]:
    yield from (decision.episode, decision.watch_id, decision.subject, decision.reason)
    yield from (decision.currency, decision.basis)
    yield from decision.items
    for name, value in decision.labels.items():
        yield from (name, value)

"""What a watch would have told, had it been there: its dry run over the stored history."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from psycopg2 import extensions

from conscope_app.alerting.watches.announcement import (
    DATE,
    HAPPENED,
    NAME,
    WHERE,
    Announcement,
    Line,
)
from conscope_app.alerting.watches.decisions import Decision, Trace
from conscope_app.alerting.watches.deliveries import Tells
from conscope_app.alerting.watches.dry_run import DryRun, Report
from conscope_app.alerting.watches.happening import Happening
from conscope_app.alerting.watches.history import reach_of, seeds_of
from conscope_app.alerting.watches.signals import Happened, Made, Seed
from conscope_app.alerting.watches.verdicts import Verdict
from conscope_app.alerting.watches.watch import LONGEST_WINDOW_DAYS, Watch
from conscope_app.domains.tickets.watched import SPELLINGS
from conscope_app.store.tickets.facts import happened_in_words
from conscope_app.store.watches.changes import signals_in_order
from conscope_app.store.watches.history import (
    By,
    Described,
    Span,
    describe,
    newest_signals,
    prices_by_subject,
)

_LONGEST = timedelta(days=LONGEST_WINDOW_DAYS)

IsEnough = Callable[[], bool]


class Asked(msgspec.Struct, frozen=True, kw_only=True, tag="dry run"):
    """A watch, and the part of the history that it is to be tried with.

    It is made at `since`, knowing what a watch that is made then knows. Time ends at `until`. Of
    the traces those of `traced` are kept, from its first moment to before its last, so many at
    most; and so many of the messages.
    """

    watch: Watch
    since: datetime
    until: datetime
    by: By = "recorded"
    traced: tuple[datetime, datetime] | None = None
    most_traces: int = 1_000
    most_messages: int = 1_000


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message that would have been sent: when, where, what, and what had held it back."""

    at: datetime
    channel: str
    held: str
    announcement: Announcement


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the watch made of one price, or of time that passed, in one sentence."""

    at: datetime
    subject: str
    item: str
    verdict: Verdict
    price: Decimal | None
    sentence: str


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `new_messages` leaves out those that only edit an earlier one.

    `until` is the moment that was reached: earlier than what was asked for where time ran out.
    Counts are of everything, also where not all is listed.
    """

    watch_id: str
    since: datetime
    until: datetime
    is_complete: bool
    prices: int
    alerts: int
    message_count: int
    new_messages: int
    messages: list[Sent]
    trace_count: int
    traces: list[Seen]


def rehearse(
    connection: extensions.connection, asked: Asked, *, is_enough: IsEnough = lambda: False
) -> Rehearsed:
    """Try a watch with the stored prices, by the code that runs live, until it `is_enough`."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    traces = _Traces(asked)
    run = DryRun((), is_traced=traces.is_kept, spellings=SPELLINGS)
    place = _make(connection, asked, run, is_enough)
    prices, reached = 0, asked.since
    for signal in signals_in_order(connection, asked.watch, _span(asked), first_place=place):
        if is_enough():
            break
        run.take(signal)
        prices += not isinstance(signal, Happened)
        reached = signal.recorded_at
    else:
        reached = asked.until
        run.pass_time(reached)
    report = run.report
    return Rehearsed(
        watch_id=asked.watch.id,
        since=asked.since,
        until=reached,
        is_complete=reached == asked.until,
        prices=prices,
        alerts=sum(each.verdict is Verdict.RAISED for each in report.decisions),
        message_count=len(report.messages),
        new_messages=sum(each.delivery.is_new for each in report.messages),
        messages=_sent(connection, asked, report),
        trace_count=traces.count,
        traces=[_seen(trace) for trace in report.traces],
    )


def _make(connection: extensions.connection, asked: Asked, run: DryRun, is_enough: IsEnough) -> int:
    """Make the watch, which knows then what a watch is told that is made; the next place."""
    if not asked.watch.needs_prices:
        for place, subject in enumerate(asked.watch.what.subjects or ("",)):
            run.take(_made(asked, subject, place, ()))
        return len(asked.watch.what.subjects) or 1
    longest = _span(asked)._replace(since=asked.since - _LONGEST, until=asked.since)
    known = newest_signals(connection, longest)
    for price in known:
        run.know(price)
    place = len(known)
    unseeded = {price.subject for price in known} | set(asked.watch.what.subjects)
    reach = longest._replace(since=asked.since - reach_of(asked.watch))
    for subject, signals in prices_by_subject(connection, reach):
        if is_enough():
            break
        unseeded.discard(subject)
        run.take(_made(asked, subject, place, seeds_of(asked.watch, subject, signals, SPELLINGS)))
        place += 1
    if not unseeded and place == len(known):
        unseeded.add("")  # there is no price yet, and every subject is meant
    for subject in sorted(unseeded):
        run.take(_made(asked, subject, place, ()))
        place += 1
    return place


def _made(asked: Asked, subject: str, place: int, seeds: tuple[Seed, ...]) -> Made:
    return Made(
        subject=subject, place=place, recorded_at=asked.since, watch=asked.watch, seeds=seeds
    )


def _span(asked: Asked) -> Span:
    return Span(asked.watch.what.subjects or None, asked.since, asked.until, asked.by)


class _Traces:
    """Keeps those that were asked for, up to the most, and counts them all."""

    def __init__(self, asked: Asked) -> None:
        self.count = 0
        self._traced = asked.traced
        self._most = asked.most_traces

    def is_kept(self, trace: Trace) -> bool:
        """Whether this one is kept."""
        if self._traced is None or not self._traced[0] <= trace.at < self._traced[1]:
            return False
        self.count += 1
        return self.count <= self._most


def _seen(trace: Trace) -> Seen:
    return Seen(
        at=trace.at,
        subject=trace.subject,
        item=trace.item,
        verdict=trace.verdict,
        price=trace.price,
        sentence=trace.sentence,
    )


def _sent(connection: extensions.connection, asked: Asked, report: Report) -> list[Sent]:
    messages = report.messages[: asked.most_messages]
    told = {episode for message in messages for episode in message.delivery.episodes}
    decisions: dict[str, list[Decision]] = {}
    for decision in report.decisions:
        if decision.episode in told:
            decisions.setdefault(decision.episode, []).append(decision)
    subjects = {episode[0].subject for episode in decisions.values()}
    described = describe(connection, subjects)
    return [
        Sent(
            at=at,
            channel=delivery.channel,
            held=delivery.reason,
            announcement=Announcement(
                message=delivery.message,
                kind=delivery.kind,
                severity=delivery.severity,
                lines=tuple(
                    _line(asked.watch, tells, decisions[tells.episode], at, described)
                    for tells in delivery.tells
                ),
            ),
        )
        for at, delivery in messages
    ]


def _line(
    watch: Watch,
    tells: Tells,
    decisions: Sequence[Decision],
    at: datetime,
    described: Mapping[str, Described],
) -> Line:
    """What the message says of an episode: as it was decided last by then."""
    raised = decisions[0]
    last = [each for each in decisions if each.at <= at][-1]
    return Line(
        episode=tells.episode,
        watch_id=watch.id,
        watch_name=watch.name,
        subject=raised.subject,
        items=last.items or raised.items,
        labels=raised.labels,
        price=tells.price,
        was=raised.price,
        currency=raised.currency,
        basis=raised.basis,
        reason=last.reason,
        over=tells.over,
        facts=_facts(described.get(raised.subject), raised.happening),
        raised_at=raised.at,
        happening=raised.happening,
    )


def _facts(event: Described | None, happening: Happening | None) -> dict[str, str]:
    facts = {HAPPENED: happened_in_words(happening)}
    if event is not None:
        facts |= {NAME: event.event_name, WHERE: event.venue, DATE: event.event_date or ""}
    return {name: fact for name, fact in facts.items() if fact}

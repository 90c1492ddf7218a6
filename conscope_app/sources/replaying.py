"""Replaying recordings: what was answered then, read by the same adapters and published again."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from conscope_app.core.clock import Clock, to_epoch_ms
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets import validation
from conscope_app.domains.tickets.market import MarketSnapshot
from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.sources.adapter import Adapter, Misread
from conscope_app.sources.base import Outgoing, Publishing, outgoing, outgoing_market
from conscope_app.sources.exchange import Exchange
from conscope_app.sources.lowest import lowest_of_poll
from conscope_app.sources.production import pause
from conscope_app.sources.recorded import Garbled

Wait = Callable[[asyncio.Event, float], Awaitable[None]]  # so many seconds, or until it is set

_READ = 200
NO_SHIFT = timedelta(0)
_MOST_TOLD = 5


class Step(NamedTuple):
    """What one answer says, as records, and what of it is not sent: why, and what is meant."""

    prices: Sequence[Outgoing]
    markets: Sequence[Outgoing]
    refused: Sequence[tuple[str, str]]


@dataclass(slots=True)
class ReplayTally:
    """What has been replayed so far. `told` are the first of what was not, by their reason."""

    answers: int = 0
    prices: int = 0
    markets: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    told: dict[str, list[str]] = field(default_factory=dict)
    at: datetime | None = None

    def pass_over(self, reason: str, what: str) -> None:
        """Count something that was not replayed."""
        self.passed_over[reason] += 1
        told = self.told.setdefault(reason, [])
        if len(told) < _MOST_TOLD:
            told.append(what)

    def __str__(self) -> str:
        at = "" if self.at is None else f"{self.at:%Y-%m-%d %H:%M:%S}: "
        return (
            f"{at}{self.answers:,} answers, {self.prices:,} prices, {self.markets:,} snapshots, "
            f"{self.passed_over.total():,} passed over"
        )


def read_again(exchange: Exchange, adapter: Adapter, shift: timedelta, now: datetime) -> Step:
    """What the adapter makes of a recorded answer, all times moved by `shift`.

    A time that the pipeline would refuse now is refused here. Raises `Misread`.
    """
    reading = adapter.read(exchange.request, exchange.answer)
    refused = [
        ("refused by the adapter", ": ".join(filter(None, refusal))) for refusal in reading.refused
    ]
    prices, markets = [], []
    now_ms = to_epoch_ms(now)
    for price in lowest_of_poll(reading.prices):
        try:
            sent = outgoing(_moved_price(price, shift))
            validation.read(sent.value, now_ms)
        except Refused as bad:
            refused.append((bad.reason, f"{price.event_id}: {bad.message}"))
        else:
            prices.append(sent)
    for market in reading.markets:
        moved = _moved_market(market, shift)
        if validation.EARLIEST <= moved.observed_at <= now + validation.MAX_AHEAD:
            markets.append(outgoing_market(moved))
        else:
            seen = f"{market.event_id}: {moved.observed_at.isoformat()} is ahead of now"
            refused.append((Reason.TIMESTAMP_IN_FUTURE, seen))
    return Step(prices, markets, refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How recordings are replayed.

    `speed` is how many recorded seconds a second takes up; 0 is as fast as possible. `as_now` has
    everything seen at the moment of the replay; a vendor's time that lay before its answer lies as
    long before it.
    """

    adapters: Mapping[str, Adapter]
    speed: float
    as_now: bool
    sources: frozenset[str] = frozenset()  # all, where it is empty

    async def run(
        self,
        recorded: Iterable[Exchange | Garbled],
        prices: Publishing,
        markets: Publishing,
        *,
        stop: asyncio.Event,
        clock: Clock,
        monotonic_s: Callable[[], float],
        on_progress: Callable[[ReplayTally], None],
        wait: Wait = pause,
    ) -> ReplayTally:
        """Publish until the recording is over or `stop` is set; then flush both.

        Without `as_now` the same recording gives the same records each time.
        """
        tally = ReplayTally()
        begins: datetime | None = None
        started_s = monotonic_s()
        for each in recorded:
            if isinstance(each, Garbled):
                tally.pass_over("unreadable line", str(each))
                continue
            adapter = self._adapter(each, tally)
            if adapter is None:
                continue
            begins = begins or each.answer.received_at
            await wait(stop, self._wait_s(each, begins, monotonic_s() - started_s))
            if stop.is_set():
                break
            step = self._step(each, adapter, tally, clock())
            await prices.publish(step.prices)
            await markets.publish(step.markets)
            tally.prices += len(step.prices)
            tally.markets += len(step.markets)
            on_progress(tally)
        await prices.flush()
        await markets.flush()
        return tally

    def _adapter(self, exchange: Exchange, tally: ReplayTally) -> Adapter | None:
        """Who reads it; None where nobody does, or it is none of those that were asked for."""
        if self.sources and exchange.source not in self.sources:
            return None
        tally.at = exchange.answer.received_at
        if exchange.answer.status != _READ:
            status = f"answered {exchange.answer.status}"
            tally.pass_over(status, f"{exchange.source} {exchange.answer.received_at.isoformat()}")
            return None
        adapter = self.adapters.get(exchange.source)
        if adapter is None:
            tally.pass_over("source without an adapter", exchange.source)
        return adapter

    def _step(
        self, exchange: Exchange, adapter: Adapter, tally: ReplayTally, now: datetime
    ) -> Step:
        tally.answers += 1
        shift = now - exchange.answer.received_at if self.as_now else NO_SHIFT
        try:
            step = read_again(exchange, adapter, shift, now)
        except Misread as misread:
            tally.pass_over("of another shape", f"{exchange.source}: {misread}")
            return Step((), (), ())
        for reason, what in step.refused:
            tally.pass_over(reason, what)
        return step

    def _wait_s(self, exchange: Exchange, begins: datetime, passed_s: float) -> float:
        if self.speed == 0:
            return 0.0
        due_s = (exchange.answer.received_at - begins).total_seconds() / self.speed
        return max(due_s - passed_s, 0.0)


def _moved_price(price: PriceEvent, shift: timedelta) -> PriceEvent:
    if not shift:
        return price
    return msgspec.structs.replace(price, timestamp=price.timestamp + shift)


def _moved_market(market: MarketSnapshot, shift: timedelta) -> MarketSnapshot:
    if not shift:
        return market
    return msgspec.structs.replace(market, observed_at=market.observed_at + shift)

"""A stand-in for one vendor: a request and a moment in, an answer out, no socket."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from conscope_app.local.standins.asked_of import AskedOf, question
from conscope_app.local.standins.exchange import Asked, Invalid, Reply, Vendor, as_json
from conscope_app.local.standins.market import Market
from conscope_app.local.standins.misbehaviour import (
    SILENCE_S,
    Kind,
    Misbehaviour,
    well_behaved,
)
from conscope_app.local.standins.quota import Quota
from conscope_app.local.standins.seatgeek import SeatGeekStandIn
from conscope_app.local.standins.ticketmaster import TicketmasterStandIn

# It is for this machine alone, and written out, so that nobody takes it for a real one.
KEY = "stand-in-key-for-this-machine"

_HTML = (
    b"<!DOCTYPE html><html><head><title>Access to this page has been denied.</title></head></html>"
)


class StandIn:
    """Answers as the vendor would, counts what it was asked, and at times goes wrong."""

    def __init__(self, vendor: Vendor, misbehaviour: Misbehaviour, key: str = KEY) -> None:
        self.vendor = vendor
        self.misbehaviour = misbehaviour
        self.counts = AskedOf()
        self.quota = Quota(vendor.per_second, vendor.per_day)
        self._key = key

    def answer(self, asked: Asked, now: datetime) -> Reply:
        """What the vendor says at that moment; moments may not go back."""
        self.counts.asked += 1
        self.counts.days[f"{now:%Y-%m-%d}"] += 1
        reply = self._answer(asked, now)
        self.counts.statuses[reply.status] += 1
        return reply

    def _answer(self, asked: Asked, now: datetime) -> Reply:
        vendor, asks = self.vendor, question(asked)
        if asked.path != vendor.path:
            self.counts.count_invalid(asks)
            return as_json(404, {"message": "Not Found", "status": 404})
        if dict(asked.query).get(vendor.key_parameter) != self._key:
            self.counts.unsigned += 1
            self.counts.count_invalid(asks)
            return vendor.unsigned()
        if self.quota.is_too_fast(now):
            self.counts.over_a_second += 1
            return vendor.too_fast()
        if not self.quota.take(now):
            self.counts.over_a_day += 1
            return vendor.used_up(self._key, self.quota.resets_at)
        kind = self.misbehaviour.next(now)
        if kind is not None:
            self.counts.misbehaved[kind] += 1
        try:
            page = vendor.page(asked, now)
        except Invalid as invalid:
            self.counts.count_invalid(asks)
            return invalid.reply
        broken = _broken(kind, vendor)
        if broken is not None:
            return broken
        return self._whole(asked, self._spoiled(page, kind), kind, now)

    def _whole(self, asked: Asked, page: dict[str, Any], kind: Kind | None, now: datetime) -> Reply:
        standing = self.vendor.standing(self.quota.left, self.quota.resets_at)
        reply = as_json(200, page, standing)
        tag = f'"{hashlib.blake2b(reply.body, digest_size=16).hexdigest()}"'
        headers = {**reply.headers, "ETag": tag}
        asks = question(asked)
        if kind == "half":
            return reply._replace(headers=headers, is_cut=True)
        self.counts.count_answered(asks, _events_in(page), now)
        if asked.headers.get("if-none-match") == tag:
            return Reply(304, {"ETag": tag, **standing}, b"")
        return reply._replace(headers=headers)

    def _spoiled(self, page: dict[str, Any], kind: Kind | None) -> dict[str, Any]:
        match kind:
            case "changed field":
                return self.vendor.with_changed_field(page)
            case "renamed list":
                return self.vendor.with_renamed_list(page)
            case "empty stats":
                return self.vendor.without_prices(page)
            case "empty list":
                return self.vendor.without_events(page)
            case _:
                return page


def _broken(kind: Kind | None, vendor: Vendor) -> Reply | None:
    """The answer that holds nothing of what was asked for."""
    match kind:
        case "busy":
            reply = vendor.too_fast()
            return reply._replace(headers={**reply.headers, "Retry-After": "5"})
        case "error":
            return as_json(500, {"message": "Internal Server Error", "status": 500})
        case "page":
            return Reply(200, {"Content-Type": "text/html"}, _HTML)
        case "silence":
            return Reply(504, {}, b"", silence_s=SILENCE_S)
        case _:
            return None


def _events_in(page: dict[str, Any]) -> int:
    within = page.get("_embedded", page)
    return len(within.get("events", ()))


class StandIns:
    """Both vendors over one market; a request goes to the one whose path it has."""

    def __init__(
        self,
        market: Market,
        *,
        manner: Callable[[int], Misbehaviour] = well_behaved,
        key: str = KEY,
    ) -> None:
        self.market = market
        vendors: tuple[Vendor, ...] = (SeatGeekStandIn(market), TicketmasterStandIn(market))
        self.by_name = {
            vendor.name: StandIn(vendor, manner(market.seed + place), key)
            for place, vendor in enumerate(vendors)
        }

    def answer(self, asked: Asked, now: datetime) -> Reply:
        """What the vendor of that path says; a path of neither is an invalid one of the first."""
        standins = list(self.by_name.values())
        for standin in standins:
            if asked.path == standin.vendor.path:
                return standin.answer(asked, now)
        return standins[0].answer(asked, now)

    def report(self) -> dict[str, Any]:
        """What each of them was asked."""
        return {name: standin.counts.report() for name, standin in self.by_name.items()}

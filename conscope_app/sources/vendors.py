"""Every vendor whose interface has an adapter of its own. A new one is one line here."""

from collections.abc import Mapping
from types import MappingProxyType

from conscope_app.sources.adapter import Adapter
from conscope_app.sources.tickets.seatgeek import SeatGeek
from conscope_app.sources.tickets.ticketmaster import Ticketmaster

VENDORS: Mapping[str, Adapter] = MappingProxyType(
    {adapter.name: adapter for adapter in (SeatGeek(), Ticketmaster())}
)

"""Jinja2, with everything escaped and nothing hidden, and how figures are written on the pages."""

from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import UNSET

from conscope_app import __version__
from conscope_app.core.printable import readable
from web.assets import built, static_url
from web.event_address import event_page, quoted

ROOM = Path(__file__).parent

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
WITHOUT_CENTS = frozenset({"JPY", "KRW"})
JUST_NOW_S = 4  # reports come each second; a page that counts 1, 0, 1, 2 tells nobody anything


def render(template: str, **values: Any) -> str:
    """The template as text, every value escaped."""
    return environment().get_template(template).render(**values)


@cache
def environment() -> Environment:
    """The templates with the filters below; read when the first page is asked for."""
    made = Environment(
        loader=FileSystemLoader(ROOM / "templates"),
        autoescape=True,
        finalize=_readable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": number,
        "money": money,
        "percent": percent,
        "clock": clock,
        "moment": moment,
        "ago": ago,
        "lasting": lasting,
        "size": size,
        "spoken": spoken,
        "share": share,
        "tail": tail,
        "quoted": quoted,
    }
    made.tests["said"] = is_said
    made.globals |= {
        "static": static_url,
        "built": built,
        "event_page": event_page,
        "version": __version__,
    }
    return made


def _readable(value: Any) -> Any:
    """A name from outside must not turn the text around it, or hold what nobody sees."""
    return readable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def is_said(value: object) -> bool:
    """Whether a figure is one, or none: not one that its source does not speak of."""
    return value is not UNSET


def number(value: float) -> str:
    """`12,345`; a fraction keeps one digit while it is small enough to matter."""
    if isinstance(value, float) and value < 100 and not value.is_integer():
        return f"{value:,.1f}"
    return f"{value:,.0f}"


def money(amount: Decimal, currency: str) -> str:
    """`$1,234.50`, `€9.99`, or `1,234.50 CHF`; finer than cents where the amount is."""
    text = f"{amount:,.{_decimals(amount, currency)}f}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{text}" if symbol else f"{text} {currency}"


def _decimals(amount: Decimal, currency: str) -> int:
    if currency in WITHOUT_CENTS and amount == amount.to_integral_value():
        return 0
    exponent = amount.normalize().as_tuple().exponent
    # Beyond that the digits say nothing to a reader; four that do are left of the smallest amount.
    finest = 4 if abs(amount) >= 1 else max(12, 3 - amount.adjusted())
    return min(max(2, -exponent), finest) if isinstance(exponent, int) else 2


def percent(value: Decimal) -> str:
    """`12.5 %`"""
    return f"{value:.1f} %"


def clock(at: datetime) -> str:
    """The time of day, UTC: `14:03:22`."""
    return f"{at:%H:%M:%S}"


def moment(at: datetime) -> str:
    """Day and time, UTC: `2026-03-01 14:03:22 UTC`."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def ago(age_s: float) -> str:
    """How long ago, as coarse as a person would say it."""
    if age_s < JUST_NOW_S:
        return "now"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if age_s >= size:
            return f"{age_s / size:.0f} {unit} ago"
    return f"{age_s:.0f} s ago"


def lasting(seconds: float) -> str:
    """How long something takes, in three digits at most: `12 ms`, `1.2 s`, `3 min`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0005 or not seconds else "under 1 ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}".replace(".0 ", " ")
    return "1 min"


def size(in_bytes: int) -> str:
    """`512 bytes`, `1.5 MB`: powers of a thousand, as disks are sold."""
    for factor, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if in_bytes >= factor:
            return f"{in_bytes / factor:.1f} {unit}"
    return f"{in_bytes} byte{'' if in_bytes == 1 else 's'}"


def spoken(word: str) -> str:
    """A code as words: `timestamp_in_future` is "timestamp in future"."""
    return word.replace("_", " ").replace("json", "JSON")


def tail(name: str, length: int = 14) -> str:
    """A long name's end, where a worker's differs from the others (its port, its pod)."""
    return name if len(name) <= length else f"…{name[1 - length :]}"


def share(part: float, whole: float, width: int = 100) -> str:
    """The length of `part` on a bar of the given width; something is never drawn as nothing."""
    if not part or not whole:
        return "0"
    return f"{min(width, max(1, part / whole * width)):.2f}"

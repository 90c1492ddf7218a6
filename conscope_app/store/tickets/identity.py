"""What makes a seat, in SQL: as `domains/tickets/seat_key.py` has it."""

from conscope_app.domains.tickets.seat_key import SAYS_NOTHING

# By the order of bytes, in which only the letters of ASCII have small ones: as Python decides it.
_WORDS = ", ".join(f"'{word}'" for word in sorted(SAYS_NOTHING))


def _says_nothing(column: str) -> str:
    return f"""lower(btrim({column}, ' ') COLLATE "C") IN ({_WORDS})"""


def listing_of(alias: str = "") -> str:
    """The sixth part of the seat key of a row of `price_history`, and null where there is none."""
    seat, listing = f"{alias}seat", f"{alias}listing_id"
    return f"""
        CASE WHEN {_says_nothing(seat)} AND NOT {_says_nothing(listing)} THEN {listing} END
    """

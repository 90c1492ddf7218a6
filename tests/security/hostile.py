"""What an attacker would put into every field that the pipeline takes from outside."""

from typing import Any

from tests.factories import a_price

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'&amp;{{7*7}}"
MENTIONS = "@everyone @here <@&77> <#5> **bold** [x](https://evil.example) https://evil.example"
SQL = "'; DROP TABLE price_history; -- \\"

# The record's rules let these through: a C1 control that some terminals take for an escape, a
# line's end that only Unicode knows, and one that turns the reading direction.
UNSEEN = "\u009b31m\u0085\u2028\u202e"

TEXTS = ("event_id", "event_name", "venue", "event_date", "source", "section", "row", "seat")
MORE_TEXTS = ("listing_id", "delivery_method", "seller_notes")
HOSTILE = " ".join((MARKUP, MENTIONS, SQL, UNSEEN))

# What a terminal, or a log's reader, would fall for: kept out of records, yet sent to the topic.
TERMINAL = "\x1b]0;owned\x07\x1b[2J\n2026-01-01 00:00:00,000 CRITICAL root: forged"


def a_hostile_price(**fields: Any) -> dict[str, Any]:
    """A raw price that is valid, and hostile in each of its texts."""
    texts = {name: f"{name} {HOSTILE}" for name in (*TEXTS, *MORE_TEXTS)}
    return a_price(**{**texts, "listing_url": "javascript:alert(3)", **fields})

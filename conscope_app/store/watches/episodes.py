"""Episodes as people look at them: what was found, since when, and whether it still is so."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case
from psycopg2.extras import execute_values

from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.verdicts import Verdict

# In their order: an episode is raised, updated with falling prices, and over. Whatever comes again
# changes nothing.
_RAISE = """
    INSERT INTO watch_episodes (episode, watch_id, watch_version, subject, items, labels, currency,
        basis, raised_at, raised_price, raised_reason, price, reason, decided_at)
    VALUES %s
    ON CONFLICT (episode) DO NOTHING
"""
_FOLLOW = """
    UPDATE watch_episodes AS known SET
        items = CASE WHEN cardinality(said.items) > 0 THEN said.items ELSE known.items END,
        price = coalesce(said.price, known.price), reason = said.reason,
        decided_at = said.at, over_at = CASE WHEN said.is_over THEN said.at END
    FROM (VALUES %s) AS said (episode, items, price, reason, at, is_over)
    WHERE known.episode = said.episode AND known.over_at IS NULL
        AND (said.is_over OR known.price IS NULL OR said.price < known.price)
"""
_FOLLOW_TYPES = "(%s, %s::text[], %s::numeric, %s, %s::timestamptz, %s::boolean)"

_ACKNOWLEDGE = """
    UPDATE watch_episodes SET acknowledged_at = coalesce(acknowledged_at, clock_timestamp())
    WHERE episode = %(episode)s
    RETURNING episode
"""


def write_episodes(cursor: Cursor, decisions: Sequence[Decision]) -> None:
    """Keep what was decided, in its order; what is kept already changes nothing."""
    raised = [each for each in decisions if each.verdict is Verdict.RAISED]
    if raised:
        execute_values(cursor, _RAISE, [_raised(each) for each in raised])
    # One statement changes a row once: each step of an episode is a statement of its own.
    steps: dict[str, list[Decision]] = {}
    for each in decisions:
        if each.verdict is not Verdict.RAISED:
            steps.setdefault(each.episode, []).append(each)
    while steps:
        rows = [_followed(following[0]) for following in steps.values()]
        execute_values(cursor, _FOLLOW, rows, template=_FOLLOW_TYPES)
        steps = {episode: rest for episode, (_, *rest) in steps.items() if rest}


def note_acknowledged(cursor: Cursor, episode: str) -> bool:
    """Somebody knows of it; whether there is such an episode."""
    values: Mapping[str, Any] = {"episode": episode}
    cursor.execute(_ACKNOWLEDGE, values)
    return cursor.fetchone() is not None


def _raised(decision: Decision) -> tuple[Any, ...]:
    return (
        decision.episode,
        decision.watch_id,
        decision.watch_version,
        decision.subject,
        list(decision.items),
        msgspec.json.encode(decision.labels).decode(),
        decision.currency,
        decision.basis,
        decision.at,
        decision.price,
        decision.reason,
        decision.price,
        decision.reason,
        decision.at,
    )


def _followed(decision: Decision) -> tuple[Any, ...]:
    is_over = decision.verdict is Verdict.OVER
    # What it cost last stays; the price at which it was over is in the reason.
    price = None if is_over else decision.price
    items = list(decision.items)
    return decision.episode, items, price, decision.reason, decision.at, is_over

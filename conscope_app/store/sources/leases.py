"""Who polls which source: one at a time, by a lease that its holder lengthens.

Leases go by the database's clock. Whoever writes for a source writes under its lease: a poller that
stood still while another took over changes nothing any more.
"""

from collections.abc import Sequence

from conscope_app.store.engine import Connection

# A source whose worker was killed is taken over when its lease has run out; one that is alive
# lengthens it three times as often.
LEASE_S = 9.0
KEEP_EVERY_S = 3.0

_TAKE = """
    INSERT INTO sources AS s (source, leased_by, leased_until)
    VALUES (%(source)s, %(holder)s, clock_timestamp() + %(lease_s)s * interval '1 second')
    ON CONFLICT (source) DO UPDATE
    SET leased_by = excluded.leased_by, leased_until = excluded.leased_until
    WHERE s.leased_by IS NULL OR s.leased_by = excluded.leased_by
        OR s.leased_until < clock_timestamp()
    RETURNING source
"""

_KEEP = """
    UPDATE sources SET leased_until = clock_timestamp() + %(lease_s)s * interval '1 second'
    WHERE source = %(source)s AND leased_by = %(holder)s
    RETURNING source
"""

_GIVE_BACK = """
    UPDATE sources SET leased_by = NULL, leased_until = NULL
    WHERE source = ANY(%(sources)s) AND leased_by = %(holder)s
"""

# Only without its lease: what its poller has in mind would be noted again.
_RELEASE = """
    UPDATE sources SET leased_by = NULL, leased_until = NULL, barred = NULL, breaker = 'closed',
        failures = 0, openings = 0, blocked_until = NULL, trouble = NULL
    WHERE source = %(source)s
    RETURNING source
"""


class LeaseLost(Exception):
    """Somebody else polls the source by now."""


def take(connection: Connection, source: str, holder: str, *, lease_s: float = LEASE_S) -> bool:
    """Lease the source, if nobody else has it."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"source": source, "holder": holder, "lease_s": lease_s})
        return cursor.fetchone() is not None


def keep(connection: Connection, source: str, holder: str, *, lease_s: float = LEASE_S) -> None:
    """Lengthen the lease, and hold its line until the transaction ends. Raises `LeaseLost`."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"source": source, "holder": holder, "lease_s": lease_s})
        if cursor.fetchone() is None:
            raise LeaseLost(f"{source} is polled by another worker")


def release(connection: Connection, source: str) -> bool:
    """Have whoever comes first ask it anew, with its key too; False where it was never polled.

    Who holds it at the moment finds out within `KEEP_EVERY_S`, and has asked nothing more by then.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"source": source})
        return cursor.fetchone() is not None


def give_back(connection: Connection, sources: Sequence[str], holder: str) -> None:
    """Let others have them at once."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"sources": list(sources), "holder": holder})

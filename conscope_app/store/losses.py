"""Which losses somebody has acknowledged: how many offsets of each partition."""

from collections.abc import Mapping

from psycopg2.extras import execute_values

from conscope_app.store.engine import Connection, Database

# (consumer group, topic, partition)
Key = tuple[str, str, int]

_READ = "SELECT consumer_group, topic, partition, lost FROM acknowledged_losses"
_ACKNOWLEDGE = """
INSERT INTO acknowledged_losses (consumer_group, topic, partition, lost) VALUES %s
ON CONFLICT (consumer_group, topic, partition)
DO UPDATE SET lost = excluded.lost, acknowledged_at = now()
"""


async def read_acknowledged(database: Database) -> dict[Key, int]:
    """How many offsets of each partition were acknowledged; raises where the database is away."""

    def read(connection: Connection) -> dict[Key, int]:
        with connection.cursor() as cursor:
            cursor.execute(_READ)
            return {(group, topic, part): lost for group, topic, part, lost in cursor.fetchall()}

    return await database.run(read)


async def acknowledge(database: Database, losses: Mapping[Key, int]) -> None:
    """Take note of so many offsets lost of each partition, of all or of none."""

    def write(connection: Connection) -> None:
        with connection.cursor() as cursor:
            execute_values(cursor, _ACKNOWLEDGE, [(*key, lost) for key, lost in losses.items()])

    if losses:
        await database.run(write)

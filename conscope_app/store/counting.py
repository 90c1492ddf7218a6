"""How many rows a table has of one raw partition."""

from psycopg2 import sql

from conscope_app.store.engine import Connection, Database


async def count_rows(database: Database, table: str, partition: int) -> int:
    """Rows whose raw record stands in this partition of `raw_prices`."""
    query = sql.SQL("SELECT count(*) FROM {} WHERE raw_partition = %s").format(
        sql.Identifier(table)
    )

    def count(connection: Connection) -> int:
        with connection.cursor() as cursor:
            cursor.execute(query, (partition,))
            ((rows,),) = cursor.fetchall()
        return int(rows)

    return await database.run(count)

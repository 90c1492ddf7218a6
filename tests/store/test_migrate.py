"""Migrations: they make what the models say, from wherever a database stands."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, create_engine, inspect, text
from sqlalchemy.engine import Engine

from conscope_app.store.migrate import MigrationError, create_database, current, head, upgrade
from conscope_app.store.schema import metadata
from conscope_app.store.url import connect_arguments, parse_url
from tests.store.conftest import drop_database
from tests.store.ledgers import Tables
from tests.store.market.listed import AT, Listed

pytestmark = pytest.mark.postgres

UPGRADE = (
    "import sys; from conscope_app.store.migrate import upgrade; print(len(upgrade(sys.argv[1])))"
)


@pytest.fixture
def new_url(database_url: str) -> Iterator[str]:
    """A database that is not there yet, with a name that must be quoted."""
    name = "conscope_Ne-w"
    drop_database(database_url, name)
    yield parse_url(database_url).set(database=name).render_as_string(hide_password=False)
    drop_database(database_url, name)


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """SQLAlchemy's view of the migrated database."""
    engine = create_engine(parse_url(store_url), connect_args=connect_arguments(store_url))
    yield engine
    engine.dispose()


def _without_months(connection: Connection) -> Any:
    names = connection.execute(text("SELECT relname FROM pg_class WHERE relispartition")).scalars()
    partitions = set(names)
    return lambda name, kind, _: kind != "table" or name not in partitions


def test_models_and_migrations_agree(engine: Engine) -> None:
    """Alembic finds nothing to do: columns, types, nulls, defaults, indexes, unique keys."""
    with engine.connect() as connection:
        options = {
            "include_name": _without_months(connection),
            "compare_server_default": True,
            "compare_type": True,
        }
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, metadata)

    assert differences == []


@pytest.mark.parametrize("table", [pytest.param(name, id=name) for name in metadata.tables])
def test_keys_and_checks_agree(engine: Engine, table: str) -> None:
    """Alembic does not compare these."""
    inspector = inspect(engine)
    model = metadata.tables[table]

    key = inspector.get_pk_constraint(table)
    checks = inspector.get_check_constraints(table)

    assert key["constrained_columns"] == [column.name for column in model.primary_key.columns]
    assert key["name"] == model.primary_key.name
    expected = [c.name for c in model.constraints if isinstance(c, CheckConstraint)]
    assert [check["name"] for check in checks] == expected


def test_the_history_is_partitioned_by_observation(engine: Engine) -> None:
    """By range, so that retention drops a month."""
    with engine.connect() as connection:
        key = connection.execute(
            text("SELECT pg_get_partkeydef('price_history'::regclass)")
        ).scalar_one()

    assert key == "RANGE (observed_at)"


def test_a_new_database_is_created_and_migrated_once(new_url: str) -> None:
    """The second time there is nothing left to do."""
    assert create_database(new_url) is True
    assert current(new_url) is None
    assert [step.split()[0] for step in upgrade(new_url)] == [
        "0001",
        "0002",
        "0003",
        "0004",
        "0005",
        "0006",
        "0007",
        "0008",
        "0009",
        "0010",
        "0011",
        "0012",
        "0013",
        "0014",
        "0015",
    ]
    assert create_database(new_url) is False
    assert upgrade(new_url) == []
    assert current(new_url) == head()


def test_several_processes_may_migrate_at_once(new_url: str) -> None:
    """One applies everything, the others wait and find nothing left to do."""
    create_database(new_url)
    processes = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, new_url], stdout=subprocess.PIPE)
        for _ in range(3)
    ]

    applied = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sorted(applied) == [0, 0, 15]
    assert [process.returncode for process in processes] == [0, 0, 0]


def go_down(url: str, revision: str) -> list[str]:
    """Go back to a revision; the tables that are left."""
    config = Config()
    config.set_main_option("script_location", "conscope_app.store:migrations")
    engine = create_engine(parse_url(url), connect_args=connect_arguments(url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        left = inspect(connection).get_table_names()
    engine.dispose()
    return left


def test_down_and_up_again(new_url: str) -> None:
    """A downgrade leaves nothing behind that an upgrade would stumble over."""
    create_database(new_url)
    upgrade(new_url)

    assert go_down(new_url, "base") == ["alembic_version"]
    assert len(upgrade(new_url)) == 15


def test_what_was_sent_before_it_was_counted_is_counted(new_url: str) -> None:
    """Of each channel, in the migration that begins to count."""
    create_database(new_url)
    upgrade(new_url)
    go_down(new_url, "0006")
    with psycopg2.connect(**connect_arguments(new_url)) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "INSERT INTO deliveries (raw_partition, raw_offset, channel, event_id, status) VALUES"
            " (0, 1, 'a', 'e', 'sent'), (0, 2, 'a', 'e', 'sent'), (0, 1, 'b', 'e', 'waiting')"
        )
        connection.commit()
        upgrade(new_url)
        cursor.execute("UPDATE deliveries SET status = 'sent' WHERE channel = 'b'")
        cursor.execute("SELECT channel, sent FROM sent_deliveries ORDER BY channel")
        counted = cursor.fetchall()
    connection.close()

    assert counted == [("a", 2), ("b", 1)]


def test_groups_that_are_there_already_get_their_lines(new_url: str) -> None:
    """Their events have news, from which the first look makes them; a downgrade leaves the own."""
    create_database(new_url)
    upgrade(new_url)
    with Tables(new_url) as tables:
        listed = Listed(tables.run)
        for event_id in ("a", "b"):
            listed.line(event_id, group_id="a")
            row = (event_id, AT)
            tables.run("INSERT INTO event_match_members VALUES (%s, 'a', %s)", *row)
        listed.line("c")
        listed.line("a", key="a group", group_id="a", members=["a", "b"], other_names="Late")

        go_down(new_url, "0013")
        search = "SELECT event_id FROM event_markets WHERE search @@ 'radiohead' ORDER BY id"
        below = tables.run(search)
        upgrade(new_url)

        assert below == tables.run(search) == [("a",), ("b",), ("c",)]
        news = tables.run("SELECT event_id, drops FROM event_news ORDER BY event_id")
        assert news == [("a", 0), ("b", 0)]


def test_a_server_that_is_away_is_said_in_a_sentence() -> None:
    """Where it was looked for and why it failed, but never the password."""
    url = "postgresql+psycopg2://conscope:sesam@127.0.0.1:1/prices"

    for ask in (create_database, upgrade, current):
        with pytest.raises(MigrationError, match=r"127\.0\.0\.1:1/prices") as caught:
            ask(url)
        assert "Connection refused" in str(caught.value)
        assert "sesam" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_database_of_a_newer_version_is_left_alone(new_url: str) -> None:
    """An old worker does not touch what it does not know."""
    create_database(new_url)
    upgrade(new_url)
    with psycopg2.connect(**connect_arguments(new_url)) as connection:
        connection.cursor().execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(MigrationError, match="9999"):
        upgrade(new_url)


def test_a_database_that_cannot_hold_every_name_is_refused(database_url: str, new_url: str) -> None:
    """In LATIN1 every emoji would become a dead letter."""
    connection = psycopg2.connect(**connect_arguments(database_url))
    connection.autocommit = True
    connection.cursor().execute(
        "CREATE DATABASE \"conscope_Ne-w\" ENCODING 'LATIN1' TEMPLATE template0"
        " LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    connection.close()

    with pytest.raises(MigrationError, match="LATIN1"):
        upgrade(new_url)

"""The house plan, where a tool does not hold it already."""

from pathlib import Path

import pytest

from conscope_app import app
from conscope_app.modules import COMMANDS, MODULES
from conscope_app.topics.tickets import (
    LAST_MARKETS_CHANGELOG,
    LAST_SEEN_CHANGELOG,
    WATCH_BOOKS_CHANGELOG,
)

ROOT = Path(__file__).parents[1]
ROOMS = ("conscope_app", "agents", "tables", "web")


@pytest.fixture(scope="module", autouse=True)
def discovered() -> None:
    app.finalize()
    app.discover()


def modules() -> list[str]:
    """The dotted names of everything that is shipped, except migrations, which are scripts."""
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
    ]


def test_exactly_these_agents_run() -> None:
    """An agent that is not imported does not run, and nobody would notice."""
    assert set(app.agents) == {
        "track_prices",
        "store_prices",
        "store_alerts",
        "watch_prices",
        "store_watch_decisions",
        "track_markets",
        "store_markets",
    }
    assert set(app.feeds) == set(app.agents)


def test_exactly_these_tables_exist() -> None:
    """Their changelogs have the names that are written out among the topics."""
    from tables.tickets import last_markets, last_seen_prices
    from tables.watches import watch_books

    assert set(app.tables) == {"last_seen_prices", "watch_books", "last_markets"}
    assert last_seen_prices.changelog == LAST_SEEN_CHANGELOG.name
    assert watch_books.changelog == WATCH_BOOKS_CHANGELOG.name
    assert last_markets.changelog == LAST_MARKETS_CHANGELOG.name


def test_every_registering_module_is_listed() -> None:
    """Whoever adds a file to agents/, tables/ or commands/ lists it, or this fails."""
    registering = {
        name
        for name in modules()
        for path in [ROOT / (name.replace(".", "/") + ".py")]
        if name.startswith(("agents.", "tables.", "conscope_app.commands."))
        and any(
            mark in path.read_text()
            for mark in ("@app.", "app.Table(", "app.feed(", "app.service(", "app.command(")
        )
    }

    assert registering <= {*MODULES, *COMMANDS.values()}


def test_no_module_is_skipped_by_fausts_scan() -> None:
    """Faust's scan silently skips names that hold `test_`."""
    assert [name for name in modules() if "test_" in name] == []


def test_names_say_what_they_hold() -> None:
    """No drawers for odds and ends."""
    drawers = {"utils", "helpers", "manager", "common", "misc"}

    assert [name for name in modules() if drawers & set(name.split("."))] == []


def test_no_module_takes_the_place_of_the_application() -> None:
    """`conscope_app.app` is the lazy attribute; a module of that name would hide it."""
    assert not (ROOT / "conscope_app/app.py").exists()


def test_every_test_folder_is_a_package() -> None:
    """`tests/agents` without `__init__.py` would shadow the real `agents`."""
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}

    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_pure_rooms_import_without_building_the_application() -> None:
    """Importing domains reads no settings: a wrong environment does not matter to them."""
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", "import conscope_app.domains.tickets.tracking"],
        cwd=ROOT,
        env={"CONSCOPE_WEB_PORT": "not a port", "PATH": ""},
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr

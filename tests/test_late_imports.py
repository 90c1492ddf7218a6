"""What a worker does not need, it does not import: each start of each worker would pay for it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from faust.cli.faust import cli

from conscope_app import app
from conscope_app.late_commands import LateCommand
from conscope_app.modules import COMMANDS
from tests.commands.shell import conscope

ROOT = Path(__file__).parents[1]
WEBHOOK = "https://discord.com/api/webhooks/1/token"

# What `faust -A conscope_app worker` has imported when it begins to start services.
AS_A_WORKER = """
import json, sys
from faust.cli.base import find_app
import faust.cli.faust
find_app("conscope_app")
print(json.dumps(sorted(sys.modules)))
"""


def imported(**settings: str) -> set[str]:
    """The modules in a worker's process, and the packages that they are of."""
    done = subprocess.run(
        [sys.executable, "-c", AS_A_WORKER],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},  # noqa: TID251 a child's environment
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules: list[str] = json.loads(done.stdout)
    return {*modules, *(name.partition(".")[0] for name in modules)}


def test_a_worker_imports_nothing_that_only_commands_need() -> None:
    """Neither Alembic, nor tables for a terminal, nor the commands themselves."""
    modules = imported()

    assert modules.isdisjoint({"alembic", "mako", "rich", "pygments"})
    assert modules.isdisjoint(COMMANDS.values())
    assert "conscope_app.audit" not in modules
    assert "agents.tickets.prices" in modules


def test_requests_is_imported_for_a_webhook_alone() -> None:
    """`discord-webhook` brings it along; the console needs neither."""
    of_discord = {"discord_webhook", "requests"}

    assert imported().isdisjoint(of_discord)
    assert of_discord <= imported(CONSCOPE_DISCORD_WEBHOOK_URL=WEBHOOK)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_found_by_its_name(name: str) -> None:
    """Importing its module puts the command in the place of what stood for it."""
    found: Any = LateCommand(name, COMMANDS[name]).imported()

    assert not isinstance(found, LateCommand)
    assert found.name == name


@pytest.mark.parametrize("name", COMMANDS)
def test_a_late_command_becomes_the_command(name: str) -> None:
    """Its context is that of the command itself, with its parameters."""
    late = LateCommand(name, COMMANDS[name])
    context = late.make_context(name, [], parent=click.Context(cli), resilient_parsing=True)

    assert context.command is late.imported()


def test_a_command_that_was_imported_stays() -> None:
    """Faust discovers twice: the second time must not take the command away again."""
    command = LateCommand("topics", COMMANDS["topics"]).imported()
    app.discover()

    assert cli.commands["topics"] is command


def test_help_lists_every_command() -> None:
    """With its own first words."""
    shown = conscope("--help")

    assert shown.code == 0, shown.errors
    for name, words in {
        "topics": "List the topics",
        "dead-letters": "List the records that could not be taken",
        "import": "Publish the prices in FILE",
    }.items():
        assert f"  {name}" in shown.output
        assert words in shown.output
    assert all(f"\n  {name} " in shown.output for name in COMMANDS)


def test_an_unknown_command_is_a_usage_error() -> None:
    shown = conscope("forecast")

    assert shown.code == 2
    assert "No such command 'forecast'" in shown.errors

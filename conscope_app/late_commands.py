"""Commands whose modules are imported when they are called, or when help lists them.

Half of what our commands import, no worker needs: Alembic, rich, the audit.
"""

import importlib
from collections.abc import Mapping
from typing import Any

import click
from faust.cli.base import cli


class LateCommand(click.Command):
    """Stands among Faust's commands in the place of one whose module is not imported yet."""

    def __init__(self, name: str, module: str) -> None:
        super().__init__(name)
        self._module = module

    def imported(self) -> click.Command:
        """The command itself: importing its module registers it under the same name."""
        importlib.import_module(self._module)
        assert self.name is not None
        return cli.commands[self.name]

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """The context of the command itself, which is the one that is then invoked."""
        return self.imported().make_context(*args, **options)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Its line in the list of commands."""
        return self.imported().get_short_help_str(limit)


def register(modules: Mapping[str, str]) -> None:
    """Have the command line know these commands, by name; importing none of them."""
    for name, module in modules.items():
        cli.commands.setdefault(name, LateCommand(name, module))

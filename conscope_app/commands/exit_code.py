"""Commands that end with an exit code of their own, on an event loop of their own.

Faust runs a command inside a worker, which takes over signals, cancels the command on Ctrl-C and
turns every ending into 0 or a traceback. A command that must flush on Ctrl-C, or whose exit code a
script reads, uses `ExitCodeCommand` as its `base`.
"""

import asyncio
import signal
from typing import Any, ClassVar, NoReturn

import click
from faust.cli.base import AppCommand


class ExitCodeCommand(AppCommand):
    """Runs the command's coroutine and exits with the code that it returns."""

    abstract: ClassVar[bool] = True

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        try:
            code = asyncio.run(self.run(*self.args, *args, **{**self.kwargs, **kwargs}))
        except click.ClickException as error:
            error.show(self.stderr)  # Faust would print a traceback
            code = error.exit_code
        raise SystemExit(code)


def stop_on_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set, for a command that ends tidily; call it on the loop.

    A second signal is the usual abrupt end, for when tidying takes longer than the person's
    patience.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    return stop

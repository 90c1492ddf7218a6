"""A command that either succeeds or says in its last lines why not."""

import subprocess

_TAIL = 30


class CommandFailed(Exception):
    """It ended with an error; the message ends in the last lines that it printed."""


def complete(command: list[str], what_failed: str) -> None:
    """Run it to its end; raises `CommandFailed`."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        shown = "\n".join(done.stdout.splitlines()[-_TAIL:])
        raise CommandFailed(f"{what_failed}:\n{shown}")

"""What people say to a channel, or of what it told: `watches acknowledge|snooze|test-channel`."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import click

from conscope_app import app
from conscope_app.alerting.watches.validation import Invalid
from conscope_app.commands.away import CannotRun
from conscope_app.commands.exit_code import ExitCodeCommand
from conscope_app.commands.watch_report import shown
from conscope_app.core.clock import utc_now
from conscope_app.notify.base import NotifyError
from conscope_app.notify.channel_problems import BadChannels
from conscope_app.notify.channel_trial import NoSuchChannel, try_channel
from conscope_app.store.watches.acknowledging import acknowledge, snooze

DONE, NOT_DONE = 0, 1


async def acknowledge_episode(command: ExitCodeCommand, target: str, _: dict[str, Any]) -> int:
    """Nothing more is said of an episode."""
    if await app.services.database.run(partial(acknowledge, episode=target)):
        command.say(f"{shown(target)}: nothing more is said of it")
        return DONE
    command.say(f"there is no episode {shown(repr(target))}", file=command.stderr)
    return NOT_DONE


async def snooze_watch(command: ExitCodeCommand, target: str, options: dict[str, Any]) -> int:
    """Nothing is said of a watch until a moment."""
    until = _until(options["snoozed_until"], options["for_s"])
    try:
        done = await app.services.database.run(partial(snooze, watch_id=target, until=until))
    except Invalid as invalid:
        raise click.UsageError(str(invalid)) from None
    if done is None:
        command.say(f"there is no watch {shown(repr(target))}", file=command.stderr)
        return NOT_DONE
    told = "it tells again" if until is None else f"says nothing until {until:%Y-%m-%d %H:%M:%S}"
    command.say(f"{shown(target)}: {told} (version {done.watch.version})")
    return DONE


async def try_one_channel(command: ExitCodeCommand, target: str, _: dict[str, Any]) -> int:
    """One message through a channel."""
    try:
        await try_channel(app.settings, app.services.clock, target)
    except BadChannels as bad:
        raise CannotRun(shown(str(bad))) from None
    except NoSuchChannel as error:
        command.say(shown(str(error)), file=command.stderr)
        return NOT_DONE
    except NotifyError as error:
        command.say(f"{target} was not told: {shown(error.problem)}", file=command.stderr)
        return NOT_DONE
    command.say(f"{target} was told.")
    return DONE


def _until(moment: datetime | None, for_s: float | None) -> datetime | None:
    """The end of a snooze; none where it lasts no time."""
    if (moment is None) is (for_s is None):
        raise click.UsageError("say until when: --until or --for, one of them")
    if moment is not None:
        return moment.replace(tzinfo=UTC)
    try:
        return utc_now() + timedelta(seconds=for_s) if for_s else None
    except OverflowError:
        raise click.UsageError("--for: nobody lives to see the end of it") from None

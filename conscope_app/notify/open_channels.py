"""Which channels watches can tell: those of the channels file, or one by the settings."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from conscope_app.core.clock import Clock
from conscope_app.notify.channels import Channel
from conscope_app.notify.console_announcements import ConsoleChannel
from conscope_app.notify.webhook_url import WebhookUrl
from conscope_app.settings import Settings

DEFAULT = "default"


def channels_for(settings: Settings, clock: Clock) -> Mapping[str, Channel]:
    """Every channel by its name. Nothing is opened until it is used.

    Without a file there is one, `default`: the settings' Discord webhook, or the console. Raises
    `BadChannels` or `BadWebhookUrl`, whose messages are for the person who set them.
    """
    if settings.channels_file is not None:
        return _of_file(settings.channels_file, settings, clock)
    secret = settings.discord_webhook_url
    if settings.notify == "console" or secret is None:
        return {DEFAULT: ConsoleChannel(DEFAULT, sys.stdout)}
    # `discord-webhook` brings requests along, which nothing else needs.
    from conscope_app.notify.discord_announcements import DiscordChannel

    url = WebhookUrl(secret.get_secret_value(), allow_loopback=settings.discord_allow_loopback)
    return {DEFAULT: DiscordChannel(DEFAULT, url)}


def secrets_in(path: Path) -> Iterator[str]:
    """Every secret that a channels file holds or names, for whoever keeps them out of logs.

    None where the file cannot be used: `channels_for` says why.
    """
    from conscope_app.notify.channel_file import read_channels
    from conscope_app.notify.channel_problems import BadChannels

    try:
        described = read_channels(path)
    except BadChannels:
        return
    for channel in described:
        yield from (text for field, text in channel.secrets.items() if field != "authorities")


def _of_file(path: Path, settings: Settings, clock: Clock) -> Mapping[str, Channel]:
    # YAML is read where there is a file of it.
    from conscope_app.notify.channel_file import read_channels
    from conscope_app.notify.channel_opening import Unusable, open_channel
    from conscope_app.notify.channel_problems import BadChannels

    channels, problems = {}, []
    for described in read_channels(path):
        try:
            channels[described.name] = open_channel(
                described, clock=clock, allow_loopback=settings.discord_allow_loopback
            )
        except Unusable as error:
            problems.append(described.problem(error.field, str(error)))
    if problems:
        raise BadChannels(path, problems)
    return channels

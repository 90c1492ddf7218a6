"""Which channel alerts go to."""

import sys

from conscope_app.notify.base import Notifier
from conscope_app.notify.console import ConsoleNotifier
from conscope_app.notify.webhook_url import WebhookUrl
from conscope_app.settings import Settings


def notifier_for(settings: Settings) -> Notifier:
    """Discord where a webhook is set, unless the console was asked for; the console otherwise.

    Raises `BadWebhookUrl`, whose message is for the person who set it.
    """
    secret = settings.discord_webhook_url
    if settings.notify == "console" or secret is None:
        return ConsoleNotifier(sys.stdout)
    # `discord-webhook` brings requests along, which nothing else needs.
    from conscope_app.notify.discord import DiscordNotifier

    url = WebhookUrl(secret.get_secret_value(), allow_loopback=settings.discord_allow_loopback)
    return DiscordNotifier(url)

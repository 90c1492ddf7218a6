"""What cannot be built is told in a sentence, and ends the process with 78."""

import sys

from pydantic import ValidationError

from conscope_app.domains.tickets.matching.aliases import BadAliases
from conscope_app.notify.channel_problems import BadChannels
from conscope_app.notify.webhook_url import BadWebhookUrl
from conscope_app.services import Services, build_services
from conscope_app.settings import Settings, UnreadableFile
from conscope_app.sources.configured import BadSource
from conscope_app.store.url import BadDatabaseUrl
from conscope_app.stream.ending import EXIT_STAY_DOWN


def settings_or_exit() -> Settings:
    """The settings of this process."""
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = "_".join(("CONSCOPE", *(str(part).upper() for part in problem["loc"])))
            message = problem["msg"].removeprefix("Value error, ")
            sys.stderr.write(f"conscope: {name if problem['loc'] else 'settings'}: {message}\n")
    except UnreadableFile as error:
        sys.stderr.write(f"conscope: {error}\n")
    sys.exit(EXIT_STAY_DOWN)


def services_or_exit(settings: Settings) -> Services:
    """The services that these settings describe; nothing is opened."""
    try:
        return build_services(settings)
    except BadWebhookUrl as error:
        sys.stderr.write(f"conscope: CONSCOPE_DISCORD_WEBHOOK_URL: {error}\n")
    except (BadAliases, BadChannels, BadDatabaseUrl, BadSource) as error:
        for line in str(error).splitlines():
            sys.stderr.write(f"conscope: {line}\n")
    sys.exit(EXIT_STAY_DOWN)

"""Which texts are secret: the last net under every log line."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from conscope_app.core.printable import Mask
from conscope_app.notify.open_channels import secrets_in
from conscope_app.polled_sources import feeds_of
from conscope_app.settings import Settings
from conscope_app.sources.configured import BadSource

_WEBHOOK_TOKEN = re.compile(r"/webhooks/\d+/([^/?#\s]+)")


def mask_of(settings: Settings) -> Mask:
    """Knows every secret of settings, channels and feeds, whole and in parts as errors repeat."""
    secrets = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    if settings.channels_file is not None:
        secrets += secrets_in(settings.channels_file)
    try:
        secrets += [each.key for each in feeds_of(settings) if each.key is not None]
    except BadSource:
        pass  # whoever polls them says so
    return Mask(part for secret in secrets for part in _parts(secret))


def _parts(secret: str) -> Iterator[str]:
    yield secret
    yield from _WEBHOOK_TOKEN.findall(secret)
    if "://" in secret:
        try:
            password = urlsplit(secret).password
        except ValueError:
            return  # no address: whoever reads it will say so
        if password:
            yield password
            yield unquote(password)

"""Every channel, with a stand-in at its other end that a test can ask what it was told."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.authority import Authority
from tests.notify.channels.ends import (
    Far,
    apprise_end,
    console_end,
    discord_end,
    email_end,
    webhook_end,
)
from tests.notify.channels.hook_stand_in import HookStandIn
from tests.notify.channels.mail_stand_in import MailStandIn

ENDS = {
    "discord": discord_end,
    "webhook": webhook_end,
    "console": console_end,
    "apprise": apprise_end,
}


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> Iterator[tuple[str, str]]:
    """Files of a certificate for this machine, and of its key."""
    with tempfile.TemporaryDirectory(prefix="conscope-mail-") as folder:
        paths = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        for path, text in zip(paths, authority.sign("127.0.0.1"), strict=True):
            path.write_text(text)
        yield str(paths[0]), str(paths[1])


@pytest.fixture
def hook() -> Iterator[HookStandIn]:
    with HookStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def mail(certificate: tuple[str, str]) -> AsyncIterator[MailStandIn]:
    async with MailStandIn(certificate, "starttls") as stand_in:
        yield stand_in


@pytest.fixture(params=["email", *ENDS])
async def far(
    request: pytest.FixtureRequest, mail: MailStandIn, authority: Authority
) -> AsyncIterator[Far]:
    end = ENDS.get(request.param)
    async with email_end(mail, authority) if end is None else end() as found:
        yield found
        await found.channel.close()

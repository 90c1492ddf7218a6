import pytest

from conscope_app.notify.console import ConsoleNotifier
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.notifiers import notifier_for
from conscope_app.notify.webhook_url import BadWebhookUrl
from conscope_app.settings import Settings

URL = "https://discord.com/api/webhooks/1/s3cret"


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NOTIFY", "DISCORD_WEBHOOK_URL", "DISCORD_WEBHOOK_URL_FILE"):
        monkeypatch.delenv(f"CONSCOPE_{name}", raising=False)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, ConsoleNotifier, id="no webhook"),
        pytest.param({"DISCORD_WEBHOOK_URL": URL}, DiscordNotifier, id="a webhook"),
        pytest.param(
            {"DISCORD_WEBHOOK_URL": URL, "NOTIFY": "console"}, ConsoleNotifier, id="asked"
        ),
    ],
)
async def test_alerts_go_to_discord_where_a_webhook_is_set(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: type
) -> None:
    """And to the console otherwise, or where it was asked for."""
    for name, value in given.items():
        monkeypatch.setenv(f"CONSCOPE_{name}", value)
    notifier = notifier_for(Settings())
    await notifier.close()

    assert type(notifier) is expected


def test_a_webhook_elsewhere_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sentence for whoever set it, that does not repeat the secret."""
    monkeypatch.setenv("CONSCOPE_DISCORD_WEBHOOK_URL", "http://127.0.0.1:1/api/webhooks/1/s3cret")

    with pytest.raises(BadWebhookUrl, match="must begin with https://") as caught:
        notifier_for(Settings())

    assert "s3cret" not in str(caught.value)

import pytest

from conscope_app.notify.webhook_url import BadWebhookUrl, WebhookUrl

TOKEN = "s3cret-Token_" + "x" * 55
PATH = f"/api/webhooks/1234567890/{TOKEN}"


@pytest.mark.parametrize(
    "host", ["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"]
)
def test_discords_own_hosts_are_taken(host: str) -> None:
    """All four that Discord serves webhooks under."""
    assert WebhookUrl(f"https://{host}{PATH}").reveal() == f"https://{host}{PATH}"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(f"https://discord.com{PATH}?thread_id=5", None, id="a thread"),
        pytest.param(f"https://discord.com/api/v10/webhooks/1/{TOKEN}", None, id="a version"),
        pytest.param(f"https://DISCORD.com{PATH}", f"https://discord.com{PATH}", id="capitals"),
        pytest.param(f" https://discord.com{PATH}/\n", f"https://discord.com{PATH}", id="blanks"),
    ],
)
def test_an_address_is_rebuilt_from_what_was_checked(given: str, expected: str | None) -> None:
    """What is sent to is never the text that was handed in, but its checked parts."""
    assert WebhookUrl(given).reveal() == (expected or given)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"http://discord.com{PATH}", id="no TLS"),
        pytest.param(f"https://discord.com.evil.example{PATH}", id="a longer host"),
        pytest.param(f"https://evildiscord.com{PATH}", id="a host that ends alike"),
        pytest.param(f"https://discord.com:8443{PATH}", id="a port"),
        pytest.param(f"https://discord.com@evil.example{PATH}", id="a host behind a user name"),
        pytest.param(f"https://u:p@discord.com{PATH}", id="a user name"),
        pytest.param(f"https://evil.example\\@discord.com{PATH}", id="a backslash"),
        pytest.param(f"https://evil.example#@discord.com{PATH}", id="a fragment before the host"),
        pytest.param(f"https://discord.com{PATH}#x", id="a fragment"),
        pytest.param(f"https://discord.com.{PATH}", id="a dot after the host"),
        pytest.param(f"https://discоrd.com{PATH}", id="a letter that looks like another"),
        pytest.param(f"https://127.0.0.1{PATH}", id="this machine"),
        pytest.param(f"https://[::1]{PATH}", id="this machine, IPv6"),
        pytest.param(f"https://169.254.169.254{PATH}", id="a cloud's metadata"),
        pytest.param(f"https://[{PATH}", id="a broken address"),
        pytest.param(f"https://discord.com:x{PATH}", id="a port that is no number"),
        pytest.param("https://discord.com/api/webhooks/1", id="no token"),
        pytest.param(f"https://discord.com/api/users/1/{TOKEN}", id="another path"),
        pytest.param(f"https://discord.com{PATH}/slack", id="another format"),
        pytest.param(f"https://discord.com{PATH}/../..", id="a path that climbs"),
        pytest.param(f"https://discord.com{PATH}?wait=false", id="a query of its own"),
        pytest.param(f"https://discord.com{PATH}\r\nX: y", id="a second line"),
        pytest.param(f"file://{PATH}", id="a file"),
        pytest.param(f"http://127.0.0.1:1{PATH}", id="loopback, without the setting"),
        pytest.param("", id="nothing"),
    ],
)
def test_anything_else_is_refused_without_repeating_it(url: str) -> None:
    """Whoever sets the address must not reach elsewhere, and the error is logged at the start."""
    with pytest.raises(BadWebhookUrl) as caught:
        WebhookUrl(url)

    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1:8099", "localhost:1", "[::1]:9", "127.0.0.1"])
def test_loopback_is_taken_where_the_setting_allows_it(host: str) -> None:
    """For a stand-in on the developer's machine."""
    url = f"http://{host}{PATH}"

    assert WebhookUrl(url, allow_loopback=True).reveal() == url


@pytest.mark.parametrize("host", ["10.0.0.1", "example.com", "127.0.0.1.example.com", "0.0.0.0"])
def test_the_setting_for_loopback_opens_nothing_else(host: str) -> None:
    """Only this machine."""
    with pytest.raises(BadWebhookUrl):
        WebhookUrl(f"http://{host}{PATH}", allow_loopback=True)


def test_an_address_shows_nothing_of_itself() -> None:
    """In a log, a repr or a text that repeats it there is only its fingerprint."""
    url = WebhookUrl(f"https://discord.com{PATH}")
    other = WebhookUrl(f"https://discord.com{PATH}y")

    assert TOKEN not in f"{url!r} {url} {url.fingerprint}"
    assert url.hide(f"POST {PATH}") == "POST /api/webhooks/1234567890/[token]"
    assert url.fingerprint != other.fingerprint

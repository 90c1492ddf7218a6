from collections.abc import Mapping
from pathlib import Path

import pytest

from conscope_app.notify.channel_file import read_channels
from conscope_app.notify.channel_problems import BadChannels
from conscope_app.notify.channels import LONGEST_SEND_S, Channel
from conscope_app.notify.email import EmailChannel
from conscope_app.notify.open_channels import channels_for
from conscope_app.notify.webhook_url import BadWebhookUrl
from conscope_app.secrecy import mask_of
from conscope_app.settings import Settings
from tests.authority import Authority
from tests.notify.channels.announcements import NOON

WEBHOOK = "https://discord.com/api/webhooks/1/a-token-that-nobody-knows"

EVERY_KIND = """\
channels:
  phone:
    kind: discord
    url_file: discord-url
  ana:
    kind: email
    to: Ana <ana@example.com>
    from: ConScope <alerts@example.com>
    host: smtp.example.com
    user: alerts@example.com
    password_file: password
  program:
    kind: webhook
    url: https://example.com/hook
    secret: whsec_c2l4dGVlbiBieXRlcyBvciBtb3Jl
  screen:
    kind: console
  slack:
    kind: apprise
    url: slack://AAAAAAAAA/BBBBBBBBB/cccccccccccccccccccccccc/#general
"""


def opened(folder: Path, text: str) -> Mapping[str, Channel]:
    (folder / "channels.yaml").write_text(text)
    settings = Settings(channels_file=folder / "channels.yaml")
    return channels_for(settings, lambda: NOON)


def problems_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(BadChannels) as caught:
        opened(folder, text)
    return [str(problem) for problem in caught.value.problems]


def with_secrets(folder: Path) -> Path:
    (folder / "discord-url").write_text(f"{WEBHOOK}\n")
    (folder / "password").write_text("correct-horse\n")
    return folder


def test_a_channel_of_every_kind(tmp_path: Path) -> None:
    """In the order of the file; secrets may lie beside it."""
    channels = opened(with_secrets(tmp_path), EVERY_KIND)

    assert [(name, channel.kind) for name, channel in channels.items()] == [
        ("phone", "discord"),
        ("ana", "email"),
        ("program", "webhook"),
        ("screen", "console"),
        ("slack", "apprise"),
    ]
    assert all(channel.name == name for name, channel in channels.items())


def test_no_channel_takes_longer_than_the_longest(tmp_path: Path) -> None:
    """A lease that is longer than that is long enough for all of them."""
    channels = opened(with_secrets(tmp_path), EVERY_KIND)

    assert max(channel.send_s for channel in channels.values()) <= LONGEST_SEND_S


def test_without_a_file_there_is_one_channel() -> None:
    """The console, or the webhook of the settings unless the console was asked for."""
    discord = Settings(discord_webhook_url=WEBHOOK)
    console = Settings(discord_webhook_url=WEBHOOK, notify="console")

    assert kinds_of(Settings()) == kinds_of(console) == {"default": "console"}
    assert kinds_of(discord) == {"default": "discord"}


def test_a_webhook_of_the_settings_that_is_none_is_refused() -> None:
    """As it is for the alerts of old."""
    with pytest.raises(BadWebhookUrl):
        channels_for(Settings(discord_webhook_url="https://example.com/"), lambda: NOON)


def test_another_secret_is_another_fingerprint(tmp_path: Path) -> None:
    """So that a channel that was switched off for the old one is on again; and nothing else is."""
    first = opened(with_secrets(tmp_path), EVERY_KIND)
    again = opened(tmp_path, EVERY_KIND)
    (tmp_path / "password").write_text("another-horse")
    (tmp_path / "discord-url").write_text(f"{WEBHOOK}2")
    other = opened(tmp_path, EVERY_KIND.replace("b3Jl", "b3Jm").replace("/#general", "/#other"))

    names = ("phone", "ana", "program", "slack")
    assert [first[name].fingerprint for name in names] == [again[n].fingerprint for n in names]
    assert [name for name in names if first[name].fingerprint == other[name].fingerprint] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "line 1: it must hold `channels:`", id="nothing"),
        pytest.param("channels: {}\n", "line 1: it must hold `channels:`", id="no channel"),
        pytest.param("channels:\n  a: 1\nb: 2\n", "line 1: it must hold", id="something else"),
        pytest.param("channels:\n  a: [\n", "line 3: this is no YAML", id="no YAML"),
        pytest.param(
            "channels:\n  a:\n    kind: console\n  a:\n    kind: console\n",
            "line 4: a name stands here twice",
            id="twice",
        ),
        pytest.param("channels:\n  a: 1\n", "line 2: a.kind: it must be one of", id="a number"),
        pytest.param(
            "channels:\n  a:\n    kind: pigeon\n",
            "line 3: a.kind: it must be one of discord, email, webhook, console, apprise",
            id="no such kind",
        ),
        pytest.param(
            "channels:\n  a b:\n    kind: console\n", "line 2: a b: a name has", id="a name"
        ),
        pytest.param(
            "channels:\n  a:\n    kind: console\n    urll: x\n",
            "line 4: a.urll: Object contains unknown field `urll`",
            id="an unknown field",
        ),
        pytest.param(
            "channels:\n  a:\n    kind: discord\n",
            "line 2: a.url: it needs `url` or `url_file`",
            id="no address",
        ),
        pytest.param(
            f"channels:\n  a:\n    kind: discord\n    url: {WEBHOOK}\n    url_file: u\n",
            "line 5: a.url_file: either this or `url`, not both",
            id="two addresses",
        ),
        pytest.param(
            "channels:\n  a:\n    kind: discord\n    url_file: nowhere\n",
            "line 4: a.url_file: the file cannot be read: No such file or directory",
            id="no file",
        ),
        pytest.param(
            "channels:\n  a:\n    kind: discord\n    url_file: empty\n",
            "line 4: a.url_file: it is empty",
            id="an empty file",
        ),
        pytest.param(
            "channels:\n  a:\n    kind: discord\n    url: https://example.com/hidden\n",
            "line 4: a.url: the webhook's address must begin with",
            id="no webhook of Discord's",
        ),
        pytest.param(
            "channels:\n  a:\n    kind: webhook\n    url: http://example.com/hidden\n",
            "line 4: a.url: the address must begin with https://",
            id="without TLS",
        ),
        pytest.param(
            "channels:\n  a:\n    kind: webhook\n    url: https://a.example/\n    secret: hidden\n",
            "line 5: a.secret: it must have 16 bytes at least",
            id="a short secret",
        ),
        pytest.param(
            "channels:\n  a:\n    kind: webhook\n    url: https://a.example/\n"
            "    secret: whsec_hidden!\n",
            "line 5: a.secret: after whsec_ it must be base64",
            id="no base64",
        ),
        pytest.param(
            "channels:\n  a:\n    kind: apprise\n    url: json://hidden.example/\n",
            "line 4: a.url: the address must begin with one of 46elks",
            id="a kind that is not allowed",
        ),
    ],
)
def test_a_problem_is_told_by_its_line_and_field(tmp_path: Path, text: str, expected: str) -> None:
    """Without what stands there, which may be a secret."""
    (tmp_path / "empty").write_text("\n")
    (problem,) = problems_of(tmp_path, text)

    assert problem.startswith(expected)
    assert "hidden" not in problem
    assert "token" not in problem


MAIL = """\
channels:
  ana:
    kind: email
    to: ana@example.com
    from: alerts@example.com
    host: smtp.example.com
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param("user: a", "line 7: ana.user: a user and a password", id="no password"),
        pytest.param("password: hidden", "line 2: ana.user: a user and a", id="no user"),
        pytest.param("port: 0", "line 7: ana.port: Expected `int` >= 1", id="no such port"),
        pytest.param("port: '25'", "line 7: ana.port: Expected `int | null`", id="no number"),
        pytest.param("safety: none", "line 7: ana.safety: without TLS only", id="in the clear"),
        pytest.param(
            "private: true\n    safety: none\n    user: a\n    password: hidden",
            "line 8: ana.safety: without TLS only",
            id="a password in the clear",
        ),
        pytest.param(
            "authorities_file: authority",
            "line 7: ana.authorities_file: it holds no certificates in PEM",
            id="no certificates",
        ),
    ],
)
def test_problems_of_mail(tmp_path: Path, more: str, expected: str) -> None:
    """Nobody else reads a password, or mail on its way through the internet."""
    (tmp_path / "authority").write_text("-----BEGIN hidden")
    (problem,) = problems_of(tmp_path, f"{MAIL}    {more}\n")

    assert problem.startswith(expected)
    assert "hidden" not in problem


@pytest.mark.parametrize(
    "address",
    [
        "ana",
        "ana@",
        "ana@example.com, eve@example.com",
        "Ana <ana@example.com>\\r\\nBcc: eve@example.com",
        "änä@example.com",
    ],
)
def test_one_person_has_one_mailbox(tmp_path: Path, address: str) -> None:
    """Nothing of it can become a header or a second person."""
    text = MAIL.replace("to: ana@example.com", f'to: "{address}"')

    assert problems_of(tmp_path, text)[0].startswith("line 4: ana.to: Expected `str` matching")


def test_mail_may_go_by_a_relay_of_our_own(tmp_path: Path, authority: Authority) -> None:
    """With an authority of our own, or in the clear where nothing is secret."""
    authority.write(tmp_path)
    own = opened(tmp_path, f"{MAIL}    private: true\n    authorities_file: authority.pem\n")
    plain = opened(tmp_path, f"{MAIL}    private: true\n    safety: none\n")

    assert isinstance(own["ana"], EmailChannel)
    assert isinstance(plain["ana"], EmailChannel)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    """Nobody mends a file line by line."""
    problems = problems_of(tmp_path, EVERY_KIND.replace("https://example", "ftp://example"))

    assert [problem.partition(": ")[2].partition(":")[0] for problem in problems] == [
        "phone.url_file",
        "ana.password_file",
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The message names it, and says why."""
    with pytest.raises(BadChannels, match=r"channels\.yaml, line 1: the file cannot be read: No "):
        read_channels(tmp_path / "channels.yaml")


def test_what_is_secret_is_kept_out_of_every_log(tmp_path: Path) -> None:
    """Wherever it lies; and a file with a mistake is no reason to log it."""
    (with_secrets(tmp_path) / "channels.yaml").write_text(EVERY_KIND)
    mask = mask_of(Settings(channels_file=tmp_path / "channels.yaml"))
    (tmp_path / "broken.yaml").write_text("channels: [")

    assert mask("a-token-that-nobody-knows, correct-horse") == "[secret], [secret]"
    assert "c2l4dGVlbiBieXRlcyBvciBtb3Jl" not in mask("whsec_c2l4dGVlbiBieXRlcyBvciBtb3Jl")
    assert mask_of(Settings(channels_file=tmp_path / "broken.yaml"))("a") == "a"


def kinds_of(settings: Settings) -> dict[str, str]:
    return {name: each.kind for name, each in channels_for(settings, lambda: NOON).items()}

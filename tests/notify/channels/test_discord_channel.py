from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.alerting.watches.announcement import Line
from conscope_app.alerting.watches.happening import Happening
from conscope_app.core.clock import monotonic_s
from conscope_app.notify.base import Disabled, NotifyError, Receipt, Rejected, Retryable
from conscope_app.notify.channels import MessageGone
from conscope_app.notify.discord_announcements import DiscordChannel, payload_of
from conscope_app.notify.discord_answers import Answer, judge_edit
from conscope_app.notify.webhook_url import WebhookUrl
from tests.discord_behaviours import Behaviour
from tests.discord_rules import check, distinct_by_url
from tests.discord_stand_in import DiscordStandIn
from tests.notify.channels.announcements import FACTS, NOON, a_line, an_announcement

URL = WebhookUrl("https://discord.com/api/webhooks/1/token")
OVER = an_announcement(a_line(over=True, reason="over: gone"), kind="over")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
amounts = st.none() | st.decimals("0.000001", "1000000000000000", places=6)
lines = st.builds(
    Line,
    episode=st.uuids().map(str),
    watch_id=texts,
    watch_name=texts,
    subject=texts,
    items=st.just(()),
    labels=st.dictionaries(texts, texts, max_size=3),
    price=amounts,
    was=amounts,
    currency=st.sampled_from(["USD", "EUR", "ABCDEFGH"]),
    basis=texts,
    reason=texts,
    over=st.booleans(),
    facts=st.dictionaries(st.sampled_from([*FACTS, "zone", "x" * 300, "|_|"]), texts),
    raised_at=st.sampled_from([None, NOON]),
)


def soon() -> float:
    return monotonic_s() + 60


@pytest.fixture
def discord() -> Iterator[DiscordStandIn]:
    with DiscordStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def channel(discord: DiscordStandIn) -> AsyncIterator[DiscordChannel]:
    channel = DiscordChannel("phone", WebhookUrl(discord.url, allow_loopback=True))
    yield channel
    await channel.close()


async def sent(channel: DiscordChannel) -> str:
    """The reference of a message that was told."""
    receipt = await channel.send(an_announcement(), before=soon())
    assert receipt.message_id is not None
    return receipt.message_id


async def failure_of_edit(channel: DiscordChannel, reference: str) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        await channel.edit(reference, OVER, before=soon())
    return caught.value


async def test_a_message_is_edited_in_its_place(
    discord: DiscordStandIn, channel: DiscordChannel
) -> None:
    """No second one is made; editing it again changes nothing more."""
    reference = await sent(channel)
    first = await channel.edit(reference, OVER, before=soon())
    again = await channel.edit(reference, OVER, before=soon())

    assert first == again == Receipt(reference)
    assert [*discord.shown] == [reference]
    assert discord.shown[reference]["embeds"][0]["title"] == "✅ Over: Taylor Swift"
    assert discord.shown[reference]["embeds"][0]["description"] == r"over\: gone"


async def test_every_edit_names_the_thread_of_its_webhook(discord: DiscordStandIn) -> None:
    """Discord looks for the message there, and nowhere else."""
    channel = DiscordChannel("t", WebhookUrl(f"{discord.url}?thread_id=77", allow_loopback=True))
    reference = await sent(channel)
    await channel.edit(reference, OVER, before=soon())
    await channel.close()

    assert discord.queries == ["thread_id=77&wait=true", "thread_id=77"]


async def test_a_message_that_a_person_deleted_is_gone(
    discord: DiscordStandIn, channel: DiscordChannel
) -> None:
    """The webhook is well: what there is to say may be told in a new message."""
    reference = await sent(channel)
    discord.delete(reference)

    assert type(await failure_of_edit(channel, reference)) is MessageGone
    assert await sent(channel) != reference


@pytest.mark.parametrize("reference", ["", "../..", "1/2", "１", "default"])
async def test_what_is_no_message_of_discords_is_not_asked_for(
    discord: DiscordStandIn, channel: DiscordChannel, reference: str
) -> None:
    """A reference of another channel's, or one that leads elsewhere."""
    assert type(await failure_of_edit(channel, reference)) is MessageGone
    assert discord.behaviours == []


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        pytest.param("busy", Retryable, id="429"),
        pytest.param("banned", Retryable, id="429 of Cloudflare's"),
        pytest.param("error", Retryable, id="500"),
        pytest.param("bad gateway", Retryable, id="502 in HTML"),
        pytest.param("reset", Retryable, id="hung up"),
        pytest.param("elsewhere", Retryable, id="a redirect"),
        pytest.param("blocked", Retryable, id="403 of Cloudflare's"),
        pytest.param("gone", Disabled, id="404 of the webhook"),
        pytest.param("unauthorised", Disabled, id="401"),
    ],
)
async def test_every_answer_to_an_edit_means_one_thing(
    discord: DiscordStandIn,
    channel: DiscordChannel,
    behaviour: Behaviour,
    expected: type[NotifyError],
) -> None:
    """And one request was made of it."""
    reference = await sent(channel)
    discord.then(behaviour)

    assert type(await failure_of_edit(channel, reference)) is expected
    assert discord.behaviours == ["ok", behaviour]


async def test_an_answer_to_an_edit_that_never_comes_is_not_waited_for(
    discord: DiscordStandIn,
) -> None:
    """It may have been made all the same, and may be made again."""
    channel = DiscordChannel("t", WebhookUrl(discord.url, allow_loopback=True), answer_s=0.3)
    discord.then("hang")
    error = await failure_of_edit(channel, "1")
    await channel.close()

    assert type(error) is Retryable
    assert error.problem == "Discord did not answer: TimeoutError"


async def test_an_edit_that_discord_finds_fault_with_is_rejected(
    discord: DiscordStandIn, channel: DiscordChannel
) -> None:
    """The message goes on to say what it said."""
    reference = await sent(channel)
    discord.refuse = lambda _: True

    assert type(await failure_of_edit(channel, reference)) is Rejected
    assert "Over" not in str(discord.shown[reference])


@pytest.mark.parametrize("behaviour", ["garbled", "cut", "no content"])
async def test_a_message_whose_id_was_not_said_cannot_be_edited(
    discord: DiscordStandIn, channel: DiscordChannel, behaviour: Behaviour
) -> None:
    """It was taken all the same: to send it again would tell it twice."""
    discord.then(behaviour)

    assert await channel.send(an_announcement(), before=soon()) == Receipt(None)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(404, b'{"code": 10008}', MessageGone, id="no such message"),
        pytest.param(404, b'{"code": 10015}', Disabled, id="no such webhook"),
        pytest.param(404, b'{"code": 10003}', Disabled, id="no such channel"),
        pytest.param(404, b"<html>", MessageGone, id="nobody knows of what"),
        pytest.param(403, b'{"code": 50005}', MessageGone, id="another webhook's message"),
        pytest.param(403, b'{"code": 50001}', Disabled, id="no access"),
        pytest.param(400, b'{"code": 50035}', Rejected, id="a form that is refused"),
        pytest.param(429, b'{"code": 30046, "retry_after": 3}', Retryable, id="too many edits"),
    ],
)
def test_discords_codes(status: int, body: bytes, expected: type[NotifyError]) -> None:
    """https://discord.com/developers/docs/topics/opcodes-and-status-codes#json"""
    with pytest.raises(NotifyError) as caught:
        judge_edit(Answer(status, {}, body))

    assert type(caught.value) is expected


def test_ten_episodes_of_one_offer_are_ten_embeds() -> None:
    """They share its address; each is shown, in its own colour."""
    embeds = embeds_of(*(a_line(n, over=n > 8) for n in range(1, 11)))

    assert len(distinct_by_url(embeds)) == 10
    assert [embed["color"] for embed in embeds] == [0xFF0000] * 8 + [0x808080] * 2


def test_of_eleven_episodes_nine_are_shown_and_two_counted() -> None:
    """Those that are over already are the first that are only counted."""
    embeds = embeds_of(*(a_line(n, over=n < 3) for n in range(1, 12)))

    assert len(embeds) == 10
    assert embeds[0]["footer"]["text"].endswith("episode-3")
    assert embeds[9]["title"] == "📦 2 more alerts"
    assert embeds[9]["footer"]["text"].endswith("episode-1 … episode-2")


def test_an_embed_shows_what_there_is_to_know() -> None:
    """The price first of all; what nobody knows a place for comes last, under its own name."""
    (embed,) = embeds_of(a_line(price=Decimal(75), was=Decimal(80)))

    shown = {field["name"]: field["value"] for field in embed["fields"]}
    assert embed["title"] == "🚨 Taylor Swift"
    assert shown == {
        "Offer": "Floor A Row 5 Seats 12, 13",
        "Price": r"**$80.00 → $75.00 \(all in\)**",
        "Venue": "MetLife Stadium",
        "Date": r"2027\-06\-01 20\:00",
        "Watch": "Cheap floor",
        "Source": "mock",
    }
    assert embed["url"] == "https://tickets.example.com/listing/7#episode-1"


def test_an_embed_shows_what_happened_first() -> None:
    """Of a seat with its last price."""
    happening = Happening(what="vanished", observed_at=NOON, item="a")
    facts = {**FACTS, "happened": "No longer offered"}
    (embed,) = embeds_of(a_line(happening=happening, facts=facts))

    shown = [(field["name"], field["value"]) for field in embed["fields"]]
    assert shown[:3] == [
        ("What", "**No longer offered**"),
        ("Offer", "Floor A Row 5 Seats 12, 13"),
        ("Last price", r"$80.00 \(all in\)"),
    ]


@given(st.lists(lines, min_size=1, max_size=14))
def test_whatever_there_is_to_say_discord_takes_it(told: list[Line]) -> None:
    """Within all of its limits, and without an embed that it would drop."""
    payload = payload_of(an_announcement(*told), URL)
    check(payload, also_refuse=lambda _: False)

    assert len(distinct_by_url(payload["embeds"])) == min(len(told), 10)


def test_the_longest_of_everything_fits() -> None:
    """Ten embeds, all of whose texts are longer than they may be."""
    facts = dict.fromkeys([*FACTS, "happened", "a" * 90, "b" * 90, "c" * 90], "*" * 500)
    facts["url"] = f"https://tickets.example.com/{'x' * 1_900}"
    line = {"facts": facts, "watch_name": "_" * 200, "reason": "#" * 500, "basis": "~" * 99}
    line["happening"] = Happening(what="on_sale", observed_at=NOON)
    told = [a_line(n, **line, was=Decimal(10) ** 30) for n in range(1, 30)]
    check(payload_of(an_announcement(*told[:10]), URL), also_refuse=lambda _: False)
    check(payload_of(an_announcement(*told), URL), also_refuse=lambda _: False)


def embeds_of(*told: Line) -> list[dict[str, Any]]:
    payload = payload_of(an_announcement(*told, severity="critical"), URL)
    embeds: list[dict[str, Any]] = payload["embeds"]
    return embeds

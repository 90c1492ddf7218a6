"""What the channel was told of episodes, against what it had to be told. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from conscope_app.notify.announcement_wording import PRICES
from tests.chaos.verdict import Telling, weigh_tellings
from tests.chaos.watches.findings import Findings
from tests.discord_rules import distinct_by_url

_AMOUNT = re.compile(r"\d[\d,]*\.\d+")


class Shown(NamedTuple):
    """What an embed says of an episode: its price now, and whether it is over."""

    price: Decimal | None
    over: bool


@dataclass(frozen=True)
class Message:
    """A message that was taken, when, what it said of each episode then, and what it says now."""

    id: str
    at: float
    said: Mapping[str, Shown]
    says: Mapping[str, Shown]


@dataclass(frozen=True)
class DueEpisode:
    """An episode and how it ended, or stands.

    One that `may_be_left_out` need not be told where it is over. One that is told in digests is
    told again with each change.
    """

    id: str
    last: Shown
    may_be_left_out: bool = False
    in_digests: bool = False


@dataclass(frozen=True)
class Heard:
    """What came of all episodes. `unexplained` are repeated messages without a fault for them."""

    findings: Findings
    told: int
    left_out: int
    repeats: int
    unexplained: int


def shown_in(payload: Mapping[str, Any]) -> dict[str, Shown]:
    """What a message says, by the episode that is named in an embed's footer."""
    return dict(_shown(embed) for embed in distinct_by_url(payload["embeds"]))


def judge_told(
    due: Sequence[DueEpisode], messages: Sequence[Message], cuts: Collection[float]
) -> Heard:
    """Each episode is told, once, and the message that told it last says how it stands.

    A message more is explained by a fault between a channel's answer and the note of it, as
    `verdict.weigh_tellings` has it.
    """
    findings = Findings()
    newest: dict[str, Message] = {}
    for message in messages:
        newest.update(dict.fromkeys(message.said, message))
    left_out = 0
    for episode in due:
        if episode.id in newest:
            message = newest.pop(episode.id)
            says = message.says.get(episode.id)
            if says != episode.last:
                findings.object_to(f"message {message.id} on {episode.id}: {says}")
        elif episode.may_be_left_out and episode.last.over:
            left_out += 1
        else:
            findings.miss(f"episode {episode.id} was never told")
    for stranger in newest:
        findings.object_to(f"{stranger!r} was told, which nobody decided")
    told = [*_tellings(messages, {each.id for each in due if each.in_digests})]
    weighed = weigh_tellings([], told, cuts)
    findings.doubled = weighed.doubled
    return Heard(
        findings,
        len(due) - left_out - findings.missing,
        left_out,
        weighed.repeats,
        weighed.unexplained,
    )


def _tellings(messages: Sequence[Message], in_digests: Collection[str]) -> Iterator[Telling]:
    for message in messages:
        for episode, shown in message.said.items():
            name = f"{episode} {shown}" if episode in in_digests else episode
            yield Telling(name, message.id, message.at)


def _shown(embed: Mapping[str, Any]) -> tuple[str, Shown]:
    episode = embed["footer"]["text"].rpartition(" · ")[2]
    prices = [field["value"] for field in embed["fields"] if field["name"] in PRICES]
    # The last amount is what it costs now; the one before is what it cost when it was raised.
    amounts = [_AMOUNT.findall(value)[-1].replace(",", "") for value in prices]
    price = Decimal(amounts[0]) if amounts else None
    return episode, Shown(price, "Over:" in embed["title"])

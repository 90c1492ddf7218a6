"""Discord: busy, failing, silent, gone, or not there at all."""

import time
from random import Random

from tests.chaos.trial import Trial
from tests.discord_behaviours import Behaviour

ROUND_S = 15.0
REFUSED_S = 60.0
AWAY_S = 10.0
TOLD_WITHIN_S = 120.0

# Discord bans an address for ten minutes after 10,000 invalid answers (401, 403 or 429) within ten
# minutes: https://docs.discord.com/developers/topics/rate-limits. We stay far below.
BAN_S, BAN_AFTER = 600.0, 10_000
INVALID: frozenset[Behaviour] = frozenset(("busy", "banned", "unauthorised", "blocked"))


def busy(trial: Trial, dice: Random, times: int) -> None:
    """Half of all posts get a 429 with a `retry_after`."""
    _now_and_then(trial, dice, times, "busy")


def error(trial: Trial, dice: Random, times: int) -> None:
    """Half of all posts get a 500."""
    _now_and_then(trial, dice, times, "error")


def bad_gateway(trial: Trial, dice: Random, times: int) -> None:
    """Half of all posts get a 502 with a page of HTML."""
    _now_and_then(trial, dice, times, "bad gateway")


def silent(trial: Trial, dice: Random, times: int) -> None:
    """No answer at all, and answers that break off after the message was taken."""
    trial.begin(1)
    for _ in range(times):
        behaviours: list[Behaviour] = ["hang", "reset", "cut"]
        for behaviour in dice.sample(behaviours, 3):
            # Whoever gets no answer cannot know whether the message was taken: it may come twice.
            trial.may_repeat += behaviour != "hang"
            trial.discord.then(behaviour)
            _until_told_more(trial, f"after {behaviour!r}")


def refused(trial: Trial, dice: Random, times: int) -> None:
    """Nobody listens for 60 s."""
    trial.begin(1)
    for _ in range(times):
        trial.rest(dice, 1.0, 3.0)
        trial.may_repeat += 1  # the message that is on its way when the connections end
        trial.discord.hang_up()
        before = trial.compared()
        time.sleep(REFUSED_S)
        trial.demand(trial.compared() > before, "no price was compared while Discord was away")
        trial.discord.listen()
        _until_told_more(trial, "after nobody listened")


def gone(trial: Trial, dice: Random, times: int) -> None:
    """404: the webhook was deleted. It is disabled and shown; enabled again, all is told."""
    trial.begin(1)
    for _ in range(times):
        trial.discord.now_and_then({"gone": 1.0})
        trial.until(lambda: _shown_as_disabled(trial), within_s=60, what="a disabled channel shown")
        posts = len(trial.discord.behaviours)
        time.sleep(AWAY_S)
        tried = len(trial.discord.behaviours) - posts
        trial.demand(tried == 0, f"{tried} posts to a webhook that is gone")
        trial.discord.now_and_then({})
        trial.pipeline.run("deliveries", "enable", "discord")
        _until_told_more(trial, "after the webhook was enabled again")


def _now_and_then(trial: Trial, dice: Random, times: int, behaviour: Behaviour) -> None:
    trial.begin(1)
    for _ in range(times):
        before = trial.discord.behaviours.count(behaviour)
        trial.discord.now_and_then({behaviour: 0.5})
        time.sleep(ROUND_S)
        trial.discord.now_and_then({})
        struck = trial.discord.behaviours.count(behaviour) - before
        trial.demand(struck > 0, f"no post met {behaviour!r}")
        trial.rest(dice, 0.0, 2.0)
    _until_told_more(trial, f"after {behaviour!r}")
    invalid = sum(name in INVALID for name in trial.discord.behaviours)
    seconds = trial.discord.posted_at[-1] - trial.discord.posted_at[0]
    allowed = BAN_AFTER / BAN_S * max(seconds, ROUND_S) / 2
    trial.notes.append(f"{invalid} invalid answers in {seconds:.0f} s")
    trial.demand(invalid <= allowed, f"{invalid} invalid answers in {seconds:.0f} s: half a ban")


def _until_told_more(trial: Trial, when: str) -> None:
    heard = len(trial.discord.told)
    trial.until(
        lambda: len(trial.discord.told) > heard + 3,
        within_s=TOLD_WITHIN_S,
        what=f"alerts told {when}",
    )


def _shown_as_disabled(trial: Trial) -> bool:
    stats = trial.stats()
    targets = [] if stats is None or stats["alerts"] is None else stats["alerts"]["targets"]
    return any(target["disabled_reason"] for target in targets)

"""What came of an observation, and why an episode ended: closed sets of words."""

from enum import StrEnum


class Verdict(StrEnum):
    """What was decided. The first three are told; of the others the text says why nothing is."""

    RAISED = "raised"
    UPDATED = "updated"
    OVER = "over"
    NOT_TRUE = "not raised"
    UNKNOWN = "not raised: nothing to measure from"
    NO_PRICE = "not raised: no price in this basis and currency"
    NOT_MEANT = "not raised: not what is watched"
    NOT_BEST = "not raised: another offer is as good"
    OUT_OF_DAYS = "not raised: not within the days that are watched"
    LATE = "not raised: observed before what is known already"
    SAID_BEFORE = "not raised: it has been said before"
    ALREADY_TRUE = "not raised: true since the watch was made"
    JUMP = "held: far from what was usual, to be seen a second time"
    SEEN_TOO_RARELY = "held: not observed often enough yet"
    HELD_TOO_SHORTLY = "held: has not held for long enough yet"
    ONLY_ONCE = "held: told before, and asked for once"
    TOO_SOON = "held: too soon after the last one"
    NOT_FURTHER = "held: not far enough under the last one"
    LAPSED = "not raised: gone before it was sure"
    STILL_TRUE = "told already, and still true"
    MAY_BE_OVER = "not true any more, but not for long enough yet"


class Cause(StrEnum):
    """Why an episode ended."""

    ROSE = "the price rose"
    GONE = "it is not to be had any more"
    NOT_MEANT = "it is not what is watched any more"
    OUT_OF_DAYS = "it is not within the days that are watched any more"
    FURTHER = "the price fell further, which is told anew"
    UNDONE = "the contrary has happened"
    AGAIN = "it has happened again, which is told anew"
    PAST = "it is no news any more"
    EXPIRED = "the watch has expired"
    CHANGED = "the watch was changed"
    DELETED = "the watch was deleted"

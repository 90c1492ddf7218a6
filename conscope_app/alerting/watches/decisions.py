"""What the evaluator decides: values with their reason in one sentence."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from conscope_app.alerting.watches.conditions import Threshold
from conscope_app.alerting.watches.happening import Happening
from conscope_app.alerting.watches.verdicts import Cause, Verdict

DECISION_FORMAT = 1


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """An episode is raised, updated or over: the record that goes to whoever tells it.

    `items` make up the offer, `labels` are the first one's. An episode is raised once, updated with
    falling prices, and is over once, in this order. `price` is None where nothing is to be had.

    With a `happening` it is about that. One that is over since it `is_past` is so all the same:
    where nobody could be told yet, they are told.
    """

    format: int = DECISION_FORMAT
    verdict: Verdict
    episode: str
    watch_id: str
    watch_version: int
    subject: str
    items: tuple[str, ...]
    labels: Mapping[str, str]
    price: Decimal | None
    was: Decimal | None
    currency: str
    basis: str
    at: datetime
    place: int
    reason: str
    happening: Happening | None = None
    is_past: bool = False


class Trace(NamedTuple):
    """What one watch made of one signal. The sentence is made when somebody asks for it."""

    watch_id: str
    subject: str
    item: str  # empty: the subject as a whole
    place: int
    at: datetime
    verdict: Verdict
    price: Decimal | None = None
    threshold: Threshold | None = None
    detail: str = ""

    @property
    def sentence(self) -> str:
        """The reason, for a person."""
        return sentence(self.verdict, self.price, self.threshold, self.detail)


def sentence(
    verdict: Verdict,
    price: Decimal | None,
    threshold: Threshold | None,
    detail: str = "",
) -> str:
    """A verdict and its reason in one sentence."""
    reasons = [detail] if detail else []
    if threshold is not None and price is not None:
        reasons.append(threshold.compare(price))
    if not reasons:
        return verdict.value
    return f"{verdict.value}{', ' if ':' in verdict else ': '}{'; '.join(reasons)}"


def reason_of_end(cause: Cause, price: Decimal | None, threshold: Threshold | None) -> str:
    """Why an episode is over, in one sentence."""
    with_price = price if cause is Cause.ROSE else None
    return sentence(Verdict.OVER, with_price, threshold, cause.value)

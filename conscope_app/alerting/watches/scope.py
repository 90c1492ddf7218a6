"""Which offers a watch means: its filter, made ready to be asked thousands of times a second."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import translate
from functools import lru_cache
from hashlib import blake2b
from re import Pattern
from re import compile as compile_pattern

import msgspec

from conscope_app.alerting.watches.watch import DaysToGo, Watch

_DAY = timedelta(days=1)
_KEPT_ANSWERS = 4_096
_KEPT_SCOPES = 10_000
_KEY_BYTES = 9

Patterns = tuple[tuple[str, tuple[str, ...]], ...]  # the patterns that each label is asked for

# By the name of a label, what gives its values in one spelling; empty where it knows none. The
# domains know: `Sec 101` and `101` are one section.
Spelling = Callable[[str], str]
Spellings = tuple[tuple[str, Spelling], ...]


class Scope:
    """A filter and a kind of price. Watches whose scopes have the same `key` see the same prices.

    `denomination` is the basis and the currency of the prices that are seen, `asked` are the names
    of the labels that make a difference.
    """

    __slots__ = ("_answers", "_never", "_only", "asked", "denomination", "key", "together")

    def __init__(
        self,
        only: Patterns,
        never: Patterns,
        together: int,
        denomination: str,
        spellings: Spellings = (),
    ) -> None:
        self.denomination = denomination
        self.together = together
        drawn = (_folded(only), _folded(never), together, denomination)
        self.key = blake2b(msgspec.json.encode(drawn), digest_size=_KEY_BYTES).hexdigest()
        self._only = _choices(only, spellings)
        self._never = _choices(never, spellings)
        self.asked = tuple({**self._only, **self._never})
        self._answers: dict[tuple[str | None, ...], str] = {}

    def mismatch(self, labels: Mapping[str, str]) -> str:
        """Why an offer with these labels is not meant, in words; empty where it is."""
        if not self.asked:
            return ""
        asked = tuple(map(labels.get, self.asked))
        answer = self._answers.get(asked)
        if answer is None:
            if len(self._answers) >= _KEPT_ANSWERS:
                self._answers.clear()
            answer = self._answers[asked] = self._look(labels)
        return answer

    def mismatch_of_known(self, labels: Mapping[str, str]) -> str:
        """The same of what is no offer: labels that it does not have make no difference."""
        if not self.asked:
            return ""
        return self._look(labels, is_offer=False)

    def _look(self, labels: Mapping[str, str], *, is_offer: bool = True) -> str:
        for name, choice in self._only.items():
            if not is_offer and name not in labels:
                continue
            if not choice.takes(labels.get(name, "")):
                return f"{name} {labels.get(name, '')!r} is not asked for"
        for name, choice in self._never.items():
            if not is_offer and name not in labels:
                continue
            if choice.takes(labels.get(name, "")):
                return f"{name} {labels.get(name, '')!r} is not wanted"
        return ""


class _Choice:
    """Values of one label: those that fit a pattern, and those spelled as one that has no star."""

    __slots__ = ("_pattern", "_spelled", "_spelling")

    def __init__(self, patterns: Sequence[str], spelling: Spelling | None) -> None:
        self._pattern = _pattern(patterns)
        self._spelling = spelling
        names = () if spelling is None else (each for each in patterns if not {*"*?"} & {*each})
        self._spelled = frozenset(filter(None, map(spelling or str, names)))

    def takes(self, value: str) -> bool:
        """Whether it is one of them."""
        if self._pattern.match(value.casefold()) is not None:
            return True
        if self._spelling is None or not self._spelled:
            return False
        return self._spelling(value) in self._spelled


def _choices(asked: Patterns, spellings: Spellings) -> dict[str, _Choice]:
    spelling = dict(spellings)
    return {name: _Choice(patterns, spelling.get(name)) for name, patterns in asked}


def scope_of(watch: Watch, spellings: Spellings = ()) -> Scope:
    """What a watch looks at: one object for all who look at the same, and what it has found out."""
    what, when = watch.what, watch.when
    only, never = frozen_patterns(what.only), frozen_patterns(what.never)
    return _scope(only, never, what.together, denomination(when.basis, when.currency), spellings)


@lru_cache(maxsize=_KEPT_SCOPES)
def _scope(
    only: Patterns, never: Patterns, together: int, denomination: str, spellings: Spellings
) -> Scope:
    return Scope(only, never, together, denomination, spellings)


def denomination(basis: str, currency: str) -> str:
    """What kind of price it is: only prices of one kind are ever compared."""
    return f"{basis} {currency}"


def wrong_day(days: DaysToGo, takes_place_at: datetime | None, now: datetime) -> str:
    """Why `now` is not within the days that are watched, in words; empty where it is."""
    least, most = days.at_least, days.at_most
    if least is None and most is None:
        return ""
    if takes_place_at is None:
        return "it is not known when it takes place"
    ahead = (takes_place_at - now) / _DAY
    if least is not None and ahead < least:
        return f"{ahead:.1f} days to go are fewer than {least:g}"
    if most is not None and ahead > most:
        return f"{ahead:.1f} days to go are more than {most:g}"
    return ""


class Labels:
    """Patterns by label, for one question: silences ask with them."""

    def __init__(self, patterns: Patterns, spellings: Spellings = ()) -> None:
        self._choices = _choices(patterns, spellings)

    def fit(self, labels: Mapping[str, str]) -> bool:
        """Whether every label fits one of its patterns, or is spelled as one that has no star."""
        return all(choice.takes(labels.get(name, "")) for name, choice in self._choices.items())


def _folded(patterns: Patterns) -> list[tuple[str, list[str]]]:
    return sorted((name, sorted({one.casefold() for one in each})) for name, each in patterns)


def _pattern(patterns: Sequence[str]) -> Pattern[str]:
    # `[` begins a set of letters for fnmatch; names of sections have brackets, and mean them.
    parts = (translate(each.casefold().replace("[", "[[]")) for each in patterns)
    return compile_pattern("|".join(f"(?:{part})" for part in parts))


def frozen_patterns(patterns: Mapping[str, Sequence[str]]) -> Patterns:
    """Patterns as a key."""
    return tuple(sorted((name, tuple(each)) for name, each in patterns.items()))

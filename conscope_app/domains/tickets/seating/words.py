"""Words of a name that people wrote: small, without accents, points and needless zeros."""

import re
import unicodedata

# Longer than any name that a venue gives; what is longer is compared as it is.
MOST_LETTERS = 120

# What people put between words. Any other sign may tell two names apart: `101*` is not `101`.
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s.,:;/#()\[\]'\"’–—-]", re.UNICODE)
_LEADING_ZEROS = re.compile(r"\A0+(?=[0-9])")


def words_of(text: str) -> list[str]:
    """The words, numbers and odd signs of a name, in order; `Sec.101-W` has three."""
    plain = text.casefold()
    if not plain.isascii():
        parts = unicodedata.normalize("NFKD", plain)
        plain = "".join(each for each in parts if not unicodedata.combining(each)).casefold()
    return [_LEADING_ZEROS.sub("", word) for word in _WORD.findall(plain)]


def as_it_is(text: str) -> str:
    """A name of which no words are known, to be compared with itself: spaces and case aside."""
    return " ".join(text.casefold().split())


def joined(words: list[str]) -> list[str]:
    """The same with a letter and the number beside it as one: `101`, `w` is `101w`."""
    done: list[str] = []
    for word in words:
        if done and _belong_together(done[-1], word):
            done[-1] += word
        else:
            done.append(word)
    return done


def _belong_together(before: str, word: str) -> bool:
    if word.isdigit():
        return len(before) == 1 and before.isalpha()
    return len(word) == 1 and word.isalpha() and before[-1].isdigit()

"""One spelling for what vendors write differently: case, accents, signs and punctuation."""

import re
import unicodedata

# Letters that Unicode does not take apart into a plain one and an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
    | dict.fromkeys("’‘ʼ´`", "'")
    | dict.fromkeys("–—‐‑", "-")
)
_WITH = re.compile(r"\bw/(?:\s|(?=\w))")
_IN_A_WORD = ((re.compile(r"(?<=\w)\$|\$(?=[a-z])"), "s"), (re.compile(r"(?<=\w)!(?=\w)"), "i"))
_DROPPED = re.compile(r"'|\.(?=\w)")
_AND = re.compile(r"\s*[&+]\s*")
_WORD = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """The text without case and accents. Its punctuation, which says what is one part, stays."""
    folded = " ".join(text.casefold().split())
    if not folded.isascii():
        taken_apart = unicodedata.normalize("NFKD", folded.translate(_LETTERS))
        folded = "".join(each for each in taken_apart if not _is_silent(each))
    return _WITH.sub("with ", folded)


def _is_silent(character: str) -> bool:
    """Whether it is an accent, or one that nobody sees: within a word it would make two of it."""
    return bool(unicodedata.combining(character)) or unicodedata.category(character) == "Cf"


def words(text: str) -> tuple[str, ...]:
    """The words of a `plain` text: "r.e.m. & p!nk" is rem, and, pink."""
    for pattern, letter in _IN_A_WORD:
        text = pattern.sub(letter, text)
    return tuple(_WORD.findall(_AND.sub(" and ", _DROPPED.sub("", text))))

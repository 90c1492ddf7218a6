"""Discord's markdown: names from outside come through as the letters they are."""

# Discord takes a backslash before any character that is no letter, digit or space. The colon is
# here since without it a bare address would become a link.
_HARMLESS = {ord(special): f"\\{special}" for special in "\\*_~`|><#[]()-+:"}

# No mention, of everyone or of anyone, survives a space of no width after the at sign.
_HARMLESS[ord("@")] = "@\u200b"


def measure(text: str) -> int:
    """The length of a text as Discord may count it: in UTF-16 units, the longer of two ways."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def escape(text: str, limit: int) -> str:
    """The text with markdown and mentions made harmless, cut to `limit` with an ellipsis.

    It is cut between characters, never inside an escape.
    """
    escaped = text.translate(_HARMLESS)
    if measure(escaped) <= limit:
        return escaped
    room = limit - 1
    kept = []
    for character in (one.translate(_HARMLESS) for one in text):
        room -= measure(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"

"""What Discord refuses in a webhook's payload, and which embeds it silently drops."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

# https://discord.com/developers/docs/resources/message#embed-object-embed-limits
MAX_EMBEDS = 10
MAX_TOTAL = 6_000
_BOUNDS = {"title": 256, "description": 4_096}
_MAX_FIELDS = 25
_FIELD_BOUNDS = {"name": 256, "value": 1_024}
_MAX_FOOTER = 2_048
_MAX_URL = 2_048


class Refusal(Exception):
    """Discord's 400, with the body that it sends."""

    def __init__(self, path: str, code: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        errors = {path: {"_errors": [{"code": code, "message": message}]}}
        self.body = {"message": "Invalid Form Body", "code": 50035, "errors": errors}


def check(payload: dict[str, Any], *, also_refuse: Callable[[dict[str, Any]], bool]) -> None:
    """Raise the refusal that Discord would answer with, or one that the test asks for."""
    embeds = payload.get("embeds") or []
    if not embeds and not payload.get("content"):
        raise Refusal("content", "BASE_TYPE_REQUIRED", "Cannot send an empty message")
    if len(embeds) > MAX_EMBEDS:
        raise Refusal("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    if payload.get("allowed_mentions") != {"parse": []}:
        # Discord would take it; none of ours may go without.
        raise Refusal("allowed_mentions", "OURS", "Mentions must be off")
    total = sum(_check_embed(f"embeds.{i}", embed) for i, embed in enumerate(embeds))
    if total > MAX_TOTAL:
        raise Refusal("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum of 6000")
    if also_refuse(payload):
        raise Refusal("embeds", "OURS", "This stand-in was told to refuse it")


def distinct_by_url(embeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the embeds that repeat an earlier one's url: Discord shows the first alone."""
    seen: set[str] = set()
    kept = []
    for embed in embeds:
        url = embed.get("url")
        if url is None or url not in seen:
            kept.append(embed)
        if url is not None:
            seen.add(url)
    return kept


def length(text: str) -> int:
    """In UTF-16 units: the stricter of the two ways in which Discord might count."""
    return len(text.encode("utf-16-le")) // 2


def _check_embed(path: str, embed: dict[str, Any]) -> int:
    """The characters of an embed that count against the total."""
    total = 0
    for name, bound in _BOUNDS.items():
        if embed.get(name) is not None:
            total += _check_text(f"{path}.{name}", embed[name], bound)
    fields = embed.get("fields") or []
    if len(fields) > _MAX_FIELDS:
        raise Refusal(f"{path}.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for index, field in enumerate(fields):
        for name, bound in _FIELD_BOUNDS.items():
            total += _check_text(f"{path}.fields.{index}.{name}", field.get(name), bound)
    footer = embed.get("footer")
    if footer is not None:
        total += _check_text(f"{path}.footer.text", footer.get("text"), _MAX_FOOTER)
    if "timestamp" in embed:
        datetime.fromisoformat(embed["timestamp"])
    if not 0 <= embed.get("color", 0) < 1 << 24:
        raise Refusal(f"{path}.color", "NUMBER_TYPE_MAX", "Must be a color")
    _check_url(f"{path}.url", embed.get("url"))
    return total


def _check_text(path: str, text: Any, bound: int) -> int:
    if not isinstance(text, str) or not text.strip():
        raise Refusal(path, "BASE_TYPE_REQUIRED", "This field is required")
    if length(text) > bound:
        raise Refusal(path, "BASE_TYPE_MAX_LENGTH", f"Must be {bound} or fewer in length.")
    return length(text)


def _check_url(path: str, url: Any) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or "." not in (parts.hostname or "") or " " in url:
        raise Refusal(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    if len(url) > _MAX_URL:
        raise Refusal(path, "BASE_TYPE_MAX_LENGTH", "Must be 2048 or fewer in length.")

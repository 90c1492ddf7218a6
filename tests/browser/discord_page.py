"""What Discord is sent, as a page: embeds laid out as Discord lays them out, in a style of ours."""

import base64
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

from tests.browser.discord_story import Shown

WIDTH = 560

_MOST_IN_A_ROW = 3

# No font has to be installed for these.
_SIGNS = {
    "🔔": """<path fill="#e0a526" d="M10 1.5a1.6 1.6 0 0 0-1.6 1.7C5.9 3.9 4.4 6 4.4 8.6V13L2.5
        15.6h15L15.6 13V8.6c0-2.6-1.5-4.7-4-5.4A1.6 1.6 0 0 0 10 1.5z"/>
        <path fill="#b5821a" d="M7.8 16.6a2.2 2.2 0 0 0 4.4 0z"/>""",
    "✅": """<rect x="1.5" y="1.5" width="17" height="17" rx="3.5" fill="#4a9c4e"/>
        <path d="M5.5 10.5l3 3 6-7" fill="none" stroke="#fff" stroke-width="2.4"
        stroke-linecap="round" stroke-linejoin="round"/>""",
}
_DRAWN = re.compile("|".join(_SIGNS))
_MARKS = re.compile(r"\\(.)|(\*\*)|([^\\*]+|\*)", re.DOTALL)

_STYLE = f"""
* {{ margin: 0; box-sizing: border-box; }}
body {{ width: {WIDTH}px; padding: 14px 18px 18px; background: #fff; color: #23262b;
  font: 15px/1.38 "Liberation Sans", Arial, sans-serif; }}
h2 {{ margin: 12px 0 6px; font-size: 13px; font-weight: normal; color: #5a606b; }}
h2:first-of-type {{ margin-top: 0; }}
article {{ border-left: 4px solid; border-radius: 5px; padding: 10px 14px 11px;
  background: #f1f3f6; }}
article + article {{ margin-top: 6px; }}
h3 {{ font-size: 16px; }}
h3 img {{ width: 18px; height: 18px; vertical-align: -3px; }}
dl {{ display: flex; gap: 14px; margin: 8px 0; }}
dl div {{ flex: 1; }}
dt {{ font-size: 13px; font-weight: bold; }}
footer {{ font-size: 12px; color: #5a606b; }}
"""


def page_of(messages: Iterable[Shown]) -> str:
    """The messages below each other, each under its moment and its caption."""
    body = "".join(
        f"<h2>{each.at:%H:%M} · {escape(each.caption)}</h2>{''.join(_embeds(each.payload))}"
        for each in messages
    )
    head = f'<meta charset="utf-8"><title>A message in Discord</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'


def _embeds(payload: dict[str, Any]) -> Iterable[str]:
    for embed in payload["embeds"]:
        title = _text(embed["title"])
        if "url" in embed:
            title = f'<a href="{escape(embed["url"])}">{title}</a>'
        yield (
            f'<article style="border-color: #{embed["color"]:06x}"><h3>{title}</h3>'
            f"<p>{_text(embed['description'])}</p>{''.join(_fields(embed['fields']))}"
            f"<footer>{_footer(embed)}</footer></article>"
        )


def _fields(fields: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Up to three inline ones share a line in equal parts; any other has one of its own."""
    row: list[str] = []
    for field in fields:
        shown = f"<div><dt>{_text(field['name'])}</dt><dd>{_text(field['value'])}</dd></div>"
        if row and (len(row) == _MOST_IN_A_ROW or not field["inline"]):
            yield _row(row)
            row = []
        row.append(shown)
        if not field["inline"]:
            yield _row(row)
            row = []
    if row:
        yield _row(row)


def _row(fields: Sequence[str]) -> str:
    return f"<dl>{''.join(fields)}</dl>"


def _footer(embed: dict[str, Any]) -> str:
    parts = [escape(embed["footer"]["text"])]
    if "timestamp" in embed:
        at = datetime.fromisoformat(embed["timestamp"])
        parts.append(f"{at:%d %b %Y %H:%M}")
    return " · ".join(parts)


def _text(markdown: str) -> str:
    """The text with what is bold in bold, and without the backslashes that Discord takes away."""
    parts, is_bold = [], False
    for escaped, bold, plain in _MARKS.findall(markdown):
        if bold:
            parts.append("</strong>" if is_bold else "<strong>")
            is_bold = not is_bold
        else:
            parts.append(escape(escaped or plain))
    return _DRAWN.sub(_sign, "".join(parts))


def _sign(found: re.Match[str]) -> str:
    sign = found[0]
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20">{_SIGNS[sign]}</svg>'
    encoded = base64.b64encode(drawing.encode()).decode()
    return f'<img alt="{sign}" src="data:image/svg+xml;base64,{encoded}">'

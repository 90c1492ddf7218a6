"""A small drawing in SVG, readable in light and dark, the same bytes for the same content."""

import html
import re
from collections.abc import Sequence
from typing import Literal

Anchor = Literal["start", "middle", "end"]

# Colours of the web pages. GitHub shows the file as an image: it brings its own ground, and
# follows the reader's colour scheme by itself.
_STYLE = """
svg { --ground: #ffffff; --frame: #dfe5e5; --ink: #16211f; --soft: #52615e; --grid: #e3e9e8;
  --ours: #0f766e; --peer: #8fa3a0; --other: #c3cecc; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #151e1d; --frame: #273432; --ink: #e8efed; --soft: #9fb0ac; --grid: #263331;
    --ours: #2dd4bf; --peer: #6d827e; --other: #42524f; } }
text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
  font-size: 14px; fill: var(--ink); font-variant-numeric: tabular-nums; }
.head { font-size: 19px; font-weight: 600; }
.strong { font-weight: 600; }
.soft { fill: var(--soft); }
.note { font-size: 12px; fill: var(--soft); }
.ground { fill: var(--ground); stroke: var(--frame); }
.ours { fill: var(--ours); }
.peer { fill: var(--peer); }
.other { fill: var(--other); }
.grid { stroke: var(--grid); }
.whisker { stroke: var(--ink); stroke-opacity: .55; stroke-width: 1.5; }
.curve { fill: none; stroke: var(--ours); stroke-width: 2.5; stroke-linejoin: round; }
.usual { fill: var(--ground); stroke: var(--ours); stroke-width: 2.5; }
""".strip()

# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Picture:
    """Draws one thing after the other; `svg` gives the whole."""

    def __init__(self, width: float, height: float, title: str, description: str) -> None:
        size = f'width="{_length(width)}" height="{_length(height)}" role="img"'
        box = f'viewBox="0 0 {_length(width)} {_length(height)}"'
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} aria-labelledby="title desc">',
            f'<title id="title">{_text(title)}</title>',
            f'<desc id="desc">{_text(description)}</desc>',
            f"<style>\n{_STYLE}\n</style>",
        ]
        self.rectangle("ground", 0.5, 0.5, width - 1, height - 1, round_by=8)

    def text(self, style: str, x: float, y: float, said: str, anchor: Anchor = "start") -> None:
        """`y` is the line on which the letters stand."""
        self._draw("text", style, {"x": x, "y": y}, f' text-anchor="{anchor}"', _text(said))

    def rectangle(
        self, style: str, x: float, y: float, width: float, height: float, *, round_by: float = 3
    ) -> None:
        """From its upper left corner."""
        place = {"x": x, "y": y, "width": width, "height": height, "rx": round_by}
        self._draw("rect", style, place)

    def line(self, style: str, x: float, y: float, to_x: float, to_y: float) -> None:
        """A straight one."""
        self._draw("line", style, {"x1": x, "y1": y, "x2": to_x, "y2": to_y})

    def curve(self, style: str, points: Sequence[tuple[float, float]]) -> None:
        """Straight from point to point."""
        joined = " ".join(f"{_length(x)},{_length(y)}" for x, y in points)
        self._draw("polyline", style, {}, f' points="{joined}"')

    def point(self, style: str, x: float, y: float, radius: float) -> None:
        """A disc."""
        self._draw("circle", style, {"cx": x, "cy": y, "r": radius})

    def svg(self) -> str:
        """The file's content."""
        return "\n".join([*self._parts, "</svg>", ""])

    def _draw(
        self, tag: str, style: str, place: dict[str, float], more: str = "", inside: str = ""
    ) -> None:
        placed = "".join(f' {name}="{_length(value)}"' for name, value in place.items())
        end = f">{inside}</{tag}>" if inside else "/>"
        self._parts.append(f'<{tag} class="{style}"{placed}{more}{end}')


def _length(value: float) -> str:
    """A tenth of a pixel is fine enough, and hides how sums of floats end."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def _text(said: str) -> str:
    return html.escape(_NOT_XML.sub("\ufffd", said))

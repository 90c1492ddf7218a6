"""Small charts side by side: how one figure follows a condition, on one scale for all."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.report.figures import Spread
from bench.report.picture import Picture

_WIDTH, _MARGIN, _TOP = 880, 28, 84
_PANEL_HEIGHT, _HEAD, _AXIS, _FOOT = 236, 34, 52, 34
_GRID = 4
# Quarters of these are round.
_STEPS = (1, 1.2, 1.6, 2, 2.4, 4, 6, 8, 10)
# Two marks nearer to each other would run into one another.
_ROOM_FOR_A_MARK = 34


@dataclass(frozen=True)
class Panel:
    """One condition's values and what was measured under each; `usual` is the others' value."""

    title: str
    points: Mapping[float, Spread]
    usual: float | None
    marks: Mapping[float, str]
    logarithmic: bool = True


@dataclass(frozen=True)
class Curves:
    """Panels in two columns, with all that is said around them."""

    title: str
    subtitle: str
    foot: str
    panels: Sequence[Panel]

    def svg(self) -> str:
        """The charts as one file's content."""
        height = _TOP + _PANEL_HEIGHT * math.ceil(len(self.panels) / 2) + 36
        picture = Picture(_WIDTH, height, self.title, self._description())
        picture.text("head", _MARGIN, 42, self.title)
        picture.text("soft", _MARGIN, 66, self.subtitle)
        width = (_WIDTH - 3 * _MARGIN) / 2
        highest = max(spread.high for panel in self.panels for spread in panel.points.values())
        for at, panel in enumerate(self.panels):
            left = _MARGIN + (at % 2) * (width + _MARGIN)
            frame = _Frame(left, _TOP + at // 2 * _PANEL_HEIGHT, width, ceiling(highest))
            frame.draw(picture, panel)
        picture.text("note", _MARGIN, height - 18, self.foot)
        return picture.svg()

    def _description(self) -> str:
        told = [
            f"{panel.title}: "
            + ", ".join(f"{panel.marks[x]} {y.middle:,.0f}" for x, y in panel.points.items())
            for panel in self.panels
        ]
        return f"{self.subtitle} {'; '.join(told)}."


@dataclass(frozen=True)
class _Frame:
    """Where a panel stands, and the scale that it shares."""

    left: float
    top: float
    width: float
    ceiling: float

    def draw(self, picture: Picture, panel: Panel) -> None:
        picture.text("strong", self.left, self.top + 18, panel.title)
        self._grid(picture)
        across = self._across(panel)
        picture.curve("curve", [(x, self._up(panel.points[v].middle)) for v, x in across.items()])
        last_mark = -math.inf
        for value, x in across.items():
            self._point(picture, x, panel.points[value], usual=value == panel.usual)
            if x - last_mark >= _ROOM_FOR_A_MARK:
                picture.text("note", x, self._bottom + 20, panel.marks[value], "middle")
                last_mark = x

    @property
    def _bottom(self) -> float:
        return self.top + _PANEL_HEIGHT - _FOOT

    def _grid(self, picture: Picture) -> None:
        for step in range(_GRID + 1):
            value = self.ceiling * step / _GRID
            y = self._up(value)
            picture.line("grid", self.left + _AXIS, y, self.left + self.width, y)
            picture.text("note", self.left + _AXIS - 8, y + 4, f"{value:,.0f}", "end")

    def _point(self, picture: Picture, x: float, spread: Spread, *, usual: bool) -> None:
        picture.line("whisker", x, self._up(spread.low), x, self._up(spread.high))
        picture.point("usual" if usual else "ours", x, self._up(spread.middle), 5)

    def _up(self, value: float) -> float:
        high = self._bottom - self.top - _HEAD
        return self._bottom - high * value / self.ceiling

    def _across(self, panel: Panel) -> dict[float, float]:
        """The place of each value, the smallest first."""
        placed = {value: _scaled(value, panel) for value in sorted(panel.points)}
        least, most = min(placed.values()), max(placed.values())
        begin, room = self.left + _AXIS + 24, self.width - _AXIS - 48
        share = {
            v: (p - least) / (most - least) if most > least else 0.5 for v, p in placed.items()
        }
        return {value: begin + room * part for value, part in share.items()}


def _scaled(value: float, panel: Panel) -> float:
    return math.log(value) if panel.logarithmic and min(panel.points) > 0 else value


def ceiling(value: float) -> float:
    """The next round number that can be quartered."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in _STEPS if step * power >= value * (1 - 1e-12))

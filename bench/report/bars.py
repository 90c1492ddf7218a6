"""A chart of horizontal bars: who does how much."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.report.figures import Spread
from bench.report.picture import Picture
from bench.report.quantities import Unit

_WIDTH, _MARGIN, _LABELS = 880, 28, 200
_TOP, _ROW, _BAR = 112, 46, 24
# Right of the longest bar: its value, and the column of ratios.
_VALUES, _RATIOS = 92, 90


@dataclass(frozen=True)
class Bar:
    """`style` is `ours`, `peer` or `other`; `note` stands small under the label."""

    label: str
    note: str
    style: str
    extent: Spread
    ratio: str


@dataclass(frozen=True)
class BarChart:
    """The bars with all that is said around them."""

    title: str
    subtitle: str
    ratio_head: str
    foot: str
    unit: Unit
    bars: Sequence[Bar]

    def svg(self) -> str:
        """The chart as a file's content."""
        height = _TOP + _ROW * len(self.bars) + 44
        picture = Picture(_WIDTH, height, self.title, self._description())
        picture.text("head", _MARGIN, 42, self.title)
        picture.text("soft", _MARGIN, 66, self.subtitle)
        picture.text("note", _WIDTH - _MARGIN, _TOP - 10, self.ratio_head, "end")
        for at, bar in enumerate(self.bars):
            top = _TOP + at * _ROW
            if at and bar.style == "other" and self.bars[at - 1].style != "other":
                picture.line("grid", _MARGIN, top, _WIDTH - _MARGIN, top)
            self._draw(picture, bar, top)
        picture.text("note", _MARGIN, height - 18, self.foot)
        return picture.svg()

    def _draw(self, picture: Picture, bar: Bar, top: float) -> None:
        begin, middle = _MARGIN + _LABELS, top + _ROW / 2
        strong = "strong" if bar.style == "ours" else "label"
        picture.text(strong, _MARGIN, middle - 2, bar.label)
        picture.text("note", _MARGIN, middle + 14, bar.note)
        length = self._length(bar.extent.middle)
        picture.rectangle(bar.style, begin, middle - _BAR / 2, max(length, 1), _BAR)
        low, high = begin + self._length(bar.extent.low), begin + self._length(bar.extent.high)
        _whisker(picture, low, high, middle)
        value_at = max(begin + length, high) + 10
        picture.text(strong, value_at, middle + 5, self.unit.bare(bar.extent.middle))
        picture.text("strong", _WIDTH - _MARGIN, middle + 5, bar.ratio, "end")

    def _length(self, value: float) -> float:
        room = _WIDTH - 2 * _MARGIN - _LABELS - _VALUES - _RATIOS
        longest = max(bar.extent.high for bar in self.bars)
        return room * value / longest if longest else 0.0

    def _description(self) -> str:
        bars = [
            f"{bar.label} ({bar.note}) {self.unit.full(bar.extent.middle)}" for bar in self.bars
        ]
        return f"{self.subtitle} {'; '.join(bars)}."


def _whisker(picture: Picture, low: float, high: float, y: float) -> None:
    if high - low < 1:
        return
    picture.line("whisker", low, y, high, y)
    for end in (low, high):
        picture.line("whisker", end, y - 4, end, y + 4)

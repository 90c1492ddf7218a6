"""Whether a column of amounts has a decimal point or a decimal comma: it tells, or nobody."""

import re
from dataclasses import dataclass
from typing import Literal

from conscope_app.sources.files.amounts import DecimalSign, number_in
from conscope_app.sources.files.cells import JsonNumber
from conscope_app.sources.files.errors import UnusableFileError

_SEPARATORS = re.compile(r"[.,]")


@dataclass(slots=True)
class AmountSurvey:
    """Finds out from all amounts of a column whether the point or the comma is the decimal sign."""

    point: str | None = None  # an amount that can only be read with a decimal point
    comma: str | None = None  # … only with a decimal comma
    unclear: str | None = None  # `1,234`: a thousand and more, or one and a bit

    def see(self, text: str) -> None:
        """Take one more amount into account; what is no amount says nothing."""
        if isinstance(text, JsonNumber):
            return
        number = number_in(text)
        if number is None:
            return
        sign = _decimal_sign(number)
        if sign == ".":
            self.point = self.point or text
        elif sign == ",":
            self.comma = self.comma or text
        elif sign == "?":
            self.unclear = self.unclear or text

    def decide(self) -> DecimalSign:
        """The decimal sign; raises `UnusableFileError` where the column does not tell."""
        if self.point and self.comma:
            raise UnusableFileError(
                f"{self.point!r} has a decimal point and {self.comma!r} a decimal comma: "
                "say which is right with --decimal . or --decimal ,"
            )
        if self.unclear and not self.point and not self.comma:
            raise UnusableFileError(
                f"{self.unclear!r} may be thousands or a fraction, and no other amount tells: "
                "say which is the decimal sign with --decimal . or --decimal ,"
            )
        return "," if self.comma else "."


def _decimal_sign(number: str) -> Literal[".", ",", "?", ""]:
    """Which sign must be the decimal one in a number without blanks; `?` where either can be."""
    signs = _SEPARATORS.findall(number)
    if not signs:
        return ""
    last: Literal[".", ","] = "." if signs[-1] == "." else ","
    other: Literal[".", ","] = "," if last == "." else "."
    if len(set(signs)) == 2:
        return last
    if len(signs) > 1:
        return other  # 1.234.567 is grouped
    whole, _, fraction = number.partition(last)
    if len(fraction) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
        return last
    # Programs write 1.234 without grouping; a lone comma before three digits may be either.
    return "?" if last == "," else last

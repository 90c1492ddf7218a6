"""Whether the dates of a file begin with the day or with the month: the column tells, or nobody."""

from dataclasses import dataclass

from conscope_app.sources.files.dates import YEAR_LAST, DayOrder
from conscope_app.sources.files.errors import UnusableFileError


@dataclass(slots=True)
class DateSurvey:
    """Finds out from all dates of a column which comes first in `02/01/2000`."""

    day_first: str | None = None
    month_first: str | None = None
    unclear: str | None = None

    def see(self, text: str) -> None:
        """Take one more date into account; what cannot be read both ways says nothing."""
        match = YEAR_LAST.fullmatch(text.strip())
        if match is None or match["sign"] == ".":
            return
        first, second = int(match["first"]), int(match["next"])
        if first > 12 >= second:
            self.day_first = self.day_first or text
        elif second > 12 >= first:
            self.month_first = self.month_first or text
        elif first != second:
            self.unclear = self.unclear or text

    def decide(self) -> DayOrder | None:
        """The order; None where no date needs it. Raises where the column does not tell."""
        if self.day_first and self.month_first:
            raise UnusableFileError(
                f"{self.day_first!r} begins with the day and {self.month_first!r} with the month: "
                "say which is right with --date-format day-first or --date-format month-first"
            )
        if self.unclear and not self.day_first and not self.month_first:
            raise UnusableFileError(
                f"{self.unclear!r} may begin with the day or the month, and no other date tells: "
                "say which with --date-format day-first or --date-format month-first"
            )
        if self.month_first:
            return "month-first"
        return "day-first" if self.day_first else None

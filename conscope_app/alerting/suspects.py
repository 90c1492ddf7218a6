"""Finding the alert that a channel refuses, by halving."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suspects:
    """The first `count` alerts of the queue hold one that the channel refuses; 0: all is well."""

    count: int = 0

    @property
    def probe(self) -> int:
        """How many alerts the next message should hold: half of the suspects, rounded up."""
        return (self.count + 1) // 2

    def refused(self, told: int) -> "Suspects":
        """After a refusal of the first `told` alerts. One that was refused alone has been found."""
        return Suspects(0 if told == 1 else told)

    def accepted(self, told: int) -> "Suspects":
        """After the channel took the first `told` alerts."""
        return Suspects(max(0, self.count - told))

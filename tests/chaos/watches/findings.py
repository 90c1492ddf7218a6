"""What a judge has found: counts for the report, and the first of each in words."""

from dataclasses import dataclass, field

_SAID = 3


@dataclass
class Findings:
    """How much was missing, doubled and wrong. Who found nothing is `clean`."""

    missing: int = 0
    doubled: int = 0
    wrong: int = 0
    words: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether all was as it has to be."""
        return not (self.missing or self.doubled or self.wrong)

    @property
    def sentence(self) -> str:
        """The counts and the first words."""
        counts = f"{self.missing} missing, {self.doubled} doubled, {self.wrong} wrong"
        return f"{counts}: {'; '.join(self.words[:_SAID])}"

    def miss(self, what: str) -> None:
        """Something is not there."""
        self.missing += 1
        self.words.append(f"missing: {what}")

    def double(self, what: str, *, times: int = 2) -> None:
        """Something is there more than once."""
        self.doubled += times - 1
        self.words.append(f"{times} times: {what}")

    def object_to(self, what: str) -> None:
        """Something is not as it has to be."""
        self.wrong += 1
        self.words.append(f"wrong: {what}")

    def __iadd__(self, other: "Findings") -> "Findings":
        self.missing += other.missing
        self.doubled += other.doubled
        self.wrong += other.wrong
        self.words += other.words
        return self

"""What a saboteur is told and what it tells: files of one folder, shared with the scenario."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from conscope_app.core.clock import utc_now

VARIABLE = "SABOTAGE"

Deed = Literal["stop", "kill"]


class Orders(msgspec.Struct, frozen=True):
    """The value of the variable `SABOTAGE`, as JSON.

    `every_s` are the inner faults with the mean time between two of them in one worker.
    """

    folder: str
    name: str
    seed: int
    every_s: dict[str, float] = {}

    def as_text(self) -> str:
        """What the environment variable holds."""
        return msgspec.json.encode(self).decode()


class Trap(msgspec.Struct, frozen=True):
    """The next process that passes a point for the n-th time stops or kills itself there.

    Where it names a topic, only what is done with records of that topic counts.
    """

    point: str
    passes: int
    deed: Deed
    number: int  # tells one trap from the next
    topic: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One thing that was done, and by whom; `about` says where, and what of it can be counted."""

    at: float
    by: str
    did: str
    about: dict[str, Any] = {}


class SharedFolder:
    """Where scenario and saboteurs meet: a diary, a flag to begin and end, and one trap at a time.

    A saboteur that finds the trap takes the file away: of several, one strikes.
    """

    def __init__(self, folder: Path, name: str = "") -> None:
        self._name = name
        self._diary = folder / "diary.log"
        self._flag = folder / "at-work"
        self._trap = folder / "trap.json"
        self._laid = 0
        folder.mkdir(parents=True, exist_ok=True)

    def note(self, did: str, **about: Any) -> None:
        """Append to the diary: one write a line, so that processes can share it."""
        entry = Entry(utc_now().timestamp(), self._name, did, about)
        with self._diary.open("ab", buffering=0) as diary:
            diary.write(msgspec.json.encode(entry) + b"\n")

    def entries(self) -> list[Entry]:
        """Everything that was done so far, in order."""
        if not self._diary.exists():
            return []
        complete = self._diary.read_bytes().rpartition(b"\n")[0]
        return [msgspec.json.decode(line, type=Entry) for line in complete.splitlines()]

    def counts(self) -> Mapping[str, int]:
        """How often each thing was done."""
        counts: dict[str, int] = {}
        for entry in self.entries():
            counts[entry.did] = counts.get(entry.did, 0) + 1
        return counts

    @property
    def at_work(self) -> bool:
        """Whether inner faults may happen now."""
        return self._flag.exists()

    def begin(self) -> None:
        """Let inner faults happen."""
        self._flag.touch()

    def end(self) -> None:
        """Let no more of them happen."""
        self._flag.unlink(missing_ok=True)

    def lay(self, point: str, *, passes: int, deed: Deed, topic: str = "") -> None:
        """Lay a trap, in the place of one that nobody found."""
        self._laid += 1
        whole = self._trap.with_suffix(".new")
        whole.write_bytes(msgspec.json.encode(Trap(point, passes, deed, self._laid, topic)))
        whole.rename(self._trap)

    def trap(self) -> Trap | None:
        """The trap that lies there now."""
        try:
            return msgspec.json.decode(self._trap.read_bytes(), type=Trap)
        except FileNotFoundError:
            return None

    def take(self) -> bool:
        """Take the trap away; False where another process was quicker."""
        try:
            self._trap.unlink()
        except FileNotFoundError:
            return False
        return True

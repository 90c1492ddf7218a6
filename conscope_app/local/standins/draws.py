"""Randomness that can be asked for anything in any order: a number that follows from numbers.

A market at a moment is a function of its seed and the moment, so it can be looked at anywhere in
time, and looking changes nothing.
"""

from collections.abc import Sequence
from typing import TypeVar

One = TypeVar("One")

_BITS = (1 << 64) - 1


def mixed(*numbers: int) -> int:
    """64 bits that follow from the numbers; the steps are those of SplitMix64's finaliser."""
    state = 0x9E3779B97F4A7C15
    for number in numbers:
        state = ((state ^ number) * 0xBF58476D1CE4E5B9) & _BITS
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _BITS
        state ^= state >> 31
    return state


def share(*numbers: int) -> float:
    """A number from 0 to below 1."""
    return mixed(*numbers) / (_BITS + 1)


def between(low: int, high: int, *numbers: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + mixed(*numbers) % (high - low + 1)


def pick(options: Sequence[One], *numbers: int) -> One:
    """One of the options."""
    return options[mixed(*numbers) % len(options)]

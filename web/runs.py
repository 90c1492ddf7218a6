"""Numbers as people write several of them: `0-3, 6`."""

from collections.abc import Iterable


def in_runs(spans: Iterable[tuple[int, int]]) -> str:
    """`0-3, 6` for 0, 1, 2, 3, 6, given as spans with both their ends; in order, each once."""
    runs: list[list[int]] = []
    for first, last in sorted(spans):
        if runs and first <= runs[-1][1] + 1:
            runs[-1][1] = max(runs[-1][1], last)
        else:
            runs.append([first, last])
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)


def one_by_one(numbers: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Single numbers as spans."""
    return ((number, number) for number in numbers)

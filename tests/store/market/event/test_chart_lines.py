"""Lines of a chart that are one thing under several names."""

from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from conscope_app.store.market.chart_lines import Line, empty_line, in_one_spelling

NAMES = st.sampled_from(["101", "Sec 101", "SEC 101", "a", "A", ""])
PRICES = st.integers(1, 9).map(Decimal)
SPANS = st.dictionaries(st.integers(0, 4), st.tuples(PRICES, PRICES, st.integers(0, 3)))


def spelled(name: str) -> str:
    return name.casefold().removeprefix("sec ")


def a_line(name: str, spans: dict[int, tuple[Decimal, Decimal, int]]) -> Line:
    """A line with these lowest prices, medians and drops."""
    line = empty_line(name)
    for at, (lowest, median, drops) in sorted(spans.items()):
        line.add(at, lowest, None, median, None, drops)
    return line


@example({"101": {}, "": {0: (Decimal(1), Decimal(1), 0)}, "Sec 101": {}})
@given(st.dictionaries(NAMES, SPANS))
def test_a_line_says_of_each_span_what_all_its_names_do(
    spans: dict[str, dict[int, tuple[Decimal, Decimal, int]]],
) -> None:
    """Whose name is one of theirs, whichever comes first; a median is that of one of them alone."""
    lines = [a_line(name, each) for name, each in spans.items()]
    found = in_one_spelling(lines, spelled)

    assert len(found) == len({spelled(name) for name in spans})
    backwards = {line.name: line for line in in_one_spelling(lines[::-1], spelled) if line.at}
    assert backwards == {line.name: line for line in found if line.at}
    for line in found:
        own = [each for name, each in spans.items() if spelled(name) == spelled(line.name)]
        assert line.at == sorted({at for each in own for at in each})
        for place, at in enumerate(line.at):
            seen = [each[at] for each in own if at in each]
            assert line.lowest[place] == min(lowest for lowest, _, _ in seen)
            assert line.drops[place] == sum(drops for _, _, drops in seen)
            assert line.median[place] == (seen[0][1] if len(seen) == 1 else None)


def test_the_shortest_name_is_shown() -> None:
    """Where there is one, and of what is in the chart."""
    span = {0: (Decimal(1), Decimal(1), 0)}

    def name_of(*lines: Line) -> str:
        (line,) = in_one_spelling(lines, lambda _: "one")
        return line.name

    assert name_of(a_line("Section 101", span), a_line("101", span)) == "101"
    assert name_of(a_line("Section 101", span), a_line("101", {})) == "Section 101"
    assert name_of(a_line("", span), a_line("Unknown", span)) == "Unknown"

"""The pictures: what they show, and that anybody can read them."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.report.curves import ceiling
from bench.report.gallery import DETECTION_FILE, GROWTH_FILE, STORAGE_FILE, pictures
from bench.report.picture import Picture
from bench.run import Results, Run
from tests.bench import a_run, a_whole_benchmark, gone_wrong, results_of

SVG = "{http://www.w3.org/2000/svg}"


def drawn(name: str, results: Results) -> ElementTree.Element:
    return ElementTree.fromstring(pictures(results)[name])


def texts(picture: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def widths(picture: ElementTree.Element) -> list[float]:
    """Of the bars, from top to bottom."""
    bars = [bar for bar in picture.iter(f"{SVG}rect") if bar.get("class") != "ground"]
    return [float(bar.attrib["width"]) for bar in bars]


def detected(contestant: str, *rates: float) -> list[Run]:
    return [a_run("detection", contestant, records_per_s=rate) for rate in rates]


def test_there_is_a_picture_of_all_that_was_measured() -> None:
    assert set(pictures(a_whole_benchmark())) == {DETECTION_FILE, STORAGE_FILE, GROWTH_FILE}
    assert pictures(results_of()) == {}


@pytest.mark.parametrize("name", [DETECTION_FILE, STORAGE_FILE, GROWTH_FILE])
def test_a_picture_says_in_words_what_it_shows(name: str) -> None:
    """For whoever does not see it."""
    picture = drawn(name, a_whole_benchmark())

    assert picture.findtext(f"{SVG}title") in texts(picture)
    assert re.search(r"\d,\d{3}", picture.findtext(f"{SVG}desc") or "")


def test_the_same_results_give_the_same_bytes() -> None:
    assert pictures(a_whole_benchmark()) == pictures(a_whole_benchmark())


def test_bars_are_as_long_as_their_medians() -> None:
    loop = detected("confluent-kafka loop", 60_000)
    ours, peer = widths(
        drawn(DETECTION_FILE, results_of(*detected("ConScope", 20_000, 30_000, 90_000), *loop))
    )

    assert peer == pytest.approx(2 * ours, abs=0.2)


def test_a_wrong_run_is_not_drawn() -> None:
    wrong = [gone_wrong(run) for run in detected("Quix Streams, exactly once", 90_000)]

    picture = drawn(DETECTION_FILE, results_of(*detected("ConScope", 30_000), *wrong))

    assert len(widths(picture)) == 1
    assert "Quix Streams" not in texts(picture)


def test_each_bar_says_its_guarantee_and_how_far_behind_it_is() -> None:
    said = texts(drawn(DETECTION_FILE, a_whole_benchmark()))

    at = said.index("Quix Streams")
    assert said[at : at + 4] == ["Quix Streams", "exactly once", "11,900", "3.20 ×"]
    assert said.index("ConScope") < at


def test_everything_stands_inside_the_picture() -> None:
    for name in pictures(a_whole_benchmark()):
        picture = drawn(name, a_whole_benchmark())
        width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
        for element in picture.iter():
            for x in ("x", "x1", "x2", "cx"):
                assert 0 <= float(element.get(x, 0)) <= width
            for y in ("y", "y1", "y2", "cy"):
                assert 0 <= float(element.get(y, 0)) <= height


def test_growth_has_a_panel_for_each_condition_and_a_ring_at_the_usual_one() -> None:
    picture = drawn(GROWTH_FILE, a_whole_benchmark())

    assert {"Seats", "Partitions", "Bytes a record", "Share of drops"} <= set(texts(picture))
    assert {"1M", "64", "8k", "30 %"} <= set(texts(picture))
    rings = [point for point in picture.iter(f"{SVG}circle") if point.get("class") == "usual"]
    assert len(rings) == 4


def test_growth_draws_a_condition_under_which_only_one_value_was_tried() -> None:
    picture = drawn(
        GROWTH_FILE,
        results_of(a_run("growth", "ConScope", {"seats": 0}, records_per_s=1_000)),
    )

    assert len(list(picture.iter(f"{SVG}circle"))) == 1


@given(st.text(), st.text())
def test_any_text_can_be_drawn(title: str, said: str) -> None:
    picture = Picture(100, 50, title, said)
    picture.text("note", 1, 1, said or "-")

    root = ElementTree.fromstring(picture.svg())

    assert [element.tag for element in root] == [
        f"{SVG}{tag}" for tag in ("title", "desc", "style", "rect", "text")
    ]


@given(st.floats(1e-3, 1e9))
def test_the_axis_ends_above_the_highest_figure_but_not_far_above(highest: float) -> None:
    top = ceiling(highest)

    assert highest * (1 - 1e-9) <= top <= 1.7 * highest


def test_text_has_contrast_in_light_and_dark() -> None:
    """4.5 to 1, as WCAG asks for small text, in both colour schemes."""
    svg = Picture(10, 10, "", "").svg()
    schemes = [
        dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r"svg {([^}]*)}", svg)
    ]

    assert len(schemes) == 2
    assert "@media (prefers-color-scheme: dark)" in svg
    for colours in schemes:
        assert contrast(colours["ink"], colours["ground"]) >= 4.5
        assert contrast(colours["soft"], colours["ground"]) >= 4.5
        assert contrast(colours["ours"], colours["ground"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

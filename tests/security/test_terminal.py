"""What commands print: whatever came from outside, a terminal and a page show it as text."""

import io
import json
import unicodedata
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from conscope_app.audit.printing import as_json, print_report
from conscope_app.audit.register import Fault
from conscope_app.audit.report import Finding, Report, Total
from conscope_app.commands import import_report
from conscope_app.core.ids import RecordId
from conscope_app.core.printable import printable, printable_json, readable
from conscope_app.sources.files.importing import sifted
from conscope_app.sources.files.plan import Choices, make_plan
from conscope_app.sources.files.refusals import Refusals
from conscope_app.stream.dead_letter_list import as_json_lines, print_letters
from conscope_app.stream.dead_letters import DeadLetter
from conscope_app.stream.shelf import Shelved
from tests.factories import NOON, ARecord
from tests.security.hostile import HOSTILE, TERMINAL, UNSEEN, a_hostile_price
from web.templating import environment


def harmless(text: str) -> bool:
    """Whether a terminal only sees text and ends of lines."""
    return text.replace("\n", "").isprintable()


@given(text=st.text())
def test_what_cannot_be_seen_is_written_out(text: str) -> None:
    """And what can be seen stays."""
    assert printable(text).isprintable()
    assert printable(text) == text or not text.isprintable()


@given(value=st.dictionaries(st.text(), st.text() | st.integers()))
def test_harmless_json_says_the_same(value: dict[str, str | int]) -> None:
    """Programs read exactly what was there."""
    encoded = msgspec.json.encode(value).decode()

    assert printable_json(encoded).isprintable()
    assert json.loads(printable_json(encoded)) == value


def test_a_page_shows_what_hides() -> None:
    """Bidirectional overrides and controls are written out; emoji and wide blanks are not."""
    assert readable(f"a{UNSEEN}b") == r"a\x9b31m\x85\u2028\u202eb"
    assert readable("👩\u200d🚀 12\u00a0000") == "👩\u200d🚀 12\u00a0000"


@given(text=st.text())
def test_a_page_holds_no_character_that_hides(text: str) -> None:
    """In whatever place a template shows it."""
    shown = environment().from_string("<p title='{{ a }}'>{{ a }} {{ a ~ a }}</p>").render(a=text)

    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"} - {unicodedata.category("\u200d")}
    assert not [c for c in shown if unicodedata.category(c) in hidden]
    assert shown.count("<") == 2


def a_hostile_letter() -> Shelved:
    """A dead letter whose record brought everything that a terminal would fall for."""
    text = TERMINAL + HOSTILE
    letter = DeadLetter(
        RecordId(text, 0, 1), text, text, text, text, text, cut=text
    )  # what its headers say: whoever may write to the topic chose them
    return Shelved(ARecord(key=text.encode(), value=text.encode()), letter, replayed=False)


def test_a_list_of_dead_letters_gives_no_orders() -> None:
    """As a table, and as JSON that a person looks at."""
    out = io.StringIO()
    print_letters([a_hostile_letter()], 1, 0, out)
    lines = list(as_json_lines([a_hostile_letter()]))

    assert harmless(out.getvalue())
    assert "owned" in out.getvalue()
    assert all(map(harmless, lines))
    assert json.loads(lines[0])["reason"] == TERMINAL + HOSTILE


@pytest.mark.parametrize("piped", [True, False])
def test_an_audits_report_gives_none(piped: bool) -> None:
    """Ids and details come from the topics."""
    report = a_report()
    out = io.StringIO()
    print_report(report, out)

    said = as_json(report) if piped else out.getvalue()
    assert harmless(said)
    assert "owned" in said


def a_report() -> Report:
    """A report with a finding and a note that an attacker wrote."""
    text = TERMINAL + HOSTILE
    return Report(
        records=1,
        good=1,
        partitions={0: (0, 1)},
        totals=[Total("processed_prices", expected=1, unexpected=1)],
        findings=[Finding("processed_prices", Fault.UNEXPECTED, text, text)],
        notes=[text],
    )


def test_an_import_gives_none(tmp_path: Path) -> None:
    """The file came from somewhere: its name, its columns, its good rows and its bad ones."""
    path = tmp_path / "\x1b]0;owned\x07\nprices.jsonl"
    rows = [a_hostile_price(), a_hostile_price(venue=TERMINAL), a_hostile_price(price=TERMINAL)]
    path.write_text("".join(f"{json.dumps(row, default=str)}\n" for row in rows))
    out = io.StringIO()
    console = Console(file=out, width=2_000)
    plan = make_plan(path, Choices(), lambda _position, _size: None)
    refusals = Refusals()

    import_report.show_plan(console, plan)
    items = plan.items(NOON, lambda _position, _size: None)
    import_report.show_rows(console, list(sifted(items, refusals)))
    import_report.show_refusals(console, refusals)

    assert refusals.total == 2
    assert r"\x1b]0;owned\x07\nprices.jsonl" in out.getvalue()
    assert harmless(out.getvalue())

"""Whole files: well-meant ones come through exactly, hostile ones are refused row by row."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from conscope_app.domains.tickets.seat_key import seat_key
from conscope_app.sources.files.errors import UnusableFileError
from conscope_app.sources.files.importing import by_time, in_file_order, sifted
from conscope_app.sources.files.opening import MAX_LINE
from conscope_app.sources.files.plan import Choices, ImportPlan, Ready, RefusedRow, make_plan
from conscope_app.sources.files.refusals import Refusals
from tests.sources.stocks import expected_moves, stocks_path

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOD_CSV = b"symbol,date,price\nA,2000-01-01,1.50\nB,2000-01-02,2.50\n"


def unwatched(_position: int, _size: int) -> None:
    """A progress bar that nobody looks at."""


@pytest.fixture
def written(tmp_path: Path) -> "Writer":
    return Writer(tmp_path)


class Writer:
    """Writes a file and plans its import."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, content: bytes | str, name: str = "prices.csv", choices: Choices | None = None
    ) -> ImportPlan:
        path = self._folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return make_plan(path, choices or Choices(), unwatched)


def all_of(plan: ImportPlan) -> tuple[list[Ready], list[RefusedRow]]:
    items = list(plan.items(NOW, unwatched))
    ready = [item for item in items if isinstance(item, Ready)]
    return ready, [item for item in items if isinstance(item, RefusedRow)]


def test_five_stocks_come_through_exactly() -> None:
    """Every row of stocks.csv is sent in file order, with its symbol, month and exact price."""
    plan = make_plan(stocks_path(), Choices(), unwatched)
    ready, refused = all_of(plan)
    expected = expected_moves(stocks_path())

    assert not refused
    assert plan.row_count == len(ready) == expected.rows == 560
    assert ready[0].event.timestamp == datetime(2000, 1, 1, tzinfo=UTC)
    assert ready[0].event.price == Decimal("39.81")
    assert ready[0].outgoing.key == seat_key("MSFT", "stocks", "", "", "")
    assert Counter(row.event.event_id for row in ready).keys() == expected.last_price.keys()


def test_expected_moves_add_up() -> None:
    """The plain recomputation counts each of the 560 rows once."""
    moves = expected_moves(stocks_path())

    assert moves.new + moves.drops + moves.rises + moves.same == moves.rows == 560
    assert moves.new == len(moves.last_price) == 5
    assert moves.drops == len(moves.each_drop) == sum(moves.drops_by_symbol.values()) > 200


def test_groceries_with_decimal_commas(written: Writer) -> None:
    """A semicolon file with `1.234,50 €` and `31.01.2024` needs no option at all."""
    plan = written(
        "Filiale;Produkt;SKU;Preis;Datum;Menge\r\n"
        "Mitte;Milch, 1 l;4711;1,29 €;31.01.2024;1\r\n"
        'Mitte;"Fahrrad; rot";4712;1.234,50 €;01.02.2024;1\r\n'
        "Mitte;Brot;4713;;01.02.2024;1\r\n",
        choices=Choices(
            maps=("price=Preis", "timestamp=Datum", "source=Filiale", "event_name=Produkt")
        ),
    )
    ready, refused = all_of(plan)

    assert [row.event.price for row in ready] == [Decimal("1.29"), Decimal("1234.50")]
    assert {row.event.currency for row in ready} == {"EUR"}
    assert ready[0].event.timestamp == datetime(2024, 1, 31, tzinfo=UTC)
    assert [row.event.event_name for row in ready] == ["Milch, 1 l", "Fahrrad; rot"]
    assert refused == [RefusedRow(4, "Preis", "", "missing_field", "no price")]


def test_flights_in_json_lines(written: Writer) -> None:
    """Numbers stay exact, nested objects are reached with a dot, blank lines are no rows."""
    lines = [
        '{"airline":"XX","flight":"XX 12","fare":{"amount":99.10,"in":"eur"},"seen_at":1700000000}',
        "",
        '{"flight": "XX 12", "fare": {"amount": null, "in": "eur"}, "seen_at": 1700000060}',
        "not json",
        "[1, 2]",
        '{"flight": "\\ud800", "fare": {"amount": 1, "in": "EUR"}, "seen_at": 1700000000}',
    ]
    choices = Choices(maps=("price=fare.amount", "currency=fare.in"))
    ready, refused = all_of(written("\n".join(lines), "flights.jsonl", choices))

    (row,) = ready
    assert row.event.price == Decimal("99.10")
    assert b'"price":99.10,' in row.outgoing.value
    assert (row.event.currency, row.event.source) == ("EUR", "XX")
    assert row.event.timestamp == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert [(row.number, row.reason) for row in refused] == [
        (3, "missing_field"),
        (4, "not_json"),
        (5, "wrong_type"),
        (6, "not_text"),
    ]


@pytest.mark.parametrize("count", [0, 1, 5_000])
def test_json_array_is_read_piece_by_piece(written: Writer, count: int) -> None:
    """An array far larger than what is read at once gives each of its objects once, in order."""
    rows = [{"sku": f"item {n}", "price": n + 0.25, "day": "2024-01-01"} for n in range(count)]
    content = json.dumps(rows, indent=1)
    if count == 0:
        with pytest.raises(UnusableFileError, match="no column is event_id"):
            written(content, "shop.json")
        return
    ready, refused = all_of(written(content, "shop.json"))

    assert not refused
    assert [row.event.event_id for row in ready] == [f"item {n}" for n in range(count)]
    assert ready[-1].event.price == Decimal(count) - Decimal("0.75")


@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda text: b"\xef\xbb\xbf" + text.encode(), id="utf-8 with a BOM"),
        pytest.param(lambda text: text.encode("utf-16"), id="utf-16 with a BOM"),
        pytest.param(lambda text: b"\xfe\xff" + text.encode("utf-16-be"), id="utf-16 big endian"),
        pytest.param(lambda text: gzip.compress(text.encode()), id="gzip"),
        pytest.param(lambda text: text.replace("\n", "\r").encode(), id="old Mac line ends"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="DOS line ends"),
        pytest.param(lambda text: text.replace(",", "\t").encode(), id="tabs"),
        pytest.param(lambda text: b"sep=|\n" + text.replace(",", "|").encode(), id="declared"),
    ],
)
def test_same_rows_whatever_the_file_is_written_in(written: Writer, encode) -> None:  # type: ignore[no-untyped-def]  # a lambda has no annotations
    """Encoding, compression, line ends and delimiter are found out."""
    ready, refused = all_of(
        written(encode("sku,day,price\nKäse,2024-01-01,2.50\nB,2024-01-02,3\n"))
    )

    assert not refused
    assert [row.event.event_id for row in ready] == ["Käse", "B"]


def test_named_encoding_is_used(written: Writer) -> None:
    """A file in another encoding is refused with the way out, and read once it is named."""
    content = "sku,day,price\nKäse,2024-01-01,2.50\n".encode("cp1252")

    with pytest.raises(UnusableFileError, match="--encoding cp1252"):
        written(content)
    ready, _ = all_of(written(content, choices=Choices(encoding="cp1252")))
    assert ready[0].event.event_id == "Käse"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\n \r\n\t", "is empty", id="blank"),
        pytest.param(bytes(range(256)) * 40, "is no text", id="binary"),
        pytest.param(b"PK\x03\x04" + b"x" * 100, "a workbook: save it as CSV", id="workbook"),
        pytest.param(b"\x1f\x8b\x08\x00broken", "cannot be read", id="broken gzip"),
        pytest.param(gzip.compress(GOOD_CSV * 9_999)[:-9], "to its end", id="cut gzip"),
        pytest.param(GOOD_CSV * 2_000 + b"\xff\xfe\xfd", "not in utf-8", id="bad bytes at the end"),
        pytest.param(b'[{"sku":"a","price":1,"day":"2024"}', "no JSON array", id="cut array"),
        pytest.param(b'[{"sku":"a"} {"sku":"b"}]', "no JSON array", id="array without a comma"),
        pytest.param(b'[{"sku":"a"}, {sku}]', "element 2", id="bad element"),
        pytest.param(b"symbol,date,price\nA,01/02/2000,1\n", "--date-format", id="unclear date"),
        pytest.param(b'symbol,date,price\nA,2000-01-01,"1,234"\n', "--decimal", id="unclear price"),
        pytest.param(b"a,b\n1,2\n", "no column is event_id or price", id="no such columns"),
    ],
)
def test_unusable_file_says_why(written: Writer, content: bytes, problem: str) -> None:
    """Before anything is sent, one sentence says what is wrong with the whole file."""
    with pytest.raises(UnusableFileError, match=problem):
        written(content)


def test_header_only_is_no_error(written: Writer) -> None:
    """A file without rows is imported: there is nothing to send."""
    plan = written("symbol,date,price\n")

    assert plan.row_count == 0
    assert all_of(plan) == ([], [])


def test_hostile_rows_are_refused_and_the_rest_goes_on(written: Writer) -> None:
    """Each bad row is named by its line; good rows around them come through."""
    lines = [
        "symbol,date,price,currency",
        "GOOD 1,2000-01-01,1.50,USD",
        "ragged,2000-01-01",
        "ragged,2000-01-01,1,USD,more",
        "NUL\x00,2000-01-01,1,USD",
        f"{'long' * 60_000},2000-01-01,1,USD",
        f"{'x' * 1_000_000},2000-01-01,1,USD",
        "formula,2000-01-01,=1+1,USD",
        "zero,2000-01-01,0,USD",
        "negative,2000-01-01,-5,USD",
        ",2000-01-01,1,USD",
        "old,1899-12-31,1,USD",
        "future,2026-11-23,1,USD",
        "no date,never,1,USD",
        "no currency,2000-01-01,1,",
        "odd currency,2000-01-01,1,$$",
        "quarrel,2000-01-01,1 EUR,USD",
        f"{'n' * 600},2000-01-01,1,USD",
        '"quoted\nline",2000-01-01,1,USD',
        "=GOOD(2),2000-01-01,2.50,USD,,",
        "",
        "GOOD 3,2000-01-01,3.50,usd",
    ]
    ready, refused = all_of(written("\n".join(lines)))

    assert [row.event.event_id for row in ready] == ["GOOD 1", "=GOOD(2)", "GOOD 3"]
    assert [(row.number, row.reason) for row in refused] == [
        (3, "ragged_row"),
        (4, "ragged_row"),
        (5, "control_character"),
        (6, "unreadable_row"),
        (7, "too_long"),
        (8, "bad_price"),
        (9, "bad_price"),
        (10, "bad_price"),
        (11, "missing_field"),
        (12, "bad_timestamp"),
        (13, "timestamp_in_future"),
        (14, "bad_timestamp"),
        (15, "bad_currency"),
        (16, "bad_currency"),
        (17, "bad_currency"),
        (18, "too_long"),
        (19, "control_character"),
    ]
    assert {row.number: row.column for row in refused}[9] == "price"


def test_unclosed_quote_does_not_swallow_the_file(written: Writer) -> None:
    """What follows an opening quote is given up after 128 KB, and reading goes on behind it."""
    lines = ["symbol,date,price", '"open,2000-01-01,1']
    lines += [f"S{number},2000-01-01,1.50" for number in range(20_000)]
    ready, refused = all_of(written("\n".join(lines)))

    assert [row.reason for row in refused] == ["unreadable_row"]
    assert refused[0].number == 2
    assert len(ready) > 10_000
    assert ready[-1].event.event_id == "S19999"


def test_line_without_an_end_is_held_in_pieces(written: Writer) -> None:
    """A line of many megabytes is skipped, and the next row is read."""
    line = "{" + " " * (20 * MAX_LINE)
    good = '{"sku":"a","price":1,"day":"2024-01-01"}'
    ready, refused = all_of(written(f"{good}\n{line}\n{good}\n", "p.jsonl"))

    assert len(ready) == 2
    assert [(row.number, row.reason) for row in refused] == [(2, "too_long")]


def test_columns_of_one_name_are_told_apart(written: Writer) -> None:
    """The first of two columns called price is the price; the other is `price (2)`."""
    plan = written("sku,day,price,price\nA,2024-01-01,1.50,9.50\n")
    other = written(
        "sku,day,price,price\nA,2024-01-01,1.50,9.50\n", choices=Choices(maps=("price=price (2)",))
    )

    assert all_of(plan)[0][0].event.price == Decimal("1.50")
    assert all_of(other)[0][0].event.price == Decimal("9.50")


def test_source_is_what_was_said_else_the_column_else_the_file(written: Writer) -> None:
    """`--source` wins; a blank cell falls back to the file's name without its endings."""
    content = "sku,day,price,store\nA,2024-01-01,1.50,Mitte\nB,2024-01-01,1.50,\n"
    plain, _ = all_of(written(content, "shop.week 1.csv"))
    said, _ = all_of(written(content, choices=Choices(source="mine")))

    assert [row.event.source for row in plain] == ["Mitte", "shop"]
    assert [row.event.source for row in said] == ["mine", "mine"]


def test_choices_settle_what_the_file_does_not_tell(written: Writer) -> None:
    """The decimal sign and the order of days can be said."""
    content = "symbol;date;price\nA;01/02/2000;1,234\n"
    choices = Choices(decimal_sign=",", date_format="day-first")
    ready, _ = all_of(written(content, choices=choices))

    assert ready[0].event.price == Decimal("1.234")
    assert ready[0].event.timestamp == datetime(2000, 2, 1, tzinfo=UTC)


def test_sort_is_by_time_and_stable(written: Writer) -> None:
    """Rows of one moment keep the file's order; without sorting all of them do."""
    content = "sku,day,price\nA,2024-01-02,1\nB,2024-01-01,1\nC,2024-01-02,1\nD,2024-01-01,1\n"
    ready, _ = all_of(written(content))

    assert [record.key[2:3] for record in by_time(ready)] == [b"B", b"D", b"A", b"C"]
    assert [record.key[2:3] for record in in_file_order(ready)] == [b"A", b"B", b"C", b"D"]


def test_report_holds_every_refusal_and_runs_no_formula(written: Writer, tmp_path: Path) -> None:
    """All refused rows are written, the first twenty kept; a spreadsheet sees text."""
    rows = "".join(f"S{number},2024-01-01,=cmd|{number}\n" for number in range(30))
    refusals = Refusals()
    report = tmp_path / "report.csv"
    with report.open("w", newline="") as file:
        refusals.write_to(file)
        good = list(sifted(written("sku,day,price\n" + rows).items(NOW, unwatched), refusals))

    lines = report.read_text().splitlines()
    assert good == []
    assert refusals.total == refusals.counts["bad_price"] == 30
    assert len(refusals.first) == 20
    assert lines[0] == "row,column,value,reason,explanation"
    assert lines[1].startswith("2,price,'=cmd|0,bad_price,")
    assert len(lines) == 31

"""Columns become fields by what was said, and else by the names that people use."""

import pytest

from conscope_app.sources.files.errors import UnusableFileError
from conscope_app.sources.files.mapping import FieldMapping, find_mapping


def mapped(header: str, *maps: str, constants: tuple[str, ...] = ()) -> dict[str, str]:
    mapping = find_mapping(header.split(","), maps, constants)
    return {field: mapping.where(field) for field in (*mapping.columns, *mapping.constants)}


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        pytest.param(
            "symbol,date,price",
            {"event_id": "symbol", "timestamp": "date", "price": "price"},
            id="stocks",
        ),
        pytest.param(
            "Date,Ticker,Open,Close",
            {"event_id": "Ticker", "timestamp": "Date", "price": "Close"},
            id="other stocks",
        ),
        pytest.param(
            "Store,SKU,Product Name,Unit Price,Day",
            {
                "event_id": "SKU",
                "event_name": "Product Name",
                "timestamp": "Day",
                "price": "Unit Price",
                "source": "Store",
            },
            id="groceries",
        ),
        pytest.param(
            "airline,flight,departure,fare,currency,scraped_at",
            {
                "event_id": "flight",
                "timestamp": "scraped_at",
                "price": "fare",
                "event_date": "departure",
                "source": "airline",
                "currency": "currency",
            },
            id="flights",
        ),
        pytest.param(
            "event_id,date,timestamp,price,url",
            {
                "event_id": "event_id",
                "timestamp": "timestamp",
                "price": "price",
                "event_date": "date",
                "listing_url": "url",
            },
            id="the wire contract with its aliases",
        ),
        pytest.param(
            "name,price,date",
            {"event_name": "name", "event_id": "name", "price": "price", "timestamp": "date"},
            id="a name is an identity where there is no other",
        ),
        pytest.param(
            "row,symbol,date,price",
            {"event_id": "symbol", "timestamp": "date", "price": "price"},
            id="a lone row is the number of the line",
        ),
        pytest.param(
            "symbol,seat,date,price",
            {"event_id": "symbol", "timestamp": "date", "price": "price", "seat": "seat"},
            id="a lone seat tells offers apart",
        ),
        pytest.param(
            "event_id,section,row,seat,price,timestamp",
            {name: name for name in ("event_id", "section", "row", "seat", "price", "timestamp")},
            id="a row beside a section is a row of seats",
        ),
    ],
)
def test_usual_names_are_known(header: str, fields: dict[str, str]) -> None:
    """Files of several trades are understood without a word."""
    assert mapped(header) == fields


def test_what_is_said_wins() -> None:
    """`--map` takes a column away from the field that its name suggests."""
    fields = mapped("symbol,date,price,close", "price=close", "event_name==Five stocks")

    assert fields["price"] == "close"
    assert fields["event_name"] == "constant"


def test_constant_wins_over_a_column() -> None:
    """A field that is the same for all rows is not read from any."""
    fields = mapped(
        "symbol,date,price,store", "source=store", constants=("source=mine", "currency=EUR")
    )

    assert fields["source"] == fields["currency"] == "constant"


def test_columns_are_joined() -> None:
    """`a+b` is both, with a blank between; a blank cell leaves none."""
    mapping = find_mapping(
        ["from", "to", "day", "time", "fare"],
        ["event_id=from+to", "timestamp=day + time"],
        ["source=mine"],
    )
    cells = {"from": "JFK", "to": " LAX ", "day": "2024-01-01", "time": "", "fare": "99"}

    assert mapping.text("event_id", cells) == "JFK LAX"
    assert mapping.text("timestamp", cells) == "2024-01-01"
    assert mapping.text("source", cells) == "mine"
    assert mapping.text("venue", cells) == ""


def test_column_with_a_plus_in_its_name_is_itself() -> None:
    """A column is looked for whole before it is taken for two."""
    mapping = find_mapping(["a+b", "price", "date"], ["event_id=a+b"], [])

    assert mapping.columns["event_id"] == ("a+b",)


@pytest.mark.parametrize(
    ("header", "maps", "constants", "problem"),
    [
        ("symbol,date", [], [], "no column is price; the columns are: symbol, date"),
        ("MSFT,Jan 1 2000,39.81", [], [], "no column is event_id or price or timestamp"),
        ("symbol,date,price", ["cost=price"], [], "there is no field cost"),
        ("symbol,date,price", ["price=prise"], [], "there is no column 'prise'"),
        ("symbol,date,price", ["price"], [], "write it as --map field="),
        ("symbol,date,price", [], ["venue="], "write it as --set field="),
    ],
)
def test_impossible_mapping_says_what_to_do(
    header: str, maps: list[str], constants: list[str], problem: str
) -> None:
    """Where a field comes from nowhere, the columns that there are are named."""
    with pytest.raises(UnusableFileError, match=problem):
        find_mapping(header.split(","), maps, constants)


def test_constant_makes_a_missing_column_good() -> None:
    """A required field may be the same for all rows."""
    mapping: FieldMapping = find_mapping(["price"], ["event_id==gold"], ["timestamp=2000-01-01"])

    assert mapping.text("event_id", {}) == "gold"

import pytest

from conscope_app.core.ids import RecordId


def test_an_id_reads_back_what_it_wrote() -> None:
    """A topic may hold dashes: partition and offset are the last two parts."""
    record_id = RecordId("raw-prices-eu", 3, 17)

    assert RecordId.parse(str(record_id)) == record_id


@pytest.mark.parametrize("text", ["", "raw_prices", "raw_prices-x-1"])
def test_other_text_is_no_id(text: str) -> None:
    """What is no id is an error, not a guess."""
    with pytest.raises(ValueError):
        RecordId.parse(text)

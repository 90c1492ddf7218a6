from conscope_app import __version__
from conscope_app.stream.formats import FIRST_FORMAT, why_not_ours


def test_rows_of_a_newer_version_are_left_alone() -> None:
    """The sentence names what was found, what is known, and what to do."""
    why = why_not_ours("last_seen_prices", 3, found=2, known=1)

    assert why is not None
    assert why.startswith("last_seen_prices partition 3 holds rows of format 2")
    assert f"this one ({__version__}) knows formats up to 1" in why
    assert "start the newer version here again" in why


def test_rows_of_this_version_and_of_older_ones_are_read() -> None:
    """An upgrade needs nobody's permission."""
    assert why_not_ours("last_seen_prices", 3, found=FIRST_FORMAT, known=FIRST_FORMAT) is None
    assert why_not_ours("last_seen_prices", 3, found=1, known=2) is None

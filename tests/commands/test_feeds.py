"""`feeds` on the command line, as a person types it."""

from pathlib import Path

from tests.commands.shell import conscope
from tests.sources.feeds.documented import COINS, FILES


def test_check_shows_what_would_be_made_of_an_answer(tmp_path: Path) -> None:
    """What is asked, where its key is, the prices, and what is refused; exit code 1 for that.

    What the answer says is no order to the terminal.
    """
    (tmp_path / "coins.yaml").write_text(FILES["coins"])
    (tmp_path / "answer.json").write_bytes(COINS.replace(b'"gone"', b'"\\u001b[2Jgone"'))
    ended = conscope(
        "feeds", "check", str(tmp_path / "coins.yaml"), "--against", str(tmp_path / "answer.json")
    )

    assert ended.code == 1, ended.errors
    assert "coins: GET https://api.example.com/v3/simple/price?ids=bitcoin,ethereum" in ended.output
    assert "key: $COINS_KEY, sent as the header x-api-key" in ended.output
    assert '"price":67187.3358936566' in ended.output
    assert "\\x1b[2Jgone: price: $.\\x1b[2Jgone: no price" in ended.output
    assert "\x1b" not in ended.output
    assert "2 prices, 1 refused." in ended.output


def test_a_bad_file_is_told_by_line_and_field(tmp_path: Path) -> None:
    """Exit code 2, and no traceback."""
    path = tmp_path / "coins.yaml"
    path.write_text(FILES["coins"].replace("https:", "http:").replace("price: usd", "price: '..'"))
    ended = conscope("feeds", "check", str(path))

    assert ended.code == 2
    assert "line 2: url: the address must begin with https://" in ended.errors
    assert "fields.price: '..' is no path" in ended.errors
    assert "Traceback" not in ended.errors


def test_an_answer_of_another_shape_is_told(tmp_path: Path) -> None:
    """Exit code 2."""
    (tmp_path / "flights.yaml").write_text(FILES["flights"])
    (tmp_path / "answer.html").write_text("<html>")
    ended = conscope(
        *("feeds", "check", str(tmp_path / "flights.yaml")),
        *("--against", str(tmp_path / "answer.html")),
    )

    assert ended.code == 2
    assert "answer.html: the answer is no JSON" in ended.output

"""A file of one's own names of venues: taken beside those that ship, or said why not."""

from pathlib import Path

import pytest

from conscope_app.domains.tickets.matching.aliases import BadAliases
from conscope_app.store.matches.alias_file import aliases_of


def test_its_lines_are_added(tmp_path: Path) -> None:
    file = tmp_path / "venues.jsonl"
    file.write_text(
        '# ours\n{"name": "Dom im Berg", "city": "Graz", "also": ["Schloßberg Dom"],'
        ' "reason": "the hill that it is in"}\n'
    )

    aliases = aliases_of(file)

    assert (
        aliases.find("schlossberg dom", "graz") == aliases.find("dom im berg", "graz") is not None
    )
    assert aliases.find("staples center", "los angeles") is not None
    assert aliases.digest != aliases_of(None).digest


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), (b"\xff", "no UTF-8"), (b"{}\n", "venues.jsonl, line 1: .*name")],
)
def test_what_is_wrong_with_it_is_said(content: bytes | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "venues.jsonl"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(BadAliases, match=said):
        aliases_of(file)

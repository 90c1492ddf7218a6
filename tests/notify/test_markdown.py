import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.notify.markdown import escape, measure


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Taylor Swift", "Taylor Swift", id="an ordinary name"),
        pytest.param("**bold** _it_ ~x~", r"\*\*bold\*\* \_it\_ \~x\~", id="emphasis"),
        pytest.param("`code` ||spoiler||", r"\`code\` \|\|spoiler\|\|", id="code and spoiler"),
        pytest.param("[here](x)", r"\[here\]\(x\)", id="a link with another text"),
        pytest.param("https://a.example", r"https\://a.example", id="a bare address"),
        pytest.param("@everyone", "@\u200beveryone", id="everyone"),
        pytest.param("<@&7> <#5>", "\\<@\u200b&7\\> \\<\\#5\\>", id="a role and a channel"),
        pytest.param("# Title", r"\# Title", id="a heading"),
        pytest.param("> quote", r"\> quote", id="a quotation"),
        pytest.param("a\\*b", r"a\\\*b", id="a backslash of its own"),
    ],
)
def test_markdown_and_mentions_come_through_as_letters(name: str, expected: str) -> None:
    """A name from outside cannot format, link, hide or call anybody."""
    assert escape(name, 100) == expected


@given(text=st.text(), limit=st.integers(2, 60))
def test_an_escaped_text_is_never_too_long_nor_cut_inside_an_escape(text: str, limit: int) -> None:
    """Cut texts end with an ellipsis; a lone backslash would escape what follows."""
    escaped = escape(text, limit)

    assert measure(escaped) <= limit
    body = escaped.removesuffix("…")
    assert (len(body) - len(body.rstrip("\\"))) % 2 == 0


def test_a_character_outside_the_basic_plane_counts_as_two() -> None:
    """As Discord's clients count it."""
    assert measure("a🎫") == 3

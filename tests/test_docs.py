"""What the README and `docs/` say is so: settings, commands, paths, links, words."""

import re
import shlex
from collections import Counter
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import click
import pytest
from faust.cli.faust import cli  # unlike faust.cli.base, it brings Faust's own commands along
from pydantic import SecretStr

from conscope_app import app
from conscope_app.late_commands import LateCommand
from conscope_app.modules import COMMANDS
from conscope_app.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").rglob("*.md")])
CODE = ("conscope_app", "agents", "tables", "web")

_CALL = re.compile(r"faust -A conscope_app ([^`|\n]+)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"`([\w.-]+/[\w./-]*)`")


def named(path: Path) -> str:
    """A file as the tests' ids and messages name it."""
    return path.relative_to(ROOT).as_posix()


each_document = pytest.mark.parametrize("document", DOCS, ids=named)


@cache
def text_of(path: Path) -> str:
    return path.read_text()


def cells(document: Path, *, columns: int) -> list[list[str]]:
    """The rows of the document's tables that have so many columns, without heads and rules."""
    rows = []
    lines = text_of(document).splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        row = [cell.strip() for cell in line.strip().strip("|").split("|")]
        is_head = following.startswith("|-")
        if line.startswith("|") and not line.startswith("|-") and not is_head:
            rows.append(row)
    return [row for row in rows if len(row) == columns]


# Settings


def settings_table() -> list[str]:
    """The rows of the table in docs/settings.md, as they have to be."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        if isinstance(default, bool):
            default = str(default).lower()
        if isinstance(default, tuple):
            default = ",".join(default)
        shown = "none" if default in {None, ""} else f"`{default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |")
    return rows


def test_every_setting_stands_in_its_table() -> None:
    """With its default and the code's own words, in the code's order, and nothing else."""
    lines = text_of(ROOT / "docs" / "settings.md").splitlines()

    assert [line for line in lines if line.startswith(f"| `{PREFIX}")] == settings_table()


@each_document
def test_every_variable_that_is_named_exists(document: Path) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    found = set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", text_of(document)))

    assert {name for name in found - known if name.removesuffix("_FILE") not in known} == set()


# Commands


@cache
def command(name: str) -> click.Command | None:
    """A command of Faust or of ours, by the name that is typed."""
    app.discover()
    found = cli.get_command(click.Context(cli), name)
    return found.imported() if isinstance(found, LateCommand) else found


def calls(document: Path) -> list[str]:
    """What follows `faust -A conscope_app` wherever the document shows it to be typed."""
    joined = text_of(document).replace("\\\n", " ")
    shown = [call.strip() for call in _CALL.findall(joined)]
    return [call for call in shown if not call.startswith("COMMAND")]


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(call, id=f"{named(document)}: {call[:60]}")
        for document in DOCS
        for call in calls(document)
    ],
)
def test_what_is_shown_to_be_typed_is_understood(call: str) -> None:
    """Command, arguments and options are parsed by the command itself; files need not exist."""
    name, *arguments = shlex.split(call, comments=True)
    found = command(name)
    assert found is not None, f"there is no command {name}"
    context = click.Context(found, info_name=name)
    values, left, _ = found.make_parser(context).parse_args(arguments)

    assert left == []
    for parameter in found.get_params(context):
        if not isinstance(parameter.type, click.Path) and parameter.name in values:
            parameter.type_cast_value(context, values[parameter.name])


def test_the_readme_has_every_command() -> None:
    """A row and an example for each of ours, and for Faust's worker."""
    rows = {row[0].strip("`"): row for row in cells(README, columns=3)}
    ours = {*COMMANDS, "worker"}

    assert ours <= rows.keys()
    for name in ours:
        assert command(name) is not None
        assert f"`faust -A conscope_app {name}" in rows[name][2]


@each_document
def test_every_target_of_make_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    shown = set(re.findall(r"(?:`|^)make ([a-z]+)", text_of(document), re.MULTILINE))

    assert shown <= targets


# Links and paths


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to the headings."""
    headings = re.findall(r"^#+ (.+)$", text_of(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_document
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    broken = []
    for link in _LINK.findall(text_of(document)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


@each_document
def test_every_path_that_is_named_is_there(document: Path) -> None:
    """Paths of this repository in `code`; those of other machines begin with a slash."""
    tops = folders()
    paths = [path for path in _PATH.findall(text_of(document)) if path.split("/")[0] in tops]

    assert [path for path in paths if not (ROOT / path).exists()] == []


def folders() -> set[str]:
    """Top-level folders with something in them, without what git does not keep."""
    ignored = text_of(ROOT / ".gitignore").replace("/", "").split()
    return {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir()
        and not path.name.startswith(".")
        and not any(fnmatch(path.name, pattern) for pattern in ignored)
        and any(path.rglob("*.*"))
    }


def test_the_readme_says_where_things_live() -> None:
    """Every top-level folder has a row."""
    listed = {
        path.split("/")[0]
        for row in cells(README, columns=2)
        for path in re.findall(r"`([\w/]+/)`", row[0])
    }

    assert listed == folders()


# Words

GLOSSARY = ROOT / "docs" / "glossary.md"


def words() -> list[list[str]]:
    return cells(GLOSSARY, columns=4)


def modules() -> list[Path]:
    return [path for room in CODE for path in (ROOT / room).rglob("*.py")]


def test_a_word_has_one_definition() -> None:
    counted = Counter(row[0].casefold() for row in words())

    assert len(counted) > 30
    assert [word for word, count in counted.items() if count > 1] == []
    assert [row[0] for row in words() if not row[1].endswith(".")] == []


def test_the_words_that_the_code_is_written_in_are_defined() -> None:
    reading = {"feed", "claim", "slab", "outcome", "ledger", "position", "fence", "restore"}
    prices = {"record", "price event", "seat key", "move"}
    telling = {"alert", "outbox", "delivery", "courier", "dead letter"}

    assert reading | prices | telling <= {row[0] for row in words()}


def test_a_word_that_is_not_used_names_no_module() -> None:
    kept_free = text_of(GLOSSARY).partition("## Kept free")[2].partition("##")[0]
    refused = {word for row in words() for word in re.findall(r"`(\w+)`", row[2])}
    refused |= set(re.findall(r"`(\w+)`", kept_free))
    assert {"utils", "helpers", "manager", "common", "consumer"} <= refused
    found = [named(path) for path in modules() if refused & set(path.stem.split("_"))]
    found += [named(path.parent) for path in modules() if path.parent.name in refused]

    assert found == []


def test_a_decision_has_context_decision_and_consequences() -> None:
    """Numbered without a hole, so that a decision can be named by its number."""
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    heads = ["## Context", "## Decision", "## Consequences"]

    assert decisions
    for number, path in enumerate(decisions, 1):
        assert path.name.startswith(f"{number:04}-")
        assert text_of(path).startswith(f"# {number}. ")
        assert re.findall(r"^## .+$", text_of(path), re.MULTILINE) == heads

"""docs/watches.md and docs/watches.schema.json: every field, and examples that are taken."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from conscope_app.alerting.watches.validation import Invalid
from conscope_app.alerting.watches.watch import Watch
from conscope_app.commands.watch_file import read_watches
from conscope_app.commands.watch_report import schema_text
from conscope_app.core.clock import utc_now
from conscope_app.notify.channel_entries import KINDS as KINDS_OF_CHANNEL
from conscope_app.notify.channel_entries import SECRETS
from conscope_app.notify.open_channels import channels_for
from conscope_app.settings import Settings
from conscope_app.store.watches.reading import read_definition, read_silence
from tests.alerting.watches.wishes import KINDS
from tests.authority import Authority

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "watches.md").read_text()
SCHEMA = json.loads((DOCS / "watches.schema.json").read_text())

NEEDED = {
    "id": "id: w\n",
    "what": "what: {}\n",
    "when": "when: {target: {at_most: 100}}\n",
}
PARTS = re.findall(r"```yaml\n(?!channels:)(.+?)```", TEXT, re.DOTALL)
(CHANNELS_FILE,) = re.findall(r"```yaml\n(channels:.+?)```", TEXT, re.DOTALL)
CHANNELS = TEXT.partition("\n## Channels\n")[2].partition("\n## ")[0]


def whole(part: str) -> str:
    """A part of a definition, with what it needs beside it."""
    if part.startswith("watches:"):
        return part
    return part + "".join(
        text for field, text in NEEDED.items() if not part.startswith(f"{field}:")
    )


def fields_of(struct: type[msgspec.Struct], path: str = "") -> Iterator[str]:
    """Every field that has no fields of its own."""
    for field in msgspec.structs.fields(struct):
        below = f"{path}.{field.name}" if path else field.name
        inner = [
            each
            for each in (field.type, *getattr(field.type, "__args__", ()))
            if isinstance(each, type) and issubclass(each, msgspec.Struct)
        ]
        if inner:
            yield from fields_of(inner[0], below)
        else:
            yield below


def test_every_field_has_its_row() -> None:
    """By its whole path, in the order of the definition, and nothing else."""
    rows = re.findall(r"^\| `([a-z_.]+)` \|", TEXT.replace(CHANNELS, ""), re.MULTILINE)

    assert rows == [
        *("id", "name", "version"),
        *(field for field in fields_of(Watch) if "." in field),
    ]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.split(":")[0])
def test_every_example_is_taken(part: str) -> None:
    """By the program."""
    assert read_watches(whole(part))


def test_the_watch_of_sources_is_taken() -> None:
    """As an operator is to write it."""
    (example,) = re.findall(
        r"```yaml\n(watches:.+?)```", (DOCS / "operating.md").read_text(), re.DOTALL
    )

    assert read_watches(example)


def test_the_examples_use_every_field() -> None:
    """But for some that exclude each other."""
    used = set(re.findall(r"(\w+):", " ".join(PARTS)))
    all_fields = {field.rpartition(".")[2] for field in fields_of(Watch)}

    assert all_fields - used == {"version", "once", "every_minutes", "nth"}


def test_every_kind_of_channel_has_its_row() -> None:
    """With every field; a secret's file is spoken of above."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", CHANNELS, re.MULTILINE)
    fields = {
        kind: {field.encode_name for field in msgspec.structs.fields(entry)}
        - {f"{secret}_file" for secret in SECRETS}
        for kind, entry in KINDS_OF_CHANNEL.items()
    }

    assert {kind: set(re.findall(r"`(\w+)`", named)) for kind, named in rows} == fields
    assert all(f"`{secret}_file`" in CHANNELS for secret in SECRETS)


def test_the_channels_file_is_taken(tmp_path: Path) -> None:
    """As it stands, with every kind of channel and every field."""
    text = CHANNELS_FILE.replace("/run/secrets/", "")
    secrets = {
        "discord-url": "https://discord.com/api/webhooks/1/a-token-that-nobody-knows",
        "smtp": "correct-horse",
        "home": "a-secret-that-nobody-knows-of",
        "pager-url": "ntfys://ntfy.example.com/prices",
        "own-ca.pem": Authority().certificate,
    }
    for name, secret in {"channels.yaml": text, **secrets}.items():
        (tmp_path / name).write_text(secret)
    channels = channels_for(Settings(channels_file=tmp_path / "channels.yaml"), utc_now)

    assert {channel.kind for channel in channels.values()} == set(KINDS_OF_CHANNEL)
    used = {re.sub("_file$", "", field) for field in re.findall(r"^    (\w+):", text, re.MULTILINE)}
    every = {
        re.sub("_file$", "", field.encode_name)
        for entry in KINDS_OF_CHANNEL.values()
        for field in msgspec.structs.fields(entry)
    }
    assert used == every | {"kind"}


def test_the_silence_is_taken() -> None:
    (silence,) = re.findall(r"```json\n(.+?)```", TEXT, re.DOTALL)

    assert read_silence({"id": "party", **json.loads(silence)}).subjects == ("evt-17",)


def test_the_schema_is_the_one_of_the_program() -> None:
    """`watches schema` prints it."""
    assert (DOCS / "watches.schema.json").read_text() == f"{schema_text()}\n"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_program_takes_fits_the_schema(kind: str) -> None:
    """Watches of every kind."""
    base: dict[str, Any] = {"id": "w", "what": {}, "when": {"target": {"at_most": 100}}}
    definition = {**base, **KINDS[kind]}

    assert read_definition(definition)
    jsonschema.validate({"watches": [definition]}, SCHEMA)


@pytest.mark.parametrize(
    "part",
    [
        pytest.param({"id": "a b"}, id="id"),
        pytest.param({"what": {"subject": ["x"]}}, id="no such field"),
        pytest.param({"what": {"together": 0}}, id="too few"),
        pytest.param({"when": {"target": {"at_most": 0}}}, id="no amount"),
        pytest.param({"when": {"drop": {"percent": 100}}}, id="too much"),
        pytest.param({"often": {"quiet": {"begin": "7:00", "until": "08:00"}}}, id="time of day"),
        pytest.param({"to": {"severity": "loud"}}, id="another word"),
    ],
)
def test_what_the_schema_refuses_the_program_refuses(part: dict[str, Any]) -> None:
    """An editor says it first."""
    definition = {"id": "w", "what": {}, "when": {"target": {"at_most": 100}}, **part}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"watches": [definition]}, SCHEMA)
    with pytest.raises(Invalid):
        read_definition(definition)

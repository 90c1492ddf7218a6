"""`.env.example` names every setting, with what it means and its default."""

from pathlib import Path

from pydantic import SecretStr

from conscope_app.settings import PREFIX, Settings

PATH = Path(__file__).parents[1] / ".env.example"

HEAD = """\
# Every setting of ConScope with its default. `docker compose` reads a copy of this file by the name
# of .env; for a shell: set -a; . ./.env; set +a
#
# A secret may also lie in a file: CONSCOPE_WEB_TOKEN_FILE=/run/secrets/web_token
"""


def expected() -> str:
    """The file as it has to be."""
    blocks = [HEAD]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        if isinstance(default, bool):
            default = str(default).lower()
        if isinstance(default, tuple):
            default = ",".join(default)
        value = "" if default is None else default
        blocks.append(f"# {field.description}\n# {PREFIX}{name.upper()}={value}\n")
    return "\n".join(blocks)


def test_it_agrees_with_the_settings() -> None:
    """To write it anew: python -m tests.test_env_example"""
    assert PATH.read_text() == expected()


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


if __name__ == "__main__":
    PATH.write_text(expected())

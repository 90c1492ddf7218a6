"""Settings: environment variables with the prefix CONSCOPE_, read once.

A secret may also be handed over as a file: CONSCOPE_WEB_TOKEN_FILE names the file that holds what
CONSCOPE_WEB_TOKEN would. Read by `application` and by commands only; everything else is handed
the values it needs.
"""

import os
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from conscope_app.core.loopback import is_loopback
from conscope_app.kafka.brokers import Brokers, Mechanism, Security
from conscope_app.kafka.described import described_brokers

PREFIX = "CONSCOPE_"

Agent = Literal[
    "track_prices",
    "store_prices",
    "store_alerts",
    "deliver_alerts",
    "watch_prices",
    "store_watch_decisions",
    "deliver_watches",
    "track_markets",
    "store_markets",
    "poll_sources",
]

Vendor = Literal["seatgeek", "ticketmaster"]


class UnreadableFile(Exception):
    """A `CONSCOPE_<NAME>_FILE` names a file that cannot be read; the message says which and why."""


class SecretFiles(PydanticBaseSettingsSource):
    """Reads `CONSCOPE_<NAME>_FILE` for each setting; the variable itself wins over the file."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        name = f"{PREFIX}{field_name.upper()}"
        path = os.environ.get(f"{name}_FILE")  # noqa: TID251 settings' own room
        if not path or os.environ.get(name):  # noqa: TID251 settings' own room
            return None, field_name, False
        try:
            return Path(path).read_text().strip(), field_name, False
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            raise UnreadableFile(f"{name}_FILE={path} cannot be read: {why}") from error

    def __call__(self) -> dict[str, Any]:
        found = {}
        for name, field in self.settings_cls.model_fields.items():
            value, _, _ = self.get_field_value(field, name)
            if value is not None:
                found[name] = value
        return found


class Settings(BaseSettings):
    """Everything that can be set from outside, with its default."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    kafka_url: str = Field(
        "kafka://127.0.0.1:9092",
        description="Kafka's bootstrap servers: `kafka://host:port`, several separated by `;`.",
    )
    kafka_security: Security = Field(
        "PLAINTEXT",
        description="How Kafka is spoken to: `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.",
    )
    kafka_sasl_mechanism: Mechanism = Field(
        "SCRAM-SHA-512",
        description="With SASL: `SCRAM-SHA-512`, `SCRAM-SHA-256` or `PLAIN`.",
    )
    kafka_username: str | None = Field(None, description="With SASL: who we are.")
    kafka_password: SecretStr | None = Field(None, description="With SASL: the user's password.")
    kafka_ca: str | None = Field(
        None,
        description="With SSL: PEM text of the authorities to trust; else the system's are.",
    )
    kafka_certificate: str | None = Field(
        None, description="With SSL: PEM text of our own certificate, where brokers ask for one."
    )
    kafka_key: SecretStr | None = Field(
        None, description="With SSL: PEM text of our certificate's key, without a password."
    )
    database_url: SecretStr = Field(
        SecretStr("postgresql+psycopg2://conscope@127.0.0.1:5432/conscope"),
        description="Postgres: `postgresql+psycopg2://user:password@host:port/database`.",
    )
    data_dir: Path = Field(
        Path(".conscope/worker"),
        description="Where this worker keeps its tables. One folder a worker, never shared.",
    )
    agents: Annotated[tuple[Agent, ...], NoDecode] = Field(
        get_args(Agent),
        min_length=1,
        description="What this worker does, separated by commas; every part needs some worker.",
    )
    partitions: int = Field(
        8, ge=1, le=1024, description="Partitions of the price topics; fixed once they exist."
    )
    replication_factor: int = Field(
        1, ge=1, le=9, description="Copies of each topic; 3 wherever there are three brokers."
    )
    web_host: str = Field(
        "127.0.0.1", description="Address that the pages listen on. Others need a web token."
    )
    web_port: int = Field(6066, ge=1, le=65535, description="Port of the pages.")
    web_token: SecretStr | None = Field(
        None, description="What a browser or client must show where the pages are not loopback's."
    )
    notify: Literal["auto", "discord", "console"] = Field(
        "auto", description="Where alerts go; `auto` is Discord where a webhook is set."
    )
    discord_webhook_url: SecretStr | None = Field(
        None, description="The Discord channel's webhook. Without it alerts go to the console."
    )
    discord_allow_loopback: bool = Field(
        False, description="Development only: accept a webhook on this machine, for a stand-in."
    )
    channels_file: Path | None = Field(
        None,
        description="YAML file of the channels for watches; without it one, `default`.",
    )
    venue_aliases_file: Path | None = Field(
        None,
        description="JSON Lines of other names of venues, beside those that ship.",
    )
    sources: Annotated[tuple[Vendor, ...], NoDecode] = Field(
        (),
        description="What is polled, by commas: `seatgeek`, `ticketmaster`. None: nothing.",
    )
    seatgeek_client_id: SecretStr | None = Field(
        None, description="SeatGeek's client id, which is a key."
    )
    seatgeek_url: str | None = Field(
        None, description="Development only: a stand-in for SeatGeek on this machine."
    )
    ticketmaster_api_key: SecretStr | None = Field(
        None, description="Ticketmaster's API key of the Discovery API."
    )
    ticketmaster_url: str | None = Field(
        None, description="Development only: a stand-in for Ticketmaster on this machine."
    )
    feeds_dir: Path | None = Field(
        None,
        description="Folder of the YAML files of JSON feeds, which are polled too.",
    )
    recordings_dir: Path | None = Field(
        None,
        description="Folder in which every answer of a source is recorded, 4 GiB at most.",
    )
    alert_min_drop_percent: Decimal = Field(
        Decimal(0), ge=0, le=100, description="Smaller drops are stored, but nobody is told."
    )
    alert_messages_per_minute: int = Field(
        30,
        ge=1,
        description="Messages a minute to the channel; what is over is folded into a digest.",
    )
    dead_letter_limit: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Share of bad records among the last thousand at which the worker stops.",
    )
    max_slab_records: int = Field(
        2000, ge=1, le=20000, description="Most records that one transaction takes."
    )
    session_timeout_s: float = Field(
        10, ge=1, description="After this long without a sign of life a worker's share moves on."
    )
    watchdog_s: float = Field(
        60, ge=5, description="A worker that makes no progress for this long ends itself."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is logged: this level and above."
    )

    @field_validator("agents", "sources", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @model_validator(mode="after")
    def _no_secret_is_empty(self) -> Self:
        # An empty file of a token is a mistake; taken for a token, it would let everybody in.
        for name, value in self:
            if isinstance(value, SecretStr) and not value.get_secret_value().strip():
                raise ValueError(f"{PREFIX}{name.upper()} is set, but empty")
        return self

    @model_validator(mode="after")
    def _discord_needs_a_webhook(self) -> Self:
        if self.notify == "discord" and self.discord_webhook_url is None:
            raise ValueError("CONSCOPE_NOTIFY=discord needs CONSCOPE_DISCORD_WEBHOOK_URL")
        return self

    @model_validator(mode="after")
    def _sources_have_keys(self) -> Self:
        for name, key in self.source_keys.items():
            if name in self.sources and key is None:
                setting = "SEATGEEK_CLIENT_ID" if name == "seatgeek" else "TICKETMASTER_API_KEY"
                raise ValueError(f"CONSCOPE_SOURCES={name} needs CONSCOPE_{setting}")
        for name, url in self.source_urls.items():
            if url is not None and not is_loopback(urlsplit(url).hostname or ""):
                raise ValueError(
                    f"CONSCOPE_{name.upper()}_URL is for a stand-in on this machine: "
                    "http://127.0.0.1:port"
                )
        return self

    @model_validator(mode="after")
    def _the_web_is_loopback_or_guarded(self) -> Self:
        if self.web_token is None and not is_loopback(self.web_host):
            raise ValueError(
                f"CONSCOPE_WEB_HOST={self.web_host} is reachable from other machines: "
                "set CONSCOPE_WEB_TOKEN, or leave the host at 127.0.0.1"
            )
        return self

    @model_validator(mode="after")
    def _kafka_can_be_reached_like_that(self) -> Self:
        _ = self.brokers
        return self

    @property
    def source_keys(self) -> dict[str, str | None]:
        """The key of each vendor."""
        return {
            "seatgeek": _secret(self.seatgeek_client_id),
            "ticketmaster": _secret(self.ticketmaster_api_key),
        }

    @property
    def source_urls(self) -> dict[str, str | None]:
        """Where each vendor is asked instead of at its own address."""
        return {"seatgeek": self.seatgeek_url, "ticketmaster": self.ticketmaster_url}

    @cached_property
    def brokers(self) -> Brokers:
        """How Kafka is reached."""
        return described_brokers(
            self.kafka_url,
            security=self.kafka_security,
            mechanism=self.kafka_sasl_mechanism,
            username=self.kafka_username,
            password=_secret(self.kafka_password),
            authorities=self.kafka_ca,
            certificate=self.kafka_certificate,
            key=_secret(self.kafka_key),
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretFiles(settings_cls)


def environment() -> Mapping[str, str]:
    """For the keys of feeds, whose files say in which variables they are."""
    return os.environ  # noqa: TID251 settings' own room


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()

"""How to reach Kafka: what every client of it is made with."""

import ssl
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True)
class Brokers:
    """The bootstrap servers as `host:port`, and how they are spoken to.

    One value serves all clients of a process; its `repr` and `where` hold no secret.
    """

    addresses: tuple[str, ...]
    security: Security = "PLAINTEXT"
    mechanism: Mechanism = "SCRAM-SHA-512"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False, compare=False)

    @classmethod
    def plain(cls, *addresses: str) -> Self:
        """Servers that are spoken to without encryption and without a login."""
        return cls(addresses)

    @property
    def where(self) -> str:
        """The addresses, for messages."""
        return ", ".join(self.addresses)

    @property
    def is_encrypted(self) -> bool:
        """Whether what is sent goes through TLS."""
        return self.security in ("SSL", "SASL_SSL")

    @property
    def has_login(self) -> bool:
        """Whether the servers are told who we are by name and password."""
        return self.security in ("SASL_PLAINTEXT", "SASL_SSL")

    @property
    def connection_options(self) -> dict[str, Any]:
        """How aiokafka makes one connection, whatever the address."""
        options: dict[str, Any] = {"security_protocol": self.security}
        if self.is_encrypted:
            options["ssl_context"] = self.tls
        if self.has_login:
            options["sasl_mechanism"] = self.mechanism
            options["sasl_plain_username"] = self.username
            options["sasl_plain_password"] = self.password
        return options

    @property
    def client_options(self) -> dict[str, Any]:
        """What aiokafka's clients (consumer, producer, admin) are made with."""
        return {"bootstrap_servers": list(self.addresses), **self.connection_options}

"""The brokers as the settings describe them, or the sentence that says what contradicts what."""

from conscope_app.core.loopback import is_loopback
from conscope_app.kafka.brokers import Brokers, Mechanism, Security
from conscope_app.kafka.tls import BadCertificate, client_tls

_SCHEME = "kafka://"
_PORT = "9092"


class BadDescription(ValueError):
    """Settings that no connection can be made of; the message holds no secret."""


def described_brokers(
    url: str,
    *,
    security: Security = "PLAINTEXT",
    mechanism: Mechanism = "SCRAM-SHA-512",
    username: str | None = None,
    password: str | None = None,
    authorities: str | None = None,
    certificate: str | None = None,
    key: str | None = None,
) -> Brokers:
    """The brokers at `url` (`kafka://host:port;host:port`); raises `BadDescription`."""
    asked = Brokers(_addresses(url), security, mechanism, username, password)
    _check_login(asked)
    files = {"CA": authorities, "CERTIFICATE": certificate, "KEY": key}
    given = [f"CONSCOPE_KAFKA_{name}" for name, text in files.items() if text is not None]
    if not asked.is_encrypted:
        if given:
            raise BadDescription(
                f"{' and '.join(given)} would not be used with CONSCOPE_KAFKA_SECURITY={security}: "
                "set it to SSL or SASL_SSL"
            )
        return asked
    if key is not None and certificate is None:
        raise BadDescription("CONSCOPE_KAFKA_KEY is of no use without CONSCOPE_KAFKA_CERTIFICATE")
    try:
        tls = client_tls(authorities, certificate, key)
    except BadCertificate as error:
        raise BadDescription(f"{' and '.join(given)}: {error}") from error
    return Brokers(asked.addresses, security, mechanism, username, password, tls)


def _addresses(url: str) -> tuple[str, ...]:
    hosts = [host for host in url.replace(_SCHEME, "").replace(",", ";").split(";") if host]
    if "@" in url:
        raise BadDescription(
            "CONSCOPE_KAFKA_URL holds a user: set CONSCOPE_KAFKA_USERNAME and "
            "CONSCOPE_KAFKA_PASSWORD, and leave the URL to hosts and ports"
        )
    addresses = tuple(host if ":" in host else f"{host}:{_PORT}" for host in hosts)
    if not addresses or not all(_host_and_port(address) for address in addresses):
        raise BadDescription("CONSCOPE_KAFKA_URL reads kafka://host:port, several separated by `;`")
    return addresses


def _host_and_port(address: str) -> tuple[str, int] | None:
    host, _, port = address.rpartition(":")
    return (host, int(port)) if host and port.isdecimal() and int(port) < 1 << 16 else None


def _check_login(asked: Brokers) -> None:
    parts = {"USERNAME": asked.username, "PASSWORD": asked.password}
    given = [f"CONSCOPE_KAFKA_{name}" for name, part in parts.items() if part]
    missing = [f"CONSCOPE_KAFKA_{name}" for name, part in parts.items() if not part]
    if given and not asked.has_login:
        raise BadDescription(
            f"{' and '.join(given)} would not be used with CONSCOPE_KAFKA_SECURITY="
            f"{asked.security}: set it to SASL_SSL"
        )
    if missing and asked.has_login:
        raise BadDescription(
            f"CONSCOPE_KAFKA_SECURITY={asked.security} needs {' and '.join(missing)}"
        )
    in_the_clear = asked.security == "SASL_PLAINTEXT" and asked.mechanism == "PLAIN"
    if in_the_clear and not all(map(_stays_here, asked.addresses)):
        raise BadDescription(
            "CONSCOPE_KAFKA_SASL_MECHANISM=PLAIN would send the password readable to another "
            "machine: set CONSCOPE_KAFKA_SECURITY=SASL_SSL, or a SCRAM mechanism"
        )


def _stays_here(address: str) -> bool:
    return is_loopback(address.rpartition(":")[0].strip("[]"))

"""Why one server of Kafka does not let us in, told apart by its error and a second look."""

import asyncio
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from aiokafka.errors import (
    IllegalSaslStateError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.admin import SaslHandShakeRequest

from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.connection import FAILURES, connected

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_NOT_YET_VALID, _EXPIRED = 9, 10
_OTHER_NAME = (62, 64)  # of a host, of an address

# How servers say in TLS that they want a certificate of ours, or another one.
_WANTS_CERTIFICATE = ("CERTIFICATE", "UNKNOWN_CA", "HANDSHAKE_FAILURE", "ACCESS_DENIED")

_SECOND_LOOK_S = 3.0


@dataclass(frozen=True)
class Trouble:
    """Why Kafka does not let us in. What `lasts` will not pass until somebody changes something."""

    why: str
    lasts: bool


async def trouble_at(
    address: str, brokers: Brokers, error: BaseException, timeout_s: float
) -> Trouble:
    """What the error of a connection to this server means."""
    causes = list(_causes(error))
    for cause in causes:
        said = _of_certificate(cause) or _of_login(cause, brokers) or _of_our_certificate(cause)
        if said is not None:
            return Trouble(f"{address} {said}", lasts=not _is_of_dates(cause))
    if not any(isinstance(each, ConnectionRefusedError | socket.gaierror) for each in causes):
        said = await _of_protocol(address, brokers, min(timeout_s, _SECOND_LOOK_S))
        if said is not None:
            return Trouble(f"{address} {said}", lasts=True)
    return Trouble(f"{address} does not answer ({_reason(causes)})", lasts=False)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _of_certificate(error: BaseException) -> str | None:
    if not isinstance(error, ssl.SSLCertVerificationError):
        return None
    if error.verify_code in _OTHER_NAME:
        return f"shows a certificate of another name: {error.verify_message}"
    if _is_of_dates(error):
        return f"shows a certificate that does not hold now: {error.verify_message}"
    return (
        f"shows a certificate that is not trusted ({error.verify_message}): "
        "CONSCOPE_KAFKA_CA has to hold its authority"
    )


def _is_of_dates(error: BaseException) -> bool:
    return isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in (
        _NOT_YET_VALID,
        _EXPIRED,
    )


def _of_login(error: BaseException, brokers: Brokers) -> str | None:
    if isinstance(error, SaslAuthenticationFailed):
        return (
            f"refuses the user {brokers.username!r}: CONSCOPE_KAFKA_USERNAME or "
            f"CONSCOPE_KAFKA_PASSWORD is wrong, or not one for {brokers.mechanism}"
        )
    if isinstance(error, UnsupportedSaslMechanismError):
        return f"does not take {brokers.mechanism}: CONSCOPE_KAFKA_SASL_MECHANISM has to be another"
    if isinstance(error, IllegalSaslStateError):
        return "asks for no login: CONSCOPE_KAFKA_SECURITY has to be without SASL"
    return None


def _of_our_certificate(error: BaseException) -> str | None:
    said = error.reason or "" if isinstance(error, ssl.SSLError) else ""
    if "ALERT" in said and any(part in said for part in _WANTS_CERTIFICATE):
        return (
            f"wants a certificate of ours that it trusts ({said}): CONSCOPE_KAFKA_CERTIFICATE and "
            "CONSCOPE_KAFKA_KEY have to hold it"
        )
    return None


async def _of_protocol(address: str, brokers: Brokers, timeout_s: float) -> str | None:
    """What the server speaks, where it is not what we speak."""
    host, _, port = address.rpartition(":")
    place = host.strip("[]"), int(port)
    if brokers.is_encrypted and await _offers(*place, None, timeout_s) is not None:
        return "does not speak TLS: CONSCOPE_KAFKA_SECURITY has to be without SSL"
    if not brokers.is_encrypted and await _speaks_tls(*place, timeout_s):
        return "speaks TLS: CONSCOPE_KAFKA_SECURITY has to be SSL or SASL_SSL"
    if not brokers.has_login and await _offers(*place, brokers.tls, timeout_s):
        return "asks for a login: CONSCOPE_KAFKA_SECURITY has to be with SASL"
    return None


async def _offers(
    host: str, port: int, tls: ssl.SSLContext | None, timeout_s: float
) -> list[str] | None:
    """The mechanisms of login that are offered; None where nothing sensible is answered."""
    try:
        protocol = "PLAINTEXT" if tls is None else "SSL"
        async with connected(
            host, port, timeout_s=timeout_s, security_protocol=protocol, ssl_context=tls
        ) as connection:
            answer = await connection.send(SaslHandShakeRequest("PLAIN"))
    except FAILURES:
        return None
    return list(answer.enabled_mechanisms)


async def _speaks_tls(host: str, port: int, timeout_s: float) -> bool:
    # Nothing is told to this server but that we could speak TLS, so anybody may answer.
    anybody = ssl.create_default_context()
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(host, port, ssl=anybody)
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")  # it wants a certificate, or another version
    except (OSError, EOFError):
        return False
    writer.transport.abort()
    return True


def _reason(causes: list[BaseException]) -> str:
    # The innermost says what happened; the others, that something did.
    innermost = causes[-1]
    code = innermost.errno if isinstance(innermost, OSError) else None
    if code is not None and code > 0:
        return os.strerror(code)  # asyncio and uvloop use words of their own
    return str(innermost) or type(innermost).__name__

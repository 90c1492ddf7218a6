"""The TLS context of a client, from PEM text."""

import ssl

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from conscope_app.kafka.tls import BadCertificate, client_tls
from tests.authority import Authority


def test_server_and_host_name_are_checked() -> None:
    """Whatever is given, and never by less than TLS 1.2."""
    for context in (client_tls(), client_tls(Authority().certificate)):
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_only_the_given_authorities_are_trusted() -> None:
    """A bundle may name them in between, in any language."""
    first, second = Authority().certificate, Authority().certificate

    context = client_tls(f"# Zertifizierungsstelle Ä\n{first}\n# 認証局\n{second}")

    assert len(context.get_ca_certs()) == 2


def test_a_key_with_a_password_is_refused_and_not_asked_for() -> None:
    """OpenSSL would wait at the terminal."""
    certificate, key = Authority().sign("me")
    locked = load_pem_private_key(key.encode(), None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2")
    )

    with pytest.raises(BadCertificate, match="the key has a password"):
        client_tls(None, certificate, locked.decode())


def test_the_key_may_stand_with_the_certificate() -> None:
    """As many tools write it."""
    certificate, key = Authority().sign("me")

    assert client_tls(None, certificate + key).check_hostname

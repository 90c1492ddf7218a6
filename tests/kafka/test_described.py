"""What the settings say about Kafka, and what they contradict each other in."""

from typing import Any

import pytest

from conscope_app.kafka.described import BadDescription, described_brokers
from tests.authority import Authority

LOGIN: dict[str, Any] = {"username": "me", "password": "hunter2"}


def test_without_more_kafka_is_spoken_to_in_the_clear() -> None:
    """The options of a client that has always been made like that."""
    brokers = described_brokers("kafka://a:1;b")

    assert brokers.client_options == {
        "bootstrap_servers": ["a:1", "b:9092"],
        "security_protocol": "PLAINTEXT",
    }
    assert brokers.where == "a:1, b:9092"


def test_a_login_over_tls_is_handed_to_every_client() -> None:
    """One TLS context for all; no secret where the value is shown."""
    brokers = described_brokers("kafka://a:1", security="SASL_SSL", **LOGIN)

    assert brokers.client_options == {
        "bootstrap_servers": ["a:1"],
        "security_protocol": "SASL_SSL",
        "ssl_context": brokers.tls,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "me",
        "sasl_plain_password": "hunter2",
    }
    assert brokers.tls is not None
    assert "hunter2" not in f"{brokers!r} {brokers} {brokers.where}"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_on_this_machine_a_password_may_be_readable(host: str) -> None:
    """Nobody else hears it."""
    url = f"kafka://{host}:9092"

    brokers = described_brokers(url, security="SASL_PLAINTEXT", mechanism="PLAIN", **LOGIN)

    assert brokers.addresses == (f"{host}:9092",)


PEM = Authority().certificate
OWN, KEY = Authority().sign("me")
_, OTHER_KEY = Authority().sign("me")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param(
            LOGIN,
            "CONSCOPE_KAFKA_USERNAME and CONSCOPE_KAFKA_PASSWORD would not be used with "
            "CONSCOPE_KAFKA_SECURITY=PLAINTEXT: set it to SASL_SSL",
            id="a login without SASL",
        ),
        pytest.param(
            {"password": "hunter2", "security": "SSL"},
            "CONSCOPE_KAFKA_PASSWORD would not be used with CONSCOPE_KAFKA_SECURITY=SSL",
            id="a password without SASL",
        ),
        pytest.param(
            {"security": "SASL_SSL", "password": "hunter2"},
            "CONSCOPE_KAFKA_SECURITY=SASL_SSL needs CONSCOPE_KAFKA_USERNAME",
            id="SASL without a user",
        ),
        pytest.param(
            {"security": "SASL_SSL", "username": "me", "password": ""},
            "CONSCOPE_KAFKA_SECURITY=SASL_SSL needs CONSCOPE_KAFKA_PASSWORD",
            id="SASL with an empty password",
        ),
        pytest.param(
            {"security": "SASL_PLAINTEXT", "mechanism": "PLAIN", **LOGIN},
            "CONSCOPE_KAFKA_SASL_MECHANISM=PLAIN would send the password readable",
            id="a readable password to another machine",
        ),
        pytest.param(
            {"authorities": PEM},
            "CONSCOPE_KAFKA_CA would not be used with CONSCOPE_KAFKA_SECURITY=PLAINTEXT",
            id="an authority without TLS",
        ),
        pytest.param(
            {"security": "SSL", "authorities": "hunter2"},
            "CONSCOPE_KAFKA_CA: the authorities are no certificates in PEM text",
            id="an authority that is none",
        ),
        pytest.param(
            {"security": "SSL", "authorities": ""},
            "CONSCOPE_KAFKA_CA: the authorities are no certificates in PEM text",
            id="an empty file of authorities",
        ),
        pytest.param(
            {"security": "SSL", "key": KEY},
            "CONSCOPE_KAFKA_KEY is of no use without CONSCOPE_KAFKA_CERTIFICATE",
            id="a key without its certificate",
        ),
        pytest.param(
            {"security": "SSL", "certificate": OWN, "key": OTHER_KEY},
            "CONSCOPE_KAFKA_CERTIFICATE and CONSCOPE_KAFKA_KEY: the client's certificate and key",
            id="another certificate's key",
        ),
        pytest.param(
            {"url": "kafka://me:hunter2@a:9092"},
            "CONSCOPE_KAFKA_URL holds a user: set CONSCOPE_KAFKA_USERNAME",
            id="a password in the URL",
        ),
        pytest.param({"url": "kafka://a:many"}, "CONSCOPE_KAFKA_URL reads kafka://", id="no port"),
        pytest.param({"url": "kafka://"}, "CONSCOPE_KAFKA_URL reads kafka://", id="no host"),
    ],
)
def test_a_contradiction_is_told_in_a_sentence(given: dict[str, Any], said: str) -> None:
    """With the settings' names, and nothing of what they hold."""
    with pytest.raises(BadDescription) as told:
        described_brokers(**{"url": "kafka://a:9092", **given})

    assert str(told.value).startswith(said)
    assert "hunter2" not in str(told.value)

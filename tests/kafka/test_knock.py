"""Each kind of shut door, at a real Kafka."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from conscope_app.core.clock import utc_now
from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.knock import knock
from conscope_app.kafka.starting import NotLetIn, start_client
from tests.authority import Authority
from tests.secure_kafka import PASSWORD, USERNAME, SecureKafka

Reach = Callable[[SecureKafka], Brokers]


@pytest.mark.broker
@pytest.mark.parametrize(
    "reach",
    [
        pytest.param(lambda kafka: kafka.brokers(), id="SCRAM over TLS"),
        pytest.param(lambda kafka: kafka.brokers(mechanism="PLAIN"), id="PLAIN over TLS"),
        pytest.param(lambda kafka: kafka.brokers("OPEN", "SSL"), id="TLS alone"),
        pytest.param(lambda kafka: kafka.brokers("CLEAR", "SASL_PLAINTEXT"), id="SCRAM alone"),
        pytest.param(
            lambda kafka: kafka.brokers("MUTUAL", "SSL", certificate=kafka.authority.sign("me")),
            id="a certificate on both sides",
        ),
        pytest.param(lambda kafka: Brokers.plain(kafka.server.bootstrap), id="neither"),
    ],
)
async def test_who_is_right_is_let_in(kafka: SecureKafka, reach: Reach) -> None:
    """By the knock, and each kind of client that is made with the same options."""
    brokers = reach(kafka)

    assert await knock(brokers) is None
    admin = AIOKafkaAdminClient(**brokers.client_options)
    producer = AIOKafkaProducer(**brokers.client_options)
    consumer = AIOKafkaConsumer(**brokers.client_options)
    for client in (admin, producer, consumer):
        await start_client(client, brokers)
    assert await consumer.topics() == set(await admin.list_topics())
    await asyncio.gather(admin.close(), producer.stop(), consumer.stop())


@pytest.mark.broker
@pytest.mark.parametrize(
    ("reach", "said"),
    [
        pytest.param(
            lambda kafka: kafka.brokers(password="hunter2"),
            f"refuses the user '{USERNAME}': CONSCOPE_KAFKA_USERNAME or CONSCOPE_KAFKA_PASSWORD",
            id="wrong password",
        ),
        pytest.param(
            lambda kafka: kafka.brokers(password="hunter2", mechanism="PLAIN"),
            f"refuses the user '{USERNAME}'",
            id="wrong password, PLAIN",
        ),
        pytest.param(
            lambda kafka: kafka.brokers(mechanism="SCRAM-SHA-256"),
            "does not take SCRAM-SHA-256: CONSCOPE_KAFKA_SASL_MECHANISM",
            id="another mechanism",
        ),
        pytest.param(
            lambda kafka: kafka.brokers(authority=Authority()),
            "shows a certificate that is not trusted",
            id="unknown authority",
        ),
        pytest.param(
            lambda kafka: kafka.brokers("ASTRAY", "SSL"),
            "shows a certificate of another name: Hostname mismatch",
            id="another name than the certificate's, only where clients are sent on to",
        ),
        pytest.param(
            lambda kafka: kafka.brokers("SECURE", "PLAINTEXT"),
            "speaks TLS: CONSCOPE_KAFKA_SECURITY has to be SSL or SASL_SSL",
            id="plaintext to TLS",
        ),
        pytest.param(
            lambda kafka: kafka.brokers("SECURE", "SASL_PLAINTEXT"),
            "speaks TLS",
            id="a login without TLS to TLS",
        ),
        pytest.param(
            lambda kafka: kafka.brokers("CLEAR", "SASL_SSL"),
            "does not speak TLS: CONSCOPE_KAFKA_SECURITY has to be without SSL",
            id="TLS to plaintext",
        ),
        pytest.param(
            lambda kafka: kafka.brokers("CLEAR", "PLAINTEXT"),
            "asks for a login: CONSCOPE_KAFKA_SECURITY has to be with SASL",
            id="no login where one is asked for",
        ),
        pytest.param(
            lambda kafka: kafka.brokers("SECURE", "SSL"),
            "asks for a login",
            id="no login where one is asked for, with TLS",
        ),
        pytest.param(
            lambda kafka: kafka.brokers("OPEN", "SASL_SSL"),
            "asks for no login: CONSCOPE_KAFKA_SECURITY has to be without SASL",
            id="a login where none is asked for",
        ),
        pytest.param(
            lambda kafka: kafka.brokers("MUTUAL", "SSL"),
            "wants a certificate of ours",
            id="no certificate where one is asked for",
        ),
        pytest.param(
            lambda kafka: kafka.brokers("MUTUAL", "SSL", certificate=Authority().sign("me")),
            "wants a certificate of ours that it trusts",
            id="a certificate that it does not trust",
        ),
    ],
)
async def test_what_is_wrong_is_told_and_lasts(kafka: SecureKafka, reach: Reach, said: str) -> None:
    """In a sentence with the address, what to change, and no secret; soon."""
    brokers = reach(kafka)
    async with asyncio.timeout(30):
        trouble = await knock(brokers)

    assert trouble is not None
    assert said in trouble.why
    assert trouble.why.split()[0].endswith(brokers.addresses[0].rpartition(":")[2])
    assert trouble.lasts
    assert not {"hunter2", PASSWORD} & set(trouble.why.split())
    assert "hunter2" not in repr(brokers)


@pytest.mark.broker
async def test_a_client_that_cannot_start_says_the_same(kafka: SecureKafka) -> None:
    """aiokafka's own error says only that there is no server to be had."""
    brokers = kafka.brokers(password="hunter2")
    client = AIOKafkaProducer(**brokers.client_options)
    with pytest.raises(NotLetIn, match="refuses the user 'conscope'") as refused:
        await start_client(client, brokers)
    await client.stop()

    assert refused.value.trouble.lasts


@pytest.mark.broker
async def test_one_server_of_several_is_enough(kafka: SecureKafka) -> None:
    """The others may be away."""
    brokers = kafka.brokers("OPEN", "SSL")
    several = Brokers(("127.0.0.1:1", *brokers.addresses), "SSL", tls=brokers.tls)

    assert await knock(several) is None


async def test_a_server_that_is_away_may_come_back() -> None:
    """Nobody listens, or nobody knows the name: waiting may help; each address has its reason."""
    trouble = await knock(Brokers.plain("127.0.0.1:1", "nowhere.invalid:9092"))

    assert trouble is not None
    assert trouble.why.startswith("127.0.0.1:1 does not answer (Connection refused); ")
    assert "nowhere.invalid:9092 does not answer (" in trouble.why
    assert not trouble.lasts


async def test_a_server_that_says_nothing_does_not_hang_us() -> None:
    """It takes the connection and is silent, as one that is stopped."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        async with asyncio.timeout(10):
            trouble = await knock(Brokers.plain(address), timeout_s=0.2)

    assert trouble is not None
    assert trouble.why.startswith(f"{address} does not answer (")
    assert not trouble.lasts


async def test_a_certificate_that_has_run_out_may_be_renewed(tmp_path: Path) -> None:
    """It is the server's, or a clock's: a worker waits for it, and says so."""
    authority = Authority()
    certificate, key = authority.sign("127.0.0.1", until=utc_now() - timedelta(days=1))
    (tmp_path / "identity.pem").write_text(certificate + key)
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(tmp_path / "identity.pem")
    async with await asyncio.start_server(_close, "127.0.0.1", 0, ssl=shown) as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        trouble = await knock(Brokers((address,), "SSL", tls=authority.trusted))

    assert trouble is not None
    assert "does not hold now: certificate has expired" in trouble.why
    assert not trouble.lasts


async def _close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()

"""A real Kafka that wants TLS and a login, next to the door that the server itself is asked by."""

import subprocess
from pathlib import Path

from conscope_app.kafka.brokers import Brokers, Mechanism, Security
from conscope_app.kafka.tls import client_tls
from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.ports import LOOPBACK, free_port
from conscope_app.local.prerequisites import require_java
from tests.authority import Authority

USERNAME = "conscope"
PASSWORD = "correct-horse-battery"

LISTENERS = {
    "SECURE": "SASL_SSL",
    "MUTUAL": "SSL",
    "OPEN": "SSL",
    "CLEAR": "SASL_PLAINTEXT",
    "ASTRAY": "SSL",
}

_MODULES = "org.apache.kafka.common.security"


class SecureKafka:
    """A broker with a listener for each kind of client.

    `SECURE` is SASL_SSL with SCRAM and PLAIN, `MUTUAL` wants a certificate of the client, `OPEN` is
    TLS alone, `CLEAR` is SASL without TLS; `ASTRAY` is TLS alone, and sends its clients on to a
    name that its certificate does not hold.
    """

    def __init__(self, folder: Path, artifacts: Artifacts) -> None:
        self.authority = Authority()
        self._artifacts = artifacts
        self._folder = folder
        self.ports = {name: free_port() for name in LISTENERS}
        folder.mkdir(parents=True)
        self.server = KafkaServer(folder / "kafka", artifacts, properties=self._properties())

    def _properties(self) -> dict[str, str]:
        certificate, key = self.authority.sign(LOOPBACK)
        identity = self._folder / "identity.pem"
        identity.write_text(key + certificate)
        shown = [f"{name}://{LOOPBACK}:{port}" for name, port in self.ports.items()]
        shown.insert(0, f"PLAINTEXT://{LOOPBACK}:{{port}}")
        protocols = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT", **LISTENERS}
        logins = {
            f"listener.name.{listener}.{name}": value
            for listener in ("secure", "clear")
            for name, value in {
                "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
                "scram-sha-512.sasl.jaas.config": f"{_MODULES}.scram.ScramLoginModule required;",
                "plain.sasl.jaas.config": (
                    f'{_MODULES}.plain.PlainLoginModule required user_{USERNAME}="{PASSWORD}";'
                ),
            }.items()
        }
        return {
            "listeners": ",".join([*shown, f"CONTROLLER://{LOOPBACK}:{{controller_port}}"]),
            "advertised.listeners": ",".join(
                each.replace(LOOPBACK, "localhost") if each.startswith("ASTRAY") else each
                for each in shown
            ),
            "listener.security.protocol.map": ",".join(map(":".join, protocols.items())),
            "inter.broker.listener.name": "PLAINTEXT",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(identity),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.write(self._folder)),
            "listener.name.mutual.ssl.client.auth": "required",
            **logins,
        }

    def set_password(self, password: str) -> None:
        """Make the user, or give it another password, for SCRAM."""
        java = [require_java(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"]
        tool = [*java, "-cp", self._artifacts.kafka_classpath, "kafka.admin.ConfigCommand"]
        user = ["--entity-type", "users", "--entity-name", USERNAME]
        change = ["--alter", "--add-config", f"SCRAM-SHA-512=[password={password}]"]
        subprocess.run(
            [*tool, "--bootstrap-server", self.server.bootstrap, *user, *change],
            check=True,
            capture_output=True,
        )

    def address(self, listener: str) -> str:
        """`host:port` of a listener."""
        return f"{LOOPBACK}:{self.ports[listener]}"

    def brokers(
        self,
        listener: str = "SECURE",
        security: Security = "SASL_SSL",
        *,
        mechanism: Mechanism = "SCRAM-SHA-512",
        password: str = PASSWORD,
        authority: Authority | None = None,
        certificate: tuple[str, str] | None = None,
    ) -> Brokers:
        """How a client reaches it, right in all that is not said otherwise."""
        has_login, is_encrypted = security.startswith("SASL"), security.endswith("SSL")
        trusted = (authority or self.authority).certificate
        own, key = certificate or (None, None)
        return Brokers(
            (self.address(listener),),
            security,
            mechanism,
            USERNAME if has_login else None,
            password if has_login else None,
            client_tls(trusted, own, key) if is_encrypted else None,
        )

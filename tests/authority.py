"""Certificates for servers and clients of a test, by an authority that only the test knows."""

import ssl
from datetime import datetime
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from conscope_app.kafka.tls import client_tls


class Authority:
    """An authority and what it has signed."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    @property
    def certificate(self) -> str:
        """Its own certificate, which clients are to trust."""
        return self._authority.cert_pem.bytes().decode()

    @property
    def trusted(self) -> ssl.SSLContext:
        """A client's context that trusts it and nobody else."""
        return client_tls(self.certificate)

    def sign(self, *names: str, until: datetime | None = None) -> tuple[str, str]:
        """A certificate for hosts or addresses, and its key, as PEM text."""
        signed = self._authority.issue_cert(*names, not_after=until)
        chain = "".join(each.bytes().decode() for each in signed.cert_chain_pems)
        # Java reads PKCS#8 and nothing else.
        key = load_pem_private_key(signed.private_key_pem.bytes(), None)
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return chain, text

    def write(self, folder: Path) -> Path:
        """Its certificate as a file."""
        path = folder / "authority.pem"
        path.write_text(self.certificate)
        return path

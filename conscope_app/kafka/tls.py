"""How a client checks the server that it speaks to, and shows who it is itself."""

import re
import ssl
import tempfile

_CERTIFICATE = re.compile(
    "-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----", re.ASCII
)


class BadCertificate(Exception):
    """A certificate or a key that cannot be used; its message shows nothing of what they hold."""


def client_tls(
    authorities: str | None = None, certificate: str | None = None, key: str | None = None
) -> ssl.SSLContext:
    """TLS 1.2 or newer, with the server's certificate and its host name checked.

    All three are PEM text. Without `authorities` those of the system are trusted, otherwise only
    they. The key may also stand in `certificate`. Raises `BadCertificate`.
    """
    # Bundles name their certificates in between, in any language; OpenSSL takes ASCII.
    trusted = None if authorities is None else "\n".join(_CERTIFICATE.findall(authorities))
    if trusted == "":  # which OpenSSL would take for "trust the system's"
        raise BadCertificate("the authorities are no certificates in PEM text")
    try:
        context = ssl.create_default_context(cadata=trusted)
    except ssl.SSLError as error:
        raise BadCertificate("the authorities are no certificates in PEM text") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None:
        _show(context, certificate, key or "")
    return context


def _show(context: ssl.SSLContext, certificate: str, key: str) -> None:
    # OpenSSL reads them from a file and from nowhere else; only its owner may read this one.
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(f"{certificate}\n{key}\n")
        file.flush()
        try:
            # Without a password at hand OpenSSL would ask the terminal for one, and wait.
            context.load_cert_chain(file.name, password=_no_password)
        except (ssl.SSLError, ValueError) as error:
            raise BadCertificate(
                "the client's certificate and key do not belong together, are no PEM text, "
                "or the key has a password"
            ) from error


def _no_password() -> str:
    raise ValueError("the key has a password")

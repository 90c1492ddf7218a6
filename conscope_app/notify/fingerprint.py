"""Telling addresses with secrets apart, without a trace of the secrets."""

import hashlib

# Slow on purpose (about 50 ms, once for a channel): a password is shorter than a token, and who can
# read the fingerprint in the database must not be able to try all of them.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1

_SALT = b"conscope channel"


def fingerprint_of(*parts: str) -> str:
    """The same for the same parts, in every process."""
    text = "\0".join(parts).encode()
    digest = hashlib.scrypt(text, salt=_SALT, n=_COST, r=_BLOCK, p=_PARALLEL, dklen=8)
    return digest.hex()

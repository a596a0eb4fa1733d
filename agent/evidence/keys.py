"""The key that signs the head of a case's journal: Ed25519, one file, outside the database."""

import base64
import binascii
import hashlib
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from filelock import FileLock

from agent.errors import ConfigError
from agent.evidence.files import write_atomic

_PUBLIC_BYTES = 32


class SigningKey:
    """Signs with one private key that never leaves this object or its file."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public_b64 = base64.b64encode(public).decode("ascii")
        self.key_id = key_id_of(self.public_b64)

    def sign(self, message: bytes) -> tuple[str, str]:
        """Return the key's id and the signature in base64."""
        return self.key_id, base64.b64encode(self._private.sign(message)).decode("ascii")


def load_or_create(path: Path) -> SigningKey:
    """Return the key kept in ``path``; processes that start at once agree on one new key.

    Raises:
        ConfigError: the file is not an Ed25519 key in PEM, cannot be read or made, or others may read it.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_name(path.name + ".lock")):
                if not path.exists():
                    write_atomic(path, _new_pem())
        _refuse_shared(path)
        pem = path.read_bytes()
    except OSError as fault:
        raise ConfigError(
            [f"store.signing_key: {path}: {fault.strerror}; name a file that this user may write and read"]
        ) from fault
    return SigningKey(_parse(pem, path))


def key_id_of(public_b64: str) -> str:
    """Return the short name of a public key: the first 16 hex digits of its SHA-256.

    Raises:
        ValueError: it is not an Ed25519 public key in base64.
    """
    return hashlib.sha256(public_bytes(public_b64)).hexdigest()[:16]


def public_bytes(public_b64: str) -> bytes:
    """Return the raw public key.

    Raises:
        ValueError: it is not an Ed25519 public key in base64.
    """
    try:
        raw = base64.b64decode(public_b64.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as fault:
        raise ValueError("not a public key in base64") from fault
    if len(raw) != _PUBLIC_BYTES or base64.b64encode(raw).decode("ascii") != public_b64:
        raise ValueError("not a public key in base64")
    return raw


def is_signed(message: bytes, *, signature_b64: str, public_b64: str) -> bool:
    """Tell whether the holder of the public key has signed exactly ``message``."""
    try:
        signature = base64.b64decode(signature_b64.encode("ascii"), validate=True)
        if base64.b64encode(signature).decode("ascii") != signature_b64:
            return False
        Ed25519PublicKey.from_public_bytes(public_bytes(public_b64)).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


def _new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _refuse_shared(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            [f"store.signing_key: {path} may be used by other users of this machine; run: chmod 600 '{path}'"]
        )


def _parse(pem: bytes, path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(
            [f"store.signing_key: {path} is not an unencrypted Ed25519 key in PEM; restore it, or move it away"]
        )
    return key

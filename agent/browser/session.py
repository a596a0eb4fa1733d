"""Signed-in browser sessions: encrypted at rest, or in memory only where there is no key."""

import base64
import hashlib
import json
import os
import queue
import secrets
import threading
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VARIABLE = "CLOSEWRIGHT_SESSION_KEY"
_SERVICE, _ENTRY = "closewright", "session-key"
_NONCE = 12
_KEY = 32
_KEYRING_S = 3.0  # a keyring that waits for a desktop, or for a person, is no keyring to us


class SessionVault:
    """Keeps the storage state of each shop.

    Attributes:
        unreadable: shops whose file could not be decrypted and was taken for absent.
    """

    def __init__(self, folder: Path, key: bytes | None) -> None:
        self.unreadable: set[str] = set()
        self._folder = folder
        self._cipher = None if key is None else AESGCM(_as_key(key))
        self._memory: dict[str, str] = {}

    def load(self, shop: str) -> dict[str, Any] | None:
        """Return the state that was saved for a shop, or None: then it signs in anew."""
        text = self._memory.get(shop) if self._cipher is None else self._decrypted(shop, self._cipher)
        return None if text is None else dict(json.loads(text))

    def save(self, shop: str, state: dict[str, Any]) -> Path | None:
        """Save a shop's state and return its file, or None where it stays in memory."""
        text = json.dumps(state, ensure_ascii=False)
        if self._cipher is None:
            self._memory[shop] = text
            return None
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), shop.encode())
        path = self._path(shop)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{secrets.token_hex(4)}")
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(sealed)
        partial.replace(path)
        self.unreadable.discard(shop)
        return path

    def forget(self, shop: str) -> None:
        """Drop a shop's state."""
        self._memory.pop(shop, None)
        self._path(shop).unlink(missing_ok=True)

    def _decrypted(self, shop: str, cipher: AESGCM) -> str | None:
        try:
            sealed = self._path(shop).read_bytes()
        except FileNotFoundError:
            return None
        try:
            # The shop is part of the seal: one shop's session put in another's place does not open.
            return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], shop.encode()).decode()
        except (InvalidTag, ValueError):
            self.unreadable.add(shop)
            return None

    def _path(self, shop: str) -> Path:
        return self._folder / f"{hashlib.sha256(shop.encode()).hexdigest()[:24]}.session"


def find_key() -> bytes | None:
    """Return the key from ``CLOSEWRIGHT_SESSION_KEY`` or the system's keyring (made there if new), or None."""
    if named := os.environ.get(_VARIABLE):
        return named.encode()
    answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_from_keyring()), daemon=True).start()
    try:
        return answers.get(timeout=_KEYRING_S)
    except queue.Empty:
        return None


def _from_keyring() -> bytes | None:
    import keyring  # noqa: PLC0415 - slow, and needed only here
    import keyring.errors  # noqa: PLC0415

    try:
        backend = keyring.get_keyring()
        if backend.priority <= 0:
            return None
        kept = backend.get_password(_SERVICE, _ENTRY)
        if not kept:
            backend.set_password(_SERVICE, _ENTRY, base64.b64encode(secrets.token_bytes(_KEY)).decode())
            kept = backend.get_password(_SERVICE, _ENTRY)
    except Exception:  # noqa: BLE001 - backends raise what their desktop raises; no keyring is a normal case
        return None
    return kept.encode() if kept else None


def _as_key(key: bytes) -> bytes:
    """Return 32 bytes made from a key of any length."""
    return hashlib.scrypt(key, salt=b"closewright session", n=2**14, r=8, p=1, dklen=_KEY)

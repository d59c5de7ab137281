"""Tokens: how a program shows that it may call for a till.

A token names its till and carries 32 bytes of chance; the station keeps only its SHA-256. Chance of that
size cannot be guessed, so a fast hash is enough, and the comparison takes the same time whatever was sent.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST = 128

_hashes: dict[str, str] = {}
_ABSENT = "0" * 64


@dataclass(frozen=True, slots=True)
class Token:
    """A new token: the text for the program, and the hash for `station.toml`."""

    text: str
    sha256: str

    def __repr__(self) -> str:
        return f"Token(sha256={self.sha256!r})"


def token_for(till: str) -> Token:
    """Make a new token for a till. Its text is shown once; only the hash is kept."""
    text = f"{till}.{secrets.token_urlsafe(32)}"
    return Token(text, hash_of(text))


def hash_of(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def set_tokens(hashes: Mapping[str, str]) -> None:
    """Set which till has which hash (till → SHA-256 in hexadecimal)."""
    _hashes.clear()
    _hashes.update(hashes)


def till_of(text: str) -> str | None:
    """The till whose token this is, or None."""
    if not text or len(text) > LONGEST:
        return None
    till = text.partition(".")[0]
    wanted = _hashes.get(till, _ABSENT)
    return till if hmac.compare_digest(hash_of(text), wanted) else None

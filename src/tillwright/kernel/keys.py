"""Keys: one intent has one name, for ever.

The client names an operation (a UUID, made when the basket opens), so that pressing twice, reloading or
repeating a request can only mean the same operation. Each leg's key is derived from it, so that it is fixed
before the first byte leaves, and the same after any crash.
"""

from __future__ import annotations

import re

_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def uid_from_text(text: str) -> str:
    """The canonical (lower-case) form of an operation's UUID; ValueError if it is none."""
    uid = text.strip().lower()
    if not _UID.fullmatch(uid):
        raise ValueError("not a UUID")
    return uid


def leg_key(uid: str, number: int) -> str:
    """The key of leg `number` (from 1) of the operation `uid`."""
    return f"{uid}.{number}"


def uid_of_key(key: str) -> str:
    """The operation that a leg's key belongs to."""
    return key.partition(".")[0]


def number_of_key(key: str) -> int | None:
    """The leg's number within its operation; None for a key that is not of that form."""
    number = key.partition(".")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None


def uid_from_bytes(chance: bytes) -> str:
    """A version 4 UUID made of 16 bytes of chance (handed in: the pure has no dice of its own)."""
    if len(chance) != 16:
        raise ValueError("a UUID has 16 bytes")
    text = chance.hex()
    variant = "89ab"[chance[8] >> 4 & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

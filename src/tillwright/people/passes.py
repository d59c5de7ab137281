"""Passes: how a command on this machine shows the running station that it may read the station's folder.

Who can read the folder's secret can do there whatever they like; so knowing the secret is enough, and no
second way in is opened by asking for no more. A pass names a till, is made for one run of a command, is over
within a minute, and is taken only from this machine.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection

PREFIX = "~doctor"
"""What a pass begins with, and no till's id: so it cannot be taken for the token of a till."""
VALID_MS = 60_000
LOOPBACK = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
_SEPARATOR = "."
_PURPOSE = b"tillwright doctor"

_key = b""
_here: frozenset[str] = LOOPBACK


def set_secret(secret: str, here: Collection[str] = ()) -> None:
    """Set the station's secret; '' takes no passes. `here`: further addresses that are this machine."""
    global _key, _here
    _key, _here = (key_of(secret) if secret else b""), LOOPBACK | frozenset(here)


def key_of(secret: str) -> bytes:
    """What passes are signed with: made of the secret, and good for nothing else."""
    return hmac.digest(secret.encode(), _PURPOSE, "sha256")


def pass_for(secret: str, till: str, now_ms: int) -> str:
    """A pass for a till, valid from now on for VALID_MS."""
    said = _SEPARATOR.join((PREFIX, till, str(now_ms + VALID_MS)))
    return f"{said}{_SEPARATOR}{_signed(key_of(secret), said)}"


def is_pass(text: str) -> bool:
    """Whether this looks like one."""
    return text.startswith(PREFIX + _SEPARATOR)


def till_of(text: str, caller: str, now_ms: int) -> str | None:
    """The till that this pass is for; None if it is none, or over, or comes from another machine."""
    said, _, signed = text.rpartition(_SEPARATOR)
    parts = said.split(_SEPARATOR)
    if not _key or caller not in _here or len(parts) != 3 or parts[0] != PREFIX:
        return None
    if not hmac.compare_digest(_signed(_key, said).encode(), signed.encode()):
        return None
    ends = parts[2]
    in_time = ends.isascii() and ends.isdigit() and now_ms < int(ends) <= now_ms + VALID_MS
    return parts[1] if in_time else None


def _signed(key: bytes, said: str) -> str:
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()

"""Two small files beside the station's database, without which its audit chain could be rewritten unseen.

The key (`station.db.audit-key`) signs the head of the chain. The head file (`station.db.audit-head`) holds
the newest signed head once more, so that a database that was cut short, or put back from an old copy, is
found out. Both are readable by their owner only. Whoever backs the database up should keep the two elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from tillwright.kernel.audit import EMPTY, SHORTEST_KEY_BYTES, Head, parse_head, sign

OWNER_ONLY = 0o600


def key_file(database: Path) -> Path:
    """Where the key of this database's chain stands."""
    return database.with_name(f"{database.name}.audit-key")


def head_file(database: Path) -> Path:
    """Where the head of this database's chain stands once more."""
    return database.with_name(f"{database.name}.audit-head")


def read_key(database: Path) -> bytes | None:
    """The key, or None where there is none. ValueError for a file that holds no key."""
    try:
        text = key_file(database).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    key = bytes.fromhex(text)
    if len(key) < SHORTEST_KEY_BYTES:
        raise ValueError(f"{key_file(database).name} holds no key")
    return key


def make_key(database: Path) -> bytes:
    """The key; made, with the head of an empty chain beside it, where there is none.

    A chain that has entries already keeps the head that was signed with the lost key, and is told as forged:
    a new key makes nothing good again.
    """
    known = read_key(database)
    if known is not None:
        return known
    key = secrets.token_bytes(SHORTEST_KEY_BYTES)
    if not head_file(database).exists():
        write_head(database, sign(key, *EMPTY))
    try:
        descriptor = os.open(key_file(database), os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        return make_key(database)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def read_head(database: Path) -> Head | None:
    """The head that stands beside the database; None where there is no file. ValueError for a torn one."""
    try:
        return parse_head(head_file(database).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def write_head(database: Path, head: Head) -> None:
    """Put a head in the place of the one before; it is there whole or not at all. What a crash has left
    half written goes with the next one.
    """
    beside = head_file(database).with_name(f"{head_file(database).name}.new")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(head.text() + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(head_file(database))
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise

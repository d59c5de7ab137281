"""Keeps what takes long to make and always comes out the same, beside the compiled code that makes it.

What is kept belongs to the exact texts and code that it was made of, by their hash: if one letter of them
changes, it is made anew. Who can write here can change the program itself, so it is trusted as far as that,
and no further than it can be read whole; where nothing can be written, it is made at each start.

    kept("catalogue", made_of, tuple[Entry, ...], lambda: read(texts))
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")

_HASH_BYTES = 32


def kept(name: str, made_of: Iterable[bytes], form: type[T], make: Callable[[], T]) -> T:
    """What was made of this before, or what is made of it now. `form`: its type, which msgspec knows."""
    key, file = _hash(made_of), _file(name)
    found = _read(file, key, form)
    if found is not None:
        return found
    made = make()
    with suppress(OSError):
        _write(file, key, msgspec.msgpack.encode(made))
    return made


def _file(name: str) -> Path:
    return Path(cache_from_source(__file__)).with_name(f"{name}.kept")


def _hash(parts: Iterable[bytes]) -> bytes:
    """Of all parts in their order, and of where one ends and the next begins."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.digest()


def _read(file: Path, key: bytes, form: type[T]) -> T | None:
    """None where there is nothing of this key, or not whole."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    found_key, whole, body = data[:_HASH_BYTES], data[_HASH_BYTES : 2 * _HASH_BYTES], data[2 * _HASH_BYTES :]
    if found_key != key or whole != _hash([body]):
        return None
    try:
        return msgspec.msgpack.decode(body, type=form)
    except msgspec.MsgspecError:
        return None


def _write(file: Path, key: bytes, body: bytes) -> None:
    """All of it or nothing: another process may be reading or writing the same. Raises OSError."""
    file.parent.mkdir(exist_ok=True)
    descriptor, fresh = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(key + _hash([body]) + body)
        Path(fresh).replace(file)
    except OSError:
        Path(fresh).unlink(missing_ok=True)
        raise

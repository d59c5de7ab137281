"""What `decide` asks to be done, after its writing has been made durable."""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.books.cash import Entry
from tillwright.kernel.fault import Fault


@dataclass(frozen=True, slots=True)
class Send:
    """Send the leg's request to its party."""

    leg: int


@dataclass(frozen=True, slots=True)
class Inquire:
    """Ask the leg's party what became of its key."""

    leg: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Come back with `Due(timer)` at this time."""

    timer: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class Print:
    """Store the document and print it once."""

    document: str


@dataclass(frozen=True, slots=True)
class Post:
    """Book these entries with the operation."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """The till's shift with this number is 'open' or 'closed' from now on."""

    number: int
    state: str


@dataclass(frozen=True, slots=True)
class Raise:
    """Something is wrong now: tell people."""

    fault: Fault


Command = Send | Inquire | Wait | Print | Post | Shift | Raise

"""What the journal holds beside operations, as values; shared by its two implementations and by those who
read it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.kernel.fault import Fault


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event of an operation as written: its happening's name, the leg it names, its fields as JSON."""

    version: int
    at_ms: int
    happening: str
    leg: int | None
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document of a device: its own words, signed by it."""

    serial: str
    number: int
    till: str
    key: str
    unique_number: str
    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class StoredFault:
    """A fault as raised."""

    at_ms: int
    till: str
    uid: str | None
    fault: Fault

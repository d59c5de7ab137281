"""The truth of the twins: what each device has written, kept where a crash cannot reach it.

Every write has a moment, a number that grows. A device that is restored from an old backup is one for which
everything after some moment never was: documents and fences alike.

The file is shared by all devices of a process. A program that compares books reads these two tables with SQL
of its own:

    document (serial, number, key, unique_number, kind, till, currency, total_minor, content_hash, at_ms,
    text, moment, shift, of, cash_minor) fence (serial, key, at_ms, moment)

What a device has counted wrongly stands in a third: miscount (serial, amount_minor, shift, moment).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One document of one device; `at_ms` by the device's clock, `text` signed, `moment` the number of the
    write. `of`: the unique number of the original. `cash_minor`: what it adds to the cash in the till;
    negative, what it takes out.
    """

    serial: str
    number: int
    key: str
    unique_number: str
    kind: str
    till: str
    currency: str
    total_minor: int
    content_hash: str
    at_ms: int
    text: str
    moment: int
    shift: int = 1
    of: str = ""
    cash_minor: int = 0


@dataclass(frozen=True, slots=True)
class Fence:
    """A key that the device has said to be absent."""

    serial: str
    key: str
    at_ms: int
    moment: int


@dataclass(frozen=True, slots=True)
class Miscount:
    """By how much the cash counters have gone wrong, without any document; `shift`: in which shift."""

    serial: str
    amount_minor: int
    shift: int
    moment: int


class Exists(Exception):
    """The device has a document of this number, key or unique number already; nothing was written."""


class TwinStore(Protocol):
    """What a device keeps. A write that has returned is on the disk, unless it stands in a `group`."""

    def last_number(self, serial: str) -> int:
        """The highest number of the device's documents; 0 if there are none."""

    def last_moment(self, serial: str) -> int:
        """The moment of the device's last write that still stands; 0 if there is none."""

    def document(self, serial: str, key: str) -> StoredDocument | None:
        """The document with this key."""

    def by_unique_number(self, serial: str, unique_number: str) -> StoredDocument | None:
        """The document with this unique number."""

    def followed(self, serial: str, unique_number: str) -> bool:
        """Whether another document refunds or annuls the one with this unique number."""

    def documents(self, serial: str, above: int, limit: int) -> Sequence[StoredDocument]:
        """The documents above a number, in order, at most so many."""

    def texts(self, serial: str) -> Iterator[str]:
        """All documents as signed text, in order."""

    def is_fenced(self, serial: str, key: str) -> bool:
        """Whether the key is refused."""

    def acknowledged(self, serial: str) -> int:
        """All documents up to this number are known to be at the operator; 0 if none."""

    def fences(self, serial: str) -> Sequence[Fence]:
        """All fences, in the order of their moments."""

    def miscounts(self, serial: str) -> Sequence[Miscount]:
        """By how much its counters have gone wrong, in the order of the moments."""

    def add_documents(self, documents: Sequence[StoredDocument]) -> None:
        """Write them, all or none; raises Exists."""

    def add_fence(self, fence: Fence) -> None:
        """Write it; one that stands already stays as it is."""

    def add_miscount(self, miscount: Miscount) -> None:
        """Write it."""

    def acknowledge(self, serial: str, number: int) -> None:
        """From now on that is this number. It is no write of its own, and a backup does not take it back."""

    def forget_after(self, serial: str, moment: int) -> None:
        """Everything of this device after the moment never was."""

    def reset(self, serial: str) -> None:
        """The device is as from the factory."""

    def group(self) -> AbstractContextManager[object]:
        """Writes inside it reach the disk together, when it ends."""


class MemoryStore:
    """A store without a disk: for the simulation and for tests."""

    def __init__(self) -> None:
        self._documents: dict[str, dict[int, StoredDocument]] = {}
        self._keys: dict[tuple[str, str], StoredDocument] = {}
        self._unique: dict[str, StoredDocument] = {}
        self._followers: dict[tuple[str, str], int] = {}
        self._acknowledged: dict[str, int] = {}
        self._fences: dict[tuple[str, str], Fence] = {}
        self._miscounts: dict[str, list[Miscount]] = {}

    def last_number(self, serial: str) -> int:
        return max(self._documents.get(serial) or (0,))

    def last_moment(self, serial: str) -> int:
        documents = [document.moment for document in self._documents.get(serial, {}).values()]
        fences = [fence.moment for fence in self.fences(serial)]
        miscounts = [miscount.moment for miscount in self.miscounts(serial)]
        return max(documents + fences + miscounts, default=0)

    def document(self, serial: str, key: str) -> StoredDocument | None:
        return self._keys.get((serial, key))

    def by_unique_number(self, serial: str, unique_number: str) -> StoredDocument | None:
        found = self._unique.get(unique_number)
        return found if found is not None and found.serial == serial else None

    def followed(self, serial: str, unique_number: str) -> bool:
        return (serial, unique_number) in self._followers

    def acknowledged(self, serial: str) -> int:
        return self._acknowledged.get(serial, 0)

    def acknowledge(self, serial: str, number: int) -> None:
        self._acknowledged[serial] = number

    def documents(self, serial: str, above: int, limit: int) -> Sequence[StoredDocument]:
        held = self._documents.get(serial, {})
        found: list[StoredDocument] = []
        number = above + 1
        while len(found) < limit and number in held:
            found.append(held[number])
            number += 1
        return found

    def texts(self, serial: str) -> Iterator[str]:
        return (document.text for document in list(self._documents.get(serial, {}).values()))

    def is_fenced(self, serial: str, key: str) -> bool:
        return (serial, key) in self._fences

    def fences(self, serial: str) -> Sequence[Fence]:
        return [fence for fence in self._fences.values() if fence.serial == serial]

    def miscounts(self, serial: str) -> Sequence[Miscount]:
        return tuple(self._miscounts.get(serial, ()))

    def add_miscount(self, miscount: Miscount) -> None:
        self._miscounts.setdefault(miscount.serial, []).append(miscount)

    def add_documents(self, documents: Sequence[StoredDocument]) -> None:
        for document in documents:
            taken = document.number in self._documents.get(document.serial, {})
            if (
                taken
                or (document.serial, document.key) in self._keys
                or document.unique_number in self._unique
            ):
                raise Exists(document.key)
        for document in documents:
            self._documents.setdefault(document.serial, {})[document.number] = document
            self._keys[document.serial, document.key] = document
            self._unique[document.unique_number] = document
            self._follow(document, 1)

    def add_fence(self, fence: Fence) -> None:
        self._fences.setdefault((fence.serial, fence.key), fence)

    def forget_after(self, serial: str, moment: int) -> None:
        gone = [document for document in self._documents.get(serial, {}).values() if document.moment > moment]
        for document in gone:
            del self._documents[serial][document.number]
            del self._keys[serial, document.key]
            del self._unique[document.unique_number]
            self._follow(document, -1)
        for fence in self.fences(serial):
            if fence.moment > moment:
                del self._fences[serial, fence.key]
        self._miscounts[serial] = [one for one in self.miscounts(serial) if one.moment <= moment]

    def _follow(self, document: StoredDocument, change: int) -> None:
        """One document more, or less, that follows on another."""
        if document.of:
            original = (document.serial, document.of)
            self._followers[original] = self._followers.get(original, 0) + change
            if not self._followers[original]:
                del self._followers[original]

    def reset(self, serial: str) -> None:
        self.forget_after(serial, -1)
        self._acknowledged.pop(serial, None)

    def group(self) -> AbstractContextManager[object]:
        return nullcontext()

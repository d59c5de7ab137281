"""The journal port: what the runner needs of storage.

Two implementations pass one contract suite: SQLite for a station, memory for the simulation. A batch is one
durable commit; each item of it stands in a savepoint of its own, so that one that fails takes nothing with
it. Reads inside a batch see what the batch has written. Nothing that was written is believed before `commit`
has returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tillwright.books.cash import Account, Entry
from tillwright.journal.records import StoredDocument, StoredEvent
from tillwright.kernel.fault import Fault
from tillwright.operations.events import Event
from tillwright.operations.model import Operation


class CommitUnknown(Exception):
    """A commit failed: nobody knows whether it is on the disk. Reopen, read back by key, then answer."""


class Conflict(Exception):
    """A constraint of the journal refused a write: the item is rolled back, nothing else."""


class JournalPort(Protocol):
    """Storage of operations and of what belongs to them. Times in ms UTC, sums in minor units."""

    # ── the batch ──
    def begin(self) -> None:
        """Open a batch; there is one writer."""

    def savepoint(self) -> None:
        """Begin an item of the batch."""

    def release(self) -> None:
        """Keep the item."""

    def rollback_item(self) -> None:
        """Forget the item, keep the batch."""

    def commit(self) -> None:
        """Make the batch durable; CommitUnknown if that failed."""

    def rollback(self) -> None:
        """Forget the batch."""

    # ── reading ──
    def operation(self, uid: str) -> Operation | None:
        """The current row."""

    def unfinished(self) -> list[Operation]:
        """Every operation that has not ended; read by an index, however many have."""

    def open_number(self, till: str) -> int | None:
        """The number of the till's open operation."""

    def red_numbers(self, till: str) -> list[int]:
        """The numbers of the till's red operations, oldest first."""

    def last_number(self, till: str) -> int:
        """The highest number that the till has given; 0 if none."""

    def balance_minor(self, till: str, currency: str, account: Account) -> int:
        """The running sum of an account."""

    def last_document(self, serial: str) -> int:
        """The highest number of this device that is held without a gap below it; 0 if none."""

    def device_document(self, serial: str, number: int) -> StoredDocument | None:
        """The device's document, if it is held."""

    def device_documents(self, serial: str, above: int, limit: int) -> Sequence[StoredDocument]:
        """The device's documents above a number, in order."""

    def last_serial(self, till: str) -> str | None:
        """The serial of the device that the till last heard from."""

    # ── writing ──
    def insert(self, operation: Operation) -> None:
        """A new operation with the keys of its legs; Conflict if its uid, number, a key, or the till's one
        open place is taken.
        """

    def update(self, operation: Operation) -> None:
        """The current row after a step, with the keys of new legs."""

    def append(self, uid: str, version: int, event: Event) -> None:
        """The event that led to this version; Conflict if the version has one."""

    def post(self, operation: Operation, entries: Sequence[Entry], at_ms: int) -> None:
        """Entries of the cash book, and the balances that follow."""

    def store_document(self, uid: str, kind: str, body: bytes, at_ms: int) -> None:
        """The document of an operation, as printed."""

    def store_device_document(self, document: StoredDocument) -> bool:
        """A document of the device; whether it is new here. Conflict if its number or unique number is held
        with other words.
        """

    def enqueue(self, operation: Operation, receiver: str, document: str, at_ms: int) -> None:
        """A document for a receiver's outbox."""

    def raise_fault(self, till: str, uid: str | None, fault: Fault, at_ms: int) -> None:
        """A fault row."""

    def set_serial(self, till: str, serial: str) -> None:
        """Remember the device that the till hears from."""

    # ── reading for people and proofs ──
    def events(self, uid: str) -> list[StoredEvent]:
        """All events of an operation, in order."""

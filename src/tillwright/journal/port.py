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
from tillwright.journal.records import (
    Booked,
    CashCount,
    Grant,
    Hold,
    PartyState,
    Queued,
    Refundable,
    ShiftState,
    StoredDocument,
    StoredEnquiry,
    StoredEvent,
    StoredRuling,
    Taken,
    Waiting,
)
from tillwright.kernel.audit import AuditEntry
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
        """The highest number that the till has given, or is not to give any more; 0 if none."""

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

    def document_named(self, unique_number: str) -> StoredDocument | None:
        """The device's document with this unique number, of whatever device."""

    def sent_to(self, key: str) -> str | None:
        """The serial of the device that was asked to do what this key names; None if that is not known."""

    def successor(self, parent: str) -> int | None:
        """The number of the unfinished operation that takes this one back."""

    def value(self, name: str) -> str | None:
        """One of the station's own values."""

    # ── writing ──
    def insert(self, operation: Operation) -> None:
        """A new operation with the keys of its legs; Conflict if its uid, number, a key, or the till's one
        open place is taken.
        """

    def update(self, operation: Operation) -> None:
        """The current row after a step, with the keys of new legs."""

    def append(self, uid: str, version: int, event: Event) -> None:
        """The event that led to this version; Conflict if the version has one."""

    def post(
        self, operation: Operation, entries: Sequence[Entry], at_ms: int, shift: int | None = None
    ) -> None:
        """Entries of the cash book in this shift (the operation's own, if None), and the balances that
        follow.
        """

    def store_document(self, uid: str, kind: str, body: bytes, at_ms: int) -> None:
        """The document of an operation, as printed."""

    def store_device_document(self, document: StoredDocument) -> bool:
        """A document of the device; whether it is new here. Conflict if its number or unique number is held
        with other words.
        """

    def raise_fault(self, till: str, uid: str | None, fault: Fault, at_ms: int) -> None:
        """A fault row."""

    def set_serial(self, till: str, serial: str) -> None:
        """Remember the device that the till hears from."""

    def set_sent_to(self, key: str, serial: str) -> None:
        """Remember the device that is asked to do what this key names."""

    def set_value(self, name: str, value: str) -> None:
        """Set one of the station's own values."""

    # ── shifts and the drawer ──
    def shift(self, till: str, number: int | None = None) -> ShiftState | None:
        """The till's shift with this number; without one its newest."""

    def open_shift(self, shift: ShiftState) -> None:
        """A new shift, or the newest one again; Conflict if another is open, or a later one was."""

    def close_shift(self, till: str, number: int, at_ms: int, person: str) -> None:
        """The shift is closed; for ever, once another one has been opened."""

    def shift_balances(self, till: str, number: int) -> dict[Account, int]:
        """What the shift has moved on each account."""

    def booked(self, till: str, number: int) -> list[Booked]:
        """What each operation has booked in the shift, in the order of the entries."""

    def hold(self, till: str) -> Hold | None:
        """What the till is held for."""

    def set_hold(self, hold: Hold) -> None:
        """Hold a till, for another purpose than before if it is held already."""

    def release_hold(self, till: str) -> None:
        """The till is free again."""

    def store_count(self, count: CashCount) -> None:
        """A blind count; Conflict if its uid is taken."""

    def explain_count(self, uid: str, reason: str) -> None:
        """The reason of a difference, once."""

    def count(self, uid: str) -> CashCount | None:
        """A stored count."""

    def counts(self, till: str, shift: int) -> list[CashCount]:
        """The counts of a shift, oldest first."""

    # ── refunds and approvals ──
    def refundable(self, parent: Operation) -> Refundable:
        """What of this sale may still be taken back."""

    def take(self, parent: Operation, taken: Taken, *, beyond: bool) -> None:
        """Reserve it for a refund; Conflict if it is more than is left, unless it may go beyond the sale."""

    def give_back(self, parent: Operation, taken: Taken) -> None:
        """The refund did not happen: what it had reserved is left again."""

    def store_grant(self, grant: Grant) -> None:
        """An approval; Conflict if its id is taken."""

    def grant(self, identity: str) -> Grant | None:
        """An approval that has not been used."""

    def use_grant(self, identity: str, at_ms: int) -> bool:
        """Use an approval; False if it has been used, or there is none."""

    # ── the outbox ──
    def enqueue(self, queued: Queued) -> bool:
        """A document for a receiver; whether it is new there."""

    def next_queued(self, receiver: str, till: str) -> Queued | None:
        """The document that a receiver gets next: of the device that has waited longest the lowest number
        that is neither delivered nor set aside.
        """

    def queued(self, receiver: str, serial: str, number: int) -> Queued | None:
        """A document in the outbox."""

    def delivered(self, receiver: str, serial: str, number: int, at_ms: int) -> bool:
        """A receiver has it; whether that is news."""

    def delivered_up_to(self, receiver: str, serial: str, number: int, at_ms: int) -> int:
        """A receiver has everything of this device up to this number, but what it has refused; how many are
        news.
        """

    def set_aside(self, receiver: str, serial: str, number: int, reason: str, *, blocks: bool) -> None:
        """A receiver refuses this one; `blocks`: and takes none after it."""

    def deliver_again(self, receiver: str, serial: str, number: int) -> None:
        """A receiver has lost what it had of this device from this number on, or wants that one after all."""

    def retry_refused(self, receiver: str, till: str) -> None:
        """What the receiver has refused of this till is to be brought once more."""

    def waiting(self, receiver: str, till: str) -> Waiting:
        """What a till has queued for a receiver."""

    def refused_documents(self, receiver: str, till: str) -> list[Queued]:
        """Documents that the receiver has refused, oldest first."""

    def queue_all(self, receiver: str, at_ms: int) -> int:
        """Queue every document that is held for a receiver that has none of them; how many."""

    # ── enquiries and rulings ──
    def store_enquiry(self, uid: str, receiver: str, person: str, at_ms: int, window: tuple[int, int]) -> int:
        """A question to a receiver about an operation, over a window of time; its id."""

    def answer_enquiry(self, identity: int, at_ms: int, body: bytes) -> None:
        """What the receiver listed; a later answer takes the place of an earlier one."""

    def enquiry(self, identity: int) -> StoredEnquiry | None:
        """A question and its answer."""

    def enquiries(self, uid: str) -> list[StoredEnquiry]:
        """The questions about an operation, oldest first."""

    def store_ruling(self, ruling: StoredRuling) -> int:
        """A ruling (its id is given here); Conflict if one was made on this version."""

    def rulings(self, uid: str) -> list[StoredRuling]:
        """The rulings on an operation, oldest first."""

    def unchecked_rulings(self, limit: int) -> list[StoredRuling]:
        """Rulings that no record has borne out or contradicted, oldest first."""

    def check_ruling(self, identity: int, at_ms: int, verdict: str) -> None:
        """A record has borne a ruling out, or contradicted it."""

    def ruled_unique(self, unique_number: str) -> str | None:
        """The uid of the operation for which somebody has named this unique number."""

    # ── parties and people ──
    def set_party(self, state: PartyState) -> None:
        """How a party is."""

    def party(self, till: str, party: str) -> PartyState | None:
        """How a party was when it was last heard of."""

    def parties(self, till: str) -> list[PartyState]:
        """All of a till's parties, by name."""

    def warned_ms(self, till: str, code: str) -> int | None:
        """When a warning was first shown."""

    def set_warned(self, till: str, code: str, at_ms: int) -> None:
        """A warning is shown; only the first time counts."""

    def clear_warnings(self, till: str) -> None:
        """The next shift is warned anew."""

    def last_audit(self) -> AuditEntry | None:
        """The newest entry of the audit chain."""

    def append_audit(self, entry: AuditEntry) -> None:
        """The next entry; Conflict if it does not follow."""

    # ── reading for people and proofs ──
    def events(self, uid: str) -> list[StoredEvent]:
        """All events of an operation, in order."""

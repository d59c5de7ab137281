"""The journal in memory, for the simulation: the same port, the same constraints, no disk.

A batch is a list of undo steps: rolling back runs them backwards. `committed` is what a crash leaves: the
simulation drops the batch and builds a new runner on the same journal.
"""

from __future__ import annotations

from collections.abc import Sequence

from tillwright.books.cash import Account, Entry
from tillwright.journal.codec import encode_event
from tillwright.journal.memory_parties import MemoryParties
from tillwright.journal.memory_shifts import MemoryShifts
from tillwright.journal.port import Conflict
from tillwright.journal.records import StoredDocument, StoredEvent, StoredFault
from tillwright.kernel.fault import Fault
from tillwright.operations.events import Event, happening
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState

_UNFINISHED = (OperationState.OPEN, OperationState.UNDOING, OperationState.RED)


class MemoryJournal(MemoryShifts, MemoryParties):
    """The journal port over dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[str, str] = {}
        self.live: dict[str, None] = {}
        self.enforced: dict[str, str] = {}
        self.histories: dict[str, list[Event]] = {}
        self.balances: dict[tuple[str, str, Account], int] = {}
        self.documents: dict[tuple[str, str], bytes] = {}
        self.marks: dict[str, int] = {}
        self.faults: list[StoredFault] = []
        self.serials: dict[str, str] = {}

    # ── reading ──

    def operation(self, uid: str) -> Operation | None:
        return self.operations.get(uid)

    def unfinished(self) -> list[Operation]:
        live = [self.operations[uid] for uid in self.live]
        return sorted(live, key=lambda operation: (operation.state.value, operation.till, operation.number))

    def open_number(self, till: str) -> int | None:
        uid = self.open.get(till)
        return self.operations[uid].number if uid else None

    def red_numbers(self, till: str) -> list[int]:
        live = (self.operations[uid] for uid in self.live)
        return sorted(o.number for o in live if o.till == till and o.state is OperationState.RED)

    def last_number(self, till: str) -> int:
        return max(self.numbers.get(till, 0), int(self.values.get(f"number:{till}", 0)))

    def balance_minor(self, till: str, currency: str, account: Account) -> int:
        return self.balances.get((till, currency, account), 0)

    def last_document(self, serial: str) -> int:
        return self.marks.get(serial, 0)

    def device_document(self, serial: str, number: int) -> StoredDocument | None:
        return self.device.get(serial, {}).get(number)

    def device_documents(self, serial: str, above: int, limit: int) -> Sequence[StoredDocument]:
        held = self.device.get(serial, {})
        return [held[number] for number in sorted(held) if number > above][:limit]

    def last_serial(self, till: str) -> str | None:
        return self.serials.get(till)

    def events(self, uid: str) -> list[StoredEvent]:
        return [
            StoredEvent(
                version, event.at_ms, happening(event).value, getattr(event, "leg", None), encode_event(event)
            )
            for version, event in enumerate(self.histories.get(uid, []), start=1)
        ]

    # ── writing ──

    def insert(self, operation: Operation) -> None:
        if operation.uid in self.operations:
            raise Conflict("uid")
        if operation.number <= self.numbers.get(operation.till, 0):
            raise Conflict("number")
        self._place(operation, None)
        parent = operation.content.parent
        if parent:
            self._set(self.children, parent, [*self.children.get(parent, ()), operation.uid])
        self._set(self.numbers, operation.till, operation.number)
        self._set(self.histories, operation.uid, [])

    def update(self, operation: Operation) -> None:
        self._place(operation, self.operations[operation.uid])

    def _place(self, operation: Operation, before: Operation | None) -> None:
        uid, till = operation.uid, operation.till
        was_open = before is not None and before.state is OperationState.OPEN
        is_open = operation.state is OperationState.OPEN
        if is_open and not was_open:
            if till in self.open:
                raise Conflict("one open operation per till")
            self._set(self.open, till, uid)
        elif was_open and not is_open:
            self._drop(self.open, till)
        was_live = before is not None and before.state in _UNFINISHED
        is_live = operation.state in _UNFINISHED
        if is_live and not was_live:
            self._set(self.live, uid, None)
        elif was_live and not is_live:
            self._drop(self.live, uid)
        self._place_successor(operation, before, is_live)
        known = len(before.legs) if before is not None else 0
        if len(operation.legs) > known:
            self._place_keys(operation, known)
        self._set(self.operations, uid, operation)

    def _place_successor(self, operation: Operation, before: Operation | None, is_live: bool) -> None:
        """At most one operation that has not ended takes another back; one that comes to life again is no
        longer counted.
        """
        parent, uid = operation.content.parent, operation.uid
        if not parent:
            return
        if before is None and is_live:
            if parent in self.enforced:
                raise Conflict("one unfinished successor")
            self._set(self.enforced, parent, uid)
        elif not is_live and self.enforced.get(parent) == uid:
            self._drop(self.enforced, parent)

    def _place_keys(self, operation: Operation, known: int) -> None:
        for leg in operation.legs:
            if leg.number > known:
                if leg.key in self.keys:
                    raise Conflict("key")
                self._set(self.keys, leg.key, operation.uid)
                if leg.serial:
                    self._set(self.key_serials, leg.key, leg.serial)

    def append(self, uid: str, version: int, event: Event) -> None:
        history = self.histories[uid]
        if version != len(history) + 1:
            raise Conflict("version")
        self._add(history, event)

    def post(
        self, operation: Operation, entries: Sequence[Entry], at_ms: int, shift: int | None = None
    ) -> None:
        for entry in entries:
            self._add(self.entry_shifts, operation.shift if shift is None else shift)
            self._add(self.entries, (operation.uid, operation.till, operation.content.currency, entry))
            place = (operation.till, operation.content.currency, entry.account)
            self._set(self.balances, place, self.balances.get(place, 0) + entry.amount_minor)

    def store_document(self, uid: str, kind: str, body: bytes, at_ms: int) -> None:
        if (uid, kind) not in self.documents:
            self._set(self.documents, (uid, kind), body)

    def store_device_document(self, document: StoredDocument) -> bool:
        held = self.device.setdefault(document.serial, {})
        before = held.get(document.number)
        if before is not None:
            if before.text != document.text:
                raise Conflict("document with other words")
            return False
        if document.unique_number in self.named:
            raise Conflict("unique number")
        self._set(self.named, document.unique_number, document)
        self._set(held, document.number, document)
        mark = self.marks.get(document.serial, 0)
        if document.number == mark + 1:
            while mark + 1 in held:
                mark += 1
            self._set(self.marks, document.serial, mark)
        return True

    def raise_fault(self, till: str, uid: str | None, fault: Fault, at_ms: int) -> None:
        self._add(self.faults, StoredFault(at_ms, till, uid, fault))

    def set_serial(self, till: str, serial: str) -> None:
        self._set(self.serials, till, serial)

"""The auditor: what the judge cannot see from one operation at a time, because it lies between several.

Whether every document is at the operator or counted as waiting, whether a closed shift has stayed as it was
closed, whether a ruling was taken that should not have been, whether people are told the truth about what is
left of a sale. Like the judge it goes by the parties' own books, and reports to the judge what it finds.

    2 nothing guessed       'did not happen' while documents wait; a ruling on what was not seen
    3 nothing doubled       two documents for one intent at the very end, rulings or not
    5 books agree           a closed shift never changes
    7 delivered or counted  each document that the till holds is at the operator, or counted
    8 explained             what is told of a sale's rest is true
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tillwright.books.cash import Account
from tillwright.journal.place import OPERATOR
from tillwright.journal.port import JournalPort
from tillwright.kernel.fault import Fault
from tillwright.operations.model import Operation
from tillwright.operations.rulings import Ruling
from tillwright.operations.states import LegState
from tillwright.parties.control.store import StoredDocument
from tillwright.simulation.books import DeviceBooks, owner
from tillwright.simulation.intents import Intent
from tillwright.simulation.judge import Judge, document_kind
from tillwright.simulation.operators import OperatorBooks

_ALL = 1_000_000
_NEWEST = 20

Closed = tuple[int | None, Mapping[Account, int]]
"""When a shift was closed, and what it had moved on each account."""


class Auditor:
    """Looks over the judge's shoulder. `serials`: till → its device."""

    def __init__(
        self, judge: Judge, devices: DeviceBooks, operator: OperatorBooks, serials: Mapping[str, str]
    ) -> None:
        self.judge = judge
        self.devices = devices
        self.operator = operator
        self.serials = serials
        self._closed: dict[tuple[str, int], Closed] = {}

    # ── documents ───────────────────────────────────────────────────────────────────────────────────────────

    def _held(self, journal: JournalPort, till: str) -> Iterator[StoredDocument]:
        """The device's documents that the till holds."""
        documents = self.devices.documents(self.serials[till], 0, _ALL)
        return (document for document in documents if self._is_held(journal, document))

    def _is_held(self, journal: JournalPort, document: StoredDocument) -> bool:
        held = journal.device_document(document.serial, document.number)
        return held is not None and held.unique_number == document.unique_number

    def never_delivered(self, journal: JournalPort, till: str) -> frozenset[str]:
        """The unique numbers of what the till holds and the operator has never had."""
        return frozenset(
            one.unique_number
            for one in self._held(journal, till)
            if one.unique_number not in self.operator.ever and not self._number_was_taken(one)
        )

    def glance(self, journal: JournalPort, till: str) -> None:
        """At any moment: of the newest documents each has been at the operator, or is counted as waiting."""
        serial = self.serials[till]
        last = self.devices.last_number(serial)
        for document in self.devices.documents(serial, max(0, last - _NEWEST), _NEWEST):
            if document.unique_number not in self.operator.ever and self._is_lacking(journal, document):
                text = f"a document counts as delivered that never was: {document.text}"
                self.judge.found(7, text, owner(document))

    def missing(self, journal: JournalPort) -> list[StoredDocument]:
        """What the till holds, the operator does not have, and nobody counts as waiting."""
        return [
            document
            for till in self.serials
            for document in self.devices.documents(self.serials[till], 0, _ALL)
            if self.operator.document(document.unique_number) is None and self._is_lacking(journal, document)
        ]

    def _is_lacking(self, journal: JournalPort, document: StoredDocument) -> bool:
        """Whether the till holds it, and nobody counts it as waiting."""
        held = self._is_held(journal, document)
        return held and not _waits(journal, document) and not self._number_was_taken(document)

    def _number_was_taken(self, document: StoredDocument) -> bool:
        """Whether the operator has once had another document of this number: where till and device have both
        come back from old copies, the device gives numbers anew, and nobody can mend it.
        """
        place = document.serial, document.number
        return any(
            (one.serial, one.number) == place and one.unique_number != document.unique_number
            for one in self.operator.ever.values()
        )

    # ── rulings ─────────────────────────────────────────────────────────────────────────────────────────────

    def ruled(self, before: Operation, ruling: Ruling, after: Operation, waiting: frozenset[str]) -> None:
        """A ruling was taken. `waiting`: what had not been delivered when the person began to rule."""
        if after.version != ruling.version + 1:
            self.judge.found(2, "a ruling was taken on another version than the one seen", after.uid)
        leg = before.leg(ruling.leg)
        if leg.state is LegState.UNKNOWN and not ruling.happened and waiting - self.operator.ever.keys():
            self.judge.found(
                2, "'did not happen' was taken while documents had not been delivered", after.uid
            )

    def named(self, uid: str, unique_number: str) -> None:
        """A ruling was taken that names this document."""
        for document in (one for ones in self.devices.ever.values() for one in ones):
            if document.unique_number == unique_number and owner(document) != uid:
                self.judge.found(2, "a ruling names the document of another operation", uid)
                return

    # ── refusals ────────────────────────────────────────────────────────────────────────────────────────────

    def refused(self, intent: Intent, fault: Fault) -> None:
        """The page has said that less of the sale is left than is asked for: then it has to be so."""
        sale, left_minor = intent.follows, fault.facts.get("left_minor")
        if fault.code != "till.refund-exceeds-sale" or sale is None or not isinstance(left_minor, int):
            return
        others = [one for one in self.judge.intents.values() if one.follows is sale and one is not intent]
        taken_minor = sum(one.total_minor for one in others if not self.judge.is_refused(one.uid))
        if left_minor < sale.total_minor - taken_minor:
            text = f"told that {left_minor} is left of {sale.total_minor}, but at most {taken_minor} is gone"
            self.judge.found(8, text, intent.uid)

    # ── shifts ──────────────────────────────────────────────────────────────────────────────────────────────

    def closed(self, journal: JournalPort, till: str) -> None:
        """Somebody has seen that the shift is closed: from now on it stays as it is."""
        shift = journal.shift(till)
        if shift is not None and not shift.is_open:
            moved = journal.shift_balances(till, shift.number)
            self._closed.setdefault((till, shift.number), (shift.closed_ms, moved))

    def _check_shifts(self, journal: JournalPort) -> None:
        for (till, number), (closed_ms, moved) in self._closed.items():
            shift = journal.shift(till, number)
            if shift is None or shift.is_open or shift.closed_ms != closed_ms:
                continue  # an old copy of the journal has been there; it was closed once more
            if journal.shift_balances(till, number) != moved:
                self.judge.found(5, f"shift {number} of till {till} was booked in after it was closed")

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────────────

    def at_the_end(self, journal: JournalPort) -> None:
        """After the liveness act."""
        self._check_shifts(journal)
        for document in self.missing(journal):
            text = f"the operator lacks a document that counts as delivered: {document.text}"
            self.judge.found(7, text, owner(document))
        for uid, intent in self.judge.intents.items():
            net = self.devices.net(uid, document_kind(intent))
            if net > 1:
                self.judge.found(3, f"in the end the device has {net} documents for one intent", uid)


def _waits(journal: JournalPort, document: StoredDocument) -> bool:
    queued = journal.queued(OPERATOR, document.serial, document.number)
    return queued is not None and queued.delivered_ms is None

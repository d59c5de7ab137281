"""The judge: checks the promises after every step, by the devices' books and by what became of the customers.

It does not ask the program whether it is right. What an operation claims (it happened, it did not, it is
booked) is held against what the device has written, what customers did, and what was acknowledged to them. It
keeps up with each step instead of going through everything, so that it costs little; at the ends it goes
through everything.

    1 nothing forgotten     what was acknowledged is in the journal, and in the list until it has ended
    2 nothing guessed       a leg ends by evidence, and the evidence is true
    3 nothing doubled       at most one document an intent
    4 all or nothing        an end and the device agree; so do an end and what the customer did
    5 books agree           cash book and device differ only by operations not yet ended
    7 delivered or counted  each sale that happened is queued for its receivers exactly once
    8 explained             each refusal and each fault has a code that the catalogue knows
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tillwright.books.cash import Account
from tillwright.catalogue.catalogue import Catalogue, UnknownCode
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.keys import uid_of_key
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Leg, Operation
from tillwright.operations.states import LegState, OperationState, Question
from tillwright.parties.control.messages import SALE
from tillwright.parties.control.store import StoredDocument
from tillwright.simulation.books import FLOAT_KEY, DeviceBooks, owner
from tillwright.simulation.intents import Ending, Intent, cash_effect_minor

if TYPE_CHECKING:
    from tillwright.simulation.agenda import Agenda
    from tillwright.simulation.disk import Journal

_SETTLED = (LegState.DONE, LegState.REFUSED, LegState.UNDONE)
_TRUE_SOURCES = (Source.REPLY, Source.INQUIRY, Source.WITNESS)
_MAY_WAIT = (Question.KEEP_OR_REVERSE, Question.SETTLE)
"""Questions that only a person's ruling answers: an operation may wait with one of these at the end."""

MISCOUNT = "miscount"
"""What a device has miscounted stands under this word, until a correction has taken it over."""

TOLD_WITHIN_MS = 8_000
"""From the lost answer until it is red: five seconds by the rules of the pack, and a little for the work."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that did not hold. `uid`: the operation that shows it, if one does."""

    promise: int
    text: str
    uid: str | None = None


class Stop(Exception):
    """A violation was found, and the run is to end there."""


@dataclass(slots=True)
class _Known:
    """What the judge last saw of an operation."""

    operation: Operation
    turned_red: bool = False
    booked_minor: int | None = None
    unsure_since_ms: int | None = None
    """since when nobody knows of one of its legs, while the station has been up"""


class Judge:
    """Watches one world. `stop`: end the run at the first violation."""

    def __init__(
        self,
        books: DeviceBooks,
        agenda: Agenda,
        catalogue: Catalogue,
        currency: str,
        tills: tuple[str, ...],
        *,
        receivers: int,
        stop: bool = True,
    ) -> None:
        self.books = books
        self.agenda = agenda
        self.catalogue = catalogue
        self.currency = currency
        self.tills = tills
        self.receivers = receivers
        self.stop = stop
        self.violations: list[Violation] = []
        self.intents: dict[str, Intent] = {}
        self.acknowledged: dict[str, bool] = {}
        self.guessed = 0
        self.reds = 0
        self.reds_ended = 0
        self._known: dict[str, _Known] = {}
        self._codes: dict[str, bool] = {}
        self._queued: dict[str, int] = {}
        self._outbox_seen = 0
        self._faults_seen = 0
        self._apart: dict[str, dict[str, int]] = {till: {} for till in tills}
        self._book_minor: dict[str, int] = dict.fromkeys(tills, 0)
        self._sale_minor: dict[str, int] = {}
        self._taken: dict[str, dict[str, int]] = {}
        self.ruled: dict[str, bool] = {}
        """operations on which somebody has ruled → whether they knew"""
        self.kept: dict[str, bool] = {}
        """what was found at the device after the customer had gone home, and was kept"""
        self._floats: dict[str, StoredDocument] = {}
        self._floats_taken: dict[str, StoredDocument] = {}
        self.set_back: dict[str, bool] = {}
        """operations of which an old copy knew less"""
        self._numbers: dict[tuple[str, int], str] = {}
        self.miscounted_minor: dict[str, int] = {}
        books.watch = self.document

    def found(self, promise: int, text: str, uid: str | None = None) -> None:
        """A promise did not hold."""
        self.violations.append(Violation(promise, text, uid))
        if self.stop:
            raise Stop

    # ── what the devices write ──────────────────────────────────────────────────────────────────────────────

    def document(self, document: StoredDocument, there: bool) -> None:
        """A device has written a document, or a backup has taken it away."""
        uid = owner(document)
        amount_minor = document.cash_minor if there else -document.cash_minor
        self._move_apart(document.till, uid, amount_minor)
        if uid_of_key(document.key) == FLOAT_KEY:
            self._float(uid, document, there)
            return
        if not there:
            return
        intent = self.intents.get(uid)
        if intent is None or intent.total_minor != document.total_minor or intent.till != document.till:
            self.found(4, f"the device has a document that no customer came for: {document.text}", uid)
            return
        net = self.books.net(uid, document_kind(intent))
        if net > 1 and uid not in self.ruled:
            self.found(3, f"the device has {net} documents for one intent", uid)
        if document.kind == SALE:
            self._sale_minor[document.unique_number] = document.total_minor
            intent.unique_number = document.unique_number
        elif intent.follows is not None and document.kind == document_kind(intent):
            self._brought_back(document, intent.follows)

    def _brought_back(self, document: StoredDocument, sale: Intent) -> None:
        """Promise 3: what was sold once goes back once, whatever the till's own count says. Where somebody
        has ruled on the sale, its document may have another number than the one that was named.
        """
        if sale.uid in self.ruled:
            return
        taken = self._taken.setdefault(document.of, {})
        taken[document.key] = document.total_minor
        there_minor = sum(
            amount for key, amount in taken.items() if key in self.books.by_owner.get(uid_of_key(key), {})
        )
        sale_minor = self._sale_minor.get(document.of)
        if sale_minor is None or document.of != sale.unique_number:
            self.found(
                4, f"the device took back what it never sold: {document.text}", uid_of_key(document.key)
            )
        elif there_minor > sale_minor and not self.ruled.keys() & {uid_of_key(key) for key in taken}:
            self.found(3, f"{there_minor} came back of a sale of {sale_minor}", uid_of_key(document.key))

    def _float(self, uid: str, document: StoredDocument, there: bool) -> None:
        """Put in at the device itself: the till does not know of it until it has read it. It may do so even
        while a backup has taken it away from the device.
        """
        if there and uid not in self._floats_taken:
            self._floats[uid] = document

    def miscounted(self, till: str, amount_minor: int) -> None:
        """A device's counters have gone wrong by so much."""
        self.miscounted_minor[till] = self.miscounted_minor.get(till, 0) + amount_minor
        self._move_apart(till, MISCOUNT, amount_minor)

    def _move_apart(self, till: str, uid: str, amount_minor: int) -> None:
        """Keep the sum by which device and cash book differ on account of this operation."""
        apart = self._apart[till]
        left_minor = apart.get(uid, 0) + amount_minor
        if left_minor:
            apart[uid] = left_minor
        else:
            apart.pop(uid, None)

    # ── what the program says ───────────────────────────────────────────────────────────────────────────────

    def told(self, operation: Operation) -> None:
        """The page has shown the number of an operation: it is journaled, and must never be forgotten."""
        self.acknowledged[operation.uid] = True
        owner_uid = self._numbers.setdefault((operation.till, operation.number), operation.uid)
        if owner_uid != operation.uid:
            self.found(3, f"the receipt number {operation.number} was given twice", operation.uid)

    def refused(self, fault: Fault) -> None:
        """The page has shown a refusal."""
        self._explained(fault.code, None)

    def item_failed(self, error: Exception) -> None:
        """Something that a party told could not be written down."""
        if isinstance(error, FaultError):
            self._explained(error.fault.code, None)
        else:
            self.found(8, f"something failed without a code: {error!r}")

    def _explained(self, code: str, uid: str | None) -> None:
        if code in self._codes:
            return
        try:
            said = self.catalogue.say(Fault(code), "en")
        except UnknownCode:
            self.found(8, f"the catalogue does not know the code {code}", uid)
            return
        if not said.sentence or not said.next_step:
            self.found(8, f"the code {code} has no sentence or no next step", uid)
        self._codes[code] = True

    def recovered(self, journal: Journal) -> None:
        """The station has come up again: all that was acknowledged must be there."""
        self.all_remembered(journal)
        self._outbox_seen = self._faults_seen = 0
        self._queued.clear()
        self.station_stands_still()
        found = [journal.operation(uid) for uid in self.intents if self._may_have_changed(uid)]
        self.stepped(journal, [operation for operation in found if operation is not None])

    def restored(self, journal: Journal) -> None:
        """An old copy has been put in the journal's place: what it does not know has to come back from the
        witnesses, and what nobody else knows of has never happened anywhere.
        """
        for uid, known in list(self._known.items()):
            operation = journal.operation(uid)
            if operation is not known.operation:
                self.set_back[uid] = True
            if known.booked_minor is not None and (operation is None or not operation.posted):
                self._book_minor[known.operation.till] -= known.booked_minor
                self._move_apart(known.operation.till, account_of(known.operation), known.booked_minor)
                known.booked_minor = None
            if operation is None:
                self.reds -= known.turned_red
                del self._known[uid]
                self.acknowledged.pop(uid, None)
            else:
                known.operation = operation
        for uid, document in list(self._floats_taken.items()):
            if journal.device_document(document.serial, document.number) is None:
                del self._floats_taken[uid]
                self._floats[uid] = document
                self._book_minor[document.till] -= document.cash_minor
                self._move_apart(document.till, uid, document.cash_minor)

    def station_stands_still(self) -> None:
        """It is down, or its disk is: nobody can be told anything meanwhile."""
        for known in self._known.values():
            known.unsure_since_ms = None

    def _may_have_changed(self, uid: str) -> bool:
        """Whether a commit of which nobody was told may have changed this operation."""
        known = self._known.get(uid)
        return known is None or not known.operation.ended

    def all_remembered(self, journal: Journal) -> None:
        """Promise 1, over everything."""
        listed = {operation.uid for operation in journal.unfinished()}
        for uid in self.acknowledged:
            operation = journal.operation(uid)
            if operation is None:
                self.found(1, "an acknowledged operation is not in the journal", uid)
            elif not operation.ended and uid not in listed:
                self.found(1, "an operation that has not ended is not in the list", uid)
            elif uid not in self.set_back and (
                len(operation.legs) < len(KINDS[operation.kind].legs)
                or operation.content not in self.intents[uid].offered
            ):
                self.found(1, "the journal holds another operation than the one acknowledged", uid)

    # ── a step ──────────────────────────────────────────────────────────────────────────────────────────────

    def stepped(self, journal: Journal, changed: list[Operation]) -> None:
        """A commit is durable: check what it says about these operations, and the books."""
        self._read_rows(journal)
        for operation in changed:
            if operation.uid not in self.intents:
                continue  # taken over from the device: that is looked at from the device's side
            known = self._known.get(operation.uid)
            if known is None:
                known = self._known[operation.uid] = _Known(operation)
                self._legs(operation, None)
            else:
                self._legs(operation, known.operation)
                known.operation = operation
            self._state(operation, known)
        self._books(journal)

    def _read_rows(self, journal: Journal) -> None:
        for uid in journal.outbox_from(self._outbox_seen):
            self._outbox_seen += 1
            self._queued[uid] = self._queued.get(uid, 0) + 1
        for fault in journal.faults_from(self._faults_seen):
            self._faults_seen += 1
            self._explained(fault.code, None)

    def _legs(self, operation: Operation, before: Operation | None) -> None:
        count = len(before.legs) if before is not None else 0
        for index, leg in enumerate(operation.legs):
            old = before.legs[index] if before is not None and index < count else None
            moved = old is None or old.number != leg.number or old.state is not leg.state
            if moved and leg.state in _SETTLED:
                self._evidence(operation, leg)

    def _evidence(self, operation: Operation, leg: Leg) -> None:
        """Promise 2: a leg that has ended has evidence, and the device's books bear it out."""
        wrong = self._wrong(leg, leg.evidence)
        if wrong:
            self.guessed += 1
            self.found(2, f"leg {leg.number} is {leg.state.value}, but {wrong}", operation.uid)

    def _wrong(self, leg: Leg, evidence: Evidence | None) -> str:
        if evidence is not None and evidence.source is Source.RULING and operation_of(leg) in self.ruled:
            return ""  # people may be wrong; whether that was found out is looked at in the end
        if evidence is None or evidence.source not in _TRUE_SOURCES:
            return "without evidence"
        if leg.state is LegState.DONE:
            unique = evidence.facts.get("unique_number")
            written = self.books.ever.get(leg.key, ())
            if not any(document.unique_number == unique for document in written):
                return "the device never wrote the document that it names"
        elif leg.state is LegState.REFUSED and any(
            one.key == leg.key for one in self.books.of(operation_of(leg))
        ):
            return "the device has registered it"
        return ""

    def _state(self, operation: Operation, known: _Known) -> None:
        if operation.fault is not None:
            self._explained(operation.fault.code, operation.uid)
        if operation.state is OperationState.RED and not known.turned_red:
            known.turned_red = True
            self.reds += 1
        if operation.posted and known.booked_minor is None:
            known.booked_minor = drawer_minor(operation)
            self._book_minor[operation.till] += known.booked_minor
            self._move_apart(operation.till, account_of(operation), -known.booked_minor)
        elif not operation.posted and known.booked_minor is not None:
            self._book_minor[operation.till] -= known.booked_minor
            self._move_apart(operation.till, account_of(operation), known.booked_minor)
            known.booked_minor = None
        self._told_in_time(operation, known)
        if operation.ended:
            self._end(operation)
        elif operation.state is OperationState.RED and operation.fault is None:
            self.found(8, "an operation is red without a fault", operation.uid)

    def _told_in_time(self, operation: Operation, known: _Known) -> None:
        """Promise 8: where nobody knows, a person is told soon, whatever the clocks on the walls do."""
        since_ms, now_ms = known.unsure_since_ms, self.agenda.now_ms
        if since_ms is not None and now_ms - since_ms > TOLD_WITHIN_MS:
            waited_s = (now_ms - since_ms) // 1000
            self.found(8, f"for {waited_s} s nobody was told that it is unknown", operation.uid)
        unknown = [leg.number for leg in operation.legs if leg.state is LegState.UNKNOWN]
        if operation.state is not OperationState.OPEN or not unknown:
            known.unsure_since_ms = None
        elif since_ms is None:
            known.unsure_since_ms = now_ms

    def _end(self, operation: Operation) -> None:
        """Promises 2, 4, 7 and 8 at an end."""
        uid = operation.uid
        if any(leg.state in (LegState.SENT, LegState.UNKNOWN) for leg in operation.legs):
            self.found(2, f"the operation is {operation.state.value} although nobody knows of a leg", uid)
        if uid not in self.ruled and uid not in self.set_back:
            self._ended_truly(operation)
        if operation.state is not OperationState.DONE and operation.fault is None:
            self.found(8, f"the operation is {operation.state.value} without a reason", uid)

    def _ended_truly(self, operation: Operation) -> None:
        """Whether the device bears it out. Where somebody has ruled, that is asked at the very end."""
        uid = operation.uid
        if not KINDS[operation.kind].legs:
            return  # nobody else takes part in it
        net = self.books.net(uid, document_kind(self.intents[uid]))
        forgotten = any(leg.key in self.books.forgotten for leg in operation.legs)
        if operation.state is not OperationState.DONE:
            if net:
                self.found(4, f"the operation is {operation.state.value}, and the device has a document", uid)
            return
        if not net and not forgotten:
            self.found(4, "the operation is done, and the device has no document", uid)
        if self._queued.get(uid, 0) < self.receivers:
            self.found(7, "the document of an operation that is done is not queued for its receivers", uid)

    # ── books ───────────────────────────────────────────────────────────────────────────────────────────────

    def _books(self, journal: Journal) -> None:
        """Promise 5, by till: the two differ by what is not ended, and by nothing else."""
        for till in self.tills:
            book_minor = journal.balance_minor(till, self.currency, Account.DRAWER)
            apart = self._apart[till]
            if self._floats:
                self._take_floats(journal)
            if book_minor != self._book_minor[till]:
                text = f"the cash book of till {till} holds {book_minor}"
                self.found(5, f"{text}, its operations {self._book_minor[till]}", self._suspect(till))
            for uid in [uid for uid in apart if not self._excused(uid)]:
                self.found(
                    5, f"device and cash book differ by {apart[uid]} over an operation that has ended", uid
                )

    def _take_floats(self, journal: Journal) -> None:
        """What was put in at the device counts from the moment at which the till has read it."""
        for uid, document in list(self._floats.items()):
            held = journal.device_document(document.serial, document.number)
            if held is not None and held.unique_number == document.unique_number:
                del self._floats[uid]
                self._floats_taken[uid] = document
                self._book_minor[document.till] += document.cash_minor
                self._move_apart(document.till, uid, -document.cash_minor)

    def _excused(self, uid: str) -> bool:
        """Whether they may differ over it now: not ended, not read yet, or taken away by a backup."""
        known = self._known.get(uid)
        if known is None:
            return True
        lost = any(leg.key in self.books.forgotten for leg in known.operation.legs)
        return lost or not known.operation.ended or uid in self.ruled

    def _suspect(self, till: str) -> str | None:
        changed = [known.operation for known in self._known.values() if known.operation.till == till]
        return max(changed, key=lambda operation: operation.changed_ms).uid if changed else None

    # ── the ends ────────────────────────────────────────────────────────────────────────────────────────────

    def at_the_end(self, journal: Journal, *, settled: bool) -> None:
        """After the liveness act: everything has ended or waits for a ruling, and all sides agree."""
        self.all_remembered(journal)
        self._books(journal)
        for uid, intent in self.intents.items():
            operation = journal.operation(uid)
            self._customer(intent, operation)
            if operation is not None and operation.ended:
                self._end(operation)
                self._ended_truly(operation)
            elif operation is not None and operation.question not in _MAY_WAIT:
                self.found(1, f"an hour after the last fault it is still {operation.state.value}", uid)
        self.reds_ended = sum(1 for one in self._known.values() if one.turned_red and one.operation.ended)
        if not settled:
            self.found(1, "an hour after the last fault till and device are not at one")
        for till in self.tills:
            for uid, amount_minor in self._apart[till].items():
                if self._waits(uid) or self._is_owed(uid):
                    continue
                self.found(5, f"device and cash book still differ by {amount_minor}", uid)

    def _is_owed(self, uid: str) -> bool:
        """Whether the device has counted what the till still owes to a customer."""
        known = self._known.get(uid)
        return known is not None and known.operation.ended and known.operation.owed

    def _waits(self, uid: str) -> bool:
        known = self._known.get(uid)
        return known is not None and not known.operation.ended

    def _customer(self, intent: Intent, operation: Operation | None) -> None:
        """Promise 4: what the customer did and what the operation came to."""
        ends = {Ending.SOLD: OperationState.DONE, Ending.RETURNED: OperationState.REFUSED}
        state = operation.state if operation is not None else None
        if intent.uid in self.kept:
            return
        gone = operation is None and intent.ending is Ending.RETURNED
        if intent.uid in self.set_back and (gone or intent.ending is Ending.NEVER):
            return  # the till had forgotten it, and told so
        if intent.uid in self.set_back and operation is None and not KINDS[intent.kind].legs:
            return  # an old copy has forgotten it, and there is nobody else who knows of it
        if intent.ending in ends and state is not ends[intent.ending] and not self._waits(intent.uid):
            name = state.value if state is not None else "unknown to the journal"
            self.found(4, f"the customer is {intent.ending.value}, the operation {name}", intent.uid)
        if intent.ending is Ending.NEVER and operation is not None:
            self.found(4, "the customer left without beginning, and there is an operation", intent.uid)

    def differs(self, till: str) -> bool:
        """Whether the device of this till has miscounted, and nobody has corrected it."""
        return bool(self._apart[till].get(MISCOUNT))

    def is_refused(self, uid: str) -> bool:
        """Whether the operation is known to have happened nowhere."""
        known = self._known.get(uid)
        return known is not None and known.operation.state in (OperationState.REFUSED, OperationState.UNDONE)

    def money_off_minor(self, journal: Journal) -> int:
        """How far devices and cash books are apart, summed over tills, never netted. What is owed to a
        customer lies in the drawer, and is counted out.
        """
        off_minor = 0
        for till in self.tills:
            book_minor = journal.balance_minor(till, self.currency, Account.DRAWER)
            owed_minor = sum(minor for uid, minor in self._apart[till].items() if self._is_owed(uid))
            device_minor = self.books.cash_minor.get(till, 0) + self.miscounted_minor.get(till, 0)
            off_minor += abs(device_minor - book_minor - owed_minor)
        return off_minor

    def ends(self) -> dict[str, int]:
        """Kind and state, as 'cash-sale.done' → how many."""
        counts = {"cash-in.done": len(self._floats_taken)} if self._floats_taken else {}
        for known in self._known.values():
            name = f"{known.operation.kind}.{known.operation.state.value}"
            counts[name] = counts.get(name, 0) + 1
        return counts


def drawer_minor(operation: Operation) -> int:
    """What an operation that is booked does to the drawer, by what it was asked to do."""
    if operation.owed:
        return 0
    if operation.kind == "correction":
        return operation.content.total_minor
    if operation.kind == "payout":
        return -operation.content.total_minor
    return cash_effect_minor(operation.kind, operation.content)


def account_of(operation: Operation) -> str:
    """Over what device and cash book differ while it is booked on one side only: for what is handed out later
    the refund, for a correction what the device has miscounted.
    """
    if operation.kind == "correction":
        return MISCOUNT
    return operation.content.parent if operation.kind == "payout" else operation.uid


def document_kind(intent: Intent) -> str:
    """What the device calls the document of such an intent."""
    return KINDS[intent.kind].device_document


def operation_of(leg: Leg) -> str:
    """The uid of the operation that a leg belongs to."""
    return uid_of_key(leg.key)

"""What pages and programs may read of a station; from any thread, past the writer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tillwright.books.cash import Account
from tillwright.documents.report import ShiftReport
from tillwright.journal import audit_log, cash, enquiries, outbox, queries, reports, rulings, shifts
from tillwright.journal.cash import CashState
from tillwright.journal.knowledge import Knowledge
from tillwright.journal.place import OPERATOR, Place
from tillwright.journal.queries import Page, Summary
from tillwright.journal.reader import Readers
from tillwright.journal.records import (
    CashCount,
    Hold,
    Queued,
    Refundable,
    ShiftState,
    StoredEvent,
    StoredFault,
    StoredRuling,
)
from tillwright.kernel.audit import AuditEntry, Verdict
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import PackRules
from tillwright.machine import sqlite
from tillwright.operations.model import Operation
from tillwright.operations.rulings import Enquiry, Ruling
from tillwright.parties.wire import Health

NO_SHIFT = 0


@dataclass(frozen=True, slots=True)
class TillState:
    """What the strip on top of every page shows.

    `shift`: the open one, None while none is; `last_shift`: the number of the newest. `hold`: what the till
    is held for; `blind`: while cash is counted nobody is told what should be there, and `drawer_minor` is
    None. `undelivered`: documents that the operator does not have, None if nobody can know; `oldest_ms`: when
    the oldest of them was taken in. `parties`: name → its state, and since when.
    """

    till: str
    open: Operation | None
    reds: list[Summary]
    drawer_minor: int | None
    currency: str
    health: Health | None
    undelivered: int | None
    shift: ShiftState | None
    last_shift: int
    blind: bool
    hold: Hold | None
    oldest_ms: int | None
    parties: Mapping[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Upload:
    """How delivering to the operator goes. `cause`: why the last attempt failed, as the fault says it; empty
    if it did not. `refused`: documents that the operator will not take.
    """

    count: int | None
    oldest_ms: int | None
    age_ms: int
    cause: str
    refused: list[Queued]


class StationReading:
    """The reading half of a station."""

    def __init__(
        self,
        path: Path,
        rules: PackRules,
        currencies: Mapping[str, str],
        known: Knowledge,
        parties: Mapping[str, Collection[str]],
        heading: Sequence[str],
    ) -> None:
        self.path = path
        self.rules = rules
        self.currencies = dict(currencies)
        self.known = known
        self.parties = dict(parties)
        self.heading = tuple(heading)
        self._readers = Readers(path)

    def _now_ms(self) -> int:
        raise NotImplementedError

    def _running(self) -> Place:
        """The writer's own place: for its tally alone."""
        raise NotImplementedError

    def _upload_cause(self, till: str) -> str:
        raise NotImplementedError

    def _reader(self) -> sqlite.Connection:
        return self._readers.reader().connection

    def _look(self) -> Place:
        """What is committed, with what parties said last."""
        place = Place(self._readers.reader(), self.rules, self.known, self.parties, self.heading)
        place.tally_ms = self._running().tally_ms
        return place

    # ── operations ──

    def operation(self, uid: str) -> Operation | None:
        """The current row of an operation."""
        return queries.operation(self._reader(), uid)

    def events(self, uid: str) -> list[StoredEvent]:
        """All events of an operation, oldest first."""
        return queries.events(self._reader(), uid)

    def page(
        self, *, till: str | None, state: str | None, after: str | None, limit: int, kind: str | None = None
    ) -> Page:
        """A page of the list; raises queries.BadCursor."""
        return queries.page(self._reader(), till=till, state=state, after=after, limit=limit, kind=kind)

    def successors(self, uid: str) -> list[Summary]:
        """The operations that take this one back, oldest first."""
        return queries.successors(self._reader(), uid)

    def document(self, uid: str) -> bytes | None:
        """The stored document of an operation."""
        return queries.document(self._reader(), uid)

    def faults(self, limit: int) -> list[StoredFault]:
        """The newest faults first."""
        return queries.faults(self._reader(), limit)

    def refundable(self, uid: str) -> Refundable:
        """What of a sale may still go back. Raises FaultError: till.parent-unknown."""
        parent = self.operation(uid)
        if parent is None:
            raise FaultError(Fault("till.parent-unknown"))
        return self._readers.reader().refundable(parent)

    def rulings(self, uid: str) -> list[StoredRuling]:
        """The rulings on an operation, oldest first."""
        return self._readers.reader().rulings(uid)

    def ruling_fault(self, ruling: Ruling) -> Fault | None:
        """What stands against a ruling now, whoever makes it; None if nothing does."""
        operation = self.operation(ruling.uid)
        if operation is None:
            return Fault("api.not-found")
        return rulings.fault_against(self._look(), operation, ruling, self._now_ms())

    def enquiry(self, identity: int) -> Enquiry | None:
        """A question to the operator, and what it listed."""
        return enquiries.read(self._readers.reader().enquiry(identity))

    def enquiries(self, uid: str) -> list[Enquiry]:
        """The questions that people have asked about an operation, oldest first."""
        stored = self._readers.reader().enquiries(uid)
        found = (enquiries.read(one) for one in stored if one.person)
        return [one for one in found if one is not None]

    # ── tills ──

    def till_state(self, till: str) -> TillState:
        """What the strip on top shows."""
        place, currency = self._look(), self.currencies[till]
        shift, hold = shifts.state_of(place, till, currency), place.journal.hold(till)
        blind = shifts.is_blind(place, till)
        drawer_minor = place.journal.balance_minor(till, currency, Account.DRAWER)
        return TillState(
            till=till,
            open=queries.open_operation(self._reader(), till),
            reds=queries.reds(self._reader(), till),
            drawer_minor=None if blind else drawer_minor,
            currency=currency,
            health=self.known.health(till),
            undelivered=outbox.undelivered_count(place, till),
            shift=shift if shift is not None and shift.is_open else None,
            last_shift=shift.number if shift is not None else NO_SHIFT,
            blind=blind,
            hold=hold,
            oldest_ms=place.journal.waiting(OPERATOR, till).oldest_ms,
            parties=self.party_states(till),
        )

    def party_states(self, till: str) -> dict[str, tuple[str, int]]:
        """Every party of the till by name → its state, and since when. What the operator and the licence said
        of the till counts while they can be reached.
        """
        found = self.known.parties(till)
        for said in self._readers.reader().parties(till):
            state, _ = found.get(said.party, ("ready", 0))
            if state == "ready":
                found[said.party] = (said.state, said.at_ms)
        return found

    def shift(self, till: str) -> ShiftState | None:
        """The till's newest shift; None if it never had one."""
        return shifts.state_of(self._look(), till, self.currencies[till])

    def shifts(self, till: str, limit: int = 50) -> list[ShiftState]:
        """The newest shifts first."""
        return queries.shifts(self._reader(), till, limit)

    def counts(self, till: str, shift: int) -> list[CashCount]:
        """The blind counts of a shift, oldest first."""
        return self._readers.reader().counts(till, shift)

    def cash_state(self, till: str) -> CashState:
        """Cash by the book and by the device, and what explains the difference; nothing of it while the till
        is counted blind.
        """
        return cash.state_of(self._look(), till, self.currencies[till])

    def x_report(self, till: str) -> ShiftReport:
        """How the open shift stands. Raises FaultError: till.shift-closed, till.held while it is counted
        blind.
        """
        place = self._look()
        if shifts.is_blind(place, till):
            raise FaultError(Fault("till.held", purpose=shifts.COUNT))
        shift = shifts.state_of(place, till, self.currencies[till])
        if shift is None or not shift.is_open:
            raise FaultError(Fault("till.shift-closed"))
        return reports.x_report(place, shift, self._now_ms())

    def upload(self, till: str) -> Upload:
        """How delivering to the operator goes."""
        place = self._look()
        waits = outbox.undelivered(place, till, self._now_ms())
        return Upload(
            count=outbox.undelivered_count(place, till),
            oldest_ms=waits.since_ms if waits is not None else None,
            age_ms=waits.age_ms if waits is not None else 0,
            cause=self._upload_cause(till),
            refused=place.journal.refused_documents(OPERATOR, till),
        )

    # ── the audit chain ──

    def audit(self, limit: int) -> list[AuditEntry]:
        """The newest entries first."""
        return audit_log.newest(self._reader(), limit)

    def verify_audit(self) -> Verdict:
        """Check the whole chain. Raises audit_log.NoKey."""
        return audit_log.verify(self.path)

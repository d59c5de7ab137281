"""What people do at a station's tills besides operations: count, hold, rule, ask, approve, print, look after
the parties. Each method writes through the one writer and answers when that is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tillwright.journal import approvals, approved, enquiries, facts, outbox, queries, rulings, shifts
from tillwright.journal.cash import CashState
from tillwright.journal.errands import AskStatus, Errand, PrintSlip
from tillwright.journal.knowledge import CONTROL
from tillwright.journal.place import OPERATOR, Bans, Place
from tillwright.journal.records import CashCount, Grant, Hold, Queued, ShiftState
from tillwright.journal.runner import Apply, Runner
from tillwright.journal.station_reading import StationReading
from tillwright.kernel.clock import Clock
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.model import Leg, Operation
from tillwright.operations.rulings import Ruling
from tillwright.parties.wire import Health

PRINTER, LICENSING = "printer", "licensing"


class StationTills(StationReading):
    """The writing half of a station, besides operations."""

    clock: Clock
    _runner: Runner

    # of the station
    def _ask(self, item: Any) -> Any:
        raise NotImplementedError

    def _run_errand(self, errand: Errand) -> None:
        raise NotImplementedError

    def read_device(self, till: str) -> Health:
        """Ask the till's device afresh how it stands. Raises FaultError if it does not say."""
        raise NotImplementedError

    def forbid(self, bans: Bans) -> None:
        """What is not to be begun for now, in place of what was forbidden before."""
        self._runner.place.bans = bans

    def _now_ms(self) -> int:
        return self.clock.now_ms()

    def _running(self) -> Place:
        return self._runner.place

    def _upload_cause(self, till: str) -> str:
        return self._runner.outbox.cause(till)

    def _write(self, change: Callable[[Place, int], Any]) -> Any:
        now_ms = self.clock.now_ms()
        return self._ask(Apply(lambda _journal: change(self._runner.place, now_ms)))

    def _of(self, till: str) -> str:
        """The till's currency. Raises FaultError: api.wrong-till."""
        currency = self.currencies.get(till)
        if currency is None:
            raise FaultError(Fault("api.wrong-till", till=till))
        return currency

    # ── counting and holding ──

    def open_count(self, till: str, person: str) -> Hold:
        """Begin to count blind. Raises FaultError."""
        self._of(till)
        hold: Hold = self._write(lambda place, now: shifts.open_count(place, till, person, now))
        return hold

    def store_count(
        self, till: str, person: str, denominations: Mapping[int, int], reason: str = ""
    ) -> CashCount:
        """Store what was counted: value in minor units → how many. Raises FaultError: till.count-missing."""
        currency, counted = self._of(till), (dict(denominations), reason)
        count: CashCount = self._write(
            lambda place, now: shifts.store_count(place, till, currency, person, counted, now)
        )
        return count

    def explain_count(self, uid: str, person: str, reason: str) -> CashCount:
        """Give the reason of a difference, once. Raises FaultError: till.too-late."""
        count: CashCount = self._write(lambda place, now: shifts.explain(place, uid, person, reason, now))
        return count

    def release(self, till: str, person: str) -> None:
        """Let a till go that was held."""
        self._write(lambda place, now: shifts.release(place, till, person, now))

    def hold_for_correction(self, till: str, person: str) -> CashState:
        """Hold the till and read its device afresh; the cash as it stands then. Raises FaultError; then the
        till is not held.
        """
        self._of(till)
        self._write(lambda place, now: shifts.hold_for_correction(place, till, person, now))
        try:
            self.read_device(till)
        except FaultError:
            self.release(till, person)
            raise
        return self.cash_state(till)

    def shift_numbered(self, till: str, number: int) -> ShiftState | None:
        """The till's shift with this number."""
        return self._look().journal.shift(till, number)

    # ── ruling, asking, approving ──

    def rule(self, ruling: Ruling, role: str = "", approvals: tuple[str, ...] = ()) -> Operation:
        """Take a person's ruling. `role`: theirs; `approvals`: ids of grants for the purpose 'ruling', by
        which somebody else stands behind it. Raises FaultError.
        """
        backed = rulings.Backing(role, approvals)
        runner, now_ms = self._runner, self.clock.now_ms()
        operation: Operation = self._ask(Apply(lambda _journal: rulings.rule(runner, ruling, now_ms, backed)))
        return operation

    def enquire(self, uid: str, person: str) -> int:
        """Ask the operator what it has of an operation; the id by which `enquiry` tells the answer. Raises
        FaultError: api.not-found, fiscal.operator-unreachable.
        """
        runner, now_ms = self._runner, self.clock.now_ms()

        def ask(_journal: Any) -> int:
            operation = runner.read(uid)
            if operation is None:
                raise FaultError(Fault("api.not-found"))
            identity, errands = enquiries.ask(runner.place, operation, person, now_ms)
            runner.carry(errands)
            return identity

        identity: int = self._ask(Apply(ask))
        return identity

    def grant(self, grant: Grant) -> Grant:
        """Keep an approval until it is used, or its time is over."""
        kept: Grant = self._write(lambda place, _now: approvals.store(place, grant))
        return kept

    def approver(self, till: str, uid: str, purpose: str, approvals: Sequence[str]) -> Grant:
        """Who acts, for a caller that is no person: whoever gave the first of these approvals, all of which
        have to hold. They stay unused. Raises FaultError: till.approval-invalid.
        """
        return approved.actor(self._look(), uid, till, purpose, approvals, self.clock.now_ms())

    def approval(self, identity: str, till: str, uid: str) -> Grant | None:
        """An approval that holds for this operation now, and has not been used."""
        return approvals.valid(self._look(), identity, uid, till, self.clock.now_ms())

    def cancel_approved(self, uid: str, approvals: tuple[str, ...]) -> Operation:
        """Take back what stands twice, in the name of who has approved it. Raises FaultError."""
        runner, now_ms = self._runner, self.clock.now_ms()
        operation: Operation = self._ask(
            Apply(lambda _journal: approved.cancel(runner, uid, approvals, now_ms))
        )
        return operation

    def is_proved_absent(self, enquiry: int, leg: Leg) -> bool:
        """Whether what the operator listed is whole, so that what is not in it did not happen."""
        place = self._look()
        stored = place.journal.enquiry(enquiry)
        listed = enquiries.listed_of(stored) if stored is not None else None
        operation = place.journal.operation(stored.uid) if stored is not None else None
        if listed is None or operation is None or any(record.key == leg.key for record in listed.records):
            return False
        return enquiries.is_whole(place, listed, operation, leg)

    # ── parties ──

    def check_parties(self, till: str) -> None:
        """Ask all of a till's parties how they stand; `party_states` tells what they say."""
        self._of(till)
        for party in (CONTROL, *sorted(self._runner.place.parties.get(till, ()))):
            self._run_errand(AskStatus(till, party))

    def check_rulings(self) -> None:
        """Ask now, and not when it is due, after every ruling that no record has borne out yet; what is found
        stands with the ruling.
        """
        self._write(lambda _place, _now_ms: self._runner.checks.hurry())

    def warning_shown(self, till: str, code: str = facts.WARNING) -> int:
        """A warning is on the screen: how much longer it has to stay there, in ms."""

        def show(place: Place, now_ms: int) -> int:
            place.journal.set_warned(till, code, now_ms)
            until_ms = facts.warned_until_ms(place, till, code, now_ms) or now_ms
            return max(0, until_ms - now_ms)

        remaining_ms: int = self._write(show)
        return remaining_ms

    def operator_warning(self, till: str) -> tuple[Fault, int] | None:
        """The operator's warning, which is shown from now on, and how much longer it has to be; None if the
        operator does not warn.
        """
        self._of(till)
        said = self._look().journal.party(till, OPERATOR)
        if said is None or said.state != "warning":
            return None
        remaining_ms = self.warning_shown(till)
        return facts.warning_of(said, remaining_ms), remaining_ms

    def deliver_again(self, till: str) -> None:
        """Try at once to deliver what waits, also what was refused."""
        runner = self._runner

        def hurry(_journal: Any) -> None:
            runner.outbox.try_again(till, OPERATOR, runner.steady_ms)

        self._ask(Apply(hurry, repeatable=True))

    def undelivered_now(self, till: str) -> int | None:
        """Documents that the operator does not have; None if nobody can know."""
        return outbox.undelivered_count(self._running(), till)

    def waiting_documents(self, till: str, limit: int) -> list[Queued]:
        """Documents that the operator does not have: those that it refused first, then the oldest."""
        return queries.waiting_documents(self._reader(), OPERATOR, till, limit)

    # ── printing ──

    def print_document(self, uid: str, *, copy: bool = True) -> bool:
        """Print the stored document of an operation on its till's printer; False if the till has none.
        Raises FaultError: api.not-found.
        """
        operation, body = self.operation(uid), self.document(uid)
        if operation is None or body is None:
            raise FaultError(Fault("api.not-found"))
        if not self._runner.place.has(operation.till, PRINTER):
            return False
        job = f"{uid}/copy" if copy else f"{uid}/first"
        self._run_errand(PrintSlip(operation.till, PRINTER, job, body))
        return True

    def print_test(self, till: str, body: bytes) -> bool:
        """Print something that belongs to no operation; False if the till has no printer."""
        if not self._runner.place.has(till, PRINTER):
            return False
        self._run_errand(PrintSlip(till, PRINTER, f"test/{self.clock.now_ms()}", body))
        return True

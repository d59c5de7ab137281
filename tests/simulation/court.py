"""A courtroom for the tests of judge and auditor: everything that the world would do is done by hand."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tillwright.journal.records import Queued
from tillwright.journal.records import StoredDocument as HeldDocument
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import leg_key
from tillwright.machine.resources import shipped_catalogue, shipped_rules
from tillwright.operations.decide import decide
from tillwright.operations.events import Event, Replied, Ruled, Started
from tillwright.operations.guards import Request
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Operation, Tender
from tillwright.operations.policy import Policy
from tillwright.operations.states import OperationState
from tillwright.parties.control.store import StoredDocument
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.books import DeviceBooks
from tillwright.simulation.chance import Dice, Options
from tillwright.simulation.days import Day
from tillwright.simulation.disk import SimulatedMemoryJournal
from tillwright.simulation.intents import Ending, Intent
from tillwright.simulation.judge import Judge

OPTIONS = Options(1, 1, 1, "memory", "EUR")
RULES = replace(shipped_rules("demo"), shifts=False)
SERIAL = "SKO-000001"
LOST = Fault("fiscal.sko-disconnected")


class Court:
    """A judge, the device's books, a journal, and one customer; the rest is done by hand."""

    def __init__(self) -> None:
        self.agenda = Agenda()
        self.books = DeviceBooks()
        self.journal = SimulatedMemoryJournal(Dice(OPTIONS))
        self.judge = Judge(
            self.books, self.agenda, shipped_catalogue(), "EUR", ("1",), receivers=1, stop=False
        )
        self.day = Day("1", RULES.currencies[0], RULES, Random(1))
        self.intent: Intent = self.day.next()
        self.judge.intents = {self.intent.uid: self.intent}
        self.intent.offered.append(self.intent.request.content)
        self.uid = self.intent.uid
        self.numbers = 0

    # ── the program, by hand ──

    def begun(self) -> Operation:
        request, now_ms = self.intent.request, self.agenda.now_ms
        operation = Operation(
            self.uid, "1", 1, "cash-sale", "Minh", 1, request.content, "", now_ms, now_ms,
            planned_legs(self.uid, KINDS["cash-sale"]),
        )  # fmt: skip
        return decide(operation, Started(now_ms), Policy()).operation

    def kept(self, *operations: Operation, receivers: int = 1, posted: int = 1) -> None:
        """Write the operation as the runner does, and show each step to the judge."""
        for operation in operations:
            new = self.journal.operation(operation.uid) is None
            self.journal.begin()
            (self.journal.insert if new else self.journal.update)(operation)
            if operation.state is OperationState.DONE:
                self._queue(receivers)
                for _ in range(posted):
                    self.journal.post(operation, KINDS["cash-sale"].entries(operation.content), 0)
            self.journal.commit()
            self.judge.stepped(self.journal, [operation])

    def _queue(self, receivers: int) -> None:
        key = leg_key(self.uid, 1)
        self.journal.store_device_document(HeldDocument(SERIAL, 9, "1", key, "U9", 0, "signed"))
        for number in range(receivers):
            self.journal.enqueue(Queued(f"receiver-{number}", "1", SERIAL, 9, 1, 0, 0))

    # ── the device, by hand ──

    def registered(self, leg: int = 1) -> StoredDocument:
        self.numbers += 1
        document = StoredDocument(
            SERIAL, self.numbers, leg_key(self.uid, leg), f"U{self.numbers}", "sale", "1", "EUR",
            self.intent.total_minor, "", 0, "signed", self.numbers, cash_minor=self.intent.total_minor,
        )  # fmt: skip
        self.books.add_documents([document])
        return document

    def takes_back(self, total_minor: int, of: str = "U1") -> Intent:
        """Somebody brings back goods of the sale for so much, and the device writes its document."""
        self.numbers += 1
        uid = f"00000000-0000-4000-8000-{self.numbers:012d}"
        content = Content("EUR", total_minor, (), (Tender("cash", total_minor),), parent=self.uid)
        intent = Intent(uid, "1", Request(uid, "1", "refund", "Minh", content), follows=self.intent)
        self.judge.intents[uid] = intent
        document = StoredDocument(
            SERIAL, self.numbers, leg_key(uid, 1), f"U{self.numbers}", "refund", "1", "EUR", total_minor, "",
            0, "signed", self.numbers, of=of, cash_minor=-total_minor,
        )  # fmt: skip
        self.books.add_documents([document])
        return intent

    def promises(self) -> list[int]:
        return [violation.promise for violation in self.judge.violations]


def after(operation: Operation, *events: Event) -> Operation:
    for event in events:
        operation = decide(operation, event, Policy()).operation
    return operation


def accepted(document: StoredDocument) -> Replied:
    facts: dict[str, str | int] = {"unique_number": document.unique_number}
    return Replied(0, 1, True, Evidence(Source.REPLY, 0, facts))


def refused() -> Replied:
    return Replied(0, 1, False, Evidence(Source.REPLY, 0), Fault("fiscal.not-registered"))


def sold(court: Court) -> Operation:
    begun = court.begun()
    court.kept(begun)
    done = after(begun, accepted(court.registered()))
    court.kept(done)
    court.intent.ending = Ending.SOLD
    return done


def ruled(operation: Operation, happened: bool) -> Operation:
    """Somebody has ruled on its only leg."""
    facts: dict[str, str | int] = {"unique_number": "MADEUP"}
    said = Evidence(Source.RULING, 0, facts, "Olga")
    then = "" if happened else "returned"
    return after(operation, Ruled(0, 1, happened, said, operation.version, then))

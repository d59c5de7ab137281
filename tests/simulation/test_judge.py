"""The judge on its own: each promise is broken here by hand, and it says which."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tillwright.journal.records import Queued
from tillwright.journal.records import StoredDocument as HeldDocument
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import leg_key
from tillwright.machine.resources import shipped_catalogue, shipped_rules
from tillwright.operations.decide import decide
from tillwright.operations.events import Event, NoAnswer, Replied, Started
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Operation
from tillwright.operations.policy import Policy
from tillwright.operations.states import LegState, OperationState
from tillwright.parties.control.store import StoredDocument
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.books import DeviceBooks
from tillwright.simulation.chance import Dice, Options
from tillwright.simulation.days import Day
from tillwright.simulation.disk import SimulatedMemoryJournal
from tillwright.simulation.intents import Ending, Intent
from tillwright.simulation.judge import TOLD_WITHIN_MS, Judge

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

    def promises(self) -> list[int]:
        return [violation.promise for violation in self.judge.violations]


@pytest.fixture
def court() -> Court:
    return Court()


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


def test_a_sale_as_it_should_be(court: Court) -> None:
    sold(court)
    court.judge.at_the_end(court.journal, settled=True)
    assert court.judge.violations == []
    assert court.judge.ends() == {"cash-sale.done": 1}


class TestNothingForgotten:
    def test_an_acknowledged_operation_that_is_gone(self, court: Court) -> None:
        court.judge.told(court.begun())
        court.judge.recovered(court.journal)
        assert court.promises() == [1]

    def test_one_that_is_missing_from_the_list(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun)
        court.judge.told(begun)
        court.judge.recovered(court.journal)
        assert court.promises() == []
        court.journal.live.clear()
        court.judge.recovered(court.journal)
        assert court.promises() == [1]

    def test_another_than_the_one_that_was_pressed(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun)
        court.judge.told(begun)
        court.intent.offered.clear()
        court.judge.recovered(court.journal)
        assert court.promises() == [1]

    def test_one_that_never_ends(self, court: Court) -> None:
        court.kept(court.begun())
        court.judge.at_the_end(court.journal, settled=True)
        assert court.promises() == [1]


class TestNothingGuessed:
    def test_a_leg_that_ends_without_evidence(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun)
        done = after(begun, accepted(court.registered()))
        court.kept(replace(done, legs=(replace(done.legs[0], evidence=None),)))
        assert court.promises() == [2]
        assert court.judge.guessed == 1

    def test_evidence_that_is_not_true(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun)
        document = court.registered()
        court.kept(after(begun, accepted(replace(document, unique_number="another"))))
        assert court.promises() == [2]

    def test_a_refusal_of_what_the_device_has_done(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun)
        court.registered()
        court.kept(after(begun, refused()))
        assert 2 in court.promises()

    def test_an_end_although_nobody_knows(self, court: Court) -> None:
        unknown = after(court.begun(), NoAnswer(court.agenda.now_ms, 1, LOST))
        court.kept(replace(unknown, state=OperationState.REFUSED))
        assert 2 in court.promises()


class TestNothingDoubled:
    def test_two_documents_for_one_customer(self, court: Court) -> None:
        court.registered(leg=1)
        assert court.promises() == []
        court.registered(leg=2)
        assert court.promises() == [3]


class TestAllOrNothing:
    def test_done_without_a_document(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun)
        document = court.registered()
        court.books.forget_after(SERIAL, 0)
        court.books.forgotten.clear()
        court.kept(after(begun, accepted(document)))
        assert 4 in court.promises()

    def test_refused_with_a_document(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun)
        court.registered(leg=2)
        court.kept(after(begun, refused()))
        assert court.promises() == [4, 5]

    def test_a_document_that_nobody_came_for(self, court: Court) -> None:
        court.judge.intents = {}
        court.registered()
        assert court.promises() == [4]

    def test_a_customer_who_left_with_the_goods(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun, after(begun, refused()))
        court.intent.ending = Ending.SOLD
        court.judge.at_the_end(court.journal, settled=True)
        assert court.promises() == [4]

    def test_a_customer_who_left_without_beginning(self, court: Court) -> None:
        sold(court)
        court.intent.ending = Ending.NEVER
        court.judge.at_the_end(court.journal, settled=True)
        assert court.promises() == [4]


class TestBooksAgree:
    @pytest.mark.parametrize("posted", [0, 2])
    def test_a_sale_booked_twice_or_not_at_all(self, court: Court, posted: int) -> None:
        begun = court.begun()
        court.kept(begun)
        court.kept(after(begun, accepted(court.registered())), posted=posted)
        assert court.promises() == [5]

    def test_they_may_differ_by_what_has_not_ended(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun)
        court.registered()
        court.judge.stepped(court.journal, [])
        assert court.promises() == []
        assert court.judge.money_off_minor(court.journal) == court.intent.total_minor

    def test_and_by_what_a_backup_has_taken_away(self, court: Court) -> None:
        sold(court)
        document = court.books.of(court.uid)[0]
        court.books.forget_after(SERIAL, 0)
        court.judge.stepped(court.journal, [])
        assert court.promises() == []
        court.books.add_documents([document])
        court.judge.at_the_end(court.journal, settled=True)
        assert court.promises() == []

    def test_but_not_for_ever(self, court: Court) -> None:
        sold(court)
        court.books.forget_after(SERIAL, 0)
        court.judge.at_the_end(court.journal, settled=True)
        assert court.promises() == [5]

    def test_a_float_counts_from_when_it_is_read(self, court: Court) -> None:
        document = StoredDocument(
            SERIAL, 1, f"float.{SERIAL}.1", "F1", "deposit", "1", "EUR", 5_000, "", 0, "signed", 1,
            cash_minor=5_000,
        )  # fmt: skip
        court.books.add_documents([document])
        court.judge.stepped(court.journal, [])
        assert court.promises() == []
        court.journal.store_device_document(HeldDocument(SERIAL, 1, "1", document.key, "F1", 0, "signed"))
        court.judge.stepped(court.journal, [])
        assert court.promises() == [5], "read, and not booked"
        assert court.judge.ends() == {"cash-in.done": 1}


class TestDeliveredOrCounted:
    def test_a_document_that_is_not_queued(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun)
        court.kept(after(begun, accepted(court.registered())), receivers=0)
        assert court.promises() == [7]


class TestEverythingExplained:
    def test_a_code_that_the_catalogue_knows(self, court: Court) -> None:
        court.judge.refused(Fault("till.red-blocks", number=7))
        assert court.promises() == []

    def test_a_code_that_it_does_not_know(self, court: Court) -> None:
        court.judge.refused(Fault("till.bad-luck"))
        assert court.promises() == [8]

    def test_a_fault_row_with_such_a_code(self, court: Court) -> None:
        court.journal.begin()
        court.journal.raise_fault("1", None, Fault("till.bad-luck"), 0)
        court.journal.commit()
        court.judge.stepped(court.journal, [])
        assert court.promises() == [8]

    def test_something_that_failed_without_any(self, court: Court) -> None:
        court.judge.item_failed(ZeroDivisionError())
        assert court.promises() == [8]

    def test_a_refusal_without_a_reason(self, court: Court) -> None:
        begun = court.begun()
        court.kept(begun, replace(after(begun, refused()), fault=None))
        assert court.promises() == [8]

    def test_a_person_who_is_told_too_late(self, court: Court) -> None:
        begun = court.begun()
        unknown = after(begun, NoAnswer(court.agenda.now_ms, 1, LOST))
        court.kept(begun, unknown)
        court.agenda.now_ms += TOLD_WITHIN_MS
        court.kept(replace(unknown, version=unknown.version + 1))
        assert court.promises() == []
        court.agenda.now_ms += 1
        court.kept(replace(unknown, version=unknown.version + 2))
        assert court.promises() == [8]

    def test_the_time_counts_only_while_the_station_is_up(self, court: Court) -> None:
        begun = court.begun()
        unknown = after(begun, NoAnswer(court.agenda.now_ms, 1, LOST))
        court.kept(begun, unknown)
        court.agenda.now_ms += 10 * TOLD_WITHIN_MS
        court.judge.recovered(court.journal)
        court.kept(replace(unknown, version=unknown.version + 1))
        assert court.promises() == []
        assert unknown.legs[0].state is LegState.UNKNOWN

"""The auditor on its own: what lies between operations is broken here by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulation.court import LOST, SERIAL, Court, after, ruled, sold
from tillwright.books.cash import Account, Entry
from tillwright.journal.place import OPERATOR
from tillwright.journal.records import Queued, ShiftState
from tillwright.journal.records import StoredDocument as HeldDocument
from tillwright.kernel.fault import Fault
from tillwright.operations.events import Due, NoAnswer
from tillwright.operations.rulings import Ruling
from tillwright.parties.control.store import StoredDocument
from tillwright.parties.operator.store import StoredDocument as DeliveredDocument
from tillwright.simulation.auditor import Auditor
from tillwright.simulation.intents import Ending
from tillwright.simulation.operators import OperatorBooks


class Office(Court):
    """The courtroom, with an operator and an auditor."""

    def __init__(self) -> None:
        super().__init__()
        self.operator = OperatorBooks()
        self.auditor = Auditor(self.judge, self.books, self.operator, {"1": SERIAL})

    def held(self, *, queued: bool = True) -> StoredDocument:
        """A document that the device has written and the till has read."""
        document = self.registered(leg=1)
        held = HeldDocument(SERIAL, document.number, "1", document.key, document.unique_number, 0, "signed")
        self.journal.store_device_document(held)
        if queued:
            self.journal.enqueue(Queued(OPERATOR, "1", SERIAL, document.number, 1, 0, 0))
        return document

    def delivered(self, document: StoredDocument, *, arrived: bool = True) -> None:
        """The till counts it as delivered."""
        self.journal.delivered(OPERATOR, SERIAL, document.number, 1)
        if arrived:
            self.arrives(document)

    def arrives(self, document: StoredDocument, unique_number: str | None = None) -> None:
        unique = unique_number or document.unique_number
        self.operator.add_document(
            DeliveredDocument(
                unique, SERIAL, document.number, document.key, document.kind, "1", "EUR",
                document.total_minor, 0, 0, "till", "signed", document.number,
            )
        )  # fmt: skip

    def look(self) -> list[int]:
        """What is found in the middle of the day, and at its end."""
        self.auditor.glance(self.journal, "1")
        self.auditor.at_the_end(self.journal)
        return self.promises()


@pytest.fixture
def office() -> Office:
    return Office()


class TestDelivery:
    def test_what_waits_is_counted(self, office: Office) -> None:
        document = office.held()
        assert office.look() == []
        assert office.auditor.never_delivered(office.journal, "1") == {document.unique_number}

    def test_what_has_arrived_is_there(self, office: Office) -> None:
        office.delivered(office.held())
        assert office.look() == []
        assert office.auditor.never_delivered(office.journal, "1") == frozenset()

    def test_what_was_never_delivered_and_counts_as_such(self, office: Office) -> None:
        office.delivered(office.held(), arrived=False)
        assert office.look() == [7, 7]

    def test_what_was_never_queued(self, office: Office) -> None:
        office.held(queued=False)
        assert office.look() == [7, 7]

    def test_what_the_operator_has_lost(self, office: Office) -> None:
        office.delivered(office.held())
        office.operator.forget_after(0)
        assert office.look() == [7], "only at the end: until then it may be brought again"

    def test_what_the_till_has_not_read_yet(self, office: Office) -> None:
        office.registered()
        assert office.look() == []

    def test_a_number_that_the_operator_has_had_with_another_document(self, office: Office) -> None:
        document = office.held()
        office.arrives(document, "ANOTHER")
        office.delivered(document, arrived=False)
        assert office.look() == []


class TestRulings:
    RULING = Ruling("", 1, 3, False, "returned", "Olga", "Hoa", "")

    def ruled(self, office: Office, *, happened: bool, seen: int = 0, waiting: frozenset[str]) -> list[int]:
        before = after(office.begun(), NoAnswer(0, 1, LOST), Due(0, "red"))
        ruling = replace(self.RULING, uid=office.uid, version=before.version + seen, happened=happened)
        office.auditor.ruled(before, ruling, ruled(before, happened), waiting)
        return office.promises()

    def test_one_as_it_should_be(self, office: Office) -> None:
        assert self.ruled(office, happened=False, waiting=frozenset()) == []

    def test_on_another_version_than_was_seen(self, office: Office) -> None:
        assert self.ruled(office, happened=False, seen=-1, waiting=frozenset()) == [2]

    def test_that_it_did_not_happen_while_documents_wait(self, office: Office) -> None:
        waiting = frozenset({office.held().unique_number})
        assert self.ruled(office, happened=False, waiting=waiting) == [2]

    def test_that_it_happened_while_documents_wait(self, office: Office) -> None:
        waiting = frozenset({office.held().unique_number})
        assert self.ruled(office, happened=True, waiting=waiting) == []

    def test_what_has_arrived_since_does_not_wait(self, office: Office) -> None:
        document = office.held()
        office.delivered(document)
        assert self.ruled(office, happened=False, waiting=frozenset({document.unique_number})) == []

    def test_the_document_of_another_operation(self, office: Office) -> None:
        document = office.registered()
        office.auditor.named(office.uid, document.unique_number)
        assert office.promises() == []
        office.auditor.named("another", document.unique_number)
        assert office.promises() == [2]


class TestWhatPeopleAreTold:
    def told(self, office: Office, left_minor: int) -> list[int]:
        sale_minor = office.intent.total_minor
        asked = office.takes_back(1)
        fault = Fault(
            "till.refund-exceeds-sale", currency="EUR", left_minor=left_minor, total_minor=sale_minor
        )
        office.auditor.refused(asked, fault)
        return office.promises()

    def test_the_truth(self, office: Office) -> None:
        sold(office)
        office.takes_back(10)
        assert self.told(office, office.intent.total_minor - 10) == []

    def test_less_than_the_truth(self, office: Office) -> None:
        sold(office)
        office.takes_back(10)
        assert self.told(office, office.intent.total_minor - 11) == [8]


class TestShifts:
    def closed(self, office: Office) -> None:
        journal = office.journal
        journal.begin()
        journal.open_shift(ShiftState("1", 1, "open", "EUR", 0, "Minh"))
        journal.commit()
        sold(office)
        journal.begin()
        journal.close_shift("1", 1, 9, "Minh")
        journal.commit()
        office.auditor.closed(journal, "1")

    def post(self, office: Office, shift: int) -> None:
        operation = office.journal.operation(office.uid)
        assert operation is not None
        entries = (Entry(Account.DRAWER, 5), Entry(Account.SALES, -5))
        office.journal.begin()
        office.journal.post(operation, entries, 0, shift)
        office.journal.commit()

    def test_a_closed_one_stays_as_it_is(self, office: Office) -> None:
        self.closed(office)
        self.post(office, 2)
        office.auditor.at_the_end(office.journal)
        assert office.promises() == []

    def test_one_that_is_booked_in_afterwards(self, office: Office) -> None:
        self.closed(office)
        self.post(office, 1)
        office.auditor.at_the_end(office.journal)
        assert office.promises() == [5]


def test_two_documents_in_the_end_whoever_has_ruled(office: Office) -> None:
    office.judge.ruled[office.uid] = True
    office.intent.ending = Ending.SOLD
    office.registered(leg=1)
    office.registered(leg=2)
    office.auditor.at_the_end(office.journal)
    assert office.promises() == [3]

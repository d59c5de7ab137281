"""The judge on its own: each promise is broken here by hand, and it says which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulation.court import LOST, SERIAL, Court, accepted, after, refused, ruled, sold
from tillwright.journal.records import StoredDocument as HeldDocument
from tillwright.kernel.fault import Fault
from tillwright.operations.events import Due, NoAnswer
from tillwright.operations.model import Operation
from tillwright.operations.states import LegState, OperationState
from tillwright.parties.control.store import StoredDocument
from tillwright.simulation.intents import Ending
from tillwright.simulation.judge import TOLD_WITHIN_MS


@pytest.fixture
def court() -> Court:
    return Court()


def red(court: Court) -> Operation:
    """Nobody knows, and a person has been told."""
    return after(court.begun(), NoAnswer(0, 1, LOST), Due(0, "red"))


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

    def test_no_more_comes_back_than_was_sold(self, court: Court) -> None:
        sold(court)
        half_minor = court.intent.total_minor // 2
        court.takes_back(half_minor)
        court.takes_back(court.intent.total_minor - half_minor)
        assert court.promises() == []
        court.takes_back(1)
        assert court.promises() == [3]

    def test_two_documents_after_a_ruling_are_looked_at_in_the_end(self, court: Court) -> None:
        court.judge.ruled[court.uid] = True
        court.registered(leg=1)
        court.registered(leg=2)
        assert court.promises() == []

    def test_a_receipt_number_that_is_given_twice(self, court: Court) -> None:
        begun = court.begun()
        court.judge.told(begun)
        court.judge.told(begun)
        assert court.promises() == []
        court.judge.told(replace(begun, uid="another"))
        assert court.promises() == [3]


def rule_wrongly(court: Court, happened: bool) -> None:
    """Somebody says of a red sale what the device's book belies."""
    unknown = red(court)
    court.kept(court.begun(), unknown)
    court.judge.ruled[court.uid] = True
    if not happened:
        court.registered()
    court.kept(ruled(unknown, happened))


class TestRulings:
    """People may be wrong: whether that was found out is asked at the end."""

    @pytest.mark.parametrize("happened", [True, False])
    def test_a_wrong_one_is_not_held_against_the_program_at_once(self, court: Court, happened: bool) -> None:
        rule_wrongly(court, happened)
        assert court.promises() == []

    def test_evidence_of_a_person_where_nobody_has_ruled(self, court: Court) -> None:
        unknown = red(court)
        court.kept(court.begun(), unknown)
        court.kept(ruled(unknown, False))
        assert court.promises() == [2]

    @pytest.mark.parametrize(("happened", "promises"), [(True, [4, 5]), (False, [4, 5])])
    def test_but_a_wrong_one_has_been_overturned_in_the_end(
        self, court: Court, happened: bool, promises: list[int]
    ) -> None:
        rule_wrongly(court, happened)
        court.intent.ending = Ending.SOLD if happened else Ending.RETURNED
        court.judge.at_the_end(court.journal, settled=True)
        assert sorted(set(court.promises())) == promises

    def test_a_right_one_stands(self, court: Court) -> None:
        unknown = red(court)
        court.kept(court.begun(), unknown)
        court.judge.ruled[court.uid] = True
        court.registered()
        court.kept(ruled(unknown, True))
        court.intent.ending = Ending.SOLD
        court.judge.at_the_end(court.journal, settled=True)
        assert court.promises() == []

    def test_what_was_kept_after_the_customer_had_gone(self, court: Court) -> None:
        sold(court)
        court.intent.ending = Ending.RETURNED
        court.judge.at_the_end(court.journal, settled=True)
        assert court.promises() == [4]
        court.judge.violations.clear()
        court.judge.kept[court.uid] = True
        court.judge.at_the_end(court.journal, settled=True)
        assert court.promises() == []


class TestAllOrNothing:
    @pytest.mark.parametrize("of", ["", "U77"])
    def test_what_is_taken_back_was_sold(self, court: Court, of: str) -> None:
        sold(court)
        court.takes_back(1, of)
        assert court.promises() == [4]

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

"""What a party tells: it counts if it agrees, it is taken over if it is news, it is never dropped."""

from dataclasses import replace
from typing import Any

import pytest

from tests.journal.storages import UID, UIDS
from tests.journal.worlds import LOST, NOW_MS, Desk, Device, a_record, proof, request
from tillwright.books.cash import Account
from tillwright.journal.hearing import witness
from tillwright.journal.memory_journal import MemoryJournal
from tillwright.journal.runner import Feed
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Absent, Accepted, Found, NoAnswer, NotSent, Refused
from tillwright.operations.events import Ruled
from tillwright.operations.model import Operation
from tillwright.operations.states import LegState, OperationState, Question
from tillwright.parties.wire import DeviceRecord, Health, Noticed, Recorded, Told

KEY = f"{UID}.1"


@pytest.fixture
def desk() -> Desk:
    """A till that has just sent its sale."""
    made = Desk(MemoryJournal())
    made.begin()
    made.effects.clear()
    return made


def memory(desk: Desk) -> MemoryJournal:
    assert isinstance(desk.journal, MemoryJournal)
    return desk.journal


def faults(desk: Desk) -> list[str]:
    return [stored.fault.code for stored in memory(desk).faults]


def sale_of(desk: Desk, uid: str = UID) -> Operation:
    operation = desk.runner.read(uid)
    assert operation is not None
    return operation


def accepted(record: DeviceRecord, key: str = KEY) -> Told:
    return Told(key, Accepted(proof(record, Source.REPLY, NOW_MS)), False, record)


class TestAnswers:
    def test_each_outcome_is_an_event_for_its_leg(self, desk: Desk) -> None:
        evidence = Evidence(Source.REPLY, NOW_MS)
        for outcome, inquiry, happened in (
            (NotSent(LOST), False, "not_sent"),
            (NoAnswer(LOST), False, "no_answer"),
            (Accepted(evidence), False, "accepted"),
            (Refused(LOST, evidence), False, "refused"),
            (NoAnswer(LOST), True, "silent"),
            (Absent(evidence, fenced=False), True, "silent"),
            (Absent(evidence, fenced=True), True, "absent"),
            (Found(evidence), True, "found"),
        ):
            fresh = Desk(MemoryJournal())
            fresh.begin()
            if inquiry:
                fresh.tell(Told(KEY, NoAnswer(LOST), False, None))
            fresh.tell(Told(KEY, outcome, inquiry, None))
            assert fresh.journal.events(UID)[-1].happening == happened

    def test_the_document_that_proves_it_is_held(self, desk: Desk) -> None:
        desk.tell(accepted(a_record(1, KEY)))
        assert sale_of(desk).state is OperationState.DONE
        assert memory(desk).last_document("SKO-1") == 1
        held = memory(desk).device_document("SKO-1", 1)
        assert held is not None
        assert held.text == f"SKO-1 1 {KEY} 568"

    def test_an_answer_that_comes_twice_counts_once(self, desk: Desk) -> None:
        desk.tell(accepted(a_record(1, KEY)), accepted(a_record(1, KEY)))
        assert memory(desk).balance_minor("1", "EUR", Account.DRAWER) == 568
        assert faults(desk) == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"total_minor": 569},
            {"currency": "USD"},
            {"kind": "deposit"},
            {"till": "2"},
            {"key": f"{UIDS[3]}.1"},
        ],
    )
    def test_an_answer_about_something_else_is_no_answer(self, desk: Desk, wrong: dict[str, Any]) -> None:
        desk.tell(accepted(replace(a_record(1, KEY), **wrong)))
        operation = sale_of(desk)
        assert operation.legs[0].state is LegState.UNKNOWN
        assert operation.legs[0].fault == Fault("fiscal.key-conflict")
        assert not operation.posted

    def test_an_inquiry_answered_about_something_else_brings_nothing(self, desk: Desk) -> None:
        desk.tell(Told(KEY, NoAnswer(LOST), False, None))
        other = a_record(1, KEY, 999)
        for _ in range(3):
            desk.tell(Told(KEY, Found(proof(other, Source.INQUIRY, NOW_MS)), True, other))
        assert sale_of(desk).legs[0].inquiries == 3
        assert faults(desk) == ["fiscal.contradiction"]

    def test_the_other_thing_that_it_was_about_is_not_lost(self, desk: Desk) -> None:
        other = a_record(1, f"{UIDS[3]}.1", 999)
        desk.tell(accepted(other))
        assert sale_of(desk, UIDS[3]).content.total_minor == 999
        assert sale_of(desk).legs[0].state is LegState.UNKNOWN

    def test_an_answer_for_a_key_that_nobody_knows_is_told(self, desk: Desk) -> None:
        desk.tell(Told(f"{UIDS[3]}.1", NoAnswer(LOST), True, None))
        assert faults(desk) == ["fiscal.device-record-unknown"]
        assert desk.runner.read(UIDS[3]) is None

    def test_an_answer_for_a_leg_that_nobody_knows_is_told(self, desk: Desk) -> None:
        desk.tell(Told(f"{UID}.2", NoAnswer(LOST), False, None))
        assert faults(desk) == ["fiscal.device-record-unknown"]
        assert sale_of(desk).legs[0].state is LegState.SENT

    def test_a_document_for_a_key_that_nobody_knows_is_taken_over_once(self, desk: Desk) -> None:
        record = a_record(1, f"{UIDS[3]}.1")
        desk.tell(accepted(record, record.key), accepted(record, record.key), Recorded((record,)))
        assert sale_of(desk, UIDS[3]).state is OperationState.DONE
        assert memory(desk).balance_minor("1", "EUR", Account.DRAWER) == 568

    def test_an_event_that_is_impossible_now_is_passed_over(self, desk: Desk) -> None:
        desk.tell(accepted(a_record(1, KEY)))
        ended = sale_of(desk)
        desk.process(*desk.runner.recover(NOW_MS))
        desk.tell(Told(KEY, NoAnswer(LOST), False, None))
        assert sale_of(desk) == ended


class TestRecords:
    def test_one_of_ours_proves_our_leg(self, desk: Desk) -> None:
        desk.tell(Recorded((a_record(1, KEY),)))
        operation = sale_of(desk)
        assert operation.state is OperationState.DONE
        assert operation.legs[0].evidence == witness(a_record(1, KEY), NOW_MS)

    def test_one_that_is_held_is_not_heard_again(self, desk: Desk) -> None:
        desk.tell(accepted(a_record(1, KEY)))
        version = sale_of(desk).version
        desk.tell(Recorded((a_record(1, KEY),)))
        assert sale_of(desk).version == version
        assert faults(desk) == []

    def test_one_that_speaks_against_a_refusal_reopens_it(self, desk: Desk) -> None:
        desk.tell(Told(KEY, Refused(LOST, Evidence(Source.REPLY, NOW_MS)), False, None))
        assert sale_of(desk).state is OperationState.REFUSED
        desk.tell(Recorded((a_record(1, KEY),)))
        assert sale_of(desk).state is OperationState.RED
        found = Told(KEY, Found(proof(a_record(1, KEY), Source.INQUIRY, NOW_MS)), True, a_record(1, KEY))
        desk.tell(found)
        assert sale_of(desk).question is Question.KEEP_OR_REVERSE

    def test_another_sum_under_our_key_proves_nothing_and_is_told(self, desk: Desk) -> None:
        desk.tell(Recorded((a_record(1, KEY, 999),)))
        assert sale_of(desk).legs[0].state is LegState.SENT
        assert faults(desk) == ["fiscal.contradiction"]

    def test_a_second_document_under_a_key_is_told(self, desk: Desk) -> None:
        desk.tell(Recorded((a_record(1, KEY), a_record(2, KEY))))
        assert sale_of(desk).state is OperationState.DONE
        assert faults(desk) == ["fiscal.contradiction"]

    def test_one_that_bears_a_ruling_out_is_held_and_changes_nothing(self, desk: Desk) -> None:
        desk.tell(Told(KEY, NoAnswer(LOST), False, None))
        said = Evidence(Source.RULING, NOW_MS, {"document_number": 1}, "21")
        desk.process(Feed(UID, Ruled(NOW_MS, 1, True, said, sale_of(desk).version), from_person=True))
        ruled = sale_of(desk)
        desk.tell(Recorded((a_record(1, KEY),)))
        assert sale_of(desk) == ruled
        assert ruled.state is OperationState.DONE
        assert memory(desk).last_document("SKO-1") == 1
        assert faults(desk) == []

    def test_a_leg_that_our_operation_does_not_have_and_never_asked_for_is_told(self, desk: Desk) -> None:
        desk.tell(Recorded((a_record(1, f"{UID}.2", 1),)))
        assert faults(desk) == ["fiscal.contradiction"]
        assert len(sale_of(desk).legs) == 1

    def test_a_further_attempt_that_an_old_copy_does_not_know_becomes_a_leg_again(self, desk: Desk) -> None:
        desk.tell(Recorded((a_record(1, f"{UID}.2"),)))
        assert [(leg.number, leg.replaces, leg.state) for leg in sale_of(desk).legs] == [
            (1, None, LegState.SENT),
            (2, 1, LegState.DONE),
        ]

    def test_one_of_another_till_is_held_and_left_to_that(self, desk: Desk) -> None:
        desk.tell(Recorded((a_record(1, f"{UIDS[3]}.1", till="2"),)))
        assert memory(desk).last_document("SKO-1") == 1
        assert desk.runner.read(UIDS[3]) is None

    def test_other_words_under_a_number_are_told_and_change_nothing(self, desk: Desk) -> None:
        desk.tell(Recorded((a_record(1, f"{UIDS[3]}.1"),)))
        desk.tell(Recorded((a_record(1, KEY),)))
        assert faults(desk) == ["till.restored", *["fiscal.device-record-unknown"] * 2]
        assert sale_of(desk).legs[0].state is LegState.SENT


class TestTakingOver:
    def test_what_nobody_asked_for_becomes_an_operation_with_the_device_as_witness(self, desk: Desk) -> None:
        record = a_record(1, f"{UIDS[3]}.1", 700)
        done = desk.tell(Recorded((record,)))
        operation = sale_of(desk, UIDS[3])
        assert (operation.state, operation.kind, operation.number) == (
            OperationState.DONE,
            "cash-sale",
            2_001,
        )
        assert operation.legs[0].evidence == witness(record, NOW_MS)
        assert operation.started_ms == record.registered_ms
        assert memory(desk).balance_minor("1", "EUR", Account.SALES) == -700
        assert faults(desk) == ["till.restored", "fiscal.device-record-unknown"]
        assert done.changed == [operation]

    def test_the_page_that_asks_later_gets_just_that(self) -> None:
        first = Desk(MemoryJournal())
        digest = first.begin().content_hash
        desk = Desk(MemoryJournal())
        desk.tell(Recorded((a_record(1, KEY, content_hash=digest),)))
        assert desk.begin().state is OperationState.DONE
        assert desk.effects == []

    def test_a_deposit_is_cash_in_and_no_fault(self, desk: Desk) -> None:
        done = desk.tell(Recorded((a_record(1, "float.SKO-1.1", 10_000, kind="deposit"),)))
        (operation,) = done.changed
        assert (operation.state, operation.kind) == (OperationState.DONE, "cash-in")
        assert memory(desk).balance_minor("1", "EUR", Account.DRAWER) == 10_000
        assert memory(desk).balance_minor("1", "EUR", Account.DEPOSITS) == -10_000
        assert faults(desk) == []

    def test_a_kind_that_we_do_not_know_is_told_and_held(self, desk: Desk) -> None:
        desk.tell(Recorded((a_record(1, f"{UIDS[3]}.1", kind="lottery"),)))
        assert desk.runner.read(UIDS[3]) is None
        assert memory(desk).last_document("SKO-1") == 1
        assert faults(desk) == ["fiscal.device-record-unknown"]

    @pytest.mark.parametrize("key", ["float", "till 1, opening", "x.1", ""])
    def test_a_key_that_is_none_of_ours_gets_a_uid_of_its_own_and_the_same_every_time(self, key: str) -> None:
        found = []
        for _ in range(2):
            desk = Desk(MemoryJournal())
            (operation,) = desk.tell(Recorded((a_record(1, key, kind="deposit"),))).changed
            found.append(operation.uid)
        assert found[0] == found[1]

    def test_a_key_in_other_letters_is_the_same_operation(self, desk: Desk) -> None:
        uid = "0000000a-0000-4000-8000-00000000000b"
        desk.tell(accepted(a_record(1, KEY)))
        desk.begin(request(uid))
        desk.tell(Recorded((a_record(2, f"{uid.upper()}.1"),)))
        assert faults(desk) == ["fiscal.contradiction"]
        assert sale_of(desk, uid).legs[0].state is LegState.SENT

    def test_what_was_taken_over_can_be_contradicted(self, desk: Desk) -> None:
        desk.tell(accepted(a_record(1, KEY)))
        key = f"{UIDS[3]}.1"
        desk.tell(Recorded((a_record(2, key),)))
        desk.tell(Told(key, Absent(Evidence(Source.INQUIRY, NOW_MS), fenced=True), True, None))
        assert sale_of(desk, UIDS[3]).state is OperationState.RED


class TestNoticesAndHealth:
    def test_what_a_party_notices_becomes_a_fault_of_the_till(self, desk: Desk) -> None:
        desk.tell(Noticed(Fault("fiscal.device-garbled")))
        assert [(stored.till, stored.uid) for stored in memory(desk).faults] == [("1", None)]

    def test_the_device_that_answers_is_remembered(self, desk: Desk) -> None:
        for serial, held in (("SKO-1", "SKO-1"), (None, "SKO-1"), ("SKO-2", "SKO-2")):
            desk.tell(Health("ready", serial, 1, None, NOW_MS))
            assert memory(desk).last_serial("1") == held

    def test_the_same_device_again_writes_nothing(self, desk: Desk) -> None:
        desk.tell(Health("ready", "SKO-1", 1, None, NOW_MS))
        serials = memory(desk).serials
        writes: list[str] = []
        memory(desk).set_serial = lambda till, serial: writes.append(serial)  # type: ignore[method-assign]
        desk.tell(Health("lost", "SKO-1", 1, None, NOW_MS))
        assert writes == []
        assert serials == {"1": "SKO-1"}


def test_a_device_and_a_till_that_lost_each_other_agree_in_the_end() -> None:
    """The answer is lost, the till restored from before the sale: the device's record brings it back."""
    device = Device(moods=["silent"])
    first = Desk(MemoryJournal(), device)
    first.begin()
    first.turn()
    restored = Desk(MemoryJournal(), device)
    restored.recover()
    assert sale_of(restored).state is OperationState.DONE
    assert restored.begin().state is OperationState.DONE
    assert len(device.documents) == 1

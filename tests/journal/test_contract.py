"""What the journal port promises, held by both journals: one suite, each test on each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.journal.storages import CONTENT, UID, UIDS, InMemory, Storage, document, sale
from tillwright.books.cash import Account, Entry, cash_sale, deposit
from tillwright.journal.memory_journal import MemoryJournal
from tillwright.journal.port import Conflict, JournalPort
from tillwright.journal.records import Queued
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import leg_key
from tillwright.operations import events
from tillwright.operations.model import Leg, Operation, Timer
from tillwright.operations.states import Goal, LegState, OperationState, Question


@contextmanager
def batch(journal: JournalPort) -> Iterator[None]:
    """One commit, of one item."""
    journal.begin()
    journal.savepoint()
    yield
    journal.release()
    journal.commit()


def check_refused(journal: JournalPort, write: Callable[[], object]) -> None:
    """The write is refused as an item, and nothing of it stays."""
    journal.begin()
    journal.savepoint()
    with pytest.raises(Conflict):
        write()
    journal.rollback_item()
    journal.commit()


def rich(operation: Operation) -> Operation:
    """The operation with something in every field."""
    evidence = Evidence(Source.REPLY, 3, {"document_number": 7, "serial": "SKO-1"}, "21")
    first = replace(
        operation.legs[0], state=LegState.UNDONE, evidence=evidence, fault=Fault("fiscal.not-registered"),
        sent_ms=5, tries=2, inquiries=3,
    )  # fmt: skip
    reversal = Leg(
        2, "bank", "reverse", leg_key(operation.uid, 2), LegState.DONE, target=1, evidence=evidence
    )
    retry = Leg(3, "control", "register", leg_key(operation.uid, 3), commit_point=True, replaces=1)
    return replace(
        operation, legs=(first, retry, reversal), state=OperationState.RED, version=2, goal=Goal.BACK,
        question=Question.SETTLE, fault=Fault("fiscal.contradiction", number=1), changed_ms=9, ended_ms=8,
        timers=(Timer("reverse", 12_000), Timer("undoing", 13_000)), red_ms=7, returned=True, posted=True,
        printed=True,
    )  # fmt: skip


class TestOperations:
    def test_nothing_is_there_at_first(self, journal: JournalPort) -> None:
        assert journal.operation(UID) is None
        assert journal.unfinished() == []
        assert journal.open_number("1") is None
        assert journal.red_numbers("1") == []
        assert journal.last_number("1") == 0
        assert journal.events(UID) == []

    def test_what_is_written_is_read_back_whole(self, storage: Storage) -> None:
        journal = storage.open()
        with batch(journal):
            journal.insert(sale())
        assert journal.operation(UID) == sale()
        with batch(journal):
            journal.update(rich(sale()))
        assert storage.open().operation(UID) == rich(sale())

    def test_a_batch_reads_what_it_has_written(self, journal: JournalPort) -> None:
        with batch(journal):
            journal.insert(sale())
            assert journal.operation(UID) == sale()
            assert journal.open_number("1") == 1
            assert journal.last_number("1") == 1

    @pytest.mark.parametrize("other", [sale(2, uid=UID), sale(1, uid=UIDS[1]), sale(2)])
    def test_uid_number_and_the_tills_one_open_place_are_given_once(
        self, journal: JournalPort, other: Operation
    ) -> None:
        with batch(journal):
            journal.insert(sale())
        check_refused(journal, lambda: journal.insert(other))
        assert [one.uid for one in journal.unfinished()] == [UID]
        assert journal.operation(UIDS[1]) is None

    def test_each_till_has_an_open_place_and_numbers_of_its_own(self, journal: JournalPort) -> None:
        with batch(journal):
            journal.insert(sale(1, "1", UIDS[0]))
            journal.insert(sale(1, "2", UIDS[1]))
        assert journal.open_number("1") == journal.open_number("2") == 1

    @pytest.mark.parametrize("state", [s for s in OperationState if s is not OperationState.OPEN])
    def test_the_open_place_is_free_again_afterwards(
        self, journal: JournalPort, state: OperationState
    ) -> None:
        with batch(journal):
            journal.insert(sale())
            journal.update(replace(sale(), state=state, version=2))
            journal.insert(sale(2))
        assert journal.open_number("1") == 2
        check_refused(journal, lambda: journal.update(replace(sale(), version=3)))

    def test_a_key_is_used_once_for_ever(self, journal: JournalPort) -> None:
        ended = replace(sale(), state=OperationState.REFUSED)
        with batch(journal):
            journal.insert(ended)
        (leg,) = sale(2).legs
        check_refused(journal, lambda: journal.insert(replace(sale(2), legs=(replace(leg, key=f"{UID}.1"),))))
        with batch(journal):
            journal.insert(sale(2))
        stolen = replace(sale(2), version=2, legs=(leg, replace(leg, number=2, key=f"{UID}.1")))
        check_refused(journal, lambda: journal.update(stolen))

    def test_a_further_leg_brings_its_key(self, journal: JournalPort) -> None:
        (leg,) = sale().legs
        further = replace(
            sale(), version=2, legs=(leg, replace(leg, number=2, key=leg_key(UID, 2), replaces=1))
        )
        with batch(journal):
            journal.insert(sale())
            journal.update(further)
        with batch(journal):
            journal.update(replace(further, version=3, state=OperationState.DONE))
        thief = replace(sale(2), legs=(replace(leg, key=leg_key(UID, 2)),))
        check_refused(journal, lambda: journal.insert(thief))

    def test_the_unfinished_are_those_that_have_not_ended(self, storage: Storage) -> None:
        journal = storage.open()
        states = list(OperationState)
        with batch(journal):
            for number, state in enumerate(states, start=1):
                journal.insert(replace(sale(number), state=state))
        found = [one.state for one in storage.open().unfinished()]
        assert sorted(found, key=str) == [OperationState.OPEN, OperationState.RED, OperationState.UNDOING]

    def test_the_unfinished_stand_in_the_same_order_in_both(self, journal: JournalPort) -> None:
        with batch(journal):
            for number, till in ((1, "2"), (2, "2"), (1, "1"), (3, "2"), (2, "1")):
                uid = UIDS[number + 3 * (till == "2")]
                journal.insert(replace(sale(number, till, uid), state=OperationState.RED))
            journal.update(replace(sale(1, "2", UIDS[4]), state=OperationState.UNDOING, version=2))
        found = [(one.state.value, one.till, one.number) for one in journal.unfinished()]
        assert found == sorted(found)

    def test_red_numbers_are_those_of_the_till_oldest_first(self, journal: JournalPort) -> None:
        with batch(journal):
            for number in (1, 2, 3, 4):
                state = OperationState.DONE if number == 3 else OperationState.RED
                journal.insert(replace(sale(number), state=state))
            journal.insert(replace(sale(1, "2", UIDS[7]), state=OperationState.RED))
        with batch(journal):
            journal.update(replace(sale(2), state=OperationState.DONE, version=2))
        assert journal.red_numbers("1") == [1, 4]
        assert journal.red_numbers("2") == [1]
        assert journal.last_number("1") == 4


class TestEvents:
    def test_they_are_kept_in_order_with_what_they_say(self, storage: Storage) -> None:
        journal = storage.open()
        evidence = Evidence(Source.REPLY, 3, {"document_number": 7})
        with batch(journal):
            journal.insert(sale())
            journal.append(UID, 1, events.Started(1))
            journal.append(UID, 2, events.Replied(3, 1, True, evidence))
        (started, replied) = storage.open().events(UID)
        assert (started.version, started.at_ms, started.happening, started.leg) == (1, 1, "started", None)
        assert (replied.version, replied.at_ms, replied.happening, replied.leg) == (2, 3, "accepted", 1)
        assert b'"document_number":7' in replied.body

    def test_a_version_has_one_event(self, journal: JournalPort) -> None:
        with batch(journal):
            journal.insert(sale())
            journal.append(UID, 1, events.Started(1))
        check_refused(journal, lambda: journal.append(UID, 1, events.Restarted(2)))
        assert [event.happening for event in journal.events(UID)] == ["started"]


class TestTheBook:
    def test_balances_are_the_sums_of_the_entries(self, journal: JournalPort) -> None:
        with batch(journal):
            journal.insert(sale())
            journal.post(sale(), deposit(1_000), 1)
            journal.post(sale(), cash_sale(568), 2)
        assert journal.balance_minor("1", "EUR", Account.DRAWER) == 1_568
        assert journal.balance_minor("1", "EUR", Account.SALES) == -568
        assert journal.balance_minor("1", "EUR", Account.OWED) == 0
        assert journal.balance_minor("1", "VND", Account.DRAWER) == 0
        assert journal.balance_minor("2", "EUR", Account.DRAWER) == 0

    def test_a_posting_that_is_rolled_back_moves_nothing(self, journal: JournalPort) -> None:
        with batch(journal):
            journal.insert(sale())
            journal.post(sale(), cash_sale(568), 1)
        journal.begin()
        journal.savepoint()
        journal.post(sale(), cash_sale(432), 2)
        journal.rollback_item()
        journal.commit()
        assert journal.balance_minor("1", "EUR", Account.DRAWER) == 568

    def test_currencies_are_kept_apart(self, journal: JournalPort) -> None:
        dong = replace(sale(2), content=replace(CONTENT, currency="VND"), state=OperationState.DONE)
        with batch(journal):
            journal.insert(sale())
            journal.insert(dong)
            journal.post(dong, cash_sale(90_000), 1)
        assert journal.balance_minor("1", "VND", Account.DRAWER) == 90_000
        assert journal.balance_minor("1", "EUR", Account.DRAWER) == 0


class TestTheDevicesDocuments:
    def test_they_are_held_in_its_own_words(self, storage: Storage) -> None:
        journal = storage.open()
        with batch(journal):
            journal.store_device_document(document(1))
        again = storage.open()
        assert again.device_document("SKO-1", 1) == document(1)
        assert again.device_document("SKO-1", 2) is None
        assert again.device_document("SKO-2", 1) is None

    def test_the_mark_stands_below_the_first_gap(self, storage: Storage) -> None:
        journal = storage.open()
        for number, mark in ((2, 0), (3, 0), (1, 3), (5, 3), (4, 5)):
            with batch(journal):
                journal.store_device_document(document(number))
            assert journal.last_document("SKO-1") == mark
        assert journal.last_document("SKO-2") == 0
        assert storage.open().last_document("SKO-1") == 5

    def test_they_are_read_from_a_number_on_in_order(self, journal: JournalPort) -> None:
        with batch(journal):
            for number in (4, 1, 3, 2, 6):
                journal.store_device_document(document(number))
            journal.store_device_document(document(9, "SKO-2"))
        assert [one.number for one in journal.device_documents("SKO-1", 1, 3)] == [2, 3, 4]
        assert [one.number for one in journal.device_documents("SKO-1", 4, 99)] == [6]
        assert list(journal.device_documents("SKO-1", 6, 99)) == []

    def test_the_same_words_again_change_nothing(self, journal: JournalPort) -> None:
        for new in (True, False):
            with batch(journal):
                assert journal.store_device_document(document(1)) is new
        assert len(journal.device_documents("SKO-1", 0, 99)) == 1

    def test_other_words_under_a_number_that_is_held_are_refused(self, journal: JournalPort) -> None:
        with batch(journal):
            journal.store_device_document(document(1))
        other = document(1, text="other words", unique="other")
        check_refused(journal, lambda: journal.store_device_document(other))
        assert journal.device_document("SKO-1", 1) == document(1)

    def test_a_unique_number_is_unique_over_all_devices(self, journal: JournalPort) -> None:
        with batch(journal):
            journal.store_device_document(document(1))
        again = document(1, "SKO-2", unique="SKO-1/1")
        check_refused(journal, lambda: journal.store_device_document(again))
        assert journal.last_document("SKO-2") == 0

    def test_a_document_rolled_back_moves_no_mark(self, journal: JournalPort) -> None:
        journal.begin()
        journal.savepoint()
        journal.store_device_document(document(1))
        journal.rollback_item()
        journal.commit()
        assert journal.last_document("SKO-1") == 0
        with batch(journal):
            journal.store_device_document(document(1))
        assert journal.last_document("SKO-1") == 1

    def test_the_device_that_was_heard_last_is_remembered(self, storage: Storage) -> None:
        journal = storage.open()
        assert journal.last_serial("1") is None
        for serial in ("SKO-1", "SKO-2"):
            with batch(journal):
                journal.set_serial("1", serial)
        assert journal.last_serial("2") is None
        assert storage.open().last_serial("1") == "SKO-2"


class TestTheBatch:
    def test_what_was_not_committed_is_gone_after_a_crash(self, storage: Storage) -> None:
        journal = storage.open()
        with batch(journal):
            journal.insert(sale())
        journal.begin()
        write_everything(journal, 2)
        after = storage.open()
        assert after.operation(UID) == sale()
        check_untouched(after, 2)

    def test_rolling_back_forgets_the_whole_batch(self, journal: JournalPort) -> None:
        with batch(journal):
            journal.insert(sale())
        journal.begin()
        write_everything(journal, 2)
        journal.rollback()
        check_untouched(journal, 2)
        with batch(journal):
            write_everything(journal, 2)
        assert journal.operation(UIDS[1]) is not None

    def test_an_item_is_forgotten_alone(self, journal: JournalPort) -> None:
        journal.begin()
        journal.savepoint()
        journal.insert(replace(sale(), state=OperationState.DONE))
        journal.release()
        journal.savepoint()
        write_everything(journal, 2)
        journal.rollback_item()
        journal.savepoint()
        journal.insert(sale(3))
        journal.release()
        journal.commit()
        check_untouched(journal, 2)
        assert [journal.operation(UIDS[n]) is not None for n in (0, 1, 2)] == [True, False, True]

    def test_after_a_batch_comes_the_next(self, journal: JournalPort) -> None:
        for number in (1, 2, 3):
            with batch(journal):
                journal.insert(replace(sale(number), state=OperationState.DONE))
        assert journal.last_number("1") == 3

    def test_rolling_back_nothing_is_no_mistake(self, journal: JournalPort) -> None:
        journal.rollback()
        with batch(journal):
            journal.insert(sale())
        journal.rollback()
        assert journal.operation(UID) == sale()


def write_everything(journal: JournalPort, number: int) -> None:
    """One write of each kind, about till 7 and operation `number`."""
    operation = replace(sale(number, "7"), state=OperationState.RED)
    journal.insert(operation)
    journal.append(operation.uid, 1, events.Started(1))
    journal.post(operation, deposit(100), 1)
    journal.store_document(operation.uid, "receipt", b"{}", 1)
    journal.store_document(operation.uid, "receipt", b"other", 2)
    journal.store_device_document(document(1, "SKO-7"))
    journal.enqueue(Queued("operator", "7", "SKO-7", 1, 568, 1, 0))
    journal.raise_fault("7", operation.uid, Fault("fiscal.contradiction", number=number), 1)
    journal.raise_fault("7", None, Fault("fiscal.device-garbled"), 1)
    journal.set_serial("7", "SKO-7")


def check_untouched(journal: JournalPort, number: int) -> None:
    """Nothing of `write_everything` is there."""
    uid = UIDS[number - 1]
    assert journal.operation(uid) is None
    assert journal.events(uid) == []
    assert journal.balance_minor("7", "EUR", Account.DRAWER) == 0
    assert journal.last_number("7") == 0
    assert journal.red_numbers("7") == []
    assert journal.last_document("SKO-7") == 0
    assert journal.device_document("SKO-7", 1) is None
    assert journal.last_serial("7") is None
    assert journal.waiting("operator", "7").count == 0
    assert uid not in [one.uid for one in journal.unfinished()]


# ── of the one in memory alone ────────────────────────────────────────────────────────────────────


def test_there_is_one_batch_at_a_time() -> None:
    journal = MemoryJournal()
    journal.begin()
    journal.insert(sale())
    with pytest.raises(AssertionError):
        journal.begin()


EXAMPLE = count(100)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["post", "document", "release", "rollback_item", "commit", "rollback"]),
        st.integers(1, 6),
    ),
    max_size=30,
)


@given(STEPS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_writes_leave_the_same_in_both(storage: Storage, steps: list[tuple[str, int]]) -> None:
    """Whatever is written, kept and forgotten in whatever order: the storage holds what memory holds."""
    if isinstance(storage, InMemory):
        storage = InMemory()  # a fresh one for each example
    model, journal = MemoryJournal(), storage.open()
    uid = f"00000000-0000-4000-8000-{next(EXAMPLE):012}"
    till = uid
    for one in (model, journal):
        with batch(one):
            one.insert(sale(1, till, uid))
        _play(one, replace(sale(1, till, uid)), steps)
    for account in Account:
        assert journal.balance_minor(till, "EUR", account) == model.balance_minor(till, "EUR", account)
    assert journal.last_document(till) == model.last_document(till)
    assert [one.number for one in journal.device_documents(till, 0, 99)] == [
        one.number for one in model.device_documents(till, 0, 99)
    ]


def _play(journal: JournalPort, operation: Operation, steps: list[tuple[str, int]]) -> None:
    journal.begin()
    journal.savepoint()
    for what, number in steps:
        if what == "post":
            journal.post(operation, (Entry(Account.DRAWER, number), Entry(Account.SALES, -number)), 1)
        elif what == "document":
            journal.store_device_document(document(number, operation.till))
        else:
            _turn(journal, what)
    journal.release()
    journal.commit()


def _turn(journal: JournalPort, what: str) -> None:
    if what == "commit":
        journal.release()
        journal.commit()
        journal.begin()
    elif what == "rollback":
        journal.rollback()
        journal.begin()
    else:
        getattr(journal, what)()
    journal.savepoint()

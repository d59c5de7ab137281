"""What the journal port promises of shifts, refunds, approvals, the outbox, rulings and the audit chain; held
by both journals.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.journal.storages import CONTENT, UID, UIDS, InMemory, Storage, document, sale
from tillwright.books.cash import Account, cash_sale, refund
from tillwright.journal.port import Conflict, JournalPort
from tillwright.journal.records import (
    NOTHING_WAITS,
    CashCount,
    Grant,
    Hold,
    PartyState,
    Queued,
    ShiftState,
    StoredRuling,
    Taken,
    Waiting,
    taken_by,
)
from tillwright.kernel import audit
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Line, Operation
from tillwright.operations.refunds import LineLeft
from tillwright.operations.states import OperationState

DONE = OperationState.DONE
SHIFT = ShiftState("1", 3, "open", "EUR", 5_000, "11")
COUNT = CashCount("c1", "1", 3, "11", 6_000, "EUR", ((500, 2), (10, 7)), 1_070, 1_068)
GRANT = Grant("g1", UID, "refund", "1", "21", "senior", 1_000, 121_000)
WHOLE = Taken(568, ((1, 2_000, 568),))
HALF = Taken(284, ((1, 1_000, 284),))


@contextmanager
def batch(journal: JournalPort) -> Iterator[None]:
    journal.begin()
    journal.savepoint()
    yield
    journal.release()
    journal.commit()


def check_refused(journal: JournalPort, write: Callable[[], object]) -> None:
    journal.begin()
    journal.savepoint()
    with pytest.raises(Conflict):
        write()
    journal.rollback_item()
    journal.commit()


def refund_of(parent: Operation, number: int, till: str = "1") -> Operation:
    """A refund of the whole sale that has just begun."""
    uid = UIDS[number - 1]
    content = replace(CONTENT, parent=parent.uid, lines=(Line("tea", "Tea", 2_000, 568, 284, of=1),))
    legs = planned_legs(uid, KINDS["refund"])
    return replace(sale(number, till), kind="refund", content=content, legs=legs)


def sold(journal: JournalPort) -> Operation:
    ended = replace(sale(), state=DONE)
    with batch(journal):
        journal.insert(ended)
    return ended


class TestShifts:
    def test_one_is_open_at_a_time_and_closed_for_ever(self, storage: Storage) -> None:
        journal = storage.open()
        assert journal.shift("1") is None
        with batch(journal):
            journal.open_shift(SHIFT)
        check_refused(journal, lambda: journal.open_shift(replace(SHIFT, number=4)))
        with batch(journal):
            journal.open_shift(replace(SHIFT, till="2"))
            journal.close_shift("1", 3, 9_000, "12")
            journal.close_shift("1", 3, 9_999, "13")
        again = storage.open()
        closed = again.shift("1")
        assert closed == replace(SHIFT, state="closed", closed_ms=9_000, closed_by="12")
        with batch(again):
            again.open_shift(replace(SHIFT, number=4, opened_ms=10_000))
        assert again.shift("1", 3) == closed
        newest = again.shift("1")
        assert newest is not None
        assert (newest.number, newest.is_open) == (4, True)
        check_refused(again, lambda: again.open_shift(SHIFT))

    def test_the_newest_may_turn_out_to_be_open_after_all(self, storage: Storage) -> None:
        journal = storage.open()
        with batch(journal):
            journal.open_shift(SHIFT)
            journal.close_shift("1", 3, 9_000, "12")
            journal.open_shift(replace(SHIFT, opened_ms=9_500))
        assert storage.open().shift("1") == SHIFT

    def test_what_it_moves_is_summed(self, journal: JournalPort) -> None:
        ended = sold(journal)
        with batch(journal):
            journal.post(ended, cash_sale(568), 1)
            journal.post(ended, cash_sale(100), 2, 3)
            journal.post(replace(ended, till="2"), cash_sale(50), 2, 3)
            journal.post(ended, refund(30), 3, 3)
            journal.post(ended, cash_sale(7), 3, 4)
        assert journal.shift_balances("1", 3) == {
            Account.DRAWER: 70, Account.SALES: -100, Account.REFUNDS: 30,
        }  # fmt: skip
        assert journal.shift_balances("1", 2) == {}
        assert [(one.uid, one.kind, one.content, one.account) for one in journal.booked("1", 4)] == [
            (UID, "cash-sale", CONTENT, Account.DRAWER), (UID, "cash-sale", CONTENT, Account.SALES),
        ]  # fmt: skip


class TestHoldsAndCounts:
    def test_a_till_is_held_for_one_purpose(self, storage: Storage) -> None:
        journal = storage.open()
        assert journal.hold("1") is None
        for hold in (Hold("1", "count", "11", 5), Hold("1", "close", "12", 6)):
            with batch(journal):
                journal.set_hold(hold)
            assert journal.hold("1") == hold
        assert journal.hold("2") is None
        again = storage.open()
        with batch(again):
            again.release_hold("1")
            again.release_hold("2")
        assert again.hold("1") is None

    def test_counts_are_kept_in_order_and_explained(self, storage: Storage) -> None:
        journal = storage.open()
        other = replace(COUNT, uid="a2", counted_minor=1_068)
        with batch(journal):
            journal.store_count(COUNT)
            journal.store_count(other)
            journal.store_count(replace(COUNT, uid="c3", shift=4))
            journal.explain_count("c1", "miscounted")
        check_refused(journal, lambda: journal.store_count(COUNT))
        again = storage.open()
        assert again.counts("1", 3) == [replace(COUNT, reason="miscounted"), other]
        assert again.count("a2") == other
        assert again.count("nothing") is None
        assert COUNT.difference_minor == 2


class TestRefunds:
    def test_nothing_is_taken_at_first(self, journal: JournalPort) -> None:
        left = journal.refundable(sold(journal))
        assert (left.left_minor, left.lines, left.beyond_minor) == (568, (LineLeft(1, 2_000, 568),), 0)

    def test_parts_add_up_to_the_sale_and_not_above_it(self, storage: Storage) -> None:
        journal = storage.open()
        ended = sold(journal)
        for _ in range(2):
            with batch(journal):
                journal.take(ended, HALF, beyond=False)
        check_refused(journal, lambda: journal.take(ended, Taken(1, ()), beyond=False))
        left = storage.open().refundable(ended)
        assert (left.left_minor, left.lines[0].left_milli, left.lines[0].left_minor) == (0, 0, 0)

    @pytest.mark.parametrize(
        "taken",
        [
            Taken(569, ()),
            Taken(100, ((1, 2_001, 100),)),
            Taken(100, ((1, 1_000, 569),)),
            Taken(100, ((2, 1_000, 100),)),
        ],
    )
    def test_each_measure_has_its_bound(self, journal: JournalPort, taken: Taken) -> None:
        ended = sold(journal)
        check_refused(journal, lambda: journal.take(ended, taken, beyond=False))
        assert journal.refundable(ended).left_minor == 568

    def test_what_did_not_happen_is_left_again(self, journal: JournalPort) -> None:
        ended = sold(journal)
        with batch(journal):
            journal.take(ended, WHOLE, beyond=False)
            journal.give_back(ended, WHOLE)
            journal.take(ended, WHOLE, beyond=False)
        assert journal.refundable(ended).left_minor == 0

    def test_what_happened_after_all_may_go_beyond_the_sale(self, journal: JournalPort) -> None:
        ended = sold(journal)
        with batch(journal):
            journal.take(ended, WHOLE, beyond=False)
            journal.take(ended, HALF, beyond=True)
        left = journal.refundable(ended)
        assert (left.left_minor, left.beyond_minor) == (0, 284)
        with batch(journal):
            journal.give_back(ended, WHOLE)
        left = journal.refundable(ended)
        assert (left.left_minor, left.beyond_minor, left.lines[0].left_milli) == (284, 0, 1_000)

    def test_lines_that_name_none_of_the_sale_count_in_the_total(self) -> None:
        lines = (Line("a", "A", 1_000, 5, of=2), Line("b", "B", 500, 3), Line("a", "A", 250, 1, of=2))
        assert taken_by(9, lines) == Taken(9, ((2, 1_250, 6),))

    def test_two_tills_at_once_one_wins(self, journal: JournalPort) -> None:
        ended = sold(journal)
        first, second = refund_of(ended, 2), refund_of(ended, 3, "2")
        with batch(journal):
            journal.insert(first)
        check_refused(journal, lambda: journal.insert(replace(second, number=1)))
        assert journal.successor(UID) == first.number
        with batch(journal):
            journal.update(replace(first, state=OperationState.RED, version=2))
        check_refused(journal, lambda: journal.insert(replace(second, number=1)))
        with batch(journal):
            journal.update(replace(first, state=OperationState.REFUSED, version=3))
        assert journal.successor(UID) is None
        with batch(journal):
            journal.insert(replace(second, number=1))
        assert journal.successor(UID) == 1

    def test_one_that_is_contradicted_comes_to_life_beside_the_next(self, storage: Storage) -> None:
        journal = storage.open()
        ended = sold(journal)
        first, second = refund_of(ended, 2), refund_of(ended, 3)
        with batch(journal):
            journal.insert(first)
            journal.update(replace(first, state=OperationState.REFUSED, version=2))
            journal.insert(second)
            journal.update(replace(first, state=OperationState.RED, version=3))
        assert [one.uid for one in storage.open().unfinished()] == [second.uid, first.uid]
        again = storage.open()
        with batch(again):
            again.update(replace(second, state=DONE, version=2))
        assert again.successor(UID) == first.number


class TestApprovals:
    def test_one_serves_once(self, storage: Storage) -> None:
        journal = storage.open()
        assert not journal.use_grant("g1", 1)
        with batch(journal):
            journal.store_grant(GRANT)
        check_refused(journal, lambda: journal.store_grant(GRANT))
        assert storage.open().grant("g1") == GRANT
        again = storage.open()
        with batch(again):
            assert again.use_grant("g1", 2_000)
            assert not again.use_grant("g1", 2_001)
        assert storage.open().grant("g1") is None


def queued(number: int, serial: str = "SKO-1", receiver: str = "operator", till: str = "1") -> Queued:
    return Queued(receiver, till, serial, number, 100 * number, 1_000 + number, 50 + number)


def with_documents(journal: JournalPort, *places: tuple[int, str]) -> None:
    with batch(journal):
        for number, serial in places:
            journal.store_device_document(document(number, serial))
            journal.enqueue(queued(number, serial))


class TestTheOutbox:
    def test_a_document_is_queued_once_for_each_receiver(self, journal: JournalPort) -> None:
        with batch(journal):
            journal.store_device_document(document(1))
            assert journal.enqueue(queued(1))
            assert not journal.enqueue(queued(1))
            assert journal.enqueue(queued(1, receiver="centre"))
        assert journal.waiting("operator", "1") == Waiting(1, 100, 1_001, 51)
        assert journal.waiting("operator", "2") == NOTHING_WAITS

    def test_each_device_by_its_numbers_the_one_that_waits_longest_first(self, storage: Storage) -> None:
        journal = storage.open()
        with_documents(journal, (2, "SKO-1"), (1, "SKO-1"), (1, "SKO-2"), (3, "SKO-1"))
        found = []
        again = storage.open()
        while (one := again.next_queued("operator", "1")) is not None:
            found.append((one.serial, one.number))
            with batch(again):
                assert again.delivered("operator", one.serial, one.number, 9_000)
                assert not again.delivered("operator", one.serial, one.number, 9_001)
        assert found == [("SKO-1", 1), ("SKO-1", 2), ("SKO-2", 1), ("SKO-1", 3)]
        assert again.waiting("operator", "1") == NOTHING_WAITS
        done = again.queued("operator", "SKO-1", 1)
        assert done is not None
        assert done.delivered_ms == 9_000

    def test_one_that_is_refused_is_set_aside_or_blocks(self, journal: JournalPort) -> None:
        with_documents(journal, (1, "SKO-1"), (2, "SKO-1"))
        for blocks, following in ((False, 2), (True, 1)):
            with batch(journal):
                journal.set_aside("operator", "SKO-1", 1, "content", blocks=blocks)
            one = journal.next_queued("operator", "1")
            assert one is not None
            assert one.number == following
        (refused,) = journal.refused_documents("operator", "1")
        assert (refused.number, refused.refused_reason, refused.blocks) == (1, "content", True)
        assert journal.waiting("operator", "1").count == 2
        with batch(journal):
            journal.retry_refused("operator", "2")
            assert len(journal.refused_documents("operator", "1")) == 1
            journal.retry_refused("operator", "1")
        assert journal.refused_documents("operator", "1") == []
        again = journal.next_queued("operator", "1")
        assert again is not None
        assert (again.number, again.blocks) == (1, False)
        with batch(journal):
            assert journal.delivered("operator", "SKO-1", 1, 9_000)
        assert journal.refused_documents("operator", "1") == []

    def test_a_device_that_delivers_by_itself(self, journal: JournalPort) -> None:
        with_documents(journal, (1, "SKO-1"), (2, "SKO-1"), (3, "SKO-1"), (1, "SKO-2"))
        with batch(journal):
            journal.set_aside("operator", "SKO-1", 1, "content", blocks=False)
            assert journal.delivered_up_to("operator", "SKO-1", 2, 9_000) == 1
            assert journal.delivered_up_to("operator", "SKO-1", 2, 9_001) == 0
        assert journal.waiting("operator", "1").count == 3

    def test_what_is_held_is_queued_for_a_new_receiver(self, journal: JournalPort) -> None:
        sold(journal)
        with batch(journal):
            journal.store_device_document(document(1))
            journal.store_device_document(replace(document(2), key="float"))
            assert journal.queue_all("operator", 7_000) == 2
            assert journal.queue_all("operator", 7_001) == 0
        assert journal.waiting("operator", "1") == Waiting(2, 568, 7_000, 0)

    def test_documents_are_found_by_their_unique_number(self, storage: Storage) -> None:
        journal = storage.open()
        with batch(journal):
            journal.store_device_document(document(4))
        assert storage.open().document_named("SKO-1/4") == document(4)
        assert storage.open().document_named("SKO-1/5") is None


class TestWhereItWentTo:
    def test_the_device_that_was_asked_is_remembered_by_key(self, storage: Storage) -> None:
        journal = storage.open()
        operation = sale()
        leg = replace(operation.legs[0], serial="SKO-1")
        with batch(journal):
            journal.insert(replace(operation, legs=(leg,)))
            journal.insert(sale(2, "2"))
        assert storage.open().sent_to(leg.key) == "SKO-1"
        again = storage.open()
        assert again.sent_to(sale(2).legs[0].key) is None
        with batch(again):
            again.set_sent_to(leg.key, "SKO-2")
        assert storage.open().sent_to(leg.key) == "SKO-2"


class TestEnquiriesAndRulings:
    def test_an_enquiry_waits_for_its_answer(self, storage: Storage) -> None:
        journal = storage.open()
        sold(journal)
        with batch(journal):
            first = journal.store_enquiry(UID, "operator", "11", 5_000, (900, 5_000))
            second = journal.store_enquiry(UID, "operator", "", 6_000, (900, 6_000))
            journal.answer_enquiry(first, 5_500, b"[]")
        again = storage.open()
        answered = again.enquiry(first)
        assert answered is not None
        assert (answered.uid, answered.till, answered.answered_ms, answered.body) == (UID, "1", 5_500, b"[]")
        assert [one.id for one in again.enquiries(UID)] == [first, second]
        assert again.enquiry(second + 1) is None

    def test_a_ruling_stands_until_a_record_is_found(self, storage: Storage) -> None:
        journal = storage.open()
        sold(journal)
        ruling = StoredRuling(0, UID, 1, 4, True, "11", "21", "as-told", "U-9", 7_000, b"{}")
        with batch(journal):
            identity = journal.store_ruling(ruling)
        check_refused(journal, lambda: journal.store_ruling(ruling))
        again = storage.open()
        (stored,) = again.unchecked_rulings(9)
        assert stored == replace(ruling, id=identity)
        assert again.ruled_unique("U-9") == UID
        assert again.ruled_unique("") is None
        with batch(again):
            again.check_ruling(identity, 8_000, "agrees")
        assert again.unchecked_rulings(9) == []
        assert [one.verdict for one in again.rulings(UID)] == ["agrees"]


class TestPartiesAndPeople:
    def test_how_a_party_was_is_remembered(self, storage: Storage) -> None:
        journal = storage.open()
        for state in ("active", "warning"):
            with batch(journal):
                journal.set_party(PartyState("1", "operator", state, 5, b'{"reason":"x"}'))
                journal.set_party(PartyState("1", "licensing", "ready", 5))
        again = storage.open()
        assert again.party("1", "operator") == PartyState("1", "operator", "warning", 5, b'{"reason":"x"}')
        assert [one.party for one in again.parties("1")] == ["licensing", "operator"]
        assert again.party("2", "operator") is None

    def test_only_the_first_showing_of_a_warning_counts(self, journal: JournalPort) -> None:
        with batch(journal):
            journal.set_warned("1", "fiscal.block-warning", 5_000)
            journal.set_warned("1", "fiscal.block-warning", 6_000)
            journal.set_warned("2", "fiscal.block-warning", 7_000)
        assert journal.warned_ms("1", "fiscal.block-warning") == 5_000
        with batch(journal):
            journal.clear_warnings("1")
        assert journal.warned_ms("1", "fiscal.block-warning") is None
        assert journal.warned_ms("2", "fiscal.block-warning") == 7_000

    def test_the_audit_chain_grows_by_what_follows(self, storage: Storage) -> None:
        journal = storage.open()
        assert journal.last_audit() is None
        first = audit.entry(audit.GENESIS, 1, 5, "11", "ruling", {"number": 7})
        second = audit.entry(first.hash, 2, 6, "11", "ruling", {"number": 8})
        with batch(journal):
            journal.append_audit(first)
        check_refused(journal, lambda: journal.append_audit(first))
        with batch(journal):
            journal.append_audit(second)
        assert storage.open().last_audit() == second

    def test_values_of_the_station(self, storage: Storage) -> None:
        journal = storage.open()
        assert journal.value("epoch") is None
        for value in ("1", "2"):
            with batch(journal):
                journal.set_value("epoch", value)
                journal.set_value("number:1", "40")
        assert storage.open().value("epoch") == "2"
        assert storage.open().last_number("1") == 40


class TestAnItemThatFails:
    def test_all_of_it_is_forgotten(self, journal: JournalPort) -> None:
        ended = sold(journal)
        journal.begin()
        journal.savepoint()
        journal.open_shift(SHIFT)
        journal.set_hold(Hold("1", "count", "11", 5))
        journal.store_count(COUNT)
        journal.take(ended, HALF, beyond=False)
        journal.store_grant(GRANT)
        journal.store_device_document(document(1))
        journal.enqueue(queued(1))
        journal.store_enquiry(UID, "operator", "11", 5_000, (900, 5_000))
        journal.store_ruling(StoredRuling(0, UID, 1, 4, True, "11", "", "", "U-9", 7_000, b"{}"))
        journal.set_party(PartyState("1", "operator", "active", 5))
        journal.set_warned("1", "fiscal.block-warning", 5_000)
        journal.append_audit(audit.entry(audit.GENESIS, 1, 5, "11", "ruling", {}))
        journal.insert(refund_of(ended, 2))
        journal.rollback_item()
        journal.commit()
        assert (journal.shift("1"), journal.hold("1"), journal.counts("1", 3)) == (None, None, [])
        assert journal.refundable(ended).left_minor == 568
        assert (journal.grant("g1"), journal.successor(UID)) == (None, None)
        assert journal.waiting("operator", "1") == NOTHING_WAITS
        assert (journal.enquiries(UID), journal.rulings(UID), journal.unchecked_rulings(9)) == ([], [], [])
        assert (journal.parties("1"), journal.warned_ms("1", "fiscal.block-warning")) == ([], None)
        assert journal.last_audit() is None


CLAIMS = st.lists(
    st.tuples(st.sampled_from(["take", "beyond", "back"]), st.integers(1, 400), st.integers(0, 1_500)),
    max_size=12,
)


@given(CLAIMS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_claims_leave_the_same_in_both(storage: Storage, claims: list[tuple[str, int, int]]) -> None:
    """Taken, given back, beyond: whatever comes, no more than the sale is taken, and the rest is beyond."""
    journal = InMemory().open() if isinstance(storage, InMemory) else storage.open()
    model = InMemory().open()
    uid = f"00000000-0000-4000-8000-{journal.last_number('1') + 1:012}"
    ended = replace(sale(journal.last_number("1") + 1, uid=uid), state=DONE)
    claimed = 0
    for one in (model, journal):
        with batch(one):
            one.insert(ended)
    for what, minor, milli in claims:
        taken = Taken(minor, ((1, milli, minor),))
        if what == "back" and claimed < minor:
            continue
        outcomes = [_claim(one, ended, what, taken) for one in (model, journal)]
        assert outcomes[0] == outcomes[1]
        claimed += 0 if not outcomes[0] else -minor if what == "back" else minor
        left = journal.refundable(ended)
        assert left == model.refundable(ended)
        assert left.left_minor == max(0, 568 - claimed)
        assert left.beyond_minor == max(0, claimed - 568)


def _claim(journal: JournalPort, ended: Operation, what: str, taken: Taken) -> bool:
    journal.begin()
    journal.savepoint()
    try:
        if what == "back":
            journal.give_back(ended, Taken(taken.total_minor, ()))
        else:
            journal.take(ended, taken, beyond=what == "beyond")
    except Conflict:
        journal.rollback_item()
        journal.commit()
        return False
    journal.release()
    journal.commit()
    return True

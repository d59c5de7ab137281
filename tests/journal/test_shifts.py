"""Shifts and blind counts: opened, worked in, counted, closed, with the Z that says so; on both journals."""

from dataclasses import replace

import msgspec
import pytest

from tests.journal.storages import UIDS, Storage
from tests.journal.tills import SALE, FullDevice, Till, cash
from tillwright.books.cash import Account
from tillwright.documents import stored
from tillwright.documents.report import ShiftReport, contradictions
from tillwright.journal import cash as cash_book
from tillwright.journal import reports, shifts
from tillwright.journal.port import JournalPort
from tillwright.journal.records import Hold
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations import guards
from tillwright.operations.model import Content
from tillwright.parties.wire import Recorded


@pytest.fixture
def till(journal: JournalPort) -> Till:
    return Till(journal)


def refused(error: pytest.ExceptionInfo[FaultError]) -> str:
    return error.value.fault.code


def document(journal: JournalPort, uid: str, kind: str) -> bytes:
    if hasattr(journal, "documents"):
        return bytes(journal.documents[uid, kind])
    row = journal.connection.execute(  # type: ignore[attr-defined]
        "SELECT d.body FROM document d JOIN operation o ON o.id = d.operation WHERE uid = ? AND d.kind = ?",
        (uid, kind),
    ).fetchone()
    return bytes(row[0])


class TestAShift:
    def test_nothing_is_sold_before_it_is_open(self, till: Till) -> None:
        with pytest.raises(FaultError) as error:
            till.do("cash-sale", SALE, UIDS[1])
        assert refused(error) == "till.shift-closed"

    def test_it_opens_with_the_device(self, till: Till) -> None:
        opened = till.open_up()
        shift = till.journal.shift("1")
        assert shift is not None
        assert (shift.number, shift.state, shift.opened_by, opened.shift) == (1, "open", "11", 1)
        assert till.sell().shift == 1

    def test_it_does_not_open_twice(self, till: Till) -> None:
        till.open_up()
        with pytest.raises(FaultError) as error:
            till.do("shift-open", Content("EUR", 0, (), (), shift=2), UIDS[1])
        assert refused(error) == "till.shift-already-open"

    def test_a_number_is_not_given_twice(self, till: Till) -> None:
        till.open_up()
        till.close(UIDS[1])
        with pytest.raises(FaultError) as error:
            till.do("shift-open", Content("EUR", 0, (), (), shift=1), UIDS[2])
        assert error.value.fault == Fault("till.shift-already-open", shift=1)

    def test_what_was_opened_and_lost_its_answer_is_open_when_it_is_asked_after(
        self, storage: Storage
    ) -> None:
        device = FullDevice(moods=["silent"])
        first = Till(storage.open(), device)
        first.begin(guards.Request(UIDS[0], "1", "shift-open", "11", Content("EUR", 0, (), (), shift=1)))
        first.carry_out()
        again = Till(storage.open(), device, first.now_ms + 1_000)
        again.recover()
        assert again.live(UIDS[0]).state.value == "done"
        shift = again.journal.shift("1")
        assert shift is not None
        assert shift.is_open

    def test_what_ends_while_none_is_open_belongs_to_the_next(self, till: Till) -> None:
        till.open_up()
        till.close(UIDS[1])
        float_record = replace(
            till.full.documents[0], number=3, key="float.SKO-1.1", kind="deposit", total_minor=5_000,
            unique_number="F1", text="float", tenders=(),
        )  # fmt: skip
        till.full.documents.append(float_record)
        till.tell(Recorded((float_record,)))
        assert till.journal.shift_balances("1", 1).get(Account.DRAWER, 0) == 0
        till.open_up(UIDS[2])
        assert till.journal.shift_balances("1", 2)[Account.DRAWER] == 5_000


class TestAnotherDevice:
    """The device breaks in the middle of a shift, and another one is put in its place."""

    def test_the_old_ones_shift_ends_and_the_next_opens_at_the_new_one(self, till: Till) -> None:
        till.open_up()
        till.sell()
        till.tell(FullDevice("SKO-2").health(till.now_ms))
        shift = till.journal.shift("1")
        assert shift is not None
        assert (shift.number, shift.state, shift.closed_by) == (1, "closed", "")
        last = till.journal.last_audit()
        assert last is not None
        assert last.what == "shift-ended-with-device"
        other = Till(till.journal, FullDevice("SKO-2"), till.now_ms)
        other.open_up(UIDS[2])
        assert other.sell(UIDS[3]).shift == 2

    def test_the_old_one_comes_back_and_it_goes_on(self, till: Till) -> None:
        till.open_up()
        till.tell(FullDevice("SKO-2").health(till.now_ms))
        till.look()
        shift = till.journal.shift("1")
        assert shift is not None
        assert shift.is_open
        assert till.sell().shift == 1

    def test_a_shift_that_is_being_closed_waits_for_its_answer(self, till: Till) -> None:
        till.open_up()
        counted = till.count({})
        till.look()
        content = Content("EUR", 0, (), (), shift=1, count=counted.uid)
        till.begin(guards.Request(UIDS[1], "1", "shift-close", "11", content))
        till.tell(FullDevice("SKO-2").health(till.now_ms))
        shift = till.journal.shift("1")
        assert shift is not None
        assert shift.is_open


class TestCounting:
    def test_it_is_blind_until_it_is_stored(self, till: Till) -> None:
        till.open_up()
        till.sell()
        till.write(lambda place, now: shifts.open_count(place, "1", "11", now))
        assert shifts.is_blind(till.place, "1")
        state = cash_book.state_of(till.place, "1", "EUR")
        assert (state.blind, state.book_minor, state.device_minor, state.difference_minor) == (
            True, None, None, None,
        )  # fmt: skip
        with pytest.raises(FaultError) as error:
            till.sell(UIDS[2])
        assert refused(error) == "till.held"
        counted = till.write(
            lambda place, now: shifts.store_count(place, "1", "EUR", "11", ({100: 5, 10: 6}, "short"), now)
        )
        assert (counted.counted_minor, counted.expected_minor, counted.difference_minor) == (560, 568, -8)
        assert counted.denominations == ((100, 5), (10, 6))
        assert not shifts.is_blind(till.place, "1")

    def test_a_count_that_was_not_opened_is_none(self, till: Till) -> None:
        till.open_up()
        with pytest.raises(FaultError) as error:
            till.write(lambda place, now: shifts.store_count(place, "1", "EUR", "11", ({}, ""), now))
        assert refused(error) == "till.count-missing"

    def test_counting_again_is_a_new_entry(self, till: Till) -> None:
        till.open_up()
        first = till.count({100: 1})
        second = till.count({100: 2})
        assert [one.uid for one in till.journal.counts("1", 1)] == [first.uid, second.uid]

    def test_a_reason_is_given_once(self, till: Till) -> None:
        till.open_up()
        counted = till.count({100: 1})
        till.write(lambda place, now: shifts.explain(place, counted.uid, "11", "miscounted", now))
        with pytest.raises(FaultError):
            till.write(lambda place, now: shifts.explain(place, counted.uid, "11", "other", now))
        assert till.journal.counts("1", 1)[0].reason == "miscounted"

    def test_letting_go_frees_the_till(self, till: Till) -> None:
        till.open_up()
        till.write(lambda place, now: shifts.open_count(place, "1", "11", now))
        till.write(lambda place, now: shifts.release(place, "1", "12", now))
        till.write(lambda place, now: shifts.release(place, "1", "12", now))
        assert till.sell().state.value == "done"

    def test_what_people_do_with_counts_stands_in_the_audit_chain(self, till: Till) -> None:
        till.open_up()
        till.count({100: 1})
        last = till.journal.last_audit()
        assert last is not None
        assert (last.who, last.what, last.number) == ("11", "count-stored", 2)

    def test_a_till_that_is_held_for_something_else_is_not_counted(self, till: Till) -> None:
        till.open_up()
        till.write(lambda place, now: place.journal.set_hold(Hold("1", "correction", "31", now)))
        with pytest.raises(FaultError) as error:
            till.write(lambda place, now: shifts.open_count(place, "1", "11", now))
        assert refused(error) == "till.held"


class TestClosing:
    def test_it_closes_with_its_count_and_prints_the_z(self, till: Till) -> None:
        till.open_up()
        till.do("cash-in", cash(10_000), UIDS[2])
        till.sell()
        till.do("cash-out", cash(2_000), UIDS[3])
        closed = till.close(UIDS[4], {500: 17, 10: 6})
        shift = till.journal.shift("1")
        assert shift is not None
        assert (shift.state, shift.closed_by) == ("closed", "11")
        assert till.journal.hold("1") is None
        z = stored.decode(document(till.journal, closed.uid, "z-report"))
        assert isinstance(z, ShiftReport)
        assert list(contradictions(z)) == []
        assert (z.cash_start_minor, z.cash_in_minor, z.cash_sales_minor, z.cash_out_minor) == (
            0, 10_000, 568, 2_000,
        )  # fmt: skip
        assert (z.cash_end_minor, z.device_cash_minor, z.number) == (8_568, 8_568, closed.number)
        assert z.counted is not None
        assert z.counted.difference_minor == 8_560 - 8_568
        assert [(one.kind, one.tender, one.count, one.amount_minor) for one in z.sums] == [
            ("cash-in", "cash", 1, 10_000), ("cash-out", "cash", 1, 2_000), ("cash-sale", "cash", 1, 568),
        ]  # fmt: skip
        ends = {one.party: one.end for one in z.parties}
        assert ends == {"control": "agreed", "operator": "unconfirmed"}
        assert z.undelivered == 5
        assert z.registration is not None

    def test_it_does_not_close_without_a_count_or_with_another_one(self, till: Till) -> None:
        till.open_up()
        first = till.count({})
        till.count({})
        for name in ("", first.uid):
            with pytest.raises(FaultError) as error:
                till.do("shift-close", Content("EUR", 0, (), (), shift=1, count=name), UIDS[1])
            assert refused(error) == "till.count-missing"

    def test_it_does_not_close_while_a_document_of_the_device_is_not_held(self, till: Till) -> None:
        till.open_up()
        counted = till.count({})
        health = till.full.health(till.now_ms)
        till.tell(replace(health, last_number=(health.last_number or 0) + 1))
        with pytest.raises(FaultError) as error:
            till.do("shift-close", Content("EUR", 0, (), (), shift=1, count=counted.uid), UIDS[1])
        assert error.value.fault == Fault("till.documents-differ", document=2)

    def test_it_does_not_close_when_device_and_book_differ(self, till: Till) -> None:
        till.open_up()
        counted = till.count({})
        health = till.full.health(till.now_ms)
        assert health.counters is not None
        till.tell(replace(health, counters=msgspec.structs.replace(health.counters, cash_till_minor=7)))
        with pytest.raises(FaultError) as error:
            till.do("shift-close", Content("EUR", 0, (), (), shift=1, count=counted.uid), UIDS[1])
        assert refused(error) == "fiscal.cash-mismatch-at-shift-close"


def test_an_x_says_how_a_shift_stands_and_changes_nothing(journal: JournalPort) -> None:
    till = Till(journal)
    till.open_up()
    till.sell()
    shift = till.journal.shift("1")
    assert shift is not None
    for _ in range(2):
        x = reports.x_report(till.place, shift, till.now_ms)
        assert (x.document, x.shift, x.cash_end_minor, x.uid) == ("x-report", 1, 568, "")
        assert list(contradictions(x)) == []

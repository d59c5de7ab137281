"""Refunds, voids, exchanges and approvals through the runner: never above the sale, whatever happens."""

from dataclasses import replace

import pytest

from tests.journal.storages import UIDS
from tests.journal.tills import FISCAL, LINES, SALE, FullDevice, Till, whole_refund
from tests.journal.worlds import LOST
from tillwright.books.cash import Account
from tillwright.journal import refunds
from tillwright.journal.port import JournalPort
from tillwright.journal.runner import Begin
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import FaultError
from tillwright.kernel.outcome import NoAnswer, Refused
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Operation, Tender
from tillwright.operations.states import OperationState
from tillwright.parties.wire import Recorded, Told


@pytest.fixture
def till(journal: JournalPort) -> Till:
    """A shift is open, and one sale is done."""
    made = Till(journal)
    made.open_up()
    made.sell()
    return made


def left(till: Till) -> int:
    return till.journal.refundable(sale(till)).left_minor


def sale(till: Till) -> Operation:
    found = till.runner.read(UIDS[1])
    assert found is not None
    return found


def refund(till: Till, uid: str, content: Content | None = None, identity: str = "g1") -> Operation:
    till.approve(uid, identity=identity)
    return till.do("refund", content or whole_refund(), uid, approvals=(identity,))


def half() -> Content:
    lines = (replace(LINES[0], quantity_milli=1_000, total_minor=200, of=1),)
    return whole_refund(total_minor=200, lines=lines, tenders=(Tender("cash", 200),))


def code(error: pytest.ExceptionInfo[FaultError]) -> str:
    return error.value.fault.code


class TestARefund:
    def test_it_takes_the_sale_back_with_its_document(self, till: Till) -> None:
        done = refund(till, UIDS[2])
        assert done.state is OperationState.DONE
        assert done.origin == "SKO1U2"
        assert done.approved_by == ("21",)
        assert till.full.documents[-1].of == "SKO1U2"
        assert left(till) == 0
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 0
        assert till.journal.balance_minor("1", "EUR", Account.REFUNDS) == 568

    def test_in_part_and_then_the_rest(self, till: Till) -> None:
        refund(till, UIDS[2], half())
        assert left(till) == 368
        with pytest.raises(FaultError) as error:
            refund(till, UIDS[3], identity="g2")
        assert code(error) == "till.refund-exceeds-sale"
        lines = (
            replace(LINES[0], quantity_milli=1_000, total_minor=200, of=1), replace(LINES[1], of=2),
        )  # fmt: skip
        rest = whole_refund(total_minor=368, lines=lines, tenders=(Tender("cash", 368),))
        assert refund(till, UIDS[4], rest, "g3").state is OperationState.DONE
        assert left(till) == 0

    def test_a_red_one_counts(self, till: Till) -> None:
        till.approve(UIDS[2])
        till.begin(Request(UIDS[2], "1", "refund", "11", whole_refund(), ("g1",)))
        assert left(till) == 0
        assert till.journal.successor(UIDS[1]) == 3

    def test_one_that_the_device_refuses_gives_it_back(self, till: Till) -> None:
        till.approve(UIDS[2])
        begun = till.begin(Request(UIDS[2], "1", "refund", "11", whole_refund(), ("g1",)))
        till.effects.clear()
        no = Refused(LOST, Evidence(Source.REPLY, till.now_ms))
        till.tell(Told(begun.legs[0].key, no, False, None))
        ended = till.runner.read(UIDS[2])
        assert ended is not None
        assert ended.state is OperationState.REFUSED
        assert left(till) == 568
        assert refund(till, UIDS[3], identity="g2").state is OperationState.DONE

    def test_one_that_happened_after_all_goes_beyond_the_sale_and_is_told(self, till: Till) -> None:
        till.approve(UIDS[2])
        begun = till.begin(Request(UIDS[2], "1", "refund", "11", whole_refund(), ("g1",)))
        till.effects.clear()
        no = Refused(LOST, Evidence(Source.REPLY, till.now_ms))
        till.tell(Told(begun.legs[0].key, no, False, None))
        refund(till, UIDS[3], identity="g2")
        late = till.full.write(begun, begun.legs[0], till.now_ms)
        till.tell(Recorded((late,)))
        again = till.runner.read(UIDS[2])
        assert again is not None
        assert again.state is OperationState.RED
        found = till.journal.refundable(sale(till))
        assert (found.left_minor, found.beyond_minor) == (0, 568)

    def test_two_tills_at_once_one_wins(self, till: Till) -> None:
        """Both have asked before either was written: they meet in one batch."""
        till.journal.begin()
        till.journal.open_shift(replace(till.journal.shift("1"), till="2"))  # type: ignore[type-var, arg-type]
        till.journal.commit()
        rich = replace(FISCAL, approvals=())
        both = Till(till.journal, till.full, till.now_ms, rules=rich)
        both.look()
        wanted = [Request(UIDS[number], str(number - 1), "refund", "11", whole_refund()) for number in (2, 3)]
        done = both.process(*(Begin(one) for one in wanted))
        told = [answer.error for answer in done.answers]
        assert told[0] is None
        assert isinstance(told[1], FaultError)
        assert told[1].fault.code == "till.successor-unfinished"
        assert left(both) == 0

    def test_without_an_approval_nothing_begins(self, till: Till) -> None:
        with pytest.raises(FaultError) as error:
            till.do("refund", whole_refund(), UIDS[2])
        assert code(error) == "till.approval-needed"

    @pytest.mark.parametrize("wrong", ["other operation", "other till", "too late", "used"])
    def test_an_approval_that_does_not_hold_is_none(self, till: Till, wrong: str) -> None:
        uid = UIDS[3] if wrong == "other operation" else UIDS[2]
        till.approve(uid)
        if wrong == "other till":
            grant = till.journal.grant("g1")
            assert grant is not None
            till.write(lambda place, _: place.journal.store_grant(replace(grant, id="g2", till="2")))
        if wrong == "too late":
            till.now_ms += 120_000
        if wrong == "used":
            till.write(lambda place, now: place.journal.use_grant("g1", now))
        identity = "g2" if wrong == "other till" else "g1"
        with pytest.raises(FaultError) as error:
            till.do("refund", whole_refund(), UIDS[2], approvals=(identity,))
        assert code(error) == "till.approval-invalid"
        assert left(till) == 568

    def test_a_refused_beginning_leaves_the_approval_unused(self, till: Till) -> None:
        till.approve(UIDS[2])
        too_much = whole_refund(total_minor=600, tenders=(Tender("cash", 600),))
        with pytest.raises(FaultError):
            till.do("refund", too_much, UIDS[2], approvals=("g1",))
        assert till.journal.grant("g1") is not None

    def test_it_stands_in_the_audit_chain(self, till: Till) -> None:
        refund(till, UIDS[2])
        last = till.journal.last_audit()
        assert last is not None
        assert last.what == "operation-begun"
        assert '"approved_by":"21"' in last.facts


class TestAVoid:
    def test_it_takes_a_sale_of_this_shift_back(self, till: Till) -> None:
        lines = whole_refund().lines
        void = replace(whole_refund(), lines=lines)
        done = till.do("void", void, UIDS[2])
        assert (done.state, done.origin) == (OperationState.DONE, "SKO1U2")
        assert till.full.documents[-1].kind == "annulment"
        assert left(till) == 0


class TestAnExchange:
    def test_two_halves_with_what_is_owed_between_them(self, till: Till) -> None:
        wanted = replace(
            SALE, tenders=(Tender("cash", 368), Tender("exchange", 200)), exchange=UIDS[3]
        )  # fmt: skip
        sold = till.do("cash-sale", wanted, UIDS[2])
        assert till.journal.balance_minor("1", "EUR", Account.OWED) == 200
        back = whole_refund(
            total_minor=200, lines=half().lines, tenders=(Tender("exchange", 200),), exchange=sold.uid
        )
        assert refund(till, UIDS[3], back).state is OperationState.DONE
        assert till.journal.balance_minor("1", "EUR", Account.OWED) == 0
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 568 + 368
        assert till.full.cash_minor == 568 + 368

    def test_a_refund_that_failed_stays_offered_under_another_name(self, till: Till) -> None:
        wanted = replace(
            SALE, tenders=(Tender("cash", 368), Tender("exchange", 200)), exchange=UIDS[3]
        )  # fmt: skip
        till.do("cash-sale", wanted, UIDS[2])
        back = whole_refund(
            total_minor=200, lines=half().lines, tenders=(Tender("exchange", 200),), exchange=UIDS[2]
        )
        till.approve(UIDS[3])
        begun = till.begin(Request(UIDS[3], "1", "refund", "11", back, ("g1",)))
        till.effects.clear()
        assert not refunds.may_retry(till.place, till.runner.read(UIDS[2]))
        no = Refused(LOST, Evidence(Source.REPLY, till.now_ms))
        till.tell(Told(begun.legs[0].key, no, False, None))
        assert refunds.may_retry(till.place, till.runner.read(UIDS[2]))
        assert refund(till, UIDS[4], back, "g2").state is OperationState.DONE


class TestWhatIsOwed:
    def test_a_payout_that_was_not_handed_out_is_owed_until_it_is(self, journal: JournalPort) -> None:
        till = Till(journal, FullDevice(), rules=replace(FISCAL, approvals=()))
        till.open_up()
        till.sell()
        till.full.moods = ["silent", *["silent"] * 30]
        begun = till.begin(Request(UIDS[2], "1", "refund", "11", whole_refund()))
        for told in till.carry_out():
            till.tell(told)
        while till.runner.read(UIDS[2]).state is not OperationState.RED:  # type: ignore[union-attr]
            till.turn()
        record = till.full.of(begun.legs[0].key)
        assert record is not None
        till.effects.clear()
        till.full.moods = []
        till.look()
        ruled = till.rule(
            UIDS[2], happened=True, then="owed", document_number=record.number,
            registered_ms=record.registered_ms, unique_number=record.unique_number,
        )  # fmt: skip
        assert (ruled.state, ruled.owed) == (OperationState.DONE, True)
        assert refunds.owed_minor(till.place, "1", "EUR") == 568
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 568
        assert till.full.cash_minor == 0
        paid = Content("EUR", 568, (), (Tender("cash", 568),), parent=UIDS[2])
        assert till.do("payout", paid, UIDS[3]).state is OperationState.DONE
        assert refunds.owed_minor(till.place, "1", "EUR") == 0
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 0
        with pytest.raises(FaultError):
            till.do("payout", paid, UIDS[4])


def test_a_refund_of_another_copy_of_us_takes_what_it_took(till: Till) -> None:
    key = f"{UIDS[5]}.1"
    sold = till.full.documents[-1]
    record = replace(
        sold, number=3, unique_number="SKO1U3", key=key, kind="refund", of=sold.unique_number, text="words"
    )  # fmt: skip
    till.full.documents.append(record)
    till.tell(Recorded((record,)))
    taken = till.runner.read(UIDS[5])
    assert taken is not None
    assert (taken.kind, taken.content.parent, taken.origin) == ("refund", UIDS[1], sold.unique_number)
    assert left(till) == 0
    assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 0


def test_a_silent_refund_keeps_what_it_reserved_over_a_restart(till: Till) -> None:
    till.approve(UIDS[2])
    begun = till.begin(Request(UIDS[2], "1", "refund", "11", whole_refund(), ("g1",)))
    till.effects.clear()
    till.tell(Told(begun.legs[0].key, NoAnswer(LOST), False, None))
    again = Till(till.journal, till.full, till.now_ms + 1)
    again.recover(reads=False)
    assert left(again) == 0

"""Cash by the book and by the device, what explains a difference, and the emergency correction."""

from dataclasses import replace

import msgspec
import pytest

from tests.journal.storages import UIDS
from tests.journal.tills import SALE, FullDevice, Till, cash
from tests.journal.worlds import LOST
from tillwright.books.cash import Account
from tillwright.journal import cash as cash_book
from tillwright.journal import shifts
from tillwright.journal.cash import CashState
from tillwright.journal.port import JournalPort
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.outcome import NoAnswer
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Operation
from tillwright.operations.states import OperationState
from tillwright.parties.wire import Health, Recorded, Told


@pytest.fixture
def till(journal: JournalPort) -> Till:
    made = Till(journal)
    made.open_up()
    made.sell()
    return made


def state(till: Till) -> CashState:
    return cash_book.state_of(till.place, "1", "EUR")


def off_by(till: Till, amount_minor: int) -> Health:
    """The device counts so much more than its documents say."""
    health = till.full.health(till.now_ms)
    assert health.counters is not None
    cash_minor = health.counters.cash_till_minor + amount_minor
    return replace(health, counters=msgspec.structs.replace(health.counters, cash_till_minor=cash_minor))


def correct(till: Till, amount_minor: int, uid: str = UIDS[4]) -> Operation:
    """Hold, read, and correct by so much."""
    till.write(lambda place, now: shifts.hold_for_correction(place, "1", "31", now))
    shown = state(till)
    content = Content(
        "EUR", amount_minor, (), (), reason="unexplained", after=shown.device_number or 0
    )  # fmt: skip
    try:
        return till.begin(Request(uid, "1", "correction", "31", content, role="administrator"))
    finally:
        till.write(lambda place, now: shifts.release(place, "1", "31", now))


class TestTheTwoSides:
    def test_they_agree(self, till: Till) -> None:
        found = state(till)
        assert (found.drawer_minor, found.device_minor, found.difference_minor) == (568, 568, 0)
        assert (found.shift_minor, found.explained, found.device_number) == (568, (), 2)

    def test_a_device_that_cannot_be_read_says_nothing(self, till: Till) -> None:
        till.tell(till.full.health(till.now_ms, "lost"))
        found = state(till)
        assert (found.device_minor, found.difference_minor, found.undelivered) == (None, None, None)
        assert found.book_minor == 568

    def test_a_red_operation_explains(self, till: Till) -> None:
        begun = till.begin(Request(UIDS[2], "1", "cash-sale", "11", SALE))
        till.effects.clear()
        till.full.write(begun, begun.legs[0], till.now_ms)
        till.tell(Told(begun.legs[0].key, NoAnswer(LOST), False, None))
        till.look()
        found = state(till)
        assert found.difference_minor == 568
        assert [one.uid for one in found.explained] == [UIDS[2]]

    def test_cash_goes_out_only_if_the_device_has_it(self, till: Till) -> None:
        till.tell(off_by(till, -68))
        with pytest.raises(FaultError) as error:
            till.do("cash-out", cash(568), UIDS[2])
        assert error.value.fault == Fault(
            "fiscal.negative-shift-balance", currency="EUR", device_minor=500, amount_minor=568
        )
        assert till.do("cash-out", cash(500), UIDS[3]).state is OperationState.DONE


class TestCorrection:
    def test_it_posts_the_difference_and_nothing_else(self, till: Till) -> None:
        till.tell(off_by(till, 32))
        done = correct(till, 32)
        assert (done.state, done.legs) == (OperationState.DONE, ())
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 600
        assert till.journal.balance_minor("1", "EUR", Account.OVER_SHORT) == -32
        last = till.journal.last_audit()
        assert last is not None
        assert till.journal.hold("1") is None

    @pytest.mark.parametrize(("off", "shown", "said"), [
        (0, 5, "till.correction-nothing"), (32, 31, "till.correction-not-equal"),
    ])  # fmt: skip
    def test_what_was_shown_must_still_be_so(self, till: Till, off: int, shown: int, said: str) -> None:
        till.tell(off_by(till, off))
        with pytest.raises(FaultError) as error:
            correct(till, shown)
        assert error.value.fault.code == said

    def test_only_while_the_till_is_held(self, till: Till) -> None:
        till.tell(off_by(till, 32))
        content = Content("EUR", 32, (), (), reason="unexplained", after=2)
        with pytest.raises(FaultError) as error:
            till.begin(Request(UIDS[4], "1", "correction", "31", content, role="administrator"))
        assert error.value.fault.code == "till.too-late"

    def test_never_by_a_cashier(self, till: Till) -> None:
        till.tell(off_by(till, 32))
        till.write(lambda place, now: shifts.hold_for_correction(place, "1", "11", now))
        content = Content("EUR", 32, (), (), reason="unexplained", after=2)
        with pytest.raises(FaultError) as error:
            till.begin(Request(UIDS[4], "1", "correction", "11", content, role="senior"))
        assert error.value.fault.code == "till.approval-needed"

    def test_what_overturning_a_ruling_would_explain_is_refused(self, journal: JournalPort) -> None:
        till = Till(journal)
        till.open_up()
        till.deliver()
        begun = till.begin(Request(UIDS[1], "1", "cash-sale", "11", SALE))
        till.effects.clear()
        till.tell(Told(begun.legs[0].key, NoAnswer(LOST), False, None))
        till.now_ms += 5_000
        till.process(*till.runner.due(till.now_ms))
        till.look()
        till.rule(UIDS[1], happened=False, then="returned")
        till.tell(off_by(till, 568))
        assert [one.uid for one in state(till).explained] == [UIDS[1]]
        with pytest.raises(FaultError) as error:
            correct(till, 568)
        assert error.value.fault == Fault("till.correction-explained", number=begun.number)

    def test_an_open_or_red_till_is_not_held_for_it(self, till: Till) -> None:
        till.begin(Request(UIDS[2], "1", "cash-sale", "11", SALE))
        with pytest.raises(FaultError) as error:
            till.write(lambda place, now: shifts.hold_for_correction(place, "1", "31", now))
        assert error.value.fault.code == "till.operation-open"

    def test_what_turns_up_of_before_goes_against_over_and_short(self, till: Till) -> None:
        """The device had counted a document that we could not read; the correction has swallowed it."""
        hidden = replace(
            till.full.documents[-1], number=3, key=f"{UIDS[5]}.1", unique_number="SKO1U3", text="hidden"
        )
        till.full.documents.append(hidden)
        till.look()
        assert state(till).difference_minor == 568
        correct(till, 568)
        drawer_minor = till.journal.balance_minor("1", "EUR", Account.DRAWER)
        till.tell(Recorded((hidden,)))
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == drawer_minor == 1_136
        assert till.journal.balance_minor("1", "EUR", Account.OVER_SHORT) == 0
        assert till.journal.balance_minor("1", "EUR", Account.SALES) == -1_136
        till.look()
        assert till.sell(UIDS[6]).state is OperationState.DONE
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 1_136 + 568

    def test_a_red_sale_of_before_too(self, till: Till) -> None:
        begun = till.begin(Request(UIDS[2], "1", "cash-sale", "11", SALE))
        till.effects.clear()
        till.tell(Told(begun.legs[0].key, NoAnswer(LOST), False, None))
        till.now_ms += 5_000
        till.process(*till.runner.due(till.now_ms))
        till.effects.clear()
        till.deliver()
        till.look()
        till.rule(UIDS[2], happened=False, then="returned")
        late = till.full.write(begun, begun.legs[0], till.now_ms)
        till.look()
        till.write(lambda place, now: place.journal.set_value("corrected:1:SKO-1", str(late.number)))
        till.tell(Recorded((late,)))
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 568


class TestAnotherDevice:
    def test_the_device_that_was_asked_is_kept_with_the_leg(self, till: Till) -> None:
        sold = till.runner.read(UIDS[1])
        assert sold is not None
        assert sold.legs[0].serial == "SKO-1"
        assert till.journal.sent_to(sold.legs[0].key) == "SKO-1"

    def test_and_another_one_when_it_is_asked_anew(self, till: Till) -> None:
        till.device.moods = ["gone"]
        begun = till.begin(Request(UIDS[2], "1", "cash-sale", "11", SALE))
        for told in till.carry_out():
            till.tell(told)
        other = FullDevice("SKO-2")
        till.tell(other.health(till.now_ms))
        till.full.serial = "SKO-2"
        till.turn()
        again = till.runner.read(UIDS[2])
        assert again is not None
        assert again.legs[0].serial == "SKO-2"
        assert till.journal.sent_to(begun.legs[0].key) == "SKO-2"

"""The station dies at each single call of the journal, in every kind of operation and in what people do
besides: afterwards it is there once, at the device, in the journal, in the book.

The same crash as in `test_crashes`, on a whole fiscal till. The people do what people do: they try again.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.journal.storages import UIDS, InAFile, InMemory, Storage
from tests.journal.test_crashes import Crash, Mortal
from tests.journal.tills import FISCAL, SALE, FullDevice, Operator, Till, cash, whole_refund
from tests.journal.worlds import LOST
from tillwright.books.cash import Account
from tillwright.journal import refunds, shifts
from tillwright.journal.place import OPERATOR
from tillwright.kernel.outcome import NoAnswer
from tillwright.operations.guards import Request
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Content
from tillwright.parties.wire import Recorded, Told

RULES = replace(FISCAL, approvals=())
FLOAT, SOLD, UID, BACK = UIDS[1], UIDS[2], UIDS[3], UIDS[4]


@dataclass(frozen=True)
class Story:
    """What was there before, what is done, and what has to be true in the end. `done` is done again after
    each crash, as the page does it.
    """

    done: Callable[[Till], None]
    check: Callable[[Till], None]
    before: Callable[[Till], None] = lambda _till: None


def with_cash(till: Till) -> None:
    """A shift is open, there is a float, and one sale is done."""
    till.open_up()
    till.do("cash-in", cash(10_000), FLOAT)
    till.do("cash-sale", SALE, SOLD)


def kind(name: str, content: Content) -> Callable[[Till], None]:
    def done(till: Till) -> None:
        till.begin(Request(UID, "1", name, "11", content))
        till.live(UID)
        till.look()

    return done


def drawer(till: Till) -> int:
    return till.journal.balance_minor("1", "EUR", Account.DRAWER)


def once(amount_minor: int, kind: str) -> Callable[[Till], None]:
    """The drawer holds this, the device has one document of this kind for it, and the two agree."""

    def check(till: Till) -> None:
        assert drawer(till) == amount_minor == till.full.cash_minor
        assert [one.kind for one in till.full.documents if one.key.startswith(UID)] == [kind]
        operation = till.journal.operation(UID)
        assert operation is not None
        assert (operation.state.value, operation.posted) == ("done", True)
        assert till.journal.unfinished() == []
        events = till.journal.events(UID)
        assert [event.version for event in events] == list(range(1, operation.version + 1))

    return check


def refunded(till: Till) -> None:
    once(10_000, "refund")(till)
    sale = till.journal.operation(SOLD)
    assert sale is not None
    left = till.journal.refundable(sale)
    assert (left.left_minor, left.beyond_minor) == (0, 0)


def closes(till: Till) -> None:
    """Count if that has not been done, and close with what was counted last."""
    if till.journal.operation(UID) is None:
        hold = till.journal.hold("1")
        if hold is None or hold.purpose == shifts.COUNT:
            till.count({500: 21, 10: 6})
        till.look()
    counts = till.journal.counts("1", 1)
    kind("shift-close", Content("EUR", 0, (), (), shift=1, count=counts[-1].uid))(till)


def closed(till: Till) -> None:
    shift = till.journal.shift("1")
    assert shift is not None
    assert (shift.number, shift.state) == (1, "closed")
    assert till.journal.hold("1") is None
    assert 1 <= len(till.journal.counts("1", 1)) <= 2
    assert [one.kind for one in till.full.documents].count("shift-close") == 1


def opened(till: Till) -> None:
    shift = till.journal.shift("1")
    assert shift is not None
    assert (shift.number, shift.is_open) == (1, True)
    assert [one.kind for one in till.full.documents] == ["shift-open"]


def off(till: Till) -> None:
    """The device counts 32 more than the book."""
    with_cash(till)
    record = replace(
        till.full.documents[-1], key="float.x", kind="deposit", number=4, total_minor=32,
        unique_number="F4", text="float", tenders=(replace(SALE.tenders[0], amount_minor=32),),
    )  # fmt: skip
    till.full.documents.append(record)


def corrects(till: Till) -> None:
    till.look()
    if till.journal.operation(UID) is None:
        till.write(lambda place, now: shifts.hold_for_correction(place, "1", "31", now))
        content = Content("EUR", 32, (), (), reason="unexplained", after=4)
        till.begin(Request(UID, "1", "correction", "31", content, role="administrator"))


def corrected(till: Till) -> None:
    assert drawer(till) == 10_600
    assert till.journal.balance_minor("1", "EUR", Account.OVER_SHORT) == -32
    assert till.journal.hold("1") is None


def owing(till: Till) -> None:
    """A refund that the device has registered, and whose money was not handed out."""
    with_cash(till)
    begun = till.begin(Request(BACK, "1", "refund", "11", whole_refund(SOLD)))
    till.effects.clear()
    record = till.full.write(begun, begun.legs[0], till.now_ms)
    till.tell(Told(begun.legs[0].key, NoAnswer(LOST), False, None))
    till.now_ms += 5_000
    till.process(*till.runner.due(till.now_ms))
    till.effects.clear()
    till.look()
    till.rule(
        BACK, happened=True, then="owed", document_number=record.number, registered_ms=record.registered_ms,
        unique_number=record.unique_number,
    )  # fmt: skip


def paid_out(till: Till) -> None:
    assert drawer(till) == 10_000 == till.full.cash_minor
    assert refunds.owed_minor(till.place, "1", "EUR") == 0
    operation = till.journal.operation(UID)
    assert operation is not None
    assert (operation.state.value, operation.posted, operation.legs) == ("done", True, ())


def red(till: Till) -> None:
    """A sale of which nobody knows; the device has not got it."""
    with_cash(till)
    till.deliver()
    begun = till.begin(Request(UID, "1", "cash-sale", "11", SALE))
    till.effects.clear()
    till.tell(Told(begun.legs[0].key, NoAnswer(LOST), False, None))
    till.now_ms += 5_000
    till.process(*till.runner.due(till.now_ms))
    till.effects.clear()
    till.look()


def rules_it(till: Till) -> None:
    till.effects.clear()
    till.look()
    operation = till.journal.operation(UID)
    assert operation is not None
    if not operation.ended:
        till.rule(UID, happened=False, then="returned")


def ruled(till: Till) -> None:
    operation = till.journal.operation(UID)
    assert operation is not None
    assert operation.state.value == "refused"
    assert len(till.journal.rulings(UID)) == 1
    audit = till.journal.last_audit()
    assert audit is not None
    assert (audit.number, audit.what) == (1, "ruling")
    assert drawer(till) == 10_568


def delivers(till: Till) -> None:
    till.process()
    till.deliver()


def delivered(till: Till) -> None:
    assert till.journal.waiting(OPERATOR, "1").count == 0
    assert sorted(set(till.operator.brought)) == [("SKO-1", number) for number in (1, 2, 3)]


def unheard(till: Till) -> None:
    """The device has documents of another copy of us: a shift that was closed, and the next one."""
    with_cash(till)
    base, made = till.full.documents[-1], till.full.documents
    of = base.unique_number
    for number, (what, total, shift, origin) in enumerate(
        [("refund", 568, 1, of), ("withdrawal", 10_000, 1, ""), ("shift-close", 0, 1, ""),
         ("shift-open", 0, 2, ""), ("deposit", 7_000, 2, "")], start=4,
    ):  # fmt: skip
        paid = tuple(replace(one, amount_minor=total) for one in base.tenders) if total else ()
        made.append(
            replace(
                base, number=number, key=f"{UIDS[number]}.1", kind=what, total_minor=total, shift=shift,
                unique_number=f"SKO1U{number}", text=f"{what} {number}", of=origin, tenders=paid,
            )
        )  # fmt: skip


def hears(till: Till) -> None:
    held = till.journal.last_document("SKO-1")
    till.tell(Recorded(tuple(till.full.documents[held:])))
    till.look()


def heard(till: Till) -> None:
    assert drawer(till) == 7_000 == till.full.cash_minor
    shift = till.journal.shift("1")
    assert shift is not None
    assert (shift.number, shift.is_open) == (2, True)
    assert till.journal.shift_balances("1", 2)[Account.DRAWER] == 7_000
    sale = till.journal.operation(SOLD)
    assert sale is not None
    assert till.journal.refundable(sale).left_minor == 0
    assert till.place.epoch == 2
    assert till.journal.last_document("SKO-1") == 8


STORIES = {
    "shift-open": Story(kind("shift-open", Content("EUR", 0, (), (), shift=1)), opened),
    "cash-sale": Story(kind("cash-sale", SALE), once(11_136, "sale"), with_cash),
    "refund": Story(kind("refund", whole_refund(SOLD)), refunded, with_cash),
    "void": Story(kind("void", whole_refund(SOLD)), once(10_000, "annulment"), with_cash),
    "cash-in": Story(kind("cash-in", cash(5_000)), once(15_568, "deposit"), with_cash),
    "cash-out": Story(kind("cash-out", cash(5_000)), once(5_568, "withdrawal"), with_cash),
    "shift-close": Story(closes, closed, with_cash),
    "correction": Story(corrects, corrected, off),
    "payout": Story(kind("payout", cash(568, parent=BACK, reason="")), paid_out, owing),
    "ruling": Story(rules_it, ruled, red),
    "delivery": Story(delivers, delivered, with_cash),
    "taking over": Story(hears, heard, unheard),
}


class Shop:
    """What outlives a crash: the journal's storage, the device, the operator."""

    def __init__(self, storage: Storage, story: Story) -> None:
        self.storage, self.story = storage, story
        self.device, self.operator = FullDevice(), Operator()
        self.now_ms = 1_763_728_860_000
        story.before(self.till(None))

    def till(self, dies_at: int | None, *, after: bool = False, recovers: bool = False) -> Till:
        journal = self.storage.open()
        self.mortal = Mortal(journal, dies_at, after=after)
        self.now_ms += 10_000
        till = Till(
            self.mortal, self.device, self.now_ms, rules=RULES, operator=self.operator
        )  # fmt: skip
        if recovers:
            till.recover(reads=False)
            till.look()
        return till

    def dies(self, at: int, *, after: bool) -> None:
        """Once with a crash, once without."""
        with suppress(Crash):
            self.story.done(self.till(at, after=after))
        till = self.till(None, recovers=True)
        self.story.done(till)
        self.story.check(till)
        self.storage.close()


def calls_of(story: Story) -> int:
    """How often the port is called."""
    shop = Shop(InMemory(), story)
    till = shop.till(None)
    story.done(till)
    story.check(till)
    return shop.mortal.calls


def test_no_kind_is_forgotten() -> None:
    assert KINDS.keys() <= STORIES.keys()


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whatever_the_call_it_is_there_once(name: str, after: bool) -> None:
    story = STORIES[name]
    calls = calls_of(story)
    assert calls > 8
    for dies_at in range(1, calls + 1):
        Shop(InMemory(), story).dies(dies_at, after=after)


@pytest.mark.parametrize("name", STORIES)
def test_on_disk_too(name: str, tmp_path: Path) -> None:
    """A sample: the same code, on the real tables."""
    story = STORIES[name]
    calls = calls_of(story)
    for number, dies_at in enumerate(range(1, calls + 1, max(1, calls // 6))):
        folder = tmp_path / str(number)
        folder.mkdir()
        Shop(InAFile(folder), story).dies(dies_at, after=bool(number % 2))
    assert len(list(tmp_path.iterdir())) >= 6

"""The device's counters against a model too simple to be wrong: it adds up all documents anew each time.

Whatever is asked, in whatever order, also while it is switched off and on or comes back from an old backup:
the device counts what its documents say, never pays out more than it has, and keeps its shifts apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parties.worlds import START_MS
from tillwright.operations.model import Line, Tender
from tillwright.parties.control.counting import net_tenders
from tillwright.parties.control.device import Device
from tillwright.parties.control.messages import KINDS, DeviceProfile, Register, Restore, decode_document
from tillwright.parties.control.store import MemoryStore

OUT = ("refund", "annulment", "withdrawal")


@dataclass(frozen=True)
class Wish:
    """One request: a kind, a sum, how it is paid; `of`: which of the sales so far it takes back."""

    kind: str
    total_minor: int
    card_minor: int
    of: int
    repeat: bool


wishes = st.builds(
    Wish,
    kind=st.sampled_from((*KINDS, "sale", "sale", "shift-open")),
    total_minor=st.integers(1, 1_000),
    card_minor=st.integers(0, 1_000),
    of=st.integers(0, 5),
    repeat=st.booleans(),
)


@dataclass
class Naive:
    """All documents, and nothing else."""

    documents: list[tuple[str, int, dict[str, int]]] = field(default_factory=list)
    """kind, shift, tenders"""

    def cash_minor(self, shift: int | None = None) -> int:
        return sum(
            (-1 if kind in OUT else 1) * tenders.get("cash", 0)
            for kind, of_shift, tenders in self.documents
            if shift in (None, of_shift)
        )

    def count_and_sum(self, shift: int, kind: str, tender: str) -> tuple[int, int]:
        paid = [
            tenders[tender]
            for one, of_shift, tenders in self.documents
            if (one, of_shift) == (kind, shift) and tender in tenders
        ]
        return len(paid), sum(paid)

    def shift(self) -> tuple[int, str]:
        moves = [(shift, kind) for kind, shift, _ in self.documents if kind.startswith("shift-")]
        if not moves:
            return 0, "closed"
        return moves[-1][0], "open" if moves[-1][1] == "shift-open" else "closed"


def request(wish: Wish, number: int, sales: Sequence[tuple[str, int]]) -> Register:
    origin, total_minor = "", wish.total_minor
    lines: tuple[Line, ...] = ()
    tenders: tuple[Tender, ...] = ()
    if wish.kind in ("refund", "annulment") and sales:
        origin, sold_minor = sales[wish.of % len(sales)]
        total_minor = sold_minor if wish.kind == "annulment" else min(total_minor, sold_minor)
    if wish.kind.startswith("shift-"):
        total_minor = 0
    elif wish.kind in ("sale", "refund", "annulment"):
        card_minor = min(wish.card_minor, total_minor)
        lines = (Line("1", "Milk", 1000, total_minor),)
        tenders = tuple(
            Tender(kind, amount_minor)
            for kind, amount_minor in (("card", card_minor), ("cash", total_minor - card_minor))
            if amount_minor
        )
    return Register(
        1, f"key-{number}", "T1", wish.kind, "EUR", total_minor, f"hash-{number}", lines, tenders, of=origin
    )


def check(device: Device, model: Naive) -> None:
    number, state = model.shift()
    counters = device.counters
    assert (device.shift.number, device.shift.state) == (number, state)
    assert counters.cash_till_minor == model.cash_minor() >= 0
    assert counters.cash_shift_minor == (model.cash_minor(number) if number else 0)
    for kind in KINDS:
        for tender in ("cash", "card"):
            told = counters.sums.get(kind, {}).get(tender)
            found = (told.count, told.sum_minor) if told else (0, 0)
            assert found == model.count_and_sum(number, kind, tender), (kind, tender)


def follow(device: Device, asked: Sequence[Wish]) -> Naive:
    """Ask for all of it; what the device has registered, as the model knows it."""
    model = Naive()
    sales: list[tuple[str, int]] = []
    for number, wish in enumerate(asked):
        wanted = request(wish, number, sales)
        reply = device.answer(wanted, START_MS)
        if reply.document is not None:
            document = decode_document(reply.document)
            model.documents.append((document.kind, document.shift, dict(document.tenders)))
            if document.kind == "sale":
                sales.append((document.unique_number, document.total_minor))
        if wish.repeat:
            again = device.answer(wanted, START_MS)
            assert reply.document is None or again.document == reply.document
        check(device, model)
    return model


def a_device(store: MemoryStore | None = None) -> Device:
    return Device(DeviceProfile(serial="A", till="T1", shifts=True), store or MemoryStore())


@given(st.lists(wishes, max_size=40))
def test_the_counters_are_what_the_documents_say(asked: list[Wish]) -> None:
    device = a_device()
    model = follow(device, asked)
    device.load()
    check(device, model)
    assert device.last_number == len(model.documents)


@given(st.lists(wishes, max_size=40), st.integers(0, 40))
def test_from_an_old_backup_and_handed_its_documents_it_counts_the_same(
    asked: list[Wish], writes: int
) -> None:
    device = a_device()
    model = follow(device, asked)
    texts = list(device.store.texts("A"))
    device.store.forget_after("A", max(0, device.moment - writes))
    device.load()
    check(device, Naive(model.documents[: device.last_number]))
    reply = device.answer(Restore(9, texts[device.last_number :]), START_MS)
    assert reply.ok
    check(device, model)


@given(st.lists(wishes, max_size=40))
def test_every_stored_document_says_what_it_adds_to_the_cash(asked: list[Wish]) -> None:
    device = a_device()
    follow(device, asked)
    documents = device.store.documents("A", 0, 100)
    assert sum(document.cash_minor for document in documents) == device.counters.cash_till_minor
    assert all(document.shift > 0 for document in documents)


def test_a_device_that_had_no_shifts_goes_on_in_its_first() -> None:
    """A twin that is given shifts later has been in shift 1 all along, and says so."""
    store = MemoryStore()
    before = Device(DeviceProfile(serial="A", till="T1"), store)
    before.answer(request(Wish("sale", 500, 0, 0, False), 1, ()), START_MS)
    after = a_device(store)
    assert (after.shift.number, after.shift.state) == (1, "open")
    assert after.counters == before.counters
    assert after.answer(request(Wish("shift-close", 0, 0, 0, False), 2, ()), START_MS).ok


@pytest.mark.parametrize(
    ("kind", "total_minor", "tenders", "paid"),
    [
        ("sale", 568, (("cash", 1_000),), {"cash": 568}),
        ("annulment", 568, (("cash", 1_000),), {"cash": 568}),
        ("refund", 568, (("cash", 1_000),), None),
        ("refund", 568, (("exchange", 500), ("cash", 68)), {"exchange": 500, "cash": 68}),
        ("sale", 568, (("card", 600),), None),
        ("sale", 568, (), None),
        ("deposit", 568, (), {"cash": 568}),
        ("withdrawal", 568, (("cash", 568),), {"cash": 568}),
        ("withdrawal", 568, (("cash", 569),), None),
        ("deposit", 568, (("card", 568),), None),
        ("shift-open", 0, (), {}),
        ("shift-close", 0, (("cash", 1),), None),
    ],
)
def test_what_is_paid_adds_up_to_the_total(
    kind: str, total_minor: int, tenders: tuple[tuple[str, int], ...], paid: dict[str, int] | None
) -> None:
    assert net_tenders(kind, total_minor, [Tender(*tender) for tender in tenders]) == paid


def test_a_sum_of_a_shift_document_is_refused() -> None:
    wrong = msgspec.structs.replace(request(Wish("shift-open", 0, 0, 0, False), 1, ()), total_minor=1)
    reply = a_device().answer(wrong, START_MS)
    assert (reply.code, reply.reason) == ("content", "total")

"""Honest books of a whole fiscal till in a folder: two shifts, returns, cash, a ruling, and an operator that
has it all; made by the real journal, the real device and the real operator, without sockets.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tillwright.journal import rulings, shifts
from tillwright.journal.hearing import hear, notice
from tillwright.journal.place import Place
from tillwright.journal.rulings import Backing
from tillwright.journal.runner import Apply, Begin, Runner
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.kernel.evidence import Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Accepted, NoAnswer
from tillwright.machine.resources import shipped_rules
from tillwright.operations.commands import Send
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.operations.policy import Policy
from tillwright.operations.rulings import Ruling
from tillwright.parties.control import reading
from tillwright.parties.control.device import Device
from tillwright.parties.control.messages import DeviceProfile, Register
from tillwright.parties.control.sqlite_store import SqliteStore
from tillwright.parties.http.exchange import HttpRequest, encode
from tillwright.parties.operator.messages import Delivery
from tillwright.parties.operator.service import OperatorService
from tillwright.parties.operator.sqlite_store import SqliteStore as OperatorStore
from tillwright.parties.wire import Acknowledged, Health, Recorded, Telling, Told

START_MS = 1_483_268_000_000
TILL, SERIAL = "till-1", "SKO-1"
RULES = replace(shipped_rules("demo"), shifts=True, approvals=(), withdraw_before_close=False)
TEA, CAKE = Line("100", "Tea", 2000, 400), Line("200", "Cake", 1000, 168)


@dataclass(slots=True)
class FiscalShop:
    """The three books, open."""

    store: SqliteStore
    journal: SqliteJournal
    runner: Runner
    device: Device
    operator: OperatorService
    now_ms: int = START_MS
    count: int = 0
    uids: list[str] = field(default_factory=list)

    def do(self, kind: str, content: Content, *, answered: bool = True) -> Operation:
        """One operation; with `answered` False the device does it and its answer gets lost."""
        self.count += 1
        self.now_ms += 60_000
        uid = f"00000000-0000-4000-8000-{self.count:012d}"
        done = self.runner.process([Begin(Request(uid, TILL, kind, "7", content))], self.now_ms)
        if done.answers[0].error is not None:
            raise done.answers[0].error
        for effect in done.effects:
            if isinstance(effect.command, Send):
                self._register(effect.operation, answered)
        self.look()
        operation = self.runner.read(uid)
        assert operation is not None
        return operation

    def _register(self, operation: Operation, answered: bool) -> None:
        leg, content = operation.legs[-1], operation.content
        subject = reading.Subject(operation, leg)
        request = Register(
            1, leg.key, TILL, reading.KIND_OF_ACTION[leg.action], content.currency, content.total_minor,
            operation.content_hash, content.lines, content.tenders, of=reading.original(subject),
            shift=reading.shift_meant(subject),
        )  # fmt: skip
        reply = self.device.answer(request, self.now_ms)
        assert reply.document is not None, reply
        record = reading.read_record(reply.document)
        if answered:
            outcome = Accepted(reading.evidence(record, Source.REPLY, self.now_ms))
            self.tell(Told(leg.key, outcome, False, record))
        else:
            self.tell(Told(leg.key, NoAnswer(Fault("fiscal.sko-disconnected")), False, None))

    def look(self) -> None:
        """The device says how it stands."""
        shift = self.device.shift
        self.tell(
            Health(
                "ready", SERIAL, self.device.last_number, self.device.counters, self.now_ms, shift.number,
                shift.state,
            )
        )  # fmt: skip

    def read(self) -> None:
        """The till reads every document of the device."""
        texts = self.store.texts(SERIAL)
        self.tell(Recorded(tuple(reading.read_record(text) for text in texts)))

    def tell(self, telling: Telling) -> None:
        """The station takes in what is told."""
        notice(self.runner, TILL, telling)
        self.write(lambda _: hear(self.runner, TILL, telling, self.now_ms))

    def write(self, change: Any) -> Any:
        """A change, in a batch."""
        done = self.runner.process([Apply(lambda _: change(self.runner.place))], self.now_ms)
        if done.answers[0].error is not None:
            raise done.answers[0].error
        return done.answers[0].value

    def close_shift(self, denominations: dict[int, int]) -> Operation:
        """Count blind, and close."""
        now_ms = self.now_ms

        def counted(place: Place) -> Any:
            shifts.open_count(place, TILL, "7", now_ms)
            return shifts.store_count(place, TILL, "EUR", "7", (denominations, ""), now_ms)

        count = self.write(counted)
        content = Content("EUR", 0, (), (), shift=self.device.shift.number, count=count.uid)
        return self.do("shift-close", content)

    def rule_happened(self, operation: Operation) -> None:
        """A person says what the device has not."""
        leg, record = operation.legs[0], reading.read_record(list(self.store.texts(SERIAL))[-1])
        ruling = Ruling(
            operation.uid, leg.number, operation.version, True, "", "50", "", "operator-lists-it",
            record.number, record.registered_ms, record.unique_number,
        )  # fmt: skip
        self.runner.place.known.hear(TILL, Health("lost", SERIAL, None, None, self.now_ms))
        self.write(lambda _: rulings.rule(self.runner, ruling, self.now_ms, Backing("senior")))

    def turn_red(self, operation: Operation) -> Operation:
        """Let the time pass until people are told."""
        self.now_ms += RULES.red_after_ms
        done = self.runner.process(self.runner.due(self.now_ms), self.now_ms)
        assert done.changed
        red = self.runner.read(operation.uid)
        assert red is not None
        assert red.state.value == "red"
        return red

    def deliver(self) -> None:
        """The operator takes everything."""
        for text in self.store.texts(SERIAL):
            record = reading.read_record(text)
            target = f"/v1/documents/{record.unique_number}"
            request = HttpRequest("PUT", target, encode(Delivery(till=TILL, text=text)))
            assert self.operator.answer(request, self.now_ms).status == 200
            self.tell(Acknowledged("operator", SERIAL, record.number, record.number))


def open_shop(folder: Path) -> FiscalShop:
    """A till that has had no shift yet."""
    journal = SqliteJournal(folder / "station.db")
    create(journal.connection)
    store = SqliteStore(folder / "twins.db")
    profile = DeviceProfile(serial=SERIAL, till=TILL, currency="EUR", shifts=True)
    runner = Runner(journal, Policy(), RULES)
    operator = OperatorService(OperatorStore(folder / "operator.db"))
    return FiscalShop(store, journal, runner, Device(profile, store), operator)


def shop_at_work(folder: Path) -> FiscalShop:
    """The same with its first shift open, and a float in the drawer."""
    shop = open_shop(folder)
    shop.do("shift-open", Content("EUR", 0, (), (), shift=1))
    shop.do("cash-in", cash(100_00))
    return shop


def cash(total_minor: int, **more: Any) -> Content:
    """Money that moves."""
    return replace(Content("EUR", total_minor, (), (Tender("cash", total_minor),), reason="other"), **more)


def sale(*lines: Line, **more: Any) -> Content:
    """A basket that is paid exactly."""
    return replace(cash(sum(line.total_minor for line in lines), reason=""), lines=lines, **more)


def back(parent: Operation, *lines: Line, **more: Any) -> Content:
    """What comes back of a sale."""
    return sale(*lines, parent=parent.uid, reason="mistake", **more)


def fill(folder: Path) -> None:
    """Two shifts: three sales, a refund in part, a void, an exchange, a ruling, cash in and out; then a third
    shift that stays open. Fourteen operations, each with one document of its number.
    """
    shop = shop_at_work(folder)
    sold = shop.do("cash-sale", sale(TEA, CAKE))
    gone = shop.do("cash-sale", sale(CAKE))
    shop.do("refund", back(sold, replace(TEA, quantity_milli=1000, total_minor=200, of=1)))
    shop.do("void", back(gone, replace(CAKE, of=1)))
    shop.do("cash-out", cash(50_00))
    shop.close_shift({50_00: 1, 2_00: 1, 1_00: 1, 50: 1, 10: 1, 5: 1, 2: 1, 1: 1})
    shop.do("shift-open", Content("EUR", 0, (), (), shift=2))
    _exchange(shop, sold)
    ruled = shop.turn_red(shop.do("cash-sale", sale(TEA), answered=False))
    shop.rule_happened(ruled)
    shop.read()
    shop.look()
    shop.close_shift({50_00: 1, 10_00: 1})
    shop.do("shift-open", Content("EUR", 0, (), (), shift=3))
    shop.deliver()
    shop.store.close()
    shop.operator.store.close()  # type: ignore[attr-defined]
    shop.journal.close()


def _exchange(shop: FiscalShop, sold: Operation) -> None:
    """The cake comes back, and tea goes out for it."""
    refund_uid = f"00000000-0000-4000-8000-{shop.count + 2:012d}"
    tenders = (Tender("cash", 232), Tender("exchange", 168))
    given = shop.do("cash-sale", sale(TEA, tenders=tenders, exchange=refund_uid))
    settled = (Tender("exchange", 168),)
    shop.do("refund", back(sold, replace(CAKE, of=2), tenders=settled, exchange=given.uid))

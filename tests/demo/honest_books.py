"""Honest books of two tills in a folder, made by the real journal and the real devices, without sockets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tillwright.journal.hearing import hear
from tillwright.journal.runner import Apply, Begin, Runner
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.kernel.evidence import Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Accepted, NoAnswer
from tillwright.machine.resources import shipped_rules
from tillwright.operations.commands import Send
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Line, Tender
from tillwright.operations.policy import Policy
from tillwright.parties.control import reading
from tillwright.parties.control.device import Device
from tillwright.parties.control.messages import DeviceProfile, Register
from tillwright.parties.control.sqlite_store import SqliteStore
from tillwright.parties.wire import Recorded, Told

START_MS = 1_483_268_000_000
FLOAT_MINOR = 100_00


@dataclass(slots=True)
class HonestShop:
    """The two books, open; `sell` writes to both as a station and its devices do."""

    folder: Path
    store: SqliteStore
    journal: SqliteJournal
    runner: Runner
    devices: dict[str, Device]
    now_ms: int = START_MS
    count: int = 0

    def sell(self, till: str, total_minor: int, *, answered: bool = True) -> str:
        """One cash sale; with `answered` False the device registers it and its answer gets lost."""
        self.count += 1
        self.now_ms += 60_000
        uid = f"00000000-0000-4000-8000-{self.count:012d}"
        content = Content(
            "EUR", total_minor, (Line("100", "Tea", 1000, total_minor),), (Tender("cash", total_minor + 50),)
        )
        done = self.runner.process([Begin(Request(uid, till, "cash-sale", "7", content))], self.now_ms)
        if done.answers[0].error is not None:
            raise done.answers[0].error
        for effect in done.effects:
            if isinstance(effect.command, Send):
                self._register(effect.operation.uid, till, answered)
        return uid

    def _register(self, uid: str, till: str, answered: bool) -> None:
        operation = self.runner.read(uid)
        assert operation is not None
        leg, content = operation.legs[-1], operation.content
        request = Register(
            1, leg.key, till, "sale", "EUR", content.total_minor, operation.content_hash, content.lines,
            content.tenders,
        )  # fmt: skip
        reply = self.devices[till].answer(request, self.now_ms)
        assert reply.document is not None
        record = reading.read_record(reply.document)
        if answered:
            outcome = Accepted(reading.evidence(record, Source.REPLY, self.now_ms))
            self.hear(till, Told(leg.key, outcome, False, record))
        else:
            self.hear(till, Told(leg.key, NoAnswer(Fault("fiscal.sko-disconnected")), False, None))

    def put_float(self, till: str) -> None:
        """A deposit at the device, read from it by the till."""
        text = self.devices[till].deposit("EUR", FLOAT_MINOR, self.now_ms)
        self.hear(till, Recorded((reading.read_record(text),)))

    def hear(self, till: str, telling: Told | Recorded) -> None:
        """The station takes in what a device tells."""
        done = self.runner.process(
            [Apply(lambda _: hear(self.runner, till, telling, self.now_ms))], self.now_ms
        )
        if done.answers[0].error is not None:
            raise done.answers[0].error

    def close(self) -> None:
        """Let both files go."""
        self.store.close()
        self.journal.close()


def open_shop(folder: Path) -> HonestShop:
    """Two tills with a float each."""
    journal = SqliteJournal(folder / "station.db")
    create(journal.connection)
    store = SqliteStore(folder / "twins.db")
    devices = {
        till: Device(DeviceProfile(serial=serial, till=till, currency="EUR"), store)
        for till, serial in (("till-1", "SKO-1"), ("till-2", "SKO-2"))
    }
    runner = Runner(journal, Policy(), replace(shipped_rules("demo"), shifts=False))
    shop = HonestShop(folder, store, journal, runner, devices)
    for till in devices:
        shop.put_float(till)
    return shop


def fill(folder: Path) -> None:
    """Honest books of eight sales; all sums differ."""
    shop = open_shop(folder)
    for number, total_minor in enumerate((105, 217, 333, 489, 512, 648, 701, 899)):
        shop.sell("till-1" if number % 2 else "till-2", total_minor)
    shop.close()

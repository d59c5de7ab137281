"""What people do at a station's tills, through its threads and its file."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.journal.storages import UIDS
from tests.journal.test_station import LONG_MS, Watch, code, until
from tests.journal.tills import FISCAL, SALE, FullDevice, Operator, cash, whole_refund
from tests.journal.worlds import LOST, proof
from tillwright.journal.audit_log import verify
from tillwright.journal.errands import Enquire
from tillwright.journal.records import Grant
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.journal.station import Station
from tillwright.kernel.evidence import Source
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.outcome import Accepted, NoAnswer
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Leg, Operation
from tillwright.operations.policy import Policy
from tillwright.operations.rulings import Ruling
from tillwright.operations.states import OperationState
from tillwright.parties.wire import (
    LicenceTold,
    OperatorStatus,
    PartyHealth,
    PrintTold,
    Recorded,
    Told,
)

PARTIES = {"1": frozenset({"operator", "licensing", "printer"})}


class Parties:
    """The lines of till 1: device, operator, licence, printer, each answering at once."""

    def __init__(self) -> None:
        self.device = FullDevice()
        self.operator = Operator()
        self.silent = False
        self.gone: set[str] = set()
        self.printed: list[tuple[str, bytes]] = []
        self.station: Station | None = None

    def do(self, line: str, work: Callable[[Any], Any]) -> None:
        if line in self.gone:
            raise RuntimeError("the loop is closed")
        adapter = {"": _Control, "operator": _Operator, "licensing": _Licence, "printer": _Printer}
        told = work(adapter[line.partition("/")[2]](self))
        assert self.station is not None
        for one in told:
            self.station.deliver(line, one)


class _Control:
    def __init__(self, parties: Parties) -> None:
        self.parties = parties

    def register(self, operation: Operation, leg: Leg, now_ms: int) -> list[Any]:
        if self.parties.silent:
            return [Told(leg.key, NoAnswer(LOST), False, None)]
        device = self.parties.device
        record = device.of(leg.key) or device.write(operation, leg, now_ms)
        answer = Told(leg.key, Accepted(proof(record, Source.REPLY, now_ms)), False, record)
        return [answer, device.health(now_ms)]

    def inquire(self, operation: Operation, leg: Leg, now_ms: int) -> list[Any]:
        return [Told(leg.key, NoAnswer(LOST), True, None)]

    def status(self, now_ms: int) -> list[Any]:
        return [self.parties.device.health(now_ms)]


class _Operator:
    def __init__(self, parties: Parties) -> None:
        self.parties = parties

    def deliver(
        self, text: str, serial: str, number: int, unique_number: str, now_ms: int, queued: int
    ) -> list[Any]:
        if self.parties.operator.deaf:
            return []
        record = next(one for one in self.parties.device.documents if one.number == number)
        return [self.parties.operator.takes(record)]

    def report(self, serial: str, last_number: int, queued: int, now_ms: int) -> list[Any]:
        return []

    def enquire(
        self, query: int, till: str, from_ms: int, to_ms: int, number: Any, unique: Any, now_ms: int,
        serial: str | None = None,
    ) -> list[Any]:  # fmt: skip
        asked = Enquire(till, "operator", query, from_ms, to_ms)
        return [self.parties.operator.lists(asked, now_ms, serial="SKO-1")]

    def ask_status(self, now_ms: int) -> list[Any]:
        return [
            PartyHealth("operator", "ready", now_ms), OperatorStatus("warning", "debt", None, now_ms),
        ]  # fmt: skip


class _Licence:
    def __init__(self, parties: Parties) -> None:
        self.parties = parties

    def ask(self, now_ms: int) -> list[Any]:
        return [PartyHealth("licensing", "ready", now_ms), LicenceTold((), now_ms)]


class _Printer:
    def __init__(self, parties: Parties) -> None:
        self.parties = parties

    def print(self, job: str, data: bytes, now_ms: int) -> list[Any]:
        self.parties.printed.append((job, data))
        return [PrintTold(job, True)]

    def status(self, now_ms: int) -> list[Any]:
        return [PartyHealth("printer", "paper-low", now_ms)]


class World:
    """A station that runs, and its parties."""

    def __init__(self, folder: Path, *, paper: bool = True) -> None:
        path = folder / "station.db"
        if not path.exists():
            setup = SqliteJournal(path)
            create(setup.connection)
            setup.close()
        self.clock, self.parties = Watch(), Parties()
        self.station = Station(
            path, FISCAL, Policy(), self.clock, {"1": "EUR", "2": "EUR"}, parties=PARTIES,
            paper=self.paper if paper else None,
        )  # fmt: skip
        self.parties.station = self.station
        self.drawn: list[tuple[str, bool]] = []
        self.refuses = False
        self.station.start_up(self.parties)
        self.parties.do("1", lambda adapter: adapter.status(self.clock.now_ms()))

    def paper(self, stored: bytes, till: str, copy: bool) -> bytes:
        if self.refuses:
            raise FaultError(Fault("printer.font-missing", letters="x"))
        self.drawn.append((till, copy))
        return b"paper of " + stored[:10]

    def do(self, kind: str, content: Content, uid: str, **more: Any) -> Operation:
        wanted = Request(uid, "1", kind, "11", content, **more)
        return self.station.start(wanted, lambda one: one.ended, LONG_MS)

    def settle(self) -> None:
        """What has queued is written."""
        self.station.write(lambda db: None)

    def open_up(self) -> None:
        assert self.do("shift-open", Content("EUR", 0, (), (), shift=1), UIDS[0]).ended
        self.settle()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.open_up()
    yield made
    made.station.stop()


class TestADay:
    def test_from_float_to_z(self, world: World) -> None:
        station = world.station
        world.do("cash-in", cash(10_000), UIDS[1])
        world.do("cash-sale", SALE, UIDS[2])
        grant = Grant("g1", UIDS[3], "refund", "1", "21", "senior", station.clock.now_ms(), 2**53)
        station.grant(replace(grant, expires_ms=station.clock.now_ms() + 60_000))
        world.do("refund", whole_refund(UIDS[2]), UIDS[3], approvals=("g1",))
        assert station.refundable(UIDS[2]).left_minor == 0
        assert [one.uid for one in station.successors(UIDS[2])] == [UIDS[3]]
        state = station.cash_state("1")
        assert (state.book_minor, state.device_minor, state.difference_minor) == (10_000, 10_000, 0)
        assert station.x_report("1").cash_in_minor == 10_000
        station.open_count("1", "11")
        assert station.till_state("1").blind
        assert station.till_state("1").drawer_minor is None
        assert station.cash_state("1").book_minor is None
        assert code(lambda: station.x_report("1")) == "till.held"
        counted = station.store_count("1", "11", {500: 20})
        assert counted.difference_minor == 0
        assert code(lambda: station.explain_count(counted.uid, "11", "")) == "till.too-late"
        closed = world.do("shift-close", Content("EUR", 0, (), (), shift=1, count=counted.uid), UIDS[4])
        assert closed.state is OperationState.DONE
        shown = station.till_state("1")
        assert (shown.shift, shown.last_shift, shown.hold) == (None, 1, None)
        assert [(one.number, one.closed_by) for one in station.shifts("1")] == [(1, "11")]
        assert [one.uid for one in station.counts("1", 1)] == [counted.uid]
        assert code(lambda: station.x_report("1")) == "till.shift-closed"

    def test_a_count_that_is_let_go(self, world: World) -> None:
        world.station.open_count("1", "11")
        world.station.release("1", "12")
        assert world.station.till_state("1").hold is None
        whats = [entry.what for entry in world.station.audit(9)]
        assert whats == ["hold-released", "count-opened"]
        assert world.station.verify_audit().whole
        assert verify(world.station.path).count == 2
        assert code(lambda: world.station.open_count("77", "11")) == "api.wrong-till"


class TestCorrections:
    def test_the_device_is_read_afresh_and_again(self, world: World) -> None:
        world.do("cash-sale", SALE, UIDS[1])
        world.settle()
        record = replace(
            world.parties.device.documents[-1], number=3, kind="deposit", unique_number="F3", text="f",
            key="float.3",
        )  # fmt: skip
        world.parties.device.documents.append(record)
        shown = world.station.hold_for_correction("1", "31")
        assert (shown.difference_minor, shown.device_number) == (568, 3)
        content = Content("EUR", 568, (), (), reason="unexplained", after=3)
        wanted = Request(UIDS[2], "1", "correction", "31", content, role="administrator")
        assert world.station.start(wanted).state is OperationState.DONE
        world.station.release("1", "31")
        assert world.station.cash_state("1").difference_minor == 0

    def test_a_device_that_does_not_answer_lets_the_till_go(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.station.rules = replace(world.station.rules, answer_within_ms=1, connect_within_ms=1)
        monkeypatch.setattr(_Control, "status", lambda _self, _now: [])
        assert code(lambda: world.station.hold_for_correction("1", "31")) == "fiscal.sko-disconnected"
        assert world.station.till_state("1").hold is None


class TestRulings:
    def test_a_person_asks_and_rules(self, world: World) -> None:
        until(lambda: world.station.till_state("1").undelivered == 0)
        world.parties.silent = True
        world.station.start(Request(UIDS[1], "1", "cash-sale", "11", SALE))

        def red() -> bool:
            world.clock.at_ms += 1_000
            world.settle()
            return bool(world.station.till_state("1").reds)

        until(red)
        world.clock.at_ms += 1_000
        identity = world.station.enquire(UIDS[1], "11")
        until(lambda: (told := world.station.enquiry(identity)) is not None and told.answered_ms is not None)
        assert [one.id for one in world.station.enquiries(UIDS[1])] == [identity]
        ruling = Ruling(
            UIDS[1], 1, world.station.operation(UIDS[1]).version, False, "returned", "11", "", "told",  # type: ignore[union-attr]
            enquiry=identity,
        )  # fmt: skip
        assert code(lambda: world.station.rule(replace(ruling, version=1))) == "till.ruling-stale"
        assert world.station.rule(ruling, "senior").state is OperationState.REFUSED
        assert [one.person for one in world.station.rulings(UIDS[1])] == ["11"]
        assert code(lambda: world.station.enquire(UIDS[8], "11")) == "api.not-found"


class TestParties:
    def test_each_is_asked_and_shown(self, world: World) -> None:
        world.station.check_parties("1")
        world.settle()
        states = {name: state for name, (state, _) in world.station.party_states("1").items()}
        assert states == {
            "control": "ready", "licensing": "ready", "operator": "warning", "printer": "paper-low",
        }  # fmt: skip
        assert code(lambda: world.station.check_parties("77")) == "api.wrong-till"

    def test_a_warning_is_timed_by_the_station(self, world: World) -> None:
        assert world.station.warning_shown("1") == 60_000
        world.clock.at_ms += 20_000
        assert world.station.warning_shown("1") == 40_000
        world.clock.at_ms -= 3_600_000
        assert world.station.warning_shown("1") == 60_000

    def test_documents_go_to_the_operator_by_themselves(self, world: World) -> None:
        world.do("cash-sale", SALE, UIDS[1])
        until(lambda: world.station.till_state("1").undelivered == 0)
        assert world.parties.operator.brought == [("SKO-1", 1), ("SKO-1", 2)]
        upload = world.station.upload("1")
        assert (upload.count, upload.oldest_ms, upload.cause, upload.refused) == (0, None, "", [])

    def test_a_line_that_fails_is_told_and_tried_again(self, world: World) -> None:
        until(lambda: world.station.till_state("1").undelivered == 0)
        world.parties.gone.add("1/operator")
        world.do("cash-sale", SALE, UIDS[1])
        until(lambda: world.station.upload("1").cause == "no-answer")
        identity = world.station.enquire(UIDS[1], "11")
        assert world.station.enquiry(identity) is not None
        world.parties.gone.clear()
        world.station.deliver_again("1")
        until(lambda: world.station.till_state("1").undelivered == 0)
        assert world.station.undelivered_now("1") == 0


class TestPrinting:
    def test_what_ends_is_printed_once_and_kept_as_printed(self, world: World) -> None:
        world.do("cash-sale", SALE, UIDS[1])
        until(lambda: bool(world.station.operation(UIDS[1]).printed))  # type: ignore[union-attr]
        assert [job for job, _ in world.parties.printed] == [f"{UIDS[1]}/receipt"]
        assert world.drawn == [("1", False)]

    def test_a_reprint_says_copy(self, world: World) -> None:
        world.do("cash-sale", SALE, UIDS[1])
        assert world.station.print_document(UIDS[1])
        until(lambda: len(world.parties.printed) == 2)
        assert world.drawn[-1] == ("1", True)
        assert code(lambda: world.station.print_document(UIDS[8])) == "api.not-found"
        assert world.station.print_test("1", b"test")
        assert not world.station.print_test("2", b"test")

    def test_paper_that_cannot_be_made_is_a_fault_and_no_more(self, world: World) -> None:
        world.refuses = True
        assert world.do("cash-sale", SALE, UIDS[1]).state is OperationState.DONE
        until(lambda: any(one.fault.code == "printer.font-missing" for one in world.station.faults(9)))

    def test_without_paper_nothing_is_printed(self, tmp_path: Path) -> None:
        made = World(tmp_path, paper=False)
        made.open_up()
        made.do("cash-sale", SALE, UIDS[1])
        made.settle()
        assert made.parties.printed == []
        made.station.stop()


def test_a_file_that_is_put_back_is_noticed_at_the_start(tmp_path: Path) -> None:
    first = World(tmp_path)
    first.open_up()
    first.settle()
    first.station.stop()
    old = (tmp_path / "station.db").read_bytes()
    second = World(tmp_path)
    second.parties.device.documents = list(first.parties.device.documents)
    second.parties.device.shift_open, second.parties.device.shift = True, 1
    assert second.do("cash-sale", SALE, UIDS[1]).number == 2
    second.settle()
    second.station.stop()
    (tmp_path / "station.db").write_bytes(old)
    for name in ("station.db-wal", "station.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    third = World(tmp_path)
    assert [one.fault.code for one in third.station.faults(9)] == ["till.restored"]
    third.parties.device.documents = list(second.parties.device.documents)
    third.parties.device.shift_open, third.parties.device.shift = True, 1
    assert code(lambda: third.do("cash-sale", SALE, UIDS[2])) == "till.catching-up"
    third.station.deliver("1", Recorded(tuple(third.parties.device.documents[1:])))
    third.station.read_device("1")
    third.settle()
    taken_over = third.station.operation(UIDS[1])
    assert taken_over is not None
    assert taken_over.number == 3
    assert third.do("cash-sale", SALE, UIDS[2]).number == 4
    third.station.stop()


def test_a_sale_waits_for_two_commits_whatever_else_there_is(tmp_path: Path) -> None:
    """The operator and the marks cost a sale no commit that it waits for."""
    world = World(tmp_path, paper=False)
    world.parties.operator.deaf = True
    world.open_up()
    world.settle()
    journal = world.station._journal
    commit, seen = journal.commit, list[str]()

    def counted() -> None:
        seen.append("commit")
        commit()

    journal.commit = counted  # type: ignore[method-assign]
    assert world.do("cash-sale", SALE, UIDS[1]).version == 2
    assert len(seen) == 2
    world.station.stop()

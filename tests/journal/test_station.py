"""The station with its threads: one writer, shared commits, durable before told, nobody left waiting."""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.journal.storages import UID, UIDS
from tests.journal.worlds import LOST, NOW_MS, POLICY, RULES, Device, request
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.outcome import NoAnswer
from tillwright.machine import sqlite
from tillwright.operations.model import Leg, Operation
from tillwright.operations.states import LegState, OperationState
from tillwright.parties.wire import Health, Noticed, Told

LONG_MS = 60_000
"""No test waits this long; it only keeps a broken one from waiting for ever."""


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at_ms = NOW_MS

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic_ns(self) -> int:
        return self.at_ms * 1_000_000


class Lines:
    """The way to the devices: keeps what is to be done until the test does it, or does it at once."""

    def __init__(self, *, at_once: bool = True) -> None:
        self.device = Device()
        self.at_once = at_once
        self.kept: list[Callable[[Any], Any]] = []
        self.seen: list[Operation | None] = []
        self.station: Station | None = None
        self.broken: Exception | None = None

    def do(self, till: str, work: Callable[[Any], Any]) -> None:
        if self.broken is not None:
            raise self.broken
        self.kept.append(work)
        if self.at_once:
            self.carry_out()

    def carry_out(self) -> None:
        """Let the device answer all that it was asked."""
        assert self.station is not None
        kept, self.kept = self.kept, []
        for work in kept:
            self.station.deliver("1", work(self))

    # as the adapter
    def register(self, operation: Operation, leg: Leg, now_ms: int) -> Told:
        self.seen.append(self._on_disk(operation.uid))
        return self.device.register(operation, leg, now_ms)

    def inquire(self, operation: Operation, leg: Leg, now_ms: int) -> Told:
        return self.device.inquire(leg, now_ms)

    def _on_disk(self, uid: str) -> Operation | None:
        """What another connection sees: what is committed."""
        assert self.station is not None
        return self.station.operation(uid)


class Disk:
    """Stands before each commit of the station: counts it, holds it up, or breaks it."""

    def __init__(self, journal: SqliteJournal) -> None:
        self._reopen = journal.reopen
        self.journal = journal
        self.commits = 0
        self.batches: list[int] = []
        self.failing = 0
        self.written = False
        self.reached = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.items = 0
        self.wrap()

    def wrap(self) -> None:
        self.journal.connection = _Connection(self, self.journal.connection)  # type: ignore[assignment]

    def reopen(self) -> None:
        self._reopen()
        self.wrap()

    def commit(self, really: Callable[[], object]) -> None:
        self.commits += 1
        self.batches.append(self.items)
        self.items = 0
        self.reached.set()
        assert self.go.wait(LONG_MS / 1000)
        if self.failing:
            self.failing -= 1
            if self.written:
                really()
            raise sqlite.OperationalError("disk I/O error")
        really()


class _Connection:
    def __init__(self, disk: Disk, connection: sqlite.Connection) -> None:
        self._disk = disk
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == "SAVEPOINT item":
            self._disk.items += 1
        if statement == "COMMIT":
            return self._disk.commit(lambda: self._connection.execute("COMMIT"))
        return self._connection.execute(statement, *values)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A station that runs, its lines, its disk and its clock."""
    made = a_world(tmp_path, monkeypatch)
    made.station.start_up(made.lines)
    yield made
    made.disk.go.set()
    made.station.stop()


def a_world(folder: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    path = folder / "station.db"
    if not path.exists():
        setup = SqliteJournal(path)
        create(setup.connection)
        setup.close()
    clock, lines = Watch(), Lines()
    tills = {str(number): "EUR" for number in range(1, 10)}
    station = Station(path, RULES, POLICY, clock, tills)
    lines.station = station
    disk = Disk(station._journal)
    monkeypatch.setattr(station._journal, "reopen", disk.reopen)
    return SimpleNamespace(station=station, lines=lines, disk=disk, clock=clock)


def ended(world: SimpleNamespace, uid: str = UID) -> Operation:
    """The operation at its end; time goes on, and whoever is asked goes on."""
    for _ in range(200):
        operation: Operation = world.station.wait(uid, timeout_ms=20)
        if operation.ended:
            return operation
        world.clock.at_ms += 500
        if operation.question is not None:
            world.station.go_on(uid, "11")
        world.station.write(lambda db: None)
    raise AssertionError("it has not ended")


def code(call: Callable[[], object]) -> str:
    with pytest.raises(FaultError) as caught:
        call()
    return caught.value.fault.code


def in_threads(works: Sequence[Callable[[], Any]]) -> list[Future[Any]]:
    pool = ThreadPoolExecutor(len(works))
    futures = [pool.submit(work) for work in works]
    pool.shutdown(wait=False)
    return futures


def until(holds: Callable[[], bool]) -> None:
    """Poll for something that another thread is about to do."""
    for _ in range(LONG_MS):
        if holds():
            return
        threading.Event().wait(0.001)
    raise AssertionError("it never came to that")


def results(futures: list[Future[Any]]) -> list[Any]:
    return [future.result(LONG_MS / 1000) for future in futures]


class TestDurableThenTold:
    def test_what_start_returns_is_on_the_disk(self, world: SimpleNamespace) -> None:
        world.lines.at_once = False
        begun = world.station.start(request())
        assert world.station.operation(UID) == begun
        assert begun.legs[0].state is LegState.SENT

    def test_the_device_hears_of_nothing_that_is_not_on_the_disk(self, world: SimpleNamespace) -> None:
        world.station.start(request())
        assert world.station.wait(UID, timeout_ms=LONG_MS).state is OperationState.DONE
        assert [one.legs[0].state for one in world.lines.seen] == [LegState.SENT]

    def test_nobody_is_told_before_the_commit_has_returned(self, world: SimpleNamespace) -> None:
        world.disk.reached.clear()
        world.disk.go.clear()
        (begun,) = in_threads([lambda: world.station.start(request())])
        assert world.disk.reached.wait(LONG_MS / 1000)
        assert not begun.done()
        assert world.lines.seen == []
        assert world.station.changes("1", world.station.changes(None, 0, 0), 1) >= 0
        assert world.station.operation(UID) is None
        world.disk.go.set()
        assert results([begun])[0].uid == UID


class TestGroupCommit:
    def test_what_queues_during_a_commit_shares_the_next(self, world: SimpleNamespace) -> None:
        world.lines.at_once = False
        world.disk.reached.clear()
        world.disk.go.clear()
        (first,) = in_threads([lambda: world.station.start(request())])
        assert world.disk.reached.wait(LONG_MS / 1000)
        many = [
            partial(world.station.start, request(uid, str(number)))
            for number, uid in enumerate(UIDS[1:8], start=2)
        ]
        others = in_threads(many)
        until(lambda: len(world.station._queue) == len(many))
        world.disk.go.set()
        assert len({one.uid for one in results([first, *others])}) == 8
        assert world.disk.batches == [1, 7]

    def test_one_of_them_that_is_refused_is_refused_alone(self, world: SimpleNamespace) -> None:
        world.lines.at_once = False
        world.disk.reached.clear()
        world.disk.go.clear()
        (first,) = in_threads([lambda: world.station.start(request())])
        assert world.disk.reached.wait(LONG_MS / 1000)
        second, third = in_threads(
            [
                lambda: world.station.start(request(UIDS[1], "1")),
                lambda: world.station.start(request(UIDS[2], "3")),
            ]
        )
        until(lambda: len(world.station._queue) == 2)
        world.disk.go.set()
        assert results([first, third])[1].uid == UIDS[2]
        assert code(second.result) == "till.operation-open"

    def test_a_sale_waits_for_two_commits(self, world: SimpleNamespace) -> None:
        world.station.start(request())
        assert world.station.wait(UID, timeout_ms=LONG_MS).state is OperationState.DONE
        assert world.disk.commits == 2

    def test_many_tills_at_once_each_sell_once(self, world: SimpleNamespace) -> None:
        def sell(till: str) -> list[OperationState]:
            states = []
            for number in range(5):
                uid = f"00000000-0000-4000-8000-{till}0000000000{number}"
                operation = world.station.start(request(uid, till), lambda one: one.ended, LONG_MS)
                states.append(operation.state)
            return states

        states = results(in_threads([partial(sell, str(n)) for n in range(1, 9)]))
        assert states == [[OperationState.DONE] * 5] * 8
        assert len({one.key for one in world.lines.device.documents}) == 40
        assert len(world.lines.device.documents) == 40


class TestAFailedCommit:
    @pytest.mark.parametrize("written", [False, True])
    def test_a_sale_that_begins_is_there_once(self, world: SimpleNamespace, written: bool) -> None:
        world.disk.failing, world.disk.written = 1, written
        with capture_logs() as logs:
            begun = world.station.start(request())
        assert begun.uid == UID
        assert [log["event"] for log in logs] == ["journal.commit-unknown"]
        sale = ended(world)
        assert (sale.state, sale.number) == (OperationState.DONE, 1)
        assert len(world.lines.device.documents) == 1

    @pytest.mark.parametrize("written", [False, True])
    def test_an_answer_of_the_device_is_not_lost(self, world: SimpleNamespace, written: bool) -> None:
        world.lines.at_once = False
        world.station.start(request())
        world.disk.failing, world.disk.written = 1, written
        world.lines.carry_out()
        assert world.station.wait(UID, timeout_ms=LONG_MS).state is OperationState.DONE
        assert world.station.till_state("1").drawer_minor == 568

    @pytest.mark.parametrize("written", [False, True])
    def test_another_write_is_told_as_failed_and_not_repeated(
        self, world: SimpleNamespace, written: bool
    ) -> None:
        world.disk.failing, world.disk.written = 1, written
        statement = "INSERT INTO station (name, value) VALUES ('x', 'y')"
        assert code(lambda: world.station.write(lambda db: db.execute(statement))) == "journal.write-failed"
        count = "SELECT count(*) FROM station WHERE name = 'x'"
        assert world.station.write(lambda db: db.execute(count).fetchone()) == (int(written),)

    def test_a_disk_that_fails_again_stops_the_station_and_leaves_nobody_waiting(
        self, world: SimpleNamespace
    ) -> None:
        world.disk.failing = 99
        with capture_logs() as logs:
            assert code(lambda: world.station.start(request())) == "journal.write-failed"
        assert "journal.write-failed" in [log["event"] for log in logs]
        assert code(lambda: world.station.start(request())) == "journal.write-failed"
        assert code(lambda: world.station.give_up(UID, "11")) == "journal.write-failed"
        world.station.deliver("1", Noticed(LOST))
        assert not world.station._queue
        assert world.lines.seen == []

    def test_all_that_wait_when_it_stops_are_told(self, world: SimpleNamespace) -> None:
        world.disk.failing = 99
        world.disk.reached.clear()
        world.disk.go.clear()
        futures = in_threads([lambda: world.station.start(request())])
        assert world.disk.reached.wait(LONG_MS / 1000)
        futures += in_threads([lambda: world.station.start(request(UIDS[1], "2"))])
        until(lambda: bool(world.station._queue))
        world.disk.go.set()
        for future in futures:
            assert code(partial(future.result, LONG_MS / 1000)) == "journal.write-failed"


class TestWaiting:
    def test_it_ends_with_the_operation(self, world: SimpleNamespace) -> None:
        world.lines.at_once = False
        world.station.start(request())
        (waiting,) = in_threads([lambda: world.station.wait(UID, timeout_ms=LONG_MS)])
        until(lambda: bool(world.station._watches))
        assert not waiting.done()
        world.lines.carry_out()
        assert results([waiting])[0].state is OperationState.DONE
        assert world.station._watches == {}

    def test_it_ends_with_anything_newer(self, world: SimpleNamespace) -> None:
        world.lines.at_once = False
        begun = world.station.start(request())
        (waiting,) = in_threads([lambda: world.station.wait(UID, version=begun.version, timeout_ms=LONG_MS)])
        until(lambda: bool(world.station._watches))
        world.station.give_up(UID, "11")
        assert results([waiting])[0].version == begun.version + 1

    def test_what_has_ended_is_not_waited_for(self, world: SimpleNamespace) -> None:
        world.station.start(request(), lambda one: one.ended, LONG_MS)
        assert world.station.wait(UID, timeout_ms=LONG_MS).state is OperationState.DONE
        assert world.station.wait(UID, version=0, timeout_ms=LONG_MS).version == 2

    def test_the_time_ends_it_with_what_is_known(self, world: SimpleNamespace) -> None:
        world.lines.at_once = False
        begun = world.station.start(request())
        assert world.station.wait(UID, timeout_ms=1) == begun
        assert world.station.wait(UIDS[1], timeout_ms=LONG_MS) is None

    def test_changes_of_a_till_and_of_any(self, world: SimpleNamespace) -> None:
        before = world.station.changes("1", 0, 0)
        other = world.station.changes("2", 0, 0)
        (waiting,) = in_threads([lambda: world.station.changes("1", before, LONG_MS)])
        world.station.start(request(), lambda one: one.ended, LONG_MS)
        assert results([waiting])[0] > before
        assert world.station.changes("2", other, 1) == other
        assert world.station.changes(None, before, 1) > before
        assert [change.uid for change in world.station.news("1", before)] == [UID, UID]


class TestPeople:
    def test_they_go_on_give_up_and_print(self, world: SimpleNamespace) -> None:
        world.lines.device.moods = ["silent"]
        world.lines.at_once = False
        world.station.start(request())
        world.lines.carry_out()
        assert world.station.go_on(UID, "11").legs[0].state is LegState.UNKNOWN
        world.lines.carry_out()
        assert world.station.wait(UID, timeout_ms=LONG_MS).state is OperationState.DONE
        assert world.station.printed(UID).printed
        assert code(lambda: world.station.give_up(UID, "11")) == "till.too-late"
        assert code(lambda: world.station.go_on(UIDS[1], "11")) == "api.not-found"

    def test_another_till_and_another_currency_are_refused(self, world: SimpleNamespace) -> None:
        assert code(lambda: world.station.start(request(till="77"))) == "api.wrong-till"
        dong = replace(request(), content=replace(request().content, currency="VND"))
        assert code(lambda: world.station.start(dong)) == "till.wrong-currency"
        assert world.disk.commits == 0

    def test_a_full_disk_lets_nothing_begin(
        self, world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        free = SimpleNamespace(free=0)
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
        with pytest.raises(FaultError) as caught:
            world.station.start(request())
        assert caught.value.fault == Fault("journal.disk-low", free_bytes=0)


class TestParties:
    def test_timers_come_by_the_stations_clock(self, world: SimpleNamespace) -> None:
        world.lines.device.moods = ["deaf", "deaf", "deaf"]
        world.station.start(request())
        open_ = world.station.wait(UID, version=2, timeout_ms=LONG_MS)
        world.clock.at_ms += 5_000
        world.station.deliver("1", Noticed(LOST))
        red = world.station.wait(UID, version=open_.version, timeout_ms=LONG_MS)
        while red.state is not OperationState.RED:
            red = world.station.wait(UID, version=red.version, timeout_ms=LONG_MS)
        assert [row.uid for row in world.station.till_state("1").reds] == [UID]

    def test_a_line_that_fails_leaves_nothing_waiting_for_ever(self, world: SimpleNamespace) -> None:
        world.lines.broken = RuntimeError("the loop is closed")
        with capture_logs():
            world.station.start(request())
            lost = world.station.wait(UID, version=2, timeout_ms=LONG_MS)
        assert lost.legs[0].state is LegState.UNKNOWN
        world.lines.broken = None
        assert ended(world).state is OperationState.DONE
        assert len(world.lines.device.documents) == 1

    def test_an_item_that_fails_is_recorded_and_the_writer_goes_on(
        self, world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_arguments: Any) -> None:
            raise ZeroDivisionError

        with capture_logs() as logs, monkeypatch.context() as patched:
            patched.setattr("tillwright.journal.station.hear", broken)
            world.station.deliver("1", Noticed(LOST))
            world.station.write(lambda db: None)
        assert [(log["event"], log["error"]) for log in logs] == [
            ("journal.item-failed", "ZeroDivisionError()")
        ]
        assert world.station.start(request()).uid == UID

    def test_how_the_device_is_is_shown_and_written_only_when_it_is_another(
        self, world: SimpleNamespace
    ) -> None:
        before = world.station.changes("1", 0, 0)
        world.station.deliver("1", Health("ready", "SKO-1", 3, None, NOW_MS))
        world.station.write(lambda db: None)
        after = world.station.changes("1", before, 0)
        assert after > before
        commits = world.disk.commits
        world.station.deliver("1", Health("ready", "SKO-1", 4, None, NOW_MS))
        world.station.write(lambda db: None)
        assert world.disk.commits == commits + 1
        assert world.station.changes("1", after, 0) == after
        health = world.station.till_state("1").health
        assert (health.state, health.last_number) == ("ready", 4)
        assert world.station.held.serial("1") == "SKO-1"

    def test_what_is_held_of_the_device_is_what_is_on_the_disk(self, world: SimpleNamespace) -> None:
        world.station.start(request(), lambda one: one.ended, LONG_MS)
        record = world.lines.device.documents[0]
        assert world.station.held.last_number("SKO-1") == 1
        assert world.station.held.documents("SKO-1", 0, 9) == [record.text]
        assert world.station.held.last_number("SKO-2") == 0
        assert world.station.held.serial("1") is None


class TestLife:
    def test_what_was_sent_before_a_stop_is_asked_after_at_the_start(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = a_world(tmp_path, monkeypatch)
        first.lines.at_once = False
        assert first.station.start_up(first.lines) == 0
        first.station.start(request())
        first.station.stop()
        again = a_world(tmp_path, monkeypatch)
        again.lines.device = first.lines.device
        (work,) = first.lines.kept
        work(first.lines)  # the device has done it, and the answer finds nobody
        assert again.station.start_up(again.lines) == 1
        sale = again.station.start(request(), lambda one: one.ended, LONG_MS)
        again.station.stop()
        assert sale.state is OperationState.DONE
        assert len(again.lines.device.documents) == 1

    def test_stopping_writes_what_has_queued_and_refuses_the_rest(self, world: SimpleNamespace) -> None:
        world.lines.at_once = False
        world.disk.reached.clear()
        world.disk.go.clear()
        futures = in_threads([lambda: world.station.start(request())])
        assert world.disk.reached.wait(LONG_MS / 1000)
        futures += in_threads([lambda: world.station.start(request(UIDS[1], "2"))])
        until(lambda: bool(world.station._queue))
        (stopped,) = in_threads([lambda: world.station.stop(LONG_MS / 1000)])
        until(lambda: bool(world.station._stopping))
        assert code(lambda: world.station.start(request(UIDS[2], "3"))) == "journal.stopping"
        world.disk.go.set()
        assert [one.uid for one in results(futures)] == [UID, UIDS[1]]
        results([stopped])
        reader = sqlite.connect(world.station.path, read_only=True)
        assert reader.execute("SELECT count(*) FROM operation").fetchone() == (2,)
        reader.close()

    def test_a_writer_that_hangs_is_not_robbed_of_its_connection(self, world: SimpleNamespace) -> None:
        world.disk.reached.clear()
        world.disk.go.clear()
        futures = in_threads([lambda: world.station.start(request())])
        assert world.disk.reached.wait(LONG_MS / 1000)
        world.station.stop(0.001)
        world.disk.go.set()
        assert results(futures)[0].uid == UID

    def test_a_station_that_never_ran_can_be_stopped(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = a_world(tmp_path, monkeypatch)
        made.station.stop()
        with pytest.raises(sqlite.ProgrammingError):
            made.station._journal.operation(UID)

    def test_what_pages_read_is_there(self, world: SimpleNamespace) -> None:
        world.station.start(request(), lambda one: one.ended, LONG_MS)
        world.station.deliver("1", Told(f"{UIDS[3]}.1", NoAnswer(LOST), True, None))
        world.station.write(lambda db: None)
        assert [event.happening for event in world.station.events(UID)] == ["started", "accepted"]
        assert [row.uid for row in world.station.page(till="1", state=None, after=None, limit=9).items] == [
            UID
        ]
        assert world.station.document(UID) is not None
        assert [stored.fault.code for stored in world.station.faults(9)] == ["fiscal.device-record-unknown"]
        state = world.station.till_state("1")
        assert (state.open, state.reds, state.drawer_minor, state.undelivered) == (None, [], 568, None)
        world.station.deliver("1", Health("ready", "SKO-1", 3, None, NOW_MS))
        assert world.station.till_state("1").undelivered == 3, "one is queued, two are not even read"
        assert state.shift is not None
        assert (state.shift.number, state.shift.is_open, state.blind, state.hold) == (1, True, False, None)

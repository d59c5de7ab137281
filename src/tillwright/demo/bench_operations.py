"""What a cash sale costs.

At the runner, with the device's twin in memory, so that only our own work and the disk are in it: beside it,
in the same run and on the same disk, the least that a sale can cost, n + 1 durable commits of one row by the
bare driver. The till works as a fiscal one does: in a shift, with an operator to whom each document is
delivered after the sale. Then the whole thing: HTTP, station process, twins process on sockets. Then how long
a station needs to be ready after ten and after a million sales.
"""

from __future__ import annotations

import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from rich.console import Console

from tillwright.demo.bench_api import sell_through_api
from tillwright.demo.bench_ready import ready_s
from tillwright.demo.shop import put_together, shop_tills
from tillwright.journal.errands import Deliver
from tillwright.journal.hearing import hear
from tillwright.journal.high_water import FileHighWater, file_beside
from tillwright.journal.place import OPERATOR
from tillwright.journal.runner import Apply, Begin, Done, Runner
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.journal.station import PartyLines, Station
from tillwright.kernel.rules import PackRules
from tillwright.machine import sqlite
from tillwright.machine.clocks import SystemClock
from tillwright.machine.resources import shipped_rules
from tillwright.operations.commands import Send
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Line, Tender
from tillwright.operations.policy import Policy
from tillwright.operations.states import OperationState
from tillwright.parties.control.adapter import ControlAdapter, ControlTimes
from tillwright.parties.control.messages import DeviceProfile
from tillwright.parties.control.store import MemoryStore
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.wire import Acknowledged, Connect, Disconnect, Reply, Told, Transmit, WakeAt

_T = TypeVar("_T")
COMMIT_WAITS = 2
PARTIES = frozenset({OPERATOR})
_WARM_UP = 50
_CONTENT = Content(
    "EUR",
    568,
    (Line("1001", "Milk 3.2 % 1 l", 2000, 378, 189), Line("1002", "Bread, rye", 1000, 190, 190)),
    (Tender("cash", 568),),
)


class CountingJournal(SqliteJournal):
    """The journal, counting its commits."""

    commits = 0

    def commit(self) -> None:
        self.commits += 1
        super().commit()


class Held:
    """What the adapter may know of the device's documents, read from the same journal."""

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal

    def last_number(self, serial: str) -> int:
        """The highest number below which every document is held."""
        return self._journal.last_document(serial)

    def documents(self, serial: str, above: int, limit: int) -> Sequence[str]:
        """The device's own words."""
        return [document.text for document in self._journal.device_documents(serial, above, limit)]

    def serial(self, till: str) -> str | None:
        """The device last heard from."""
        return self._journal.last_serial(till)

    def sent_to(self, key: str) -> str | None:
        """Nothing is ever asked for here."""
        return None


class InstantDevice:
    """Adapter and twin joined without a line: what one says the other hears at once."""

    def __init__(self, till: str, held: Any) -> None:
        self.adapter = ControlAdapter(till, ControlTimes(), held)
        profile = DeviceProfile(serial=f"BENCH-{till}", till=till, currency="EUR", shifts=True)
        self._twin = ControlTwin(profile, MemoryStore(), FaultPlan())
        self._clock = SystemClock()
        self._chance = Random(1)  # nosec B311  # no fault is armed
        self._connections = 0

    def do(self, work: Callable[[ControlAdapter], list[Any]]) -> list[Any]:
        """Run work on the adapter, carry every message, return what was told."""
        told, pending = [], list(work(self.adapter))
        while pending:
            action = pending.pop(0)
            if isinstance(action, Transmit):
                pending += self._carry(action.data)
            elif isinstance(action, Connect):
                self._connections += 1
                self._twin.accept(self._connections, self._clock.now_ms(), self._chance)
                pending += self.adapter.connected(self._clock.now_ms())
            elif not isinstance(action, WakeAt | Disconnect):
                told.append(action)
        return told

    def _carry(self, data: bytes) -> Iterator[Any]:
        for reply in self._twin.received(self._connections, data, self._clock.now_ms(), self._chance):
            if isinstance(reply, Reply):
                yield from self.adapter.received(reply.data, self._clock.now_ms())


class InstantOperator:
    """An operator that takes everything at once, and is not asked anything else."""

    def deliver(
        self, text: str, serial: str, number: int, unique_number: str, now_ms: int, queued: int | None
    ) -> list[Any]:
        """The document is held."""
        return [Acknowledged(OPERATOR, serial, number, number)]

    def report(self, *_told: object) -> list[Any]:
        """A sign of life."""
        return []


@dataclass(slots=True)
class AtTheRunner:
    """Times of single sales, and of the bare commits beside them, in ms. `waits`: commits before the end of
    the sale; `commits`: with those of its delivery.
    """

    sale_ms: list[float] = field(default_factory=list)
    sale_cpu_ms: list[float] = field(default_factory=list)
    limit_ms: list[float] = field(default_factory=list)
    limit_cpu_ms: list[float] = field(default_factory=list)
    commits: int = 0
    waits: int = 0
    sales: int = 0


def request_for(till: str) -> Request:
    """A small basket, paid exactly."""
    return Request(str(uuid.uuid4()), till, "cash-sale", "7", _CONTENT)


def opening(till: str) -> Request:
    """The till's first shift."""
    return Request(str(uuid.uuid4()), till, "shift-open", "7", Content("EUR", 0, (), (), shift=1))


def at_the_runner(folder: Path, sales: int) -> AtTheRunner:
    """Sales one after the other at the runner, each followed by the same number of bare commits."""
    journal = CountingJournal(folder / "runner.db")
    create(journal.connection)
    high = FileHighWater(file_beside(folder / "runner.db"))
    runner = Runner(journal, Policy(), rules(), parties={"till-1": PARTIES}, high=high)
    device = InstantDevice("till-1", Held(journal))
    _tell(runner, device.do(lambda adapter: adapter.start(_now())))
    _deliver(runner, _do(runner, device, opening("till-1")))
    bare = _bare_driver(folder / "bare.db")
    result = AtTheRunner()
    for number in range(sales + _WARM_UP):
        before = journal.commits
        took, sold = _timed(lambda: _do(runner, device, request_for("till-1")))
        waits = journal.commits - before
        _deliver(runner, sold)
        limit, _ = _timed(lambda: _bare_commits(bare))
        if number >= _WARM_UP:
            result.commits += journal.commits - before
            result.waits += waits
            result.sales += 1
            result.sale_ms.append(took[0])
            result.sale_cpu_ms.append(took[1])
            result.limit_ms.append(limit[0])
            result.limit_cpu_ms.append(limit[1])
    journal.close()
    high.close()
    bare.close()
    return result


def rules() -> PackRules:
    """The rules that are measured with."""
    return replace(shipped_rules("demo"), shifts=True)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _timed(work: Callable[[], _T]) -> tuple[tuple[float, float], _T]:
    """Wall and processor time in ms, and what came of it."""
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    done = work()
    times = (time.perf_counter_ns() - wall) / 1e6, (time.process_time_ns() - cpu) / 1e6
    return times, done


def _tell(runner: Runner, tellings: Sequence[Any]) -> Done:
    def write(telling: Any) -> Apply:
        return Apply(lambda _journal: hear(runner, "till-1", telling, _now()))

    return runner.process([write(telling) for telling in tellings], _now())


def _do(runner: Runner, device: InstantDevice, request: Request) -> Done:
    """Begin an operation and let the device answer; the batch in which it ended."""
    begun = runner.process([Begin(request)], _now())
    if begun.answers[0].error is not None:
        raise begun.answers[0].error
    (effect,) = [one for one in begun.effects if isinstance(one.command, Send)]
    leg = effect.operation.legs[0]
    told = device.do(lambda adapter: adapter.register(effect.operation, leg, _now()))
    done = _tell(runner, [telling for telling in told if isinstance(telling, Told)])
    if not done.changed or not done.changed[0].ended:
        raise AssertionError("an operation with an instant device has not ended")
    return done


def _deliver(runner: Runner, done: Done) -> None:
    """Let the operator take what waits."""
    while errands := [errand for errand in done.errands if isinstance(errand, Deliver)]:
        told = [telling for errand in errands for telling in errand.work(_now())(InstantOperator())]
        done = _tell(runner, told)


def _bare_driver(path: Path) -> sqlite.Connection:
    connection = sqlite.connect(path)
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB) STRICT")
    return connection


def _bare_commits(connection: sqlite.Connection) -> None:
    for _ in range(COMMIT_WAITS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO row (body) VALUES (?)", (b"x" * 100,))
        connection.execute("COMMIT")


# ── the station with its threads ────────────────────────────────────────────────────────────────────────


class InstantLines(PartyLines):
    """Lines to devices and an operator that answer at once, in the writer's own thread."""

    def __init__(self, station: Station, tills: Sequence[str]) -> None:
        self._station = station
        self._devices = {till: InstantDevice(till, station.held) for till in tills}

    def do(self, till: str, work: Callable[[Any], Any]) -> None:
        """Do it now, and tell the station."""
        device = self._devices.get(till)
        for telling in device.do(work) if device is not None else work(InstantOperator()):
            self._station.deliver(till, telling)


def sales_per_s(folder: Path, tills: int, sales: int) -> float:
    """Sales a second by so many tills side by side, through the station's threads and group commit."""
    path = folder / f"station-{tills}.db"
    setup = SqliteJournal(path)
    create(setup.connection)
    setup.close()
    names = [f"till-{number}" for number in range(1, tills + 1)]
    parties = dict.fromkeys(names, PARTIES)
    station = Station(path, rules(), Policy(), SystemClock(), dict.fromkeys(names, "EUR"), parties=parties)
    station.start_up(InstantLines(station, names))

    def end(request: Request) -> None:
        station.start(request)
        ended = station.wait(request.uid, timeout_ms=10_000)
        if ended is None or ended.state is not OperationState.DONE:
            raise RuntimeError(f"{request.kind} at {request.till} has not been done")

    def work(till: str) -> None:
        for _ in range(sales // tills):
            end(request_for(till))

    for name in names:
        end(opening(name))

    begun = time.perf_counter()
    side_by_side([lambda till=till: work(till) for till in names])  # type: ignore[misc]
    took = time.perf_counter() - begun
    station.stop()
    return sales // tills * tills / took


def side_by_side(works: Sequence[Callable[[], None]]) -> None:
    """Run all at once and wait for all; the first failure is raised."""
    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(work) for work in works]:
            future.result()


# ── the report ──────────────────────────────────────────────────────────────────────────────────────────


def measure(folder: Path, *, sales: int, finished: int) -> dict[str, object]:
    """All figures; progress on standard error."""
    console = Console(file=sys.stderr)
    with console.status("Sales at the runner …"):
        runner = at_the_runner(folder, sales)
    with console.status("Sales through the station's threads …"):
        one, eight = sales_per_s(folder, 1, sales), sales_per_s(folder, 8, sales)
    with console.status("Four tills through HTTP, with the device's twin on sockets …"):
        api = sell_through_api(folder / "api", tills=4, sales=sales)
        alone = sell_through_api(folder / "alone", tills=4, sales=sales, only_devices=True)
    with console.status(f"A start after 10 and after {finished:,} operations …"):
        shop = put_together(folder / "ready", shop_tills(1))
        ready_few, ready_many = ready_s(shop, 10), ready_s(shop, finished)
    return {
        "commits_per_sale": runner.commits / runner.sales,
        "commit_waits": runner.waits / runner.sales,
        "sale_ms_median": round(statistics.median(runner.sale_ms), 3),
        "limit_ms_median": round(statistics.median(runner.limit_ms), 3),
        "ratio_median": round(statistics.median(runner.sale_ms) / statistics.median(runner.limit_ms), 2),
        "cpu_ms_over_limit": round(
            statistics.median(runner.sale_cpu_ms) - statistics.median(runner.limit_cpu_ms), 3
        ),
        "api_sales_per_s_4": round(api.per_s, 1),
        "api_p95_ms_4": round(api.p95_ms, 2),
        "api_sales_per_s_4_devices": round(alone.per_s, 1),
        "api_p95_ms_4_devices": round(alone.p95_ms, 2),
        "sales_per_s_1": round(one, 1),
        "sales_per_s_8": round(eight, 1),
        "ready_s_10": round(ready_few, 2),
        f"ready_s_{finished}": round(ready_many, 2),
    }


def wrong(figures: Mapping[str, object]) -> bool:
    """Whether a figure that is a promise, not a speed, is not kept."""
    return figures["commit_waits"] != COMMIT_WAITS


def sentences(report: Mapping[str, Any]) -> Iterator[str]:
    """The figures for people."""
    yield (
        f"A cash sale waits for {report['commit_waits']:g} commits (with its delivery to the operator "
        f"{report['commits_per_sale']:g} are made) and takes {report['sale_ms_median']} ms "
        f"at the runner; two bare commits take {report['limit_ms_median']} ms "
        f"(ratio {report['ratio_median']})."
    )
    yield f"Processor time over the two bare commits: {report['cpu_ms_over_limit']} ms."
    yield (
        f"Through HTTP, four tills, delivered and printed: {report['api_sales_per_s_4']} sales a second, "
        f"95th percentile {report['api_p95_ms_4']} ms; with the control devices alone "
        f"{report['api_sales_per_s_4_devices']}, {report['api_p95_ms_4_devices']} ms."
    )
    yield (
        f"Through the station's threads: {report['sales_per_s_1']} sales a second by one till, "
        f"{report['sales_per_s_8']} by eight."
    )
    for name, value in report.items():
        if name.startswith("ready_s_"):
            yield f"From start to ready with {int(name[8:]):,} finished operations: {value} s."

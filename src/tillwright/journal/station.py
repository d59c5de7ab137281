"""The station: one writer thread, the parties' connections, and everybody who waits for an answer.

This is one of the two drivers of `Runner` (the other is the simulation's virtual clock). Whatever is to be
written goes into one queue; the writer takes all that has queued up during the last commit into the next one,
so that waiting for the disk is shared without any timer. Effects go to the parties' thread after the commit;
what parties tell comes back through the queue.
"""

from __future__ import annotations

import shutil
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog

from tillwright.books.cash import Account
from tillwright.journal import queries
from tillwright.journal.hearing import hear
from tillwright.journal.news import Change, News
from tillwright.journal.port import CommitUnknown
from tillwright.journal.queries import Page, Summary
from tillwright.journal.records import StoredEvent, StoredFault
from tillwright.journal.runner import Answer, Apply, Begin, Done, Effect, Feed, Item, Runner
from tillwright.journal.sqlite_journal import SqliteJournal
from tillwright.kernel.clock import Clock
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import PackRules
from tillwright.machine import sqlite
from tillwright.operations.commands import Inquire, Send
from tillwright.operations.decide import Impossible
from tillwright.operations.events import Continue, Event, GiveUp, Inquired, NoAnswer, Printed
from tillwright.operations.guards import Request
from tillwright.operations.model import Operation
from tillwright.operations.policy import Policy
from tillwright.parties.wire import Health, Telling

_T = TypeVar("_T")
_BATCH = 256
_IDLE_S = 0.5
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TillState:
    """What the strip on top of every page shows."""

    till: str
    open: Operation | None
    reds: list[Summary]
    drawer_minor: int
    currency: str
    health: Health | None
    undelivered: int
    shift: int


class PartyLines(Protocol):
    """How the station reaches a till's device: something that runs a function of the adapter in the parties'
    thread.
    """

    def do(self, till: str, work: Callable[[Any], Any]) -> None:
        """Run `work(adapter)` soon; what it tells comes back through `deliver`."""


Enough = Callable[[Operation], bool]
"""Whether somebody who waits for an operation has seen enough of it."""


def _anything(_operation: Operation) -> bool:
    return True


def newer(one: Operation | None, other: Operation) -> Operation:
    """The one that has seen more."""
    return one if one is not None and one.version > other.version else other


class _Watch:
    """Somebody waits for an operation: the writer leaves its newest value here, and wakes them when it is
    enough. Used in place of a future, it waits for the answer to a request too, with one waking for both.
    """

    __slots__ = ("answered", "enough", "error", "event", "operation")

    def __init__(self, enough: Enough, *, answered: bool = True) -> None:
        self.enough = enough
        self.answered = answered
        self.event = threading.Event()
        self.operation: Operation | None = None
        self.error: Exception | None = None

    def show(self, operation: Operation) -> None:
        """The operation has become this."""
        self.operation = newer(self.operation, operation)
        if self.answered and self.enough(self.operation):
            self.event.set()

    def set_result(self, operation: Operation) -> None:
        """The request was taken."""
        self.operation = newer(self.operation, operation)  # before `answered`: who sees that, looks here
        self.answered = True
        self.show(operation)

    def set_exception(self, error: Exception) -> None:
        """The request was refused."""
        self.error = error
        self.answered = True
        self.event.set()


@dataclass(slots=True)
class _Waiting:
    item: Item
    future: Future[Any] | _Watch | None


class Held:
    """What the adapters may know of the device's documents; read from the parties' thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def _connection(self) -> sqlite.Connection:
        connection: sqlite.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite.connect(self._path, read_only=True)
        return connection

    def last_number(self, serial: str) -> int:
        """The highest number below which every document of the device is held."""
        value = self._value(f"held:{serial}")
        return int(value) if value else 0

    def documents(self, serial: str, above: int, limit: int) -> Sequence[str]:
        """The device's own words, in order."""
        rows = self._connection().execute(
            "SELECT text FROM device_document WHERE serial = ? AND number > ? ORDER BY number LIMIT ?",
            (serial, above, limit),
        )
        return [str(row[0]) for row in rows]

    def serial(self, till: str) -> str | None:
        """The device that the till last heard from."""
        return self._value(f"serial:{till}")

    def sent_to(self, key: str) -> str | None:
        """The device to which the request with this key went last, as the journal has it."""
        row = self._connection().execute("SELECT serial FROM leg_key WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row and row[0] else None

    def _value(self, name: str) -> str | None:
        row = self._connection().execute("SELECT value FROM station WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None


class Station:
    """Everything that pages and programs may ask of a station. Methods may be called from any thread.

    `on_broken` is called, once, when the journal cannot be written any more: this station refuses everything
    from then on, and only a fresh start can find out what is on the disk.
    """

    def __init__(
        self,
        path: Path,
        rules: PackRules,
        policy: Policy,
        clock: Clock,
        currencies: Mapping[str, str],
        heading: Sequence[str] = (),
        on_broken: Callable[[], None] = lambda: None,
    ) -> None:
        self.path = path
        self._on_broken = on_broken
        self.rules = rules
        self.policy = policy
        self.clock = clock
        self.currencies = dict(currencies)
        self.held = Held(path)
        self._lines: PartyLines | None = None
        self._journal = SqliteJournal(path)
        self._runner = Runner(self._journal, policy, rules, space=self._space, heading=heading)
        self._queue: deque[_Waiting] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._broken: Fault | None = None
        self._tick = self._first_tick = clock.now_ms()  # above every tick of an earlier process
        self._till_ticks: dict[str, int] = {}
        self._news = News(self._first_tick)
        self._changes = threading.Condition()
        self._watches: dict[str, list[_Watch]] = {}
        self._health: dict[str, Health] = {}
        self._local = threading.local()
        self._thread = threading.Thread(target=self._write_forever, name="journal-writer", daemon=True)

    # ── life ──────────────────────────────────────────────────────────────────────────────────────

    def start_up(self, lines: PartyLines) -> int:
        """Recover what is unfinished and begin to work; returns how many operations were unfinished."""
        self._lines = lines
        unfinished = self._runner.recover(self.clock.now_ms())
        if unfinished:
            self._run([_Waiting(item, None) for item in unfinished])
        self._thread.start()
        return len(unfinished)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Write what has queued, then end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if not self._thread.is_alive():
            self._journal.close()

    # ── writing ───────────────────────────────────────────────────────────────────────────────────

    def start(self, request: Request, enough: Enough = _anything, timeout_ms: int = 0) -> Operation:
        """Begin an operation: journaled when this returns. Raises FaultError: then nothing was written.

        With a time it goes on waiting, at most so long, until there is `enough` to see of the operation.
        """
        expected = self.currencies.get(request.till)
        if expected is None:
            raise FaultError(Fault("api.wrong-till", till=request.till))
        if request.content.currency != expected:
            raise FaultError(Fault("till.wrong-currency", currency=request.content.currency))
        watch = _Watch(enough if timeout_ms > 0 else _anything, answered=False)
        with self._watched(request.uid, watch):
            self._put(_Waiting(Begin(request), watch))
            return _begun(watch, timeout_ms)

    def go_on(self, uid: str, person: str) -> Operation:
        """'Continue'. Raises FaultError if there is nothing to continue."""
        return self._from_person(uid, Continue(self.clock.now_ms(), person))

    def give_up(self, uid: str, person: str) -> Operation:
        """'Give up'. Raises FaultError if it is too late for that."""
        return self._from_person(uid, GiveUp(self.clock.now_ms(), person))

    def printed(self, uid: str) -> Operation:
        """The document of an operation was printed."""
        return self._from_person(uid, Printed(self.clock.now_ms()))

    def write(self, change: Callable[[sqlite.Connection], _T]) -> _T:
        """Any other write of the station's database, in the writer's thread and transaction."""
        result: _T = self._ask(Apply(lambda journal: change(journal.connection)))
        return result

    def _from_person(self, uid: str, event: Event) -> Operation:
        operation: Operation = self._ask(Feed(uid, event, from_person=True))
        return operation

    def _ask(self, item: Item) -> Any:
        future: Future[Any] = Future()
        self._put(_Waiting(item, future))
        try:
            return future.result()
        except Impossible as impossible:
            raise FaultError(Fault("till.too-late")) from impossible

    def _put(self, waiting: _Waiting) -> None:
        with self._wake:
            if waiting.future is not None and (self._stopping or self._broken is not None):
                raise FaultError(self._broken or Fault("journal.stopping"))
            if self._broken is not None:
                return  # nobody waits, and nobody writes any more: it will be asked for after the next start
            self._queue.append(waiting)
            self._wake.notify()

    def deliver(self, till: str, telling: Telling) -> None:
        """What a party tells; called by the parties' thread."""
        if isinstance(telling, Health):
            before = self._health.get(till)
            self._health[till] = telling
            if before is None or before.state != telling.state:
                self._changed_tills([till])
            if before is not None and before.serial == telling.serial:
                return
        now_ms = self.clock.now_ms
        heard = Apply(lambda _journal: hear(self._runner, till, telling, now_ms()), repeatable=True)
        self._put(_Waiting(heard, None))

    # ── the writer ────────────────────────────────────────────────────────────────────────────────

    def _write_forever(self) -> None:
        while True:
            batch = self._next_batch()
            if batch is None:
                return
            try:
                self._run(batch)
            except Exception as error:  # the outermost loop: recorded, told to all who wait, and stopped
                _log.exception("journal.write-failed")
                self._break(batch, Fault("journal.write-failed", reason=type(error).__name__))
                return

    def _next_batch(self) -> list[_Waiting] | None:
        with self._wake:
            while True:
                due = [_Waiting(item, None) for item in self._runner.due(self.clock.now_ms())]
                if due or self._queue:
                    count = min(len(self._queue), _BATCH)
                    return due + [self._queue.popleft() for _ in range(count)]
                if self._stopping:
                    return None
                self._wake.wait(self._idle_s())

    def _idle_s(self) -> float:
        next_ms = self._runner.next_due_ms()
        if next_ms is None:
            return _IDLE_S
        return min(_IDLE_S, max(0.001, (next_ms - self.clock.now_ms()) / 1000))

    def _run(self, batch: list[_Waiting]) -> None:
        try:
            done = self._runner.process([waiting.item for waiting in batch], self.clock.now_ms())
        except (CommitUnknown, sqlite.Error) as error:
            _log.error("journal.commit-unknown", error=str(error))
            self._journal.reopen()
            done = self._runner.read_back([waiting.item for waiting in batch], self.clock.now_ms())
        for effect in done.effects:
            self._carry_out(effect)
        self._publish(done)
        for waiting, answer in zip(batch, done.answers, strict=True):
            _answer(waiting, answer)

    def _break(self, batch: list[_Waiting], fault: Fault) -> None:
        with self._wake:
            self._broken = fault
            batch = batch + list(self._queue)
            self._queue.clear()
        for waiting in batch:
            _answer(waiting, Answer(error=FaultError(fault)))
        self._on_broken()

    def _carry_out(self, effect: Effect) -> None:
        """Hand it to the parties' thread. If that is impossible it counts as lost: what was journaled as sent
        must never wait for an answer that cannot come.
        """
        if self._lines is None:
            raise AssertionError("the station has no lines to its parties")
        operation, command, now_ms = effect.operation, effect.command, self.clock.now_ms()
        if not isinstance(command, Send | Inquire):
            return
        leg = operation.leg(command.leg)
        try:
            if isinstance(command, Send):
                self._lines.do(operation.till, lambda adapter: adapter.register(operation, leg, now_ms))
            else:
                self._lines.do(operation.till, lambda adapter: adapter.inquire(operation, leg, now_ms))
        except Exception:  # the driver of the lines is another room's; the writer outlives it
            _log.exception("journal.line-failed", till=operation.till, key=leg.key)
            fault = Fault("fiscal.sko-disconnected")
            silent = Inquired(now_ms, leg.number, None)
            lost = NoAnswer(now_ms, leg.number, fault) if isinstance(command, Send) else silent
            self._put(_Waiting(Feed(operation.uid, lost), None))

    def _space(self) -> Fault | None:
        free = shutil.disk_usage(self.path.parent).free
        return Fault("journal.disk-low", free_bytes=free) if free < self.rules.reserve_bytes else None

    # ── those who wait ────────────────────────────────────────────────────────────────────────────

    def _publish(self, done: Done) -> None:
        if not done.changed:
            return
        with self._changes:
            for operation in done.changed:
                self._tick += 1
                self._till_ticks[operation.till] = self._tick
                self._news.add(self._tick, operation)
                for watch in self._watches.get(operation.uid, ()):
                    watch.show(operation)
            self._changes.notify_all()

    def _changed_tills(self, tills: Sequence[str]) -> None:
        with self._changes:
            self._tick += 1
            for till in tills:
                self._till_ticks[till] = self._tick
            self._changes.notify_all()

    def changes(self, till: str | None, after: int, timeout_ms: int) -> int:
        """Wait until anything of the till (of any, if None) has changed after this tick; the newest tick."""

        def newest() -> int:
            return self._tick if till is None else self._till_ticks.get(till, self._first_tick)

        with self._changes:
            self._changes.wait_for(lambda: newest() > after, timeout_ms / 1000)
            return newest()

    def news(self, till: str, after: int) -> list[Change] | None:
        """The till's operations that have changed after this tick, oldest first; None if the tick is not one
        of these, or too long ago to know them all.
        """
        with self._changes:
            return self._news.since(till, after) if after <= self._tick else None

    def wait(self, uid: str, *, version: int | None = None, timeout_ms: int) -> Operation | None:
        """Wait until the operation has ended, or is newer than `version`; its row then, or at the end of the
        time. None if there is no such operation.
        """
        watch = _Watch(lambda operation: _satisfied(operation, version))
        with self._watched(uid, watch):
            operation = self.operation(uid)
            if operation is not None and not _satisfied(operation, version):
                watch.event.wait(timeout_ms / 1000)
            return operation if operation is None else newer(watch.operation, operation)

    @contextmanager
    def _watched(self, uid: str, watch: _Watch) -> Iterator[None]:
        with self._changes:
            self._watches.setdefault(uid, []).append(watch)
        try:
            yield
        finally:
            with self._changes:
                watches = self._watches[uid]
                watches.remove(watch)
                if not watches:
                    del self._watches[uid]

    # ── reading ───────────────────────────────────────────────────────────────────────────────────

    def _reader(self) -> sqlite.Connection:
        connection: sqlite.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite.connect(self.path, read_only=True)
        return connection

    def operation(self, uid: str) -> Operation | None:
        """The current row of an operation."""
        return queries.operation(self._reader(), uid)

    def events(self, uid: str) -> list[StoredEvent]:
        """All events of an operation, oldest first."""
        return queries.events(self._reader(), uid)

    def page(
        self, *, till: str | None, state: str | None, after: str | None, limit: int, kind: str | None = None
    ) -> Page:
        """A page of the list; raises queries.BadCursor."""
        return queries.page(self._reader(), till=till, state=state, after=after, limit=limit, kind=kind)

    def document(self, uid: str) -> bytes | None:
        """The stored receipt."""
        return queries.document(self._reader(), uid)

    def faults(self, limit: int) -> list[StoredFault]:
        """The newest faults first."""
        return queries.faults(self._reader(), limit)

    def till_state(self, till: str) -> TillState:
        """What the strip on top shows."""
        reader, currency = self._reader(), self.currencies[till]
        return TillState(
            till=till,
            open=queries.open_operation(reader, till),
            reds=queries.reds(reader, till),
            drawer_minor=queries.balance_minor(reader, till, currency, Account.DRAWER),
            currency=currency,
            health=self._health.get(till),
            undelivered=queries.undelivered(reader, till),
            shift=1,
        )


def _begun(watch: _Watch, timeout_ms: int) -> Operation:
    """The operation of a request, once that is answered and there is enough to see, or the time is over."""
    watch.event.wait(timeout_ms / 1000 if timeout_ms > 0 else None)
    watch.enough = _anything
    if not watch.answered:  # a slow disk; what was asked for is not taken back
        watch.event.wait()
    if watch.error is not None:
        raise watch.error
    if watch.operation is None:
        raise AssertionError("an answer without an operation")
    return watch.operation


def _satisfied(operation: Operation, version: int | None) -> bool:
    return operation.ended or (version is not None and operation.version > version)


def _answer(waiting: _Waiting, answer: Answer) -> None:
    if waiting.future is None:
        if answer.error is not None and not isinstance(answer.error, FaultError):
            _log.error("journal.item-failed", error=repr(answer.error))
        return
    if answer.error is not None:
        waiting.future.set_exception(answer.error)
    else:
        waiting.future.set_result(answer.value)

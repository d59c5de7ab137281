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
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog

from tillwright.journal.errands import AskStatus, Deliver, Enquire, Errand, PrintSlip
from tillwright.journal.hearing import hear, notice, parts_of, till_of
from tillwright.journal.held import Held
from tillwright.journal.high_water import FileHighWater, file_beside
from tillwright.journal.knowledge import Knowledge
from tillwright.journal.news import Change, News
from tillwright.journal.port import CommitUnknown
from tillwright.journal.printing import Paper, Printing
from tillwright.journal.runner import Answer, Apply, Begin, Done, Effect, Feed, Item, Runner
from tillwright.journal.sqlite_journal import SqliteJournal
from tillwright.journal.station_reading import StationReading, TillState
from tillwright.journal.station_tills import StationTills
from tillwright.journal.waiting import Enough, Waiting, Watch, anything, begun, newer, satisfied
from tillwright.kernel.clock import Clock
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import PackRules
from tillwright.machine import sqlite
from tillwright.operations.commands import Inquire, Send
from tillwright.operations.decide import Impossible
from tillwright.operations.events import Cancelled, Continue, Event, GiveUp, Inquired, NoAnswer, Printed
from tillwright.operations.guards import Request
from tillwright.operations.model import Operation
from tillwright.operations.policy import Policy
from tillwright.parties.wire import (
    Health,
    LicenceTold,
    NotDelivered,
    OperatorStatus,
    PartyHealth,
    PrintTold,
    Telling,
    Unlisted,
)

__all__ = ["PartyLines", "Station", "TillState"]

_T = TypeVar("_T")
NOTE = "write-failed"
"""The file, beside the database, in which a process leaves why it could not write; the next one tells it."""
_BATCH = 256
_WRITES_KNOWN = 64
_IDLE_S = 0.5
_log = structlog.get_logger(__name__)


class PartyLines(Protocol):
    """How the station reaches a till's parties: something that runs a function of an adapter in the parties'
    thread.
    """

    def do(self, till: str, work: Callable[[Any], Any]) -> None:
        """Run `work(adapter)` soon; what it tells comes back through `deliver`."""


class Station(StationTills):
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
        parties: Mapping[str, Collection[str]] | None = None,
        paper: Paper | None = None,
    ) -> None:
        """`parties`: till → the parties besides the control device that it has a line to. `paper`: makes what
        a printer takes of a stored document.
        """
        StationReading.__init__(self, path, rules, currencies, Knowledge(), parties or {}, heading)
        self._on_broken = on_broken
        self.policy = policy
        self.clock = clock
        self.held = Held(path)
        self._lines: PartyLines | None = None
        self._journal = SqliteJournal(path)
        self._high = FileHighWater(file_beside(path))
        self._runner = Runner(
            self._journal, policy, rules, space=self._space, heading=heading, known=self.known,
            parties=self.parties, high=self._high,
        )  # fmt: skip
        self._printing = Printing(paper, self._send_slip, self._no_paper) if paper is not None else None
        self._queue: deque[Waiting] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._broken: Fault | None = None
        self._note = path.with_name(NOTE)
        self._tick = self._first_tick = clock.now_ms()  # above every tick of an earlier process
        self._till_ticks: dict[str, int] = {}
        self._news = News(self._first_tick)
        self._changes = threading.Condition()
        self._watches: dict[str, list[Watch]] = {}
        self._readings = threading.Condition()
        self._told: dict[str, int] = {}
        self._writes: deque[tuple[int, int]] = deque(maxlen=_WRITES_KNOWN)
        self._thread = threading.Thread(target=self._write_forever, name="journal-writer", daemon=True)

    # ── life ──────────────────────────────────────────────────────────────────────────────────────

    def start_up(self, lines: PartyLines) -> int:
        """Recover what is unfinished and begin to work; returns how many operations were unfinished."""
        self._lines = lines
        unfinished = self._runner.recover(self.clock.now_ms())
        if unfinished:
            self._run([Waiting(item, None) for item in unfinished])
        self._thread.start()
        with suppress(OSError):  # a note keeps no station from selling
            self._tell_failure(self._note.read_text(encoding="utf-8", errors="replace"))
        if self._printing is not None:
            self._printing.start()
        return sum(isinstance(item, Feed) for item in unfinished)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Write what has queued, then end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if self._printing is not None:
            self._printing.stop(timeout_s)
        if not self._thread.is_alive():
            self._journal.close()
            self._high.close()

    # ── writing ───────────────────────────────────────────────────────────────────────────────────

    def start(self, request: Request, enough: Enough = anything, timeout_ms: int = 0) -> Operation:
        """Begin an operation: journaled when this returns. Raises FaultError: then nothing was written.

        With a time it goes on waiting, at most so long, until there is `enough` to see of the operation.
        """
        expected = self.currencies.get(request.till)
        if expected is None:
            raise FaultError(Fault("api.wrong-till", till=request.till))
        if request.content.currency != expected:
            raise FaultError(Fault("till.wrong-currency", currency=request.content.currency))
        if request.kind == "correction":
            self.read_device(request.till)
        watch = Watch(enough if timeout_ms > 0 else anything, answered=False)
        with self._watched(request.uid, watch):
            self._put(Waiting(Begin(request), watch))
            return begun(watch, timeout_ms)

    def go_on(self, uid: str, person: str) -> Operation:
        """'Continue'. Raises FaultError if there is nothing to continue."""
        return self._from_person(uid, Continue(self.clock.now_ms(), person))

    def give_up(self, uid: str, person: str) -> Operation:
        """'Give up'. Raises FaultError if it is too late for that."""
        return self._from_person(uid, GiveUp(self.clock.now_ms(), person))

    def cancel(self, uid: str, person: str) -> Operation:
        """Take back what stands twice. Raises FaultError if nothing does."""
        return self._from_person(uid, Cancelled(self.clock.now_ms(), person))

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
        self._put(Waiting(item, future))
        try:
            return future.result()
        except Impossible as impossible:
            raise FaultError(Fault("till.too-late")) from impossible

    def _put(self, waiting: Waiting) -> None:
        with self._wake:
            if waiting.future is not None and (self._stopping or self._broken is not None):
                raise FaultError(self._broken or Fault("journal.stopping"))
            if self._broken is not None:
                return  # nobody waits, and nobody writes any more: it will be asked for after the next start
            self._queue.append(waiting)
            self._wake.notify()

    def deliver(self, line: str, telling: Telling) -> None:
        """What a party tells on its line; called by the parties' thread."""
        changed, to_hear = notice(self._runner, line, telling)
        if changed:
            self._changed_tills([till_of(line)])
        for part in parts_of(telling) if to_hear else ():
            self._put(Waiting(self._heard(line, part), None))
        if isinstance(telling, Health | PartyHealth | OperatorStatus | LicenceTold):
            with self._readings:
                self._told[line] = self._told.get(line, 0) + 1
                self._readings.notify_all()

    def _heard(self, line: str, telling: Telling) -> Apply:
        now_ms = self.clock.now_ms
        return Apply(lambda _journal: hear(self._runner, line, telling, now_ms()), repeatable=True)

    def read_device(self, till: str) -> Health:
        """Ask the till's device afresh how it stands. Raises FaultError if it does not say."""
        asked_ms = self.clock.now_ms()
        before = self.known.health(till)
        self._do(till, lambda adapter: adapter.status(asked_ms))

        def answered() -> bool:
            health = self.known.health(till)
            return health is not None and health is not before and health.at_ms >= asked_ms

        with self._readings:
            self._readings.wait_for(
                answered, (self.rules.answer_within_ms + self.rules.connect_within_ms) / 1000
            )
        fresh = self.known.device(till)
        if fresh is None or not answered():
            raise FaultError(Fault("fiscal.sko-disconnected"))
        return fresh

    def ask_party(self, till: str, party: str, timeout_ms: int) -> str | None:
        """Ask a party of the till, besides its control device, afresh how it stands: its state, None if it
        has not said anything in this time.
        """
        errand = AskStatus(till, party)
        before = self._told.get(errand.line, 0)
        self._run_errand(errand)
        with self._readings:
            told = self._readings.wait_for(lambda: self._told.get(errand.line, 0) > before, timeout_ms / 1000)
        if not told:
            return None
        self._ask(Apply(lambda _journal: None))  # what it told is written when this is
        return self.party_states(till).get(party, ("unknown", 0))[0]

    # ── the writer ────────────────────────────────────────────────────────────────────────────────

    def _write_forever(self) -> None:
        while True:
            batch = self._next_batch()
            if batch is None:
                return
            began_ns = self.clock.monotonic_ns()
            try:
                self._run(batch)
                self._writes.append((self.clock.monotonic_ns(), began_ns))
            except Exception as error:  # the outermost loop: recorded, told to all who wait, and stopped
                _log.exception("journal.write-failed")
                self._break(batch, Fault("journal.write-failed", reason=type(error).__name__))
                return

    def slowest_write_ms(self, within_ms: int) -> int:
        """How long the slowest write took of those that ended so lately; 0 where there was none."""
        since_ns = self.clock.monotonic_ns() - within_ms * 1_000_000
        took_ns = [ended_ns - began_ns for ended_ns, began_ns in tuple(self._writes) if ended_ns >= since_ns]
        return max(took_ns, default=0) // 1_000_000

    def _next_batch(self) -> list[Waiting] | None:
        with self._wake:
            while True:
                due = [Waiting(item, None) for item in self._runner.due(self.clock.now_ms())]
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

    def _run(self, batch: list[Waiting]) -> None:
        try:
            done = self._runner.process([waiting.item for waiting in batch], self.clock.now_ms())
        except (CommitUnknown, sqlite.Error) as error:
            _log.error("journal.commit-unknown", error=str(error))
            self._journal.reopen()
            done = self._runner.read_back([waiting.item for waiting in batch], self.clock.now_ms())
            self._tell_failure(type(error).__name__)
        for effect in done.effects:
            self._carry_out(effect)
        for errand in done.errands:
            self._run_errand(errand)
        self._publish(done)
        for waiting, answer in zip(batch, done.answers, strict=True):
            _answer(waiting, answer)

    def _tell_failure(self, reason: str) -> None:
        """A write has failed, and writing works again: it is on record, like any other fault."""
        fault = Fault("journal.write-failed", reason=reason)

        def tell(_journal: Any) -> None:
            self._runner.place.raise_fault("", None, fault, self.clock.now_ms())
            with suppress(OSError):
                self._note.unlink(missing_ok=True)

        self._put(Waiting(Apply(tell, repeatable=True), None))

    def _break(self, batch: list[Waiting], fault: Fault) -> None:
        with self._wake:
            self._broken = fault
            batch = batch + list(self._queue)
            self._queue.clear()
        with suppress(OSError):  # where nothing can be written, this cannot either
            self._note.write_text(str(fault.facts["reason"]), encoding="utf-8")
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
            self._put(Waiting(Feed(operation.uid, lost), None))

    def _do(self, line: str, work: Callable[[Any], Any]) -> None:
        if self._lines is None:
            raise AssertionError("the station has no lines to its parties")
        self._lines.do(line, work)

    def _run_errand(self, errand: Errand) -> None:
        """Hand it to the parties' thread, or a slip to the printing one; what is lost is told as lost."""
        if isinstance(errand, PrintSlip):
            if self._printing is not None:
                self._printing.put(errand)
            return
        try:
            self._do(errand.line, errand.work(self.clock.now_ms()))
        except Exception:  # the driver of the lines is another room's; the writer outlives it
            _log.exception("journal.line-failed", line=errand.line)
            told = _lost(errand, Fault("fiscal.operator-unreachable"))
            if told is not None:
                self.deliver(errand.line, told)

    def _send_slip(self, slip: PrintSlip) -> None:
        self._do(slip.line, slip.work(self.clock.now_ms()))

    def _no_paper(self, till: str, job: str, fault: Fault) -> None:
        self.deliver(f"{till}/printer", PrintTold(job, False, fault))

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

    def touch(self, till: str) -> None:
        """Something that pages of this till show has changed, of any till if ''."""
        self._changed_tills([till] if till else sorted(self.currencies))

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
        watch = Watch(lambda operation: satisfied(operation, version))
        with self._watched(uid, watch):
            operation = self.operation(uid)
            if operation is not None and not satisfied(operation, version):
                watch.event.wait(timeout_ms / 1000)
            return operation if operation is None else newer(watch.operation, operation)

    @contextmanager
    def _watched(self, uid: str, watch: Watch) -> Iterator[None]:
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


def _lost(errand: Errand, fault: Fault) -> Telling | None:
    """What becomes of an errand that could not be handed over."""
    if isinstance(errand, Deliver):
        one = errand.document
        return NotDelivered(errand.party, one.serial, one.number, "no-answer")
    if isinstance(errand, Enquire):
        return Unlisted(errand.query, fault)
    return None


def _answer(waiting: Waiting, answer: Answer) -> None:
    if waiting.future is None and answer.error is not None and not isinstance(answer.error, FaultError):
        _log.error("journal.item-failed", error=repr(answer.error))
    waiting.answer(answer)

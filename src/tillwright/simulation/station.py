"""The other driver of the real runner: what `journal.station` does with threads and sockets, on virtual time.

Whatever is to be written goes into one queue; while the disk is busy with a commit more queues up, and goes
into the next one. Effects go to the real adapters after the commit; what they tell comes back through the
queue. When the power goes, runner, adapters, queue and connections are gone, and the next start has the
journal and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tillwright.books.cash import Account
from tillwright.journal import approvals, rulings, shifts
from tillwright.journal.errands import Errand
from tillwright.journal.hearing import hear, notice
from tillwright.journal.place import Place
from tillwright.journal.port import CommitUnknown
from tillwright.journal.records import CashCount, Grant
from tillwright.journal.rulings import Backing
from tillwright.journal.runner import Answer, Apply, Begin, Done, Effect, Feed, Item, Runner
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import PackRules
from tillwright.machine import sqlite
from tillwright.operations.commands import Inquire, Send
from tillwright.operations.decide import Impossible
from tillwright.operations.events import Cancelled, Continue, Event, GiveUp, Printed, happening
from tillwright.operations.guards import Request
from tillwright.operations.model import Operation
from tillwright.operations.policy import Policy
from tillwright.operations.rulings import Ruling
from tillwright.operations.states import Happening, LegState, OperationState
from tillwright.parties.control.adapter import ControlAdapter, ControlTimes
from tillwright.parties.http.line import HttpTimes
from tillwright.parties.operator.adapter import OperatorAdapter
from tillwright.parties.wire import Action, Connect, Disconnect, Telling, Transmit, WakeAt
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.chance import Dice
from tillwright.simulation.disk import Disk, Journal, StationStopped
from tillwright.simulation.judge import Judge
from tillwright.simulation.network import Link

Visits = dict[tuple[OperationState | LegState, Happening], int]
"""State of an operation, or of a leg, and what happened to it, so that something followed → how often."""
Listener = Callable[[Answer], None]
Watcher = Callable[[Operation], None]

RECEIVERS = ("operator",)
SENIOR = "Olga"
OPERATOR_TIMES = HttpTimes(status_every_ms=300_000)
UNREACHABLE = Fault("api.unavailable")


class WatchedRunner(Runner):
    """The runner, telling which happening met which state."""

    def __init__(self, journal: Journal, policy: Policy, rules: PackRules, visits: Visits,
                 **more: Any) -> None:  # fmt: skip
        super().__init__(journal, policy, rules, **more)
        self._visits = visits

    def step(self, operation: Operation, event: Event, *, new: bool = False) -> Operation:
        after = super().step(operation, event, new=new)
        if after is not operation:
            self._visit(operation, event)
        return after

    def _visit(self, operation: Operation, event: Event) -> None:
        """Count the pair for the operation and, where the event names one, for its leg."""
        what = happening(event)
        pair = (operation.state, what)
        self._visits[pair] = self._visits.get(pair, 0) + 1
        number = getattr(event, "leg", None)
        if number is not None:
            of_leg = (operation.leg(number).state, what)
            self._visits[of_leg] = self._visits.get(of_leg, 0) + 1


class _Held:
    """What the adapters may know of the device's documents: what is committed."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def last_number(self, serial: str) -> int:
        return self._journal.last_document(serial)

    def documents(self, serial: str, above: int, limit: int) -> Sequence[str]:
        return [document.text for document in self._journal.device_documents(serial, above, limit)]

    def serial(self, till: str) -> str | None:
        return self._journal.last_serial(till)

    def sent_to(self, key: str) -> str | None:
        asked = getattr(self._journal, "sent_to", None)
        return asked(key) if asked is not None else None


class _Adapting:
    """One adapter of a till on its line."""

    def __init__(self, station: SimulatedStation, line: str, link: Link, adapter: Any) -> None:
        self._station = station
        self.line = line
        self._link = link
        self.adapter = adapter
        link.client = self

    def connected(self) -> None:
        self.carry_out(self.adapter.connected(self._station.wall_ms()))

    def connect_failed(self) -> None:
        self.carry_out(self.adapter.connect_failed(self._station.wall_ms()))

    def received(self, data: bytes) -> None:
        self.carry_out(self.adapter.received(data, self._station.wall_ms()))

    def closed(self) -> None:
        self.carry_out(self.adapter.closed(self._station.wall_ms()))

    def due(self, at_ms: int = 0) -> None:
        """A time that the adapter has named may have come. A clock set back makes it come again."""
        if self._link.client is not self:
            return
        if self._station.wall_ms() < at_ms:
            self._wake_at(at_ms)
        self.carry_out(self.adapter.due(self._station.wall_ms()))

    def _wake_at(self, at_ms: int) -> None:
        self._station.agenda.at(at_ms - self._station.offset_ms, self.due, at_ms)

    def carry_out(self, out: Sequence[Action | Telling]) -> None:
        """Do what the adapter asks, pass on what it tells."""
        for one in out:
            if isinstance(one, Transmit):
                self._link.send(one.data)
            elif isinstance(one, WakeAt):
                self._wake_at(one.at_ms)
            elif isinstance(one, Connect):
                self._link.connect()
            elif isinstance(one, Disconnect):
                self._link.disconnect()
            else:
                self._station.deliver(self.line, one)


class SimulatedStation:
    """A station of a world: it can be switched off at any moment, and be asked like the real one."""

    def __init__(self, agenda: Agenda, dice: Dice, disk: Disk, links: Mapping[str, Link],
                 operators: Mapping[str, Link], rules: PackRules, policy: Policy, times: ControlTimes,
                 judge: Judge) -> None:  # fmt: skip
        self.agenda = agenda
        self.dice = dice
        self.disk = disk
        self.links = links
        self.operators = operators
        self.rules = rules
        self.policy = policy
        self.times = times
        self.judge = judge
        self.visits: Visits = {}
        self.up = False
        self.offset_ms = 0
        self.crashes = 0
        self.starts = 0
        self._restored = False
        self._write_ms = dice.of("station.disk").random

    # ── life ────────────────────────────────────────────────────────────────────────────────────────────────

    def wall_ms(self) -> int:
        """What the clock on the station's wall shows."""
        return self.agenda.now_ms + self.offset_ms

    def switch_on(self) -> None:
        """Start on what the journal holds: recover what is unfinished, connect to the devices."""
        self.starts += 1
        self.up = True
        self.journal = self.disk.open()
        self.runner = WatchedRunner(
            self.journal, self.policy, self.rules, self.visits, space=self.disk.space, high=self.disk.high,
            parties=dict.fromkeys(self.operators, RECEIVERS),
        )  # fmt: skip
        self._queue: list[tuple[Item, Listener | None]] = []
        self._ended: bool | None = None
        """whether all has ended, as far as that has been looked up since the last commit"""
        self._busy_until_ms = 0
        self._planned = False
        self._recovered = False
        """what was unfinished has been told of the start, before anything that has fallen due meanwhile"""
        self._armed_ms: int | None = None
        self._watchers: dict[str, list[Watcher]] = {}
        held = _Held(self.journal)
        self._adapting = {
            till: _Adapting(self, till, link, ControlAdapter(till, self.times, held))
            for till, link in self.links.items()
        }
        for till, link in self.operators.items():
            line = f"{till}/operator"
            self._adapting[line] = _Adapting(self, line, link, OperatorAdapter(till, OPERATOR_TIMES))
        if self._restored:
            self._restored = False
            self.judge.restored(self.journal)
        self.judge.recovered(self.journal)
        for adapting in self._adapting.values():
            adapting.carry_out(adapting.adapter.start(self.wall_ms()))
        unfinished = self.runner.recover(self.wall_ms())
        if unfinished:
            self._queue[:0] = [(item, None) for item in unfinished]
        self._plan(0)

    def power_lost(self, pause_ms: int) -> None:
        """Everything in memory is gone; somebody switches it on again after the pause."""
        if not self.up:
            return
        self.crashes += 1
        self.up = False
        self.disk.power_lost()
        for link in (*self.links.values(), *self.operators.values()):
            link.power_lost()
        self.agenda.after(pause_ms, self.switch_on)

    def restored(self, pause_ms: int) -> None:
        """Somebody switches the station off and puts an old copy of its journal in place."""
        self.power_lost(pause_ms)
        if not self.up and self.disk.take_back():
            self._restored = True
            self.dice.fired["station.restored_copy"] += 1

    def clock_jumped(self, by_ms: int) -> None:
        """Somebody sets the clock on the wall. Who sleeps has looked at it until now, and looks again within
        half a second.
        """
        if self.up:
            for item in self.runner.due(self.wall_ms()):
                self.put(item, None)
        self.offset_ms += by_ms
        self.agenda.after(500, self._looked_at_the_clock, self.starts)

    def _looked_at_the_clock(self, start: int) -> None:
        if self.up and start == self.starts:
            for adapting in self._adapting.values():
                adapting.due()
            self._armed_ms = None
            self._plan(0)

    # ── what people and programs ask ────────────────────────────────────────────────────────────────────────

    def start(self, request: Request, listener: Listener) -> None:
        """Begin an operation; the answer comes after the commit, or never if the power goes."""
        self.put(Begin(request), listener)

    def go_on(self, uid: str, person: str, listener: Listener) -> None:
        """'Continue'."""
        self.put(Feed(uid, Continue(self.wall_ms(), person), from_person=True), listener)

    def give_up(self, uid: str, person: str, listener: Listener) -> None:
        """'Give up'."""
        self.put(Feed(uid, GiveUp(self.wall_ms(), person), from_person=True), listener)

    def printed(self, uid: str, listener: Listener) -> None:
        """The receipt was printed."""
        self.put(Feed(uid, Printed(self.wall_ms()), from_person=True), listener)

    def grant(self, identity: str, uid: str, till: str, purpose: str, listener: Listener,
              person: str = SENIOR) -> None:  # fmt: skip
        """Somebody approves this, with number and PIN."""

        def store(place: Place, now_ms: int) -> Grant:
            expires_ms = now_ms + place.rules.grant_ms
            grant = Grant(identity, uid, purpose, till, person, "administrator", now_ms, expires_ms)
            return approvals.store(place, grant)

        self.apply(store, listener)

    def count(self, request: Request, listener: Listener) -> None:
        """Count the drawer blind, to the unit, and store it."""

        def counted(place: Place, now_ms: int) -> CashCount:
            hold = place.journal.hold(request.till)
            if hold is None or hold.purpose != shifts.COUNT:
                shifts.open_count(place, request.till, request.cashier, now_ms)
            drawer_minor = place.journal.balance_minor(request.till, request.content.currency, Account.DRAWER)
            notes = {1: drawer_minor} if drawer_minor > 0 else {}
            return shifts.store_count(
                place, request.till, request.content.currency, request.cashier, (notes, ""), now_ms
            )

        self.apply(counted, listener)

    def read_device(self, till: str) -> None:
        """Ask the till's device afresh how it stands; what it says is known when it has said it."""
        if self.up:
            adapting = self._adapting[till]
            adapting.carry_out(adapting.adapter.status(self.wall_ms()))

    def release(self, till: str, person: str, listener: Listener) -> None:
        """The till is not to be closed after all."""
        self.apply(lambda place, now_ms: shifts.release(place, till, person, now_ms), listener)

    def deliver_again(self, till: str) -> None:
        """What waits for the operator is to be delivered now, also what it has refused."""

        def again(_journal: Any) -> None:
            self.runner.outbox.try_again(till, RECEIVERS[0], self.runner.steady_ms)

        self.put(Apply(again, repeatable=True), None)

    def rule(self, ruling: Ruling, grants: tuple[str, ...], listener: Listener) -> None:
        """The senior rules, and somebody else stands behind it."""
        backing = Backing("senior", grants)
        self.put(Apply(lambda _journal: rulings.rule(self.runner, ruling, self.wall_ms(), backing)), listener)

    def cancel(self, uid: str, person: str, listener: Listener) -> None:
        """What stands there twice is to be taken back."""
        self.put(Feed(uid, Cancelled(self.wall_ms(), person), from_person=True), listener)

    def operation(self, uid: str) -> Operation | None:
        """The current row, as a page reads it. Raises FaultError if the station is down."""
        if not self.up:
            raise FaultError(UNREACHABLE)
        return self.journal.operation(uid)

    def watch(self, uid: str, watcher: Watcher) -> None:
        """Tell this page of every change of the operation, until it ends or the station goes down."""
        self._watchers.setdefault(uid, []).append(watcher)

    def unwatch(self, uid: str) -> None:
        """Nobody looks at it any more."""
        self._watchers.pop(uid, None)

    def all_ended(self) -> bool:
        """Whether the station is up, nothing is unfinished, and every ruling has been checked."""
        if not self.up or self._queue:
            return False
        if self._ended is None:
            self._ended = not self.journal.unfinished() and not self.journal.unchecked_rulings(1)
        return self._ended

    def idle(self) -> bool:
        """Whether nothing is unfinished, and till and device are at the same number."""
        return self.all_ended() and all(self._at_one(till, link) for till, link in self.links.items())

    def _at_one(self, till: str, link: Link) -> bool:
        health = self.runner.place.known.health(till)
        held = self.journal.last_document(link.twin.profile.serial)
        return health is not None and health.state == "ready" and held == link.twin.device.last_number

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────────────

    def deliver(self, line: str, telling: Telling) -> None:
        """What an adapter tells."""
        runner = self.runner
        if notice(runner, line, telling)[1]:
            heard = Apply(lambda _journal: hear(runner, line, telling, self.wall_ms()), repeatable=True)
            self.put(heard, None)

    def apply(self, write: Callable[[Place, int], Any], listener: Listener) -> None:
        """Any other write, inside the batch: by the place and the wall's time."""
        self.put(Apply(lambda _journal: write(self.runner.place, self.wall_ms())), listener)

    def put(self, item: Item, listener: Listener | None) -> None:
        """Queue something to be written."""
        if not self.up:
            if listener is not None:
                listener(Answer(error=FaultError(UNREACHABLE)))
            return
        self._queue.append((item, listener))
        if not self._planned:
            self._plan(self._busy_until_ms - self.agenda.now_ms)

    def _plan(self, delay_ms: int) -> None:
        self._planned = True
        if self.dice.strikes("station.disk_slow"):
            delay_ms += self.dice.between("station.disk_slow", 500, 40_000)
            self.judge.station_stands_still()
        self.agenda.after(max(0, delay_ms), self._write, self.starts)

    def _write(self, start: int) -> None:
        """The writer takes what is due and what has queued, in one commit."""
        if not self.up or start != self.starts:
            return
        self._planned = False
        due: list[tuple[Item, Listener | None]] = []
        if self._recovered:
            due = [(item, None) for item in self.runner.due(self.wall_ms())]
        self._recovered = True
        batch = due + self._queue
        self._queue, self._ended = [], None
        if batch:
            self._busy_until_ms = self.agenda.now_ms + 1 + int(self._write_ms() * 4)
            try:
                self._run(batch)
            except StationStopped:
                self.power_lost(self.dice.between("station.pause", 500, 60_000))
                return
            except (CommitUnknown, sqlite.Error):
                # failed twice: the real station tells everybody and stops; its supervisor starts it again
                self._refuse(batch)
                self.power_lost(self.dice.between("station.pause", 500, 10_000))
                return
        self._arm()

    def _refuse(self, batch: Sequence[tuple[Item, Listener | None]]) -> None:
        fault = Fault("journal.write-failed", reason="commit")
        for _, listener in (*batch, *self._queue):
            if listener is not None:
                listener(Answer(error=FaultError(fault)))

    def _run(self, batch: Sequence[tuple[Item, Listener | None]]) -> None:
        try:
            done = self.runner.process([item for item, _ in batch], self.wall_ms())
        except (CommitUnknown, sqlite.Error):
            self.journal.reopen()
            self.judge.recovered(self.journal)
            done = self.runner.read_back([item for item, _ in batch], self.wall_ms())
        self.judge.stepped(self.journal, done.changed)
        for effect in done.effects:
            self._carry_out(effect)
        for errand in done.errands:
            self._run_errand(errand)
        self._publish(done)
        for (_, listener), answer in zip(batch, done.answers, strict=True):
            if listener is not None:
                listener(answer)
            elif answer.error is not None:
                self.judge.item_failed(answer.error)

    def _arm(self) -> None:
        """Come back when the next timer of the runner falls due."""
        next_ms = self.runner.next_due_ms()
        if next_ms is None:
            return
        at_ms = next_ms - self.offset_ms
        if self._armed_ms is None or at_ms < self._armed_ms or self._armed_ms <= self.agenda.now_ms:
            self._armed_ms = at_ms
            self.agenda.at(at_ms, self._write, self.starts)

    def _carry_out(self, effect: Effect) -> None:
        operation, command = effect.operation, effect.command
        adapting = self._adapting[operation.till]
        if isinstance(command, Send):
            leg = operation.leg(command.leg)
            adapting.carry_out(adapting.adapter.register(operation, leg, self.wall_ms()))
        elif isinstance(command, Inquire):
            asked = operation.leg(command.leg)
            adapting.carry_out(adapting.adapter.inquire(operation, asked, self.wall_ms()))

    def _run_errand(self, errand: Errand) -> None:
        adapting = self._adapting.get(errand.line)
        if adapting is not None:
            adapting.carry_out(errand.work(self.wall_ms())(adapting.adapter))

    def _publish(self, done: Done) -> None:
        if not self._watchers:
            return
        for operation in done.changed:
            for watcher in self._watchers.get(operation.uid, ()):
                watcher(operation)


def error_of(answer: Answer) -> Fault | None:
    """What a person is told, if it was refused. Anything but a fault is a mistake of the program."""
    if answer.error is None:
        return None
    if isinstance(answer.error, FaultError):
        return answer.error.fault
    if isinstance(answer.error, Impossible):
        return Fault("till.too-late")
    raise answer.error

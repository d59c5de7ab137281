"""The runner: takes what happened, writes what follows, and only then has it done.

It has no I/O of its own: given items and the time it returns answers and effects, and between the two stands
one durable commit of the journal port. Threads and sockets are one driver of it, the virtual clock of the
simulation is another.

    items ──▶ begin ▸ [ savepoint ▸ read row ▸ decide ▸ write ▸ release ]* ▸ commit ──▶ answers, effects

An item that fails is rolled back alone and answers for itself. If the commit fails nobody knows what is on
the disk: `CommitUnknown` leaves the runner empty, and the driver reopens and reads back.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tillwright.journal import approvals, cash, codec, facts, outbox, refunds, reports, restoring, shifts
from tillwright.journal.enquiries import Checks
from tillwright.journal.errands import Errand, PrintSlip
from tillwright.journal.high_water import HighWater, Marks
from tillwright.journal.knowledge import Knowledge
from tillwright.journal.outbox import Outbox
from tillwright.journal.place import Place
from tillwright.journal.port import JournalPort
from tillwright.journal.tally import LOOK_MS, Tally
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import PackRules
from tillwright.operations.commands import Command, Inquire, Post, Print, Raise, Send, Shift
from tillwright.operations.decide import Impossible, decide
from tillwright.operations.events import Due, Event, Restarted, Started
from tillwright.operations.guards import Request, content_fault, moment_fault
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Operation
from tillwright.operations.policy import Policy


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin an operation; the same request again is the same operation."""

    request: Request


@dataclass(frozen=True, slots=True)
class Feed:
    """Something has happened to an operation. `from_person`: an impossible event is told, not just passed
    over.
    """

    uid: str
    event: Event
    from_person: bool = False


@dataclass(frozen=True, slots=True)
class Apply:
    """Any other write, inside the batch; the function works through the journal port (or its connection).

    `repeatable`: done twice it is as if done once, so that it may be done again when nobody knows whether the
    commit is on the disk.
    """

    write: Callable[[Any], Any]
    repeatable: bool = False


Item = Begin | Feed | Apply


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an item: a value (the operation, or what the write returned), or why it was refused."""

    value: Any = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """Something to do for an operation, now that its writing is durable."""

    operation: Operation
    command: Command


@dataclass(frozen=True, slots=True)
class Done:
    """What a batch has come to; answers stand in the order of the items."""

    answers: list[Answer]
    effects: list[Effect]
    changed: list[Operation]
    errands: list[Errand] = field(default_factory=list)


class Runner:
    """One journal's only writer.

    `space` tells whether there is room for new operations. `known`: what parties said last, shared with the
    driver. `parties`: till → the parties besides the control device that it has a line to; nothing is
    carried, asked or printed elsewhere. `high`: where the high-water marks are kept.
    """

    def __init__(
        self,
        journal: JournalPort,
        policy: Policy,
        rules: PackRules,
        *,
        space: Callable[[], Fault | None] = lambda: None,
        heading: Sequence[str] = (),
        known: Knowledge | None = None,
        parties: Mapping[str, Collection[str]] | None = None,
        high: HighWater | None = None,
    ) -> None:
        self.journal = journal
        self.policy = policy
        self.rules = rules
        self.space = space
        self.place = Place(journal, rules, known or Knowledge(), parties or {}, heading)
        self.high = high
        self._timers: list[tuple[int, str, str, int]] = []  # when by the steady time, uid, name, due_ms
        self._wall_ms = 0
        self._set_back_ms = 0
        self._given: dict[str, int] = {}
        self._versions: dict[str, int] = {}
        self._new_numbers = False
        self._live: dict[str, Operation] = {}
        self._effects: list[Effect] = []
        self._errands: list[Errand] = []
        self._changed: dict[str, Operation] = {}
        self._touched: dict[str, Operation] = {}
        self._tally = Tally(self.place)
        self._set_out()

    def _set_out(self) -> None:
        """What is carried and asked lives in memory; it begins anew with what the journal holds."""
        self.outbox = Outbox(self.place)
        self.checks = Checks(self.place)
        self._look_due_ms = 0
        self._taken_along = False

    # ── the batch ─────────────────────────────────────────────────────────────────────────────────

    def process(self, items: Sequence[Item], now_ms: int) -> Done:
        """Work through the items in one durable commit.

        Raises CommitUnknown if that failed; after any exception the driver reopens the journal and calls
        `recover`.
        """
        self._effects, self._errands, self._changed = [], [], {}
        steady_ms = self._steady_ms(now_ms)
        self._tally.look(steady_ms)
        journal = self.journal
        try:
            journal.begin()
            answers = [self._item(item, now_ms) for item in items]
            self._tend(steady_ms, now_ms)
            self._commit()
        except BaseException:
            self._live.clear()
            self._set_out()
            journal.rollback()
            raise
        self._arm_timers()
        self._mark_numbers()
        return Done(answers, self._effects, list(self._changed.values()), self._errands)

    def _tend(self, steady_ms: int, now_ms: int) -> None:
        """Look after what is carried to receivers and asked of them; in the batch, after its items."""
        if not self._taken_along:
            outbox.take_along(self.place, now_ms)
            self._taken_along = True
        if not self.place.parties:
            return
        self._errands += self.outbox.errands(steady_ms)
        self._errands += self.checks.errands(steady_ms, now_ms)
        if steady_ms >= self._look_due_ms:
            self._look_due_ms = steady_ms + LOOK_MS
            waiting = [
                till for till in sorted(self.place.parties) if outbox.undelivered(self.place, till, now_ms)
            ]
            for till in waiting:
                self.outbox.watch_limits(till, now_ms)
            if waiting:
                self._tally.write()

    def _mark_numbers(self) -> None:
        """After the commit: the numbers that were given, and how far the newest operations have come, are
        written down outside the database too.
        """
        for operation in self._changed.values():
            if operation.number >= self._given.get(operation.till, 0):
                self._given[operation.till] = operation.number
                self._versions[operation.till] = operation.version
                self._new_numbers = True
        if self.high is not None and self._new_numbers:
            self.high.write(Marks(self.place.epoch, self._given, self._versions))
        self._new_numbers = False

    @property
    def steady_ms(self) -> int:
        """The time of this batch without what the wall has been set back."""
        return self._wall_ms + self._set_back_ms

    def carry(self, errands: Sequence[Errand]) -> None:
        """Have this done after the commit; only inside a batch."""
        self._errands += errands

    def _commit(self) -> None:
        self.journal.commit()

    def _item(self, item: Item, now_ms: int) -> Answer:
        journal = self.journal
        kept = len(self._effects), len(self._errands)
        self._touched = {}
        journal.savepoint()
        try:
            answer = Answer(self._work(item, now_ms))
        except Exception as error:  # one item's failure must not take the others' commit with it
            journal.rollback_item()
            self._forget(*kept)
            return Answer(error=error)
        journal.release()
        self._changed.update(self._touched)
        return answer

    def _forget(self, effects: int, errands: int) -> None:
        """An item was rolled back: what it had put beside the journal follows."""
        del self._effects[effects:]
        del self._errands[errands:]
        for uid in self._touched:
            before = self._changed.get(uid) or self.journal.operation(uid)
            self._live.pop(uid, None)
            if before is not None and not before.ended:
                self._live[uid] = before

    def _work(self, item: Item, now_ms: int) -> Any:
        if isinstance(item, Feed):
            return self._feed(item)
        if isinstance(item, Begin):
            return self._begin(item.request, now_ms)
        return item.write(self.journal)

    def read_back(self, items: Sequence[Item], now_ms: int) -> Done:
        """A commit failed, nobody knows whether it is on the disk, and the journal has been opened anew:
        look, and do once more what is not there. Raises CommitUnknown like `process`.

        Beginning is by uid, and an event that has been taken in tells nothing new; another write is told as
        failed rather than repeated, unless it says that it may be. What the failed commit was to change
        counts as changed: if it is on the disk after all, those who wait have not been told yet.
        """
        hanging = list(self._changed)
        unfinished = self.recover(now_ms)
        done = self.process([*unfinished, *(_again(item) for item in items)], now_ms)
        found = [self.read(uid) for uid in hanging if uid not in self._changed]
        changed = [*(operation for operation in found if operation is not None), *done.changed]
        return Done(done.answers[len(unfinished) :], done.effects, changed)

    # ── beginning ─────────────────────────────────────────────────────────────────────────────────

    def _begin(self, request: Request, now_ms: int) -> Operation:
        digest = codec.content_hash(request.kind, request.content)
        known = self.read(request.uid)
        if known is not None:
            if known.content_hash != digest or known.till != request.till:
                raise FaultError(Fault("api.uid-reused", uid=request.uid))
            return known
        approved_by = self._guard(request, now_ms)
        parent = self.read(request.content.parent) if request.content.parent else None
        operation = Operation(
            uid=request.uid,
            till=request.till,
            number=self.journal.last_number(request.till) + 1,
            kind=request.kind,
            cashier=request.cashier,
            shift=self.shift_of(request.till),
            content=request.content,
            content_hash=digest,
            started_ms=now_ms,
            changed_ms=now_ms,
            legs=planned_legs(request.uid, KINDS[request.kind]),
            origin=refunds.origin_of(parent),
            approved_by=approved_by,
        )
        approvals.use(self.place, request.approvals, now_ms)
        refunds.reserve(self.place, operation, parent)
        refunds.remember_half(self.place, operation)
        after = self.step(operation, Started(now_ms), new=True)
        if approved_by or request.kind == "correction":
            self._note_begin(after, now_ms)
        return after

    def _guard(self, request: Request, now_ms: int) -> tuple[str, ...]:
        """Who has approved it; raises FaultError for what stands against it."""
        fault = content_fault(request.kind, request.content, self.rules) or self.space()
        if fault is not None:
            raise FaultError(fault)
        told = facts.gather(self.place, request, now_ms)
        fault = moment_fault(request, told, self.rules) or shifts.number_fault(self.place, request)
        if fault is not None:
            raise FaultError(fault)
        return tuple(grant.person for grant in told.approvals)

    def _note_begin(self, operation: Operation, now_ms: int) -> None:
        content = operation.content
        self.place.note(
            now_ms, operation.cashier, "operation-begun", till=operation.till, number=operation.number,
            kind=operation.kind, currency=content.currency, total_minor=content.total_minor,
            reason=content.reason, approved_by=" ".join(operation.approved_by),
        )  # fmt: skip

    def shift_of(self, till: str) -> int:
        """The shift in which something is booked now."""
        return self.place.shift_of(till)

    # ── stepping ──────────────────────────────────────────────────────────────────────────────────

    def read(self, uid: str) -> Operation | None:
        """The operation as the batch sees it."""
        return self._live.get(uid) or self.journal.operation(uid)

    def _feed(self, item: Feed) -> Operation | None:
        operation = self.read(item.uid)
        if operation is None:
            raise FaultError(Fault("api.not-found"))
        try:
            return self.step(operation, item.event)
        except Impossible:
            if item.from_person:
                raise
            return operation

    def step(self, operation: Operation, event: Event, *, new: bool = False) -> Operation:
        """Decide, and write what follows; only inside a batch. Raises Impossible."""
        decision = decide(operation, event, self.policy)
        if not decision.changed:
            return operation
        after = self._addressed(decision.operation, decision.commands)
        if new:
            self.journal.insert(after)
        else:
            self.journal.update(after)
        self.journal.append(after.uid, after.version, event)
        for command in decision.commands:
            self._write(after, command, event.at_ms)
        self._follow(None if new else operation, after, event.at_ms)
        self.keep(after)
        return after

    def _addressed(self, operation: Operation, commands: Sequence[Command]) -> Operation:
        """The operation with the device that is about to be asked named in each leg that is sent."""
        sent = [command.leg for command in commands if isinstance(command, Send)]
        serial = self.journal.last_serial(operation.till) if sent else None
        if serial is None:
            return operation
        legs = []
        for leg in operation.legs:
            if leg.number in sent and leg.party == "control" and leg.serial != serial:
                self.journal.set_sent_to(leg.key, serial)
                leg = replace(leg, serial=serial)
            legs.append(leg)
        return replace(operation, legs=tuple(legs))

    def _follow(self, before: Operation | None, after: Operation, at_ms: int) -> None:
        """What a step means for the sale that it takes back, and for what is owed."""
        refunds.follow_owed(self.place, before, after)
        if before is not None and after.content.parent:
            refunds.follow(self.place, before, after, self.read(after.content.parent), at_ms)

    def keep(self, operation: Operation) -> None:
        """Remember what was just written of an operation, and that it has changed."""
        self._touched[operation.uid] = operation
        if operation.ended:
            self._live.pop(operation.uid, None)
        else:
            self._live[operation.uid] = operation

    def _write(self, operation: Operation, command: Command, at_ms: int) -> None:
        """What a command leaves in the journal; sending and asking wait until after the commit."""
        journal = self.journal
        if isinstance(command, Post):
            entries = cash.as_swallowed(self.place, operation, command.entries)
            journal.post(operation, entries, at_ms, self.shift_of(operation.till))
            cash.corrected(self.place, operation)
            shifts.corrected(self.place, operation)
        elif isinstance(command, Print):
            body = reports.body_of(self.place, operation, command.document, at_ms)
            journal.store_document(operation.uid, command.document, body, at_ms)
            if self.place.has(operation.till, "printer"):
                slip = PrintSlip(operation.till, "printer", f"{operation.uid}/{command.document}", body)
                self._errands.append(slip)
        elif isinstance(command, Shift):
            shifts.follow(self.place, operation, command, at_ms)
        elif isinstance(command, Raise):
            journal.raise_fault(operation.till, operation.uid, command.fault, at_ms)
        elif isinstance(command, Send | Inquire):
            self._effects.append(Effect(operation, command))

    # ── timers ────────────────────────────────────────────────────────────────────────────────────

    def _steady_ms(self, now_ms: int) -> int:
        """The time without what the wall has been set back: what was to last three seconds lasts three
        seconds.
        """
        if now_ms < self._wall_ms:
            self._set_back_ms += self._wall_ms - now_ms
        self._wall_ms = now_ms
        return now_ms + self._set_back_ms

    def _arm_timers(self) -> None:
        for operation in self._changed.values():
            for timer in operation.timers:
                due_ms = timer.due_ms
                heapq.heappush(self._timers, (due_ms + self._set_back_ms, operation.uid, timer.name, due_ms))

    def next_due_ms(self) -> int | None:
        """When the next timer falls due (it may have been overtaken; then nothing comes of it)."""
        due = [self._timers[0][0]] if self._timers else []
        due += [ms for ms in self._tending_ms() if ms is not None]
        return min(due) - self._set_back_ms if due else None

    def _tending_ms(self) -> tuple[int | None, ...]:
        """When what is carried and asked wants to be looked at, by the steady time."""
        return (self.outbox.next_due_ms(), self.checks.next_due_ms()) if self.place.parties else ()

    def due(self, now_ms: int) -> list[Item]:
        """The timers that have fallen due, as items; stale ones are dropped."""
        steady_ms = self._steady_ms(now_ms)
        fallen: dict[tuple[str, str], Item] = {}
        while self._timers and self._timers[0][0] <= steady_ms:
            _, uid, name, due_ms = heapq.heappop(self._timers)
            operation = self._live.get(uid)
            current = operation is not None and any(
                t.name == name and t.due_ms == due_ms for t in operation.timers
            )
            if current:
                fallen[uid, name] = Feed(uid, Due(now_ms, name))
        if not fallen and any(ms is not None and ms <= steady_ms for ms in self._tending_ms()):
            return [Apply(_nothing, repeatable=True)]  # a batch, so that it is tended
        return list(fallen.values())

    # ── recovery ──────────────────────────────────────────────────────────────────────────────────

    def recover(self, now_ms: int) -> list[Item]:
        """After a start: the unfinished operations, read by an index, and what each has to be told; before
        all else, what has to be written because the journal was restored, or has a new receiver.

        A timer that lies further off than any is ever set was set by a clock that showed a later time.
        """
        self._timers.clear()
        self._wall_ms, self._set_back_ms = now_ms, 0
        self._live = {operation.uid: operation for operation in self.journal.unfinished()}
        for operation in self._live.values():
            for timer in operation.timers:
                at_ms = min(timer.due_ms, now_ms + self.policy.longest_ms(timer.name))
                heapq.heappush(self._timers, (at_ms, operation.uid, timer.name, timer.due_ms))
        self._tally.start(now_ms)
        self._set_out()
        first = self._before_all_else(now_ms)
        restored = bool(first)
        restarted = [Feed(operation.uid, Restarted(now_ms, restored)) for operation in self._live.values()]
        return [*first, *restarted]

    def _before_all_else(self, now_ms: int) -> list[Item]:
        place, items = self.place, list[Item]()
        marks = self.high.read() if self.high is not None else None
        behind = restoring.fallen_behind(place, marks)
        self._given = dict(marks.numbers) if marks is not None else {}
        self._versions = dict(marks.versions) if marks is not None else {}
        if marks is not None and behind:
            items.append(
                Apply(lambda _: restoring.begin_epoch(place, marks, behind, now_ms), repeatable=True)
            )
            self._new_numbers = True
        return items


def _again(item: Item) -> Item:
    """The item as it may be done once more."""
    if isinstance(item, Apply) and not item.repeatable:
        return Apply(_refuse_again)
    return item


def _nothing(_journal: Any) -> None:
    """Nothing is to be written; something may have to be carried."""


def _refuse_again(_journal: Any) -> None:
    raise FaultError(Fault("journal.write-failed", reason="commit"))

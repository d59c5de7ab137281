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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tillwright.books.cash import Account
from tillwright.documents.receipt import encode, receipt_of
from tillwright.journal import codec
from tillwright.journal.port import JournalPort
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import PackRules
from tillwright.operations.commands import Command, Inquire, Post, Print, Raise, Send
from tillwright.operations.decide import Impossible, decide
from tillwright.operations.events import Due, Event, Restarted, Started
from tillwright.operations.guards import Facts, Request, content_fault, moment_fault
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


class Runner:
    """One journal's only writer. `space` tells whether there is room for new operations."""

    def __init__(
        self,
        journal: JournalPort,
        policy: Policy,
        rules: PackRules,
        *,
        space: Callable[[], Fault | None] = lambda: None,
        shift_of: Callable[[str], int] = lambda _till: 1,
        heading: Sequence[str] = (),
    ) -> None:
        self.journal = journal
        self.policy = policy
        self.rules = rules
        self.space = space
        self.shift_of = shift_of
        self.heading = tuple(heading)
        self._timers: list[tuple[int, str, str, int]] = []  # when by the steady time, uid, name, due_ms
        self._wall_ms = 0
        self._set_back_ms = 0
        self.tally_ms = 0
        self._live: dict[str, Operation] = {}
        self._effects: list[Effect] = []
        self._changed: dict[str, Operation] = {}
        self._touched: dict[str, Operation] = {}

    # ── the batch ─────────────────────────────────────────────────────────────────────────────────

    def process(self, items: Sequence[Item], now_ms: int) -> Done:
        """Work through the items in one durable commit.

        Raises CommitUnknown if that failed; after any exception the driver reopens the journal and calls
        `recover`.
        """
        self._effects, self._changed = [], {}
        self._steady_ms(now_ms)
        journal = self.journal
        try:
            journal.begin()
            answers = [self._item(item, now_ms) for item in items]
            self._commit()
        except BaseException:
            self._live.clear()
            journal.rollback()
            raise
        self._arm_timers()
        return Done(answers, self._effects, list(self._changed.values()))

    def _commit(self) -> None:
        self.journal.commit()

    def _item(self, item: Item, now_ms: int) -> Answer:
        journal = self.journal
        kept = len(self._effects)
        self._touched = {}
        journal.savepoint()
        try:
            answer = Answer(self._work(item, now_ms))
        except Exception as error:  # one item's failure must not take the others' commit with it
            journal.rollback_item()
            self._forget(kept)
            return Answer(error=error)
        journal.release()
        self._changed.update(self._touched)
        return answer

    def _forget(self, effects: int) -> None:
        """An item was rolled back: what it had put beside the journal follows."""
        del self._effects[effects:]
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
        self._guard(request)
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
        )
        return self.step(operation, Started(now_ms), new=True)

    def _guard(self, request: Request) -> None:
        fault = content_fault(request.kind, request.content, self.rules) or self.space()
        if fault is None:
            facts = Facts(
                open_number=self.journal.open_number(request.till),
                red_numbers=self.journal.red_numbers(request.till),
                drawer_minor=self.journal.balance_minor(
                    request.till, request.content.currency, Account.DRAWER
                ),
            )
            fault = moment_fault(request, facts, self.rules)
        if fault is not None:
            raise FaultError(fault)

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
        after = decision.operation
        if new:
            self.journal.insert(after)
        else:
            self.journal.update(after)
        self.journal.append(after.uid, after.version, event)
        for command in decision.commands:
            self._write(after, command, event.at_ms)
        self.keep(after)
        return after

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
            journal.post(operation, command.entries, at_ms)
        elif isinstance(command, Print):
            body = encode(receipt_of(operation, self.heading))
            journal.store_document(operation.uid, command.document, body, at_ms)
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
        return self._timers[0][0] - self._set_back_ms if self._timers else None

    def due(self, now_ms: int) -> list[Feed]:
        """The timers that have fallen due, as items; stale ones are dropped."""
        steady_ms = self._steady_ms(now_ms)
        fallen: dict[tuple[str, str], Feed] = {}
        while self._timers and self._timers[0][0] <= steady_ms:
            _, uid, name, due_ms = heapq.heappop(self._timers)
            operation = self._live.get(uid)
            current = operation is not None and any(
                t.name == name and t.due_ms == due_ms for t in operation.timers
            )
            if current:
                fallen[uid, name] = Feed(uid, Due(now_ms, name))
        return list(fallen.values())

    # ── recovery ──────────────────────────────────────────────────────────────────────────────────

    def recover(self, now_ms: int) -> list[Feed]:
        """After a start: the unfinished operations, read by an index, and what each has to be told.

        A timer that lies further off than any is ever set was set by a clock that showed a later time.
        """
        self._timers.clear()
        self._wall_ms, self._set_back_ms = now_ms, 0
        self._live = {operation.uid: operation for operation in self.journal.unfinished()}
        for operation in self._live.values():
            for timer in operation.timers:
                at_ms = min(timer.due_ms, now_ms + self.policy.longest_ms(timer.name))
                heapq.heappush(self._timers, (at_ms, operation.uid, timer.name, timer.due_ms))
        return [Feed(operation.uid, Restarted(now_ms)) for operation in self._live.values()]


def _again(item: Item) -> Item:
    """The item as it may be done once more."""
    if isinstance(item, Apply) and not item.repeatable:
        return Apply(_refuse_again)
    return item


def _refuse_again(_journal: Any) -> None:
    raise FaultError(Fault("journal.write-failed", reason="commit"))

"""People at the tills: customers who wait, and cashiers who press, press again, answer a question or do not,
go away; a senior who comes and approves; a drawer that is counted before the shift is closed.

A page is only as good as what it shows: a person knows what the page has told them and nothing else. Until
the number of the operation shows they know nothing, and press again with the same basket, that is with the
same uid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from tillwright.journal.records import CashCount
from tillwright.journal.runner import Answer
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.model import Operation
from tillwright.operations.moments import purposes_of
from tillwright.operations.states import OperationState, Question
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.chance import Dice
from tillwright.simulation.intents import Ending, Intent, exact
from tillwright.simulation.judge import Judge
from tillwright.simulation.station import SimulatedStation, error_of

PATIENCE_MS = 600_000
"""A customer whose sale has not begun after this leaves."""
LOOK_AGAIN_MS = 25_000
"""A page that hears nothing asks again after this."""
NO_ANSWER_MS = 5_000
FINAL = (
    "till.change-exceeds-drawer", "till.refund-exceeds-sale", "till.void-other-shift", "till.parent-not-done",
    "till.parent-unknown", "till.exchange-invalid", "fiscal.negative-shift-balance", "till.shift-closed",
    "till.shift-already-open", "fiscal.cash-mismatch-at-shift-close", "till.cash-not-withdrawn",
    "till.documents-differ", "till.line-invalid", "till.tender-mismatch", "till.not-enough-cash",
    "till.kind-not-supported", "till.total-out-of-bounds", "till.total-mismatch",
)  # fmt: skip
"""What the till refuses with one of these it will refuse again: the person does something else."""
ANSWERS = ("people.continued", "people.gave_up", "people.said_nothing")


class Shop(Protocol):
    """What a customer's arrival may set off, and who comes next."""

    def arrived(self, till: str) -> None:
        """Somebody has come to this till."""

    def next_customer(self, till: str, delay_ms: int) -> None:
        """The till is free for the next one."""

    def counted(self, intent: Intent, count: CashCount) -> None:
        """The drawer has been counted for this."""

    def told(self, intent: Intent, fault: Fault) -> None:
        """The till has refused this."""

    def turned_red(self, intent: Intent) -> None:
        """The page has turned red."""

    def has_left(self, intent: Intent) -> None:
        """Somebody has left."""


class Customer:
    """One customer, and the page on which their sale is made."""

    def __init__(self, intent: Intent, station: SimulatedStation, agenda: Agenda, dice: Dice, judge: Judge,
                 shop: Shop) -> None:  # fmt: skip
        self.intent = intent
        self.station = station
        self.agenda = agenda
        self.dice = dice
        self.judge = judge
        self.shop = shop
        self._asked: Question | None = None
        self._followed = False
        self._away = False
        self._had_enough = False
        self._look = 0
        self._approvals = 0
        self._called = False

    @property
    def over(self) -> bool:
        """Whether the customer has left."""
        return self.intent.ending is not Ending.HERE

    # ── pressing ────────────────────────────────────────────────────────────────────────────────────────────

    def arrive(self) -> None:
        """The basket is open; the cashier presses."""
        self.shop.arrived(self.intent.till)
        self.press()

    def press(self) -> None:
        """Press 'pay', for the first time or again."""
        if self.over or self.intent.acknowledged:
            return
        intent = self.intent
        if intent.pressed_ms is None:
            intent.pressed_ms = self.agenda.now_ms
        self._send()
        if self.dice.strikes("people.pressed_twice"):
            self.agenda.after(self.dice.between("people.pressed_twice", 0, 300), self._send)
        self._look_again(NO_ANSWER_MS)

    def _send(self) -> None:
        if self.over:
            return
        intent = self.intent
        if intent.blind and not intent.request.content.count:
            self._count()
        elif self._needs_approval():
            self._approve()
        else:
            if intent.request.content not in intent.offered:
                intent.offered.append(intent.request.content)
            self.station.start(intent.request, self._listener())

    # ── before it can begin ─────────────────────────────────────────────────────────────────────────────────

    def _needs_approval(self) -> bool:
        """One approval serves both halves of an exchange."""
        request = self.intent.request
        if request.approvals or (self.intent.before is not None and not self._approvals):
            return False
        return any(self.station.rules.role_for(purpose) is not None for purpose in purposes_of(request))

    def _approve(self) -> None:
        """The senior comes, enters number and PIN, and goes."""
        self._approvals += 1
        identity = f"{self.intent.uid}.{self._approvals}"
        purpose = purposes_of(self.intent.request)[0]
        request = self.intent.request
        heard = self._if_heard(self._approved(identity))
        self.station.grant(identity, request.uid, request.till, purpose, heard)

    def _approved(self, identity: str) -> Callable[[Answer], None]:
        def approved(answer: Answer) -> None:
            if error_of(answer) is None and not self.over:
                self.intent.request = replace(self.intent.request, approvals=(identity,))
                self._send()

        return approved

    def _count(self) -> None:
        """Count the drawer, blind, then go on with what was counted."""
        self.station.count(self.intent.request, self._if_heard(self._counted))

    def _counted(self, answer: Answer) -> None:
        fault = error_of(answer)
        if fault is not None:
            self._refused(fault)
        elif not self.over and not self.intent.acknowledged:
            self.shop.counted(self.intent, answer.value)
            self._send()

    def _if_heard(self, listener: Callable[[Answer], None]) -> Callable[[Answer], None]:
        return self._nothing if self.dice.strikes("people.answer_lost") else listener

    def _listener(self) -> Callable[[Answer], None]:
        return self._if_heard(self._answered)

    def _nothing(self, _answer: Answer) -> None:
        """The answer got lost on its way to the page."""

    def _answered(self, answer: Answer) -> None:
        fault = error_of(answer)
        if fault is not None:
            self._refused(fault)
        elif isinstance(answer.value, Operation):
            self._know(answer.value)

    def _refused(self, fault: Fault) -> None:
        """Nothing was begun, says the page; with some codes the page cannot know."""
        self.judge.refused(fault)
        if self.over or self.intent.acknowledged:
            return
        self.shop.told(self.intent, fault)
        if fault.code == "till.change-exceeds-drawer" and not self.intent.request.content.exchange:
            self.intent.request = exact(self.intent.request)
        elif fault.code in FINAL:
            self._had_enough = True
        elif fault.code in ("till.approval-invalid", "till.approval-needed"):
            self.intent.request = replace(self.intent.request, approvals=())
            self._approvals += 1
        if self.intent.waited_ms(self.agenda.now_ms) > PATIENCE_MS:
            self._had_enough = True
        self._look_again(self.dice.between("people.again", 1_000, 15_000))

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────────────

    def _look_again(self, delay_ms: int) -> None:
        self._look += 1
        self.agenda.after(delay_ms, self._look_now, self._look)

    def _look_now(self, look: int) -> None:
        if self.over or look != self._look or self._away:
            return
        try:
            operation = self.station.operation(self.intent.uid)
        except FaultError as error:
            self.judge.refused(error.fault)
            self._look_again(self.dice.between("people.again", 1_000, 5_000))
            return
        if operation is not None:
            self._know(operation)
        elif self.intent.acknowledged:
            self._set_back()
        elif self._had_enough:
            self._leave(Ending.NEVER)
        else:
            self.press()

    def _set_back(self) -> None:
        """The page knew it, and the till does not any more: it is asked for once more, under the same uid."""
        self.intent.acknowledged = False
        self.press()

    def _know(self, operation: Operation) -> None:
        """The page shows the operation and its number."""
        if self.over:
            return
        if not self.intent.acknowledged:
            self.intent.acknowledged = True
            self.judge.told(operation)
        self.see(operation)
        if self._away or self.intent.ending is not Ending.HERE:
            return
        self.station.unwatch(self.intent.uid)
        self.station.watch(self.intent.uid, self.see)
        self._look_again(LOOK_AGAIN_MS)
        self._grow_restless()

    def _grow_restless(self) -> None:
        """Waiting people reload the page, press something without being asked, or go away and come back."""
        if self.dice.strikes("people.reloaded"):
            self.station.unwatch(self.intent.uid)
            self._look_again(self.dice.between("people.reloaded", 200, 3_000))
        elif self.dice.strikes("people.impatient"):
            answer = ANSWERS[self.dice.between("people.impatient", 0, 1)]
            self.agenda.after(self.dice.between("people.impatient", 200, 8_000), self._answer, answer)
        elif self.dice.strikes("people.went_away"):
            self._away = True
            self.station.unwatch(self.intent.uid)
            self.agenda.after(self.dice.between("people.went_away", 1_000, 120_000), self._come_back)

    def _come_back(self) -> None:
        self._away = False
        self._look_now(self._look)

    def see(self, operation: Operation) -> None:
        """What the page shows now."""
        if self.over or self._away:
            return
        if operation.state is OperationState.DONE:
            self.intent.owed = operation.owed
            self._leave(Ending.SOLD)
        elif operation.ended:
            self._leave(Ending.RETURNED)
        else:
            self._wait(operation)

    def _wait(self, operation: Operation) -> None:
        if operation.state is OperationState.RED and not self._called:
            self._called = True
            self.shop.turned_red(self.intent)
        if operation.question is not self._asked:
            self._asked = operation.question
            if operation.question is Question.CONTINUE_OR_GIVE_UP:
                self._think()
        if (
            operation.state is OperationState.RED
            and not self._followed
            and self.dice.strikes("people.next_pressed")
        ):
            self._followed = True
            self.shop.next_customer(self.intent.till, self.dice.between("people.next_pressed", 500, 20_000))

    # ── answering ───────────────────────────────────────────────────────────────────────────────────────────

    def _think(self) -> None:
        """'Continue or give up?' Some press the one, some the other, some nothing."""
        answer = ("people.continued", *ANSWERS)[self.dice.between("people.answer", 0, 3)]
        if answer == "people.said_nothing":
            self.dice.fired[answer] += 1
        else:
            self.agenda.after(self.dice.between("people.thought", 500, 70_000), self._answer, answer)

    def _answer(self, answer: str) -> None:
        if self.over or self._away:
            return
        self.dice.fired[answer] += 1
        self._asked = None
        ask = self.station.go_on if answer == "people.continued" else self.station.give_up
        ask(self.intent.uid, "Minh", self._answered)

    def _leave(self, ending: Ending) -> None:
        if ending is Ending.SOLD and self.dice.between("people.print", 0, 3) == 0:
            self.station.printed(self.intent.uid, self._nothing)
        self.intent.ending = ending
        self.intent.ended_ms = self.agenda.now_ms
        self.station.unwatch(self.intent.uid)
        self.shop.has_left(self.intent)
        if not self._followed:
            self.shop.next_customer(self.intent.till, self.dice.between("people.gap", 500, 20_000))

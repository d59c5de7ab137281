"""People at the tills: customers who wait, and cashiers who press, press again, answer a question or do not,
go away.

A page is only as good as what it shows: a person knows what the page has told them and nothing else. Until
the number of the operation shows they know nothing, and press again with the same basket, that is with the
same uid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tillwright.journal.runner import Answer
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.model import Operation
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
ANSWERS = ("people.continued", "people.gave_up", "people.said_nothing")


class Shop(Protocol):
    """What a customer's arrival may set off, and who comes next."""

    def arrived(self, till: str) -> None:
        """Somebody has come to this till."""

    def next_customer(self, till: str, delay_ms: int) -> None:
        """The till is free for the next one."""


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
        intent = self.intent
        if intent.request.content not in intent.offered:
            intent.offered.append(intent.request.content)
        self.station.start(intent.request, self._listener())

    def _listener(self) -> Callable[[Answer], None]:
        lost = self.dice.strikes("people.answer_lost")
        return self._nothing if lost else self._answered

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
        if fault.code == "till.change-exceeds-drawer":
            self.intent.request = exact(self.intent.request)
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
        elif self._had_enough:
            self._leave(Ending.NEVER)
        else:
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
            self._leave(Ending.SOLD)
        elif operation.ended:
            self._leave(Ending.RETURNED)
        else:
            self._wait(operation)

    def _wait(self, operation: Operation) -> None:
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
        if not self._followed:
            self.shop.next_customer(self.intent.till, self.dice.between("people.gap", 500, 20_000))

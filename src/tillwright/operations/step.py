"""One step of one operation: a draft that `decide` works on and turns into the next value.

The draft exists only inside a call of `decide`. Its `steer` is the whole plan of an operation: with what is
known of each leg now, what is to be sent, asked, reversed or awaited, and what state the operation is
therefore in.
"""

from __future__ import annotations

from dataclasses import replace

from tillwright.books.cash import balanced, taken_back
from tillwright.kernel.evidence import Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import leg_key
from tillwright.operations.commands import Command, Inquire, Post, Print, Raise, Send, Shift, Wait
from tillwright.operations.kinds import KINDS, entries_of
from tillwright.operations.model import Leg, Operation, Timer
from tillwright.operations.policy import Policy, nth
from tillwright.operations.states import ENDED, Goal, LegState, OperationState, Question

_UNSURE = (LegState.SENT, LegState.UNKNOWN)
_SETTLED = (LegState.DONE, LegState.REFUSED)
_RETURNED = (OperationState.REFUSED, OperationState.UNDONE)
_DERIVED = (Question.KEEP_OR_REVERSE, Question.SETTLE)
_OTHER_SHIFT_STATE = {"open": "closed", "closed": "open"}


class Step:
    """The draft: the legs and fields that may change, and the commands so far."""

    def __init__(self, operation: Operation, now_ms: int, policy: Policy) -> None:
        self.before = operation
        self.kind = KINDS[operation.kind]
        self.now_ms = now_ms
        self.policy = policy
        self.legs = list(operation.legs)
        self.goal = operation.goal
        self.question = operation.question
        self.fault = operation.fault
        self.red_ms = operation.red_ms
        self.printed = operation.printed
        self.owed = operation.owed
        self.promised = operation.promised
        self.kept = False
        self.timers = {timer.name: timer.due_ms for timer in operation.timers}
        self.commands: list[Command] = []
        self.reopened = False
        self.changed = False

    # ── the draft's own vocabulary ────────────────────────────────────────────────────────────────

    def leg(self, number: int) -> Leg:
        """The leg as drafted."""
        return next(leg for leg in self.legs if leg.number == number)

    def put(self, leg: Leg) -> None:
        """Put the changed leg in its place."""
        place = next(index for index, old in enumerate(self.legs) if old.number == leg.number)
        self.legs[place] = leg
        self.changed = True

    def set_timer(self, name: str, delay_ms: int) -> None:
        """Have `Due(name)` come after this delay."""
        self.timers[name] = self.now_ms + delay_ms
        self.commands.append(Wait(name, self.timers[name]))
        self.changed = True

    def raise_fault(self, fault: Fault) -> None:
        """Make it the operation's fault, and tell people."""
        self.fault = fault
        self.commands.append(Raise(fault))
        self.changed = True

    def ask(self, question: Question) -> None:
        """Put a question to a person; the first kind has a time limit."""
        self.question = question
        if question is Question.CONTINUE_OR_GIVE_UP:
            self.set_timer("question", self.policy.question_ms)
        self.changed = True

    def answered(self) -> None:
        """The question is no more."""
        self.question = None
        self.timers.pop("question", None)
        self.timers.pop("resend", None)
        self.changed = True

    def turn_back(self) -> None:
        """It is not to happen any more; there is nothing left to ask about going on."""
        self.goal = Goal.BACK
        self.answered()

    def turn_red(self) -> None:
        """A person has to know: red until evidence ends it."""
        if self.red_ms is None:
            self.red_ms = self.now_ms
            self.raise_fault(Fault("fiscal.red-cheque-status-unknown", number=self.before.number))

    # ── what the legs look like ───────────────────────────────────────────────────────────────────

    def attempts(self) -> list[list[Leg]]:
        """The legs that are no reversals, each with the further attempts at the same, oldest first."""
        chains: list[list[Leg]] = []
        for leg in self.legs:
            if leg.replaces is not None:
                chains[-1].append(leg)
            elif leg.target is None:
                chains.append([leg])
        return chains

    def active(self) -> list[Leg]:
        """The legs that count: of several attempts the one that did it, else the last one."""
        return [
            next((leg for leg in reversed(chain) if leg.state is LegState.DONE), chain[-1])
            for chain in self.attempts()
        ]

    def surplus(self) -> list[Leg]:
        """Where two attempts at the same are done: those that are too many."""
        kept = [leg.number for leg in self.active()]
        return [
            leg
            for chain in self.attempts()
            for leg in chain
            if leg.state is LegState.DONE and leg.number not in kept
        ]

    def doubled(self) -> bool:
        """Whether two attempts at the same are done."""
        return bool(self.surplus())

    def reversals(self) -> list[Leg]:
        """The legs that take another one back."""
        return [leg for leg in self.legs if leg.target is not None]

    def reversal_of(self, number: int) -> Leg | None:
        """The newest reversal of this leg, if there is one."""
        return next((leg for leg in reversed(self.legs) if leg.target == number), None)

    def being_reversed(self, number: int) -> bool:
        """Whether a reversal of this leg is under way: then that one decides how the leg ends."""
        reversal = self.reversal_of(number)
        return reversal is not None and reversal.state not in _SETTLED

    def reversing(self) -> bool:
        """Whether any reversal is under way."""
        return any(leg.state not in _SETTLED for leg in self.reversals())

    def unsure(self) -> list[Leg]:
        """Legs of which nobody knows yet, and which no reversal takes care of."""
        return [
            leg
            for leg in self.legs
            if leg.target is None and leg.state in _UNSURE and not self.being_reversed(leg.number)
        ]

    def unknown(self) -> list[Leg]:
        """Those of them whose answer has failed to come."""
        return [leg for leg in self.unsure() if leg.state is LegState.UNKNOWN]

    def committed(self) -> bool:
        """Whether the commit point has been passed."""
        return any(leg.commit_point and leg.state is LegState.DONE for leg in self.active())

    def inquirable(self, leg: Leg) -> bool:
        """Whether the party can be asked what became of the leg."""
        return self.policy.traits(leg.party, leg.action).inquirable

    def reversal_action(self, leg: Leg) -> str | None:
        """What takes the leg back; None if nothing does."""
        return self.policy.traits(leg.party, leg.action).reversal

    def surplus_action(self, leg: Leg) -> str | None:
        """What takes a document back that stands twice: the first way that has not been refused yet."""
        refused = [old.action for old in self.reversals() if old.target == leg.number]
        ways = self.policy.traits(leg.party, leg.action).surplus
        return next((way for way in ways if way not in refused), None)

    def may_be_tried_again(self, leg: Leg) -> bool:
        """Whether this leg is the last attempt of its chain, and none of the others has done it."""
        chain = self._chain_of(leg)
        return chain[-1].number == leg.number and not any(one.state is LegState.DONE for one in chain)

    def _chain_of(self, leg: Leg) -> list[Leg]:
        return next(chain for chain in self.attempts() if leg.number in [one.number for one in chain])

    # ── sending ───────────────────────────────────────────────────────────────────────────────────

    def send(self, leg: Leg) -> None:
        """Journal the leg as sent, and have it sent."""
        self.put(replace(leg, state=LegState.SENT, sent_ms=self.now_ms))
        self.commands.append(Send(leg.number))

    def inquire(self) -> None:
        """Ask for every unknown leg that can be asked for."""
        self.timers.pop("inquire", None)
        for leg in self.unknown():
            if self.inquirable(leg) and Inquire(leg.number) not in self.commands:
                self.commands.append(Inquire(leg.number))
                self.changed = True

    def new_attempt(self, old: Leg) -> None:
        """A further attempt at what `old` proved not to have done: a leg with a key of its own."""
        number = max(leg.number for leg in self.legs) + 1
        fresh = Leg(
            number=number,
            party=old.party,
            action=old.action,
            key=leg_key(self.before.uid, number),
            commit_point=old.commit_point,
            replaces=old.number,
        )
        self.legs.insert(self.legs.index(old) + 1, fresh)
        self.changed = True

    def try_again_or_ask(self, tries: int, fault: Fault) -> None:
        """What certainly did not happen is tried again a few times by itself; then a person is asked. What a
        person has promised is tried for ever.
        """
        if self.promised:
            self.set_timer("resend", nth(self.policy.inquire_delays_ms, tries))
        elif tries <= len(self.policy.resend_delays_ms):
            self.set_timer("resend", nth(self.policy.resend_delays_ms, tries - 1))
        else:
            self.raise_fault(fault)
            self.ask(Question.CONTINUE_OR_GIVE_UP)

    # ── the plan ──────────────────────────────────────────────────────────────────────────────────

    def steer(self) -> None:
        """With what is known now, send what comes next, reverse what must go, and clear what no longer
        matters.
        """
        if self.before.ended and not self.reopened:
            return
        if self.question in _DERIVED:
            self.question = None  # it follows from the legs, and is asked again if it still does
        if self.goal is Goal.BACK and self.committed():
            self.goal = Goal.FORWARD
        if self.goal is Goal.BACK:
            self._bring_back()
        elif not self.unsure() and self.surplus():
            self.take_back_surplus(proved=True)
        elif self.question is None and "resend" not in self.timers and not self.unsure():
            self._send_next()
        if not self.unknown():
            self.timers.pop("inquire", None)
            self.timers.pop("red", None)

    def take_back_surplus(self, *, proved: bool) -> bool:
        """Take back what stands twice, one way after another; by itself only what no ruling has a part in."""
        begun = False
        for leg in self.surplus() if not self.reversing() else ():
            way = self.surplus_action(leg)
            if way is not None and (not proved or self._is_proved(leg)):
                self.reverse(leg, way)
                begun = True
        return begun

    def _is_proved(self, surplus: Leg) -> bool:
        """Whether every attempt that did it is known from the party itself."""
        done = [leg for leg in self._chain_of(surplus) if leg.state is LegState.DONE]
        return all(leg.evidence is not None and leg.evidence.source is not Source.RULING for leg in done)

    def _send_next(self) -> None:
        if self.doubled() or self.reversing():
            return
        for leg in self.active():
            if leg.state is LegState.PLANNED:
                self.send(leg)
                return
            if leg.state is not LegState.DONE:
                return

    def _bring_back(self) -> None:
        gone = [leg for leg in self.legs if leg.target is None and self._must_go(leg)]
        if any(leg.commit_point and leg not in gone for leg in self.unsure()):
            return  # it may have passed the commit point: what happened before that stays until it is known
        for leg in gone:
            reversal = self.reversal_of(leg.number)
            if reversal is None or reversal.state is LegState.DONE:
                self.reverse(leg, self.reversal_action(leg) or "")

    def _must_go(self, leg: Leg) -> bool:
        if self.reversal_action(leg) is None:
            return False
        return leg.state is LegState.DONE or (leg.state is LegState.UNKNOWN and not self.inquirable(leg))

    def reverse(self, leg: Leg, action: str) -> None:
        """Take the leg back by this action: a leg of its own, repeated until it is acknowledged."""
        number = max(old.number for old in self.legs) + 1
        fresh = Leg(number, leg.party, action, leg_key(self.before.uid, number), target=leg.number)
        self.legs.append(fresh)
        self.send(fresh)
        if "undoing" not in self.timers:
            self.set_timer("undoing", self.policy.undoing_red_after_ms)

    # ── the conclusion ────────────────────────────────────────────────────────────────────────────

    def conclude(self) -> OperationState:
        """The state that the legs as drafted add up to."""
        if self.before.ended and not self.reopened:
            return self.before.state
        if self.unsure():
            return self._unfinished(OperationState.OPEN)
        state = self._conclude_forward() if self.goal is Goal.FORWARD else self._conclude_back()
        return self._against_an_earlier_end(state)

    def _unfinished(self, state: OperationState) -> OperationState:
        """This state, unless a person has been told already: what is red stays red until it ends."""
        return state if self.red_ms is None else OperationState.RED

    def _conclude_forward(self) -> OperationState:
        if self.doubled() or self.reversing():
            return OperationState.RED
        states = [leg.state for leg in self.active()]
        if all(state is LegState.DONE for state in states):
            return OperationState.DONE
        if LegState.REFUSED in states or LegState.UNDONE in states:
            return OperationState.RED
        return self._unfinished(OperationState.OPEN)

    def _conclude_back(self) -> OperationState:
        if self.reversing():
            return self._unfinished(OperationState.UNDOING)
        states = [leg.state for leg in self.legs if leg.target is None]
        if LegState.DONE in states:
            return OperationState.RED
        return OperationState.UNDONE if LegState.UNDONE in states else OperationState.REFUSED

    def _against_an_earlier_end(self, state: OperationState) -> OperationState:
        """Goods and money had gone back, and now it has happened after all: that needs a person, whatever the
        evidence. (A shift that is open after all asks nobody.)
        """
        if self.kept or not self.kind.ruled:
            return state
        if state is OperationState.DONE and self.before.returned:
            self.question = Question.KEEP_OR_REVERSE
            return OperationState.RED
        return state

    def finish(self, state: OperationState) -> Operation:
        """The next value of the operation, with what its end entails among the commands."""
        if state is OperationState.RED:
            self.turn_red()
            if self.question is None and not self._goes_on_by_itself():
                self.ask(Question.SETTLE)
        ended = state in ENDED
        posted = self.before.posted
        if ended and (not self.before.ended or self.reopened):
            posted = self._end(state)
        elif posted:
            self._book(True)
        return replace(
            self.before,
            legs=tuple(self.legs),
            state=state,
            version=self.before.version + 1,
            changed_ms=self.now_ms,
            goal=self.goal,
            question=self.question,
            fault=self.fault,
            timers=() if ended else tuple(Timer(name, due) for name, due in sorted(self.timers.items())),
            ended_ms=(self.before.ended_ms or self.now_ms) if ended else self.before.ended_ms,
            red_ms=None if ended else self.red_ms,
            returned=not self.kept and (self.before.returned or state in _RETURNED),
            posted=posted,
            printed=self.printed,
            owed=self.owed and state not in _RETURNED,
            promised=self.promised and not ended,
            documented=self.before.documented or posted,
        )

    def _goes_on_by_itself(self) -> bool:
        """Whether an answer is still to come, or something will be asked, sent or reversed again."""
        awaited = any(leg.state is LegState.SENT or self.inquirable(leg) for leg in self.unsure())
        return awaited or self.reversing() or "resend" in self.timers

    def _end(self, state: OperationState) -> bool:
        """What the end entails; whether the operation stands in the books now. What it had booked and did not
        happen after all is taken back.
        """
        self.question = None
        done = state is OperationState.DONE
        if done:
            self.fault = None
        self._book(done)
        if self.kind.shift and done != self.before.posted:
            self.commands.append(
                Shift(
                    self.before.content.shift,
                    self.kind.shift if done else _OTHER_SHIFT_STATE[self.kind.shift],
                )
            )
        if done and self.kind.document and not (self.before.posted or self.before.documented):
            self.commands.append(Print(self.kind.document))
        return done

    def _book(self, done: bool) -> None:
        content = self.before.content
        held = entries_of(self.kind, content, owed=self.before.owed) if self.before.posted else ()
        wanted = entries_of(self.kind, content, owed=self.owed) if done else ()
        if held != wanted:
            self.commands.append(Post(balanced((*taken_back(held), *wanted))))

"""Bugs put in on purpose: a judge that has never found anything has proved nothing.

Each is a patch onto a named seam of the real program, and names the promise that it breaks. Here are those
about journal, legs and books; those of a fiscal till's own are in planted_till.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tillwright.journal import hearing, outbox, runner
from tillwright.journal.memory_journal import MemoryJournal
from tillwright.journal.port import CommitUnknown
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Absent, NoAnswer
from tillwright.operations import decide, events, step
from tillwright.operations.commands import Inquire, Post
from tillwright.operations.states import Goal, LegState
from tillwright.parties import frames
from tillwright.parties.control import reading
from tillwright.parties.control.adapter import ControlAdapter
from tillwright.parties.control.asking import Asked
from tillwright.parties.control.numbers import HeldNumbers
from tillwright.simulation.planted_till import TILL_BUGS
from tillwright.simulation.planting import Bug, Executed, Make, Patch


def _commit_sometimes(original: Any, executed: Executed) -> Any:
    """Answers go out although the batch is still in memory: two commits of three are saved."""
    turn = [0]

    def commit(self: Any) -> None:
        turn[0] += 1
        if turn[0] % 3:
            executed()
        else:
            original(self)

    return commit


def _begin_within(original: Any, _executed: Executed) -> Any:
    def begin(self: Any) -> None:
        if not self._undo:
            original(self)

    return begin


def _commit_whatever(original: Any, executed: Executed) -> Any:
    """A commit that failed is taken for one that succeeded."""

    def commit(self: Any) -> None:
        try:
            original(self)
        except CommitUnknown:
            executed()
            self.journal.rollback()

    return commit


def _silence_means(event_of: Callable[[int, int, Fault], events.Event]) -> Make:
    """A request without an answer is taken for something that it is not."""

    def make(original: Any, executed: Executed) -> Any:
        def event(leg: int, outcome: Any, inquiry: bool, now_ms: int) -> events.Event:
            if isinstance(outcome, NoAnswer) and not inquiry:
                executed()
                return event_of(leg, now_ms, outcome.fault)
            found: events.Event = original(leg, outcome, inquiry, now_ms)
            return found

        return event

    return make


def _is_refused(leg: int, now_ms: int, fault: Fault) -> events.Event:
    return events.Replied(now_ms, leg, False, Evidence(Source.REPLY, now_ms), fault)


def _is_done(leg: int, now_ms: int, _fault: Fault) -> events.Event:
    return events.Replied(now_ms, leg, True, Evidence(Source.REPLY, now_ms))


def _is_not_sent(leg: int, now_ms: int, fault: Fault) -> events.Event:
    return events.NotSent(now_ms, leg, fault)


def _new_key(original: Any, executed: Executed) -> Any:
    """What is tried again gets a new number."""

    def did_not_leave(draft: Any, leg: Any) -> None:
        original(draft, leg)
        executed()
        draft.new_attempt(draft.leg(leg.number))

    return did_not_leave


def _no_fence(original: Any, _executed: Executed) -> Any:
    def message(self: Asked, till: str, after: int, to_hand_back: Any) -> Any:
        made = original(self, till, after, to_hand_back)
        if self.do == "inquire":
            return type(made)(made.id, made.key, False, made.after)
        return made

    return message


def _believe_absence(_original: Any, executed: Executed) -> Any:
    def absent(reply: Any, now_ms: int) -> Absent:
        executed()
        return Absent(Evidence(Source.INQUIRY, now_ms, {"serial": reply.serial}), fenced=True)

    return absent


def _sent_is_forgotten(original: Any, executed: Executed) -> Any:
    """After a restart nobody asks for what had been sent."""

    def restarted(self: Any, operation: Any, event: Any, *, new: bool = False) -> Any:
        if isinstance(event, events.Restarted) and any(leg.state is LegState.SENT for leg in operation.legs):
            executed()
            return operation
        return original(self, operation, event, new=new)

    return restarted


def _asked_once(original: Any, executed: Executed) -> Any:
    """What asking has not told is not asked for again."""

    def set_timer(self: Any, name: str, delay_ms: int) -> None:
        if name == "inquire":
            executed()
            self.changed = True
        else:
            original(self, name, delay_ms)

    return set_timer


def _posted_twice(original: Any, executed: Executed) -> Any:
    """An answer that comes for the second time is booked for the second time."""

    def write(self: Any, operation: Any, command: Any, at_ms: int) -> None:
        original(self, operation, command, at_ms)
        if isinstance(command, Post) and any(leg.inquiries or leg.replaces for leg in operation.legs):
            executed()
            original(self, operation, command, at_ms)

    return write


def _not_queued(original: Any, executed: Executed) -> Any:
    """Every seventh document of a device is held and nothing more."""

    def queue(journal: Any, receivers: Any, till: str, document: Any, *rest: Any) -> None:
        if document.number % 7 == 0:
            executed()
        else:
            original(journal, receivers, till, document, *rest)

    return queue


def _left_out(kind: type) -> Make:
    """A command is not carried out for operations that had been red."""

    def make(original: Any, executed: Executed) -> Any:
        def write(self: Any, operation: Any, command: Any, at_ms: int) -> None:
            if isinstance(command, kind) and any(leg.inquiries for leg in operation.legs):
                executed()
            else:
                original(self, operation, command, at_ms)

        return write

    return make


def _behind_is_fine(_original: Any, executed: Executed) -> Any:
    """The device's number is taken as it is, whatever the till holds."""

    def align(self: Any, last_number: int) -> None:
        if last_number < self._numbers.cursor:
            executed()
            self._numbers.cursor = last_number
        _original(self, last_number)

    return align


def _after_the_device(_original: Any, _executed: Executed) -> Any:
    def after(self: HeldNumbers, _now_ms: int) -> int:
        return self.cursor

    return after


def _any_answer(original: Any, executed: Executed) -> Any:
    """The next answer is taken for the answer to what was asked last."""

    def answered(self: Any, asked: Any, reply: Any) -> None:
        for other in self._open.values():
            if other is not asked and other.do == asked.do:
                executed()
                original(self, other, reply)
                return
        original(self, asked, reply)

    return answered


def _always(_original: Any, _executed: Executed) -> Any:
    return lambda *_facts: True


def _give_up_ends(original: Any, executed: Executed) -> Any:
    """Giving up ends a sale as refused, whatever is not known."""

    def unsure(self: Any) -> Any:
        found = original(self)
        if found and self.goal is Goal.BACK:
            executed()
            return []
        return found

    return unsure


def _without_evidence(original: Any, executed: Executed) -> Any:
    def move(draft: Any, leg: Any, state: Any, event: Any) -> None:
        original(draft, leg, state, event)
        if state is LegState.DONE and isinstance(event, events.Inquired):
            executed()
            draft.put(replace(draft.leg(leg.number), evidence=None))

    return move


def _unnamed(original: Any, executed: Executed) -> Any:
    def turn_red(self: Any) -> None:
        if self.red_ms is None:
            original(self)
            executed()
            nowhere = "fiscal.something-is-wrong"
            self.raise_fault(Fault(nowhere))

    return turn_red


def _deaf_to_what_is_late(original: Any, executed: Executed) -> Any:
    """Who is not asked any more is not heard, and nobody asks."""

    def inquire(self: Any) -> None:
        if self.unknown() and self.red_ms is not None:
            executed()
            self.commands = [one for one in self.commands if not isinstance(one, Inquire)]
        else:
            original(self)

    return inquire


def _no_is_yes(original: Any, executed: Executed) -> Any:
    """A refusal of the device is read as an answer like any other."""

    def move(draft: Any, leg: Any, state: Any, event: Any) -> None:
        if isinstance(event, events.Replied) and state is LegState.REFUSED:
            executed()
            state = LegState.DONE
        original(draft, leg, state, event)

    return move


def _timers_by_the_wall(_original: Any, executed: Executed) -> Any:
    """Timers follow the clock on the wall, wherever somebody sets it."""

    def steady_ms(self: Any, now_ms: int) -> int:
        if now_ms < self._wall_ms:
            executed()
        self._wall_ms = now_ms
        return now_ms

    return steady_ms


def _no_checksum(_original: Any, executed: Executed) -> Any:
    """Whatever arrives is taken for what was sent."""

    def crc32(_message: bytes) -> int:
        executed()
        return 0

    return crc32


_BUGS: tuple[Bug, ...] = (
    Bug(
        "answer-before-commit", 1, "the till is answered before the commit is on the disk",
        (Patch(runner.Runner, "_commit", _commit_sometimes), Patch(MemoryJournal, "begin", _begin_within)),
    ),
    Bug(
        "failed-commit-believed", 1, "a commit that failed is taken for one that succeeded",
        (Patch(runner.Runner, "_commit", _commit_whatever),),
    ),
    Bug(
        "sent-forgotten", 1, "recovery passes over what had been sent",
        (Patch(runner.Runner, "step", _sent_is_forgotten),),
    ),
    Bug(
        "asked-only-once", 1, "an inquiry without an answer is not repeated",
        (Patch(step.Step, "set_timer", _asked_once),),
        {"device.silent": 0.5},
    ),
    Bug(
        "red-not-asked-for", 1, "once it is red nobody asks the device any more",
        (Patch(step.Step, "inquire", _deaf_to_what_is_late),),
    ),
    Bug(
        "silence-is-refusal", 2, "a time-out is taken for a refusal",
        (Patch(hearing, "_event", _silence_means(_is_refused)),),
    ),
    Bug(
        "silence-is-success", 2, "a time-out is taken for an answer",
        (Patch(hearing, "_event", _silence_means(_is_done)),),
    ),
    Bug(
        "answers-by-order", 2, "an answer is taken for the answer to something else",
        (
            Patch(ControlAdapter, "_answered", _any_answer),
            Patch(reading, "is_answer", _always),
            Patch(hearing, "_agrees", _always),
        ),
        {"device.answer_late": 0.5, "people.impatient": 0.3, "network.reordered": 0.2},
    ),
    Bug(
        "give-up-ends-all", 2, "giving up ends a sale although nobody knows",
        (Patch(step.Step, "unsure", _give_up_ends),),
        {"people.impatient": 0.5},
    ),
    Bug(
        "evidence-dropped", 2, "what an inquiry proved is not kept",
        (Patch(decide, "_move", _without_evidence),),
    ),
    Bug(
        "new-key-on-retry", 3, "a time-out is taken for 'not sent', and the retry has a new key",
        (
            Patch(hearing, "_event", _silence_means(_is_not_sent)),
            Patch(decide, "_did_not_leave", _new_key),
        ),
    ),
    Bug(
        "absence-without-fence", 3, "absence is believed of a device that may still do it",
        (Patch(Asked, "message", _no_fence), Patch(reading, "absent", _believe_absence)),
        {"device.deliver_late": 0.5, "network.lost": 0.3},
    ),
    Bug(
        "refusal-is-success", 4, "the device refuses, and the customer leaves with the goods",
        (Patch(decide, "_move", _no_is_yes),),
        {"device.deliver_late": 0.4, "network.lost": 0.25, "people.huge_basket": 0.05},
    ),
    Bug(
        "checksum-left-out", 4, "a message that was changed on the way is taken for what was sent",
        (Patch(frames, "crc32", _no_checksum),),
        {"network.corrupted": 0.2},
    ),
    Bug(
        "cash-posted-twice", 5, "a sale that was asked for is booked twice",
        (Patch(runner.Runner, "_write", _posted_twice),),
    ),
    Bug(
        "cash-not-posted", 5, "a sale that was asked for is not booked",
        (Patch(runner.Runner, "_write", _left_out(Post)),),
    ),
    Bug(
        "device-behind-ignored", 5, "a device that came back from an old backup is not handed its documents",
        (Patch(ControlAdapter, "_align", _behind_is_fine), Patch(HeldNumbers, "after", _after_the_device)),
    ),
    Bug(
        "document-not-queued", 7, "the document of a sale that was asked for is not queued",
        (Patch(outbox, "queue", _not_queued),),
    ),
    Bug(
        "timers-by-the-wall", 8, "a clock that is set back puts off the moment at which a person is told",
        (Patch(runner.Runner, "_steady_ms", _timers_by_the_wall),),
        {"station.clock_jump": 0.6, "device.silent": 0.2},
    ),
    Bug(
        "fault-without-code", 8, "a person is told something that the catalogue does not know",
        (Patch(step.Step, "turn_red", _unnamed),),
    ),
)  # fmt: skip

BUGS = (*_BUGS, *TILL_BUGS)
BY_NAME: Mapping[str, Bug] = {bug.name: bug for bug in BUGS}

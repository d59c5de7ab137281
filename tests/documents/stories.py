"""Stories that pictures are drawn of: operations driven through `decide`, with their record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tillwright.documents.replay import Record, record_of
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.operations import events as happened
from tillwright.operations.decide import BrokenTable, Impossible, decide
from tillwright.operations.events import Event
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.operations.policy import Policy

UID = "3f2b8c1e-0d4a-4b6e-9a77-2f1c5d8e9b10"
START_MS = 1_763_728_860_000
"""12:41:00 UTC"""

FACTS: Mapping[str, str | int] = {
    "document_number": 7041,
    "unique_number": "A1B2C3D4",
    "serial": "SKO-000017",
}


def content(currency: str = "EUR") -> Content:
    lines = (Line("milk", "Milk 3.2 % 1 l", 2000, 378, 189), Line("bread", "Bread, rye", 1000, 190, 190))
    return Content(currency, 568, lines, (Tender("cash", 1000),))


def sale() -> Operation:
    legs = planned_legs(UID, KINDS["cash-sale"])
    return Operation(
        UID, "2", 118, "cash-sale", "Minh", 41, content(), "hash", START_MS, START_MS, legs
    )  # fmt: skip


@dataclass
class Story:
    """An operation and the events that were written about it."""

    operation: Operation = field(default_factory=sale)
    policy: Policy = field(default_factory=Policy)
    records: list[Record] = field(default_factory=list)
    now_ms: int = START_MS

    def add(self, event: Event) -> bool:
        """Decide on the event and keep it if it changed anything; whether it was possible."""
        try:
            decision = decide(self.operation, event, self.policy)
        except (Impossible, BrokenTable):  # whether the table is complete is proved in tests/operations
            return False
        if decision.changed:
            self.operation = decision.operation
            self.records.append(record_of(self.operation.version, event))
        return True

    def after(self, delay_ms: int) -> int:
        self.now_ms += delay_ms
        return self.now_ms

    # ── the device and the people, in short ──

    def started(self) -> None:
        self.add(happened.Started(self.now_ms))

    def accepted(self, leg: int = 1, delay_ms: int = 40) -> None:
        at_ms = self.after(delay_ms)
        self.add(happened.Replied(at_ms, leg, True, Evidence(Source.REPLY, at_ms, FACTS)))

    def lost(self, leg: int = 1, delay_ms: int = 3000) -> None:
        self.add(happened.NoAnswer(self.after(delay_ms), leg, Fault("fiscal.no-answer")))

    def unplugged(self, leg: int = 1, delay_ms: int = 20) -> None:
        self.add(happened.NotSent(self.after(delay_ms), leg, Fault("fiscal.sko-disconnected")))

    def found(self, leg: int = 1, delay_ms: int = 30) -> None:
        at_ms = self.after(delay_ms)
        self.add(happened.Inquired(at_ms, leg, True, Evidence(Source.INQUIRY, at_ms, FACTS)))

    def absent(self, leg: int = 1, delay_ms: int = 30) -> None:
        at_ms = self.after(delay_ms)
        evidence = Evidence(Source.INQUIRY, at_ms, {"serial": "SKO-000017"})
        self.add(happened.Inquired(at_ms, leg, False, evidence, fenced=True))

    def silent(self, leg: int = 1, delay_ms: int = 2000) -> None:
        self.add(happened.Inquired(self.after(delay_ms), leg, None))

    def due(self, timer: str) -> None:
        """Let time pass until this timer, which must be set."""
        due_ms = next(one.due_ms for one in self.operation.timers if one.name == timer)
        self.now_ms = max(self.now_ms, due_ms)
        self.add(happened.Due(self.now_ms, timer))

    def next_timer(self) -> None:
        first = min(self.operation.timers, key=lambda one: (one.due_ms, one.name))
        self.due(first.name)

    def go_on(self, delay_ms: int = 15_000) -> None:
        self.add(happened.Continue(self.after(delay_ms), "Minh"))

    def restarted(self, delay_ms: int = 4000) -> None:
        self.add(happened.Restarted(self.after(delay_ms)))


def plain_sale() -> Story:
    story = Story()
    story.started()
    story.accepted()
    return story


def answer_lost_then_found() -> Story:
    story = Story()
    story.started()
    story.lost()
    story.found()
    return story


def unplugged_then_continue() -> Story:
    story = Story()
    story.started()
    story.unplugged()
    for _ in range(3):
        story.due("resend")
        story.unplugged()
    story.go_on()
    story.accepted()
    return story


def fenced_absence_then_second_attempt() -> Story:
    story = Story()
    story.started()
    story.lost()
    story.absent()
    story.due("resend")
    story.accepted(leg=2)
    return story


def red_for_an_hour_then_green() -> Story:
    story = Story()
    story.started()
    story.lost()
    end_ms = story.now_ms + 3_600_000
    while story.now_ms < end_ms:
        story.silent(delay_ms=3000)
        while any(one.name == "red" and one.due_ms <= story.now_ms for one in story.operation.timers):
            story.due("red")
        story.next_timer()
    story.found()
    return story


def killed_in_the_middle() -> Story:
    story = Story()
    story.started()
    story.restarted()
    story.found()
    return story


def answered_late() -> Story:
    story = Story()
    story.started()
    story.lost()
    story.silent()
    story.accepted(delay_ms=900)
    return story


def given_up_by_nobody() -> Story:
    story = Story()
    story.started()
    story.unplugged()
    for _ in range(3):
        story.due("resend")
        story.unplugged()
    story.due("question")
    return story


def still_waiting() -> Story:
    story = Story()
    story.started()
    return story


def still_red() -> Story:
    story = Story()
    story.started()
    story.lost()
    story.silent()
    story.due("red")
    return story


STORIES = {
    "plain-sale": plain_sale,
    "answer-lost-then-found": answer_lost_then_found,
    "unplugged-then-continue": unplugged_then_continue,
    "fenced-absence-then-second-attempt": fenced_absence_then_second_attempt,
    "red-for-an-hour-then-green": red_for_an_hour_then_green,
    "killed-in-the-middle": killed_in_the_middle,
    "answered-late": answered_late,
    "given-up-by-nobody": given_up_by_nobody,
    "still-waiting": still_waiting,
    "still-red": still_red,
}

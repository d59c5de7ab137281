"""From an operation's record to its picture.

The record is played again (see `replay`), and each event leaves its rows: what it is itself, then what was
done because of it, then what the whole came to. A request and its fate share a row where that tells more:
one that did not leave is drawn as stopped, an inquiry without an answer as broken; and where the same
happens over and over, one row counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from tillwright.documents.both_sides import Aside, against_it, asides_of, reference_of, told_by
from tillwright.documents.picture import (
    Arrow,
    Band,
    Column,
    Cut,
    End,
    Note,
    Person,
    Picture,
    Row,
    Stroke,
    Tone,
)
from tillwright.documents.replay import Played, Recorded, play
from tillwright.documents.words import EnglishWords, Words, has
from tillwright.kernel.evidence import Evidence, Source
from tillwright.operations import events as happened
from tillwright.operations.commands import Inquire, Send
from tillwright.operations.events import Event, happening
from tillwright.operations.model import Leg, Operation
from tillwright.operations.policy import Policy
from tillwright.operations.rulings import Enquiry
from tillwright.operations.states import ENDED, Happening, LegState, OperationState

TILL = 0
"""The till's column."""


def picture_of(
    operation: Operation,
    events: Iterable[Recorded],
    words: Words | None = None,
    policy: Policy | None = None,
    enquiries: Iterable[Enquiry] = (),
) -> Picture:
    """The picture of an operation from its events; `policy` says how long the till waited for whom.

    `enquiries`: what was asked at the operator about it; question and answer stand where they fell in time.
    """
    board = _Board(operation, words or EnglishWords())
    asides = deque(asides_of(enquiries))
    for played in play(operation, events, policy or Policy()):
        while asides and asides[0].at_ms <= played.event.at_ms:
            board.aside(asides.popleft())
        board.add(played)
    while asides:
        board.aside(asides.popleft())
    board.finish()
    return Picture(
        title=board.words.text("picture.title"),
        columns=tuple(board.columns),
        rows=tuple(board.rows),
        clocks=tuple(board.clocks()),
        bands=tuple(board.closed_bands()),
    )


@dataclass(slots=True)
class _Board:
    """The rows so far, and which of them still wait for something."""

    operation: Operation
    words: Words
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    waiting: dict[int, int] = field(default_factory=dict)
    """leg → the row of its request that has had no answer"""
    asking: dict[int, int] = field(default_factory=dict)
    """leg → the row of the inquiry that has had no answer"""
    bands: list[Band] = field(default_factory=list)
    unknown: dict[int, int] = field(default_factory=dict)
    """leg → the row from which on nobody knew"""

    def __post_init__(self) -> None:
        till = self.words.text("column.till", till=self.operation.till)
        self.columns.append(Column("till", till))
        for leg in self.operation.legs:
            self.column(leg.party)

    # ── columns and texts ──────────────────────────────────────────────────────────────────────────────────

    def column(self, party: str) -> int:
        """The column of a party, made when it first appears."""
        names = [column.name for column in self.columns]
        if party not in names:
            key = f"party.{party}"
            self.columns.append(Column(party, self.words.text(key) if has(key) else party))
            return len(self.columns) - 1
        return names.index(party)

    def amount(self) -> str:
        return self.words.money(self.operation.content.total_minor, self.operation.content.currency)

    def request(self, leg: Leg, operation: Operation) -> str:
        """What is asked of the party, with the number of the attempt if it is not the first."""
        key = "request.reversal" if leg.target is not None else f"request.{leg.action}"
        if not has(key):
            key = "request.other"
        shift = str(operation.content.shift or operation.shift)
        label = self.words.text(key, amount=self.amount(), action=leg.action, shift=shift)
        attempt = _attempt(leg, operation)
        return self.words.text("request.again", request=label, attempt=str(attempt)) if attempt > 1 else label

    def told(self, key: str, evidence: Evidence | None) -> str:
        """An answer with the number of the document, if it names one."""
        document = evidence.facts.get("document_number") if evidence is not None else None
        if document is None:
            return self.words.text(f"{key}-plain")
        return self.words.text(key, document=str(document))

    def accepted(self, leg: Leg, evidence: Evidence) -> str:
        """The party's own answer that it did it."""
        own = f"answer.accepted.{leg.action}"
        plain = "document_number" not in evidence.facts
        return self.told(own if has(own) and not plain else "answer.accepted", evidence)

    def aside(self, aside: Aside) -> None:
        """A question at another party, or its answer; it moves nothing by itself."""
        column, keys = self.column(aside.party), {leg.key for leg in self.operation.legs}
        if not aside.answer:
            label, dash = self.words.text("enquiry.asked"), Stroke.DASHED
            self.rows.append(Arrow(aside.at_ms, TILL, column, label, dash, asks=True))
            return
        label, tone = told_by(aside.enquiry, keys, self.words)
        self.rows.append(Arrow(aside.at_ms, column, TILL, label, Stroke.DASHED, tone))

    # ── one event ──────────────────────────────────────────────────────────────────────────────────────────

    def add(self, played: Played) -> None:
        """The rows of one event: itself, what was done, what it came to."""
        if played.stray:
            self.rows.append(self.other(played.event))
            return
        _DRAW.get(happening(played.event), _nothing)(self, played)
        for command in played.commands:
            if isinstance(command, Send):
                self.sent(played.after, played.after.leg(command.leg), played.event.at_ms)
            elif isinstance(command, Inquire):
                self.asked(played.after.leg(command.leg), played.event.at_ms)
        self.came_to(played)
        self.mark_unknown(played.after)

    def other(self, event: Event) -> Note:
        return Note(event.at_ms, self.words.text("note.other", happening=happening(event).value))

    def sent(self, operation: Operation, leg: Leg, at_ms: int) -> None:
        self.waiting[leg.number] = len(self.rows)
        label = self.request(leg, operation)
        self.rows.append(
            Arrow(at_ms, TILL, self.column(leg.party), label, Stroke.WAITING, Tone.NEUTRAL, leg.number)
        )

    def asked(self, leg: Leg, at_ms: int) -> None:
        if leg.number in self.asking:
            return
        self.asking[leg.number] = len(self.rows)
        label = self.words.text("inquiry.asked")
        column = self.column(leg.party)
        arrow = Arrow(at_ms, TILL, column, label, Stroke.DASHED, Tone.NEUTRAL, leg.number, asks=True)
        self.rows.append(arrow)

    def answer(self, played: Played, leg: Leg, label: str, tone: Tone, stroke: Stroke = Stroke.SOLID) -> None:
        at_ms = played.event.at_ms
        self.rows.append(Arrow(at_ms, self.column(leg.party), TILL, label, stroke, tone, leg.number))

    def settle_request(self, leg: int, **changes: object) -> None:
        """The request's own row, once its fate is known."""
        row = self.waiting.pop(leg, None)
        if row is not None:
            self.change(row, stroke=Stroke.SOLID, **changes)

    def change(self, row: int, **changes: object) -> None:
        self.rows[row] = replace(cast(Arrow, self.rows[row]), **changes)  # type: ignore[arg-type]

    def came_to(self, played: Played) -> None:
        """The question that is now put, and the state that was reached."""
        before, after, at_ms = played.before, played.after, played.event.at_ms
        if after.state is not before.state:
            self.turned(before.state, after.state, at_ms)
        if after.question is not None and after.question is not before.question:
            text = self.words.text(f"note.question.{after.question.value}")
            self.rows.append(Note(at_ms, text, Tone.QUESTION))

    def turned(self, before: OperationState, state: OperationState, at_ms: int) -> None:
        if state in ENDED:
            self.rows.append(End(at_ms, state.value, self.words.text(f"state.{state.value}")))
            return
        red = "note.red-again" if before in ENDED else "note.red"
        notes = {
            OperationState.RED: (red, Tone.UNKNOWN),
            OperationState.UNDOING: ("note.undoing", Tone.NEUTRAL),
        }
        key, tone = notes.get(state, ("", Tone.NEUTRAL))
        self.rows.extend([Note(at_ms, self.words.text(key), tone)] if key else [])

    def mark_unknown(self, after: Operation) -> None:
        """Begin and end the stretches in which nobody knows."""
        last = len(self.rows) - 1
        for leg in after.legs:
            if leg.state is LegState.UNKNOWN and leg.number not in self.unknown and last >= 0:
                self.unknown[leg.number] = self.starts_unknown(leg.number, last)
            elif leg.state is not LegState.UNKNOWN and leg.number in self.unknown:
                self.end_band(leg, last)

    def starts_unknown(self, leg: int, last: int) -> int:
        """The row that left us without an answer: the newest about the leg that does not ask, or the cut."""
        about = (
            index
            for index in range(last, -1, -1)
            if isinstance(row := self.rows[index], Cut)
            or (isinstance(row, Arrow) and row.leg == leg and not row.asks)
        )
        return next(about, last)

    def end_band(self, leg: Leg, last: int) -> None:
        first = self.unknown.pop(leg.number)
        end = last
        while end > first and isinstance(self.rows[end], End | Note):
            end -= 1
        self.bands.append(Band(self.column(leg.party), first, max(first, end)))

    # ── the whole ──────────────────────────────────────────────────────────────────────────────────────────

    def finish(self) -> None:
        """What is still on its way stays waiting; below it stands where the operation is now."""
        for leg in self.operation.legs:
            row = self.asking.pop(leg.number, None)
            if row is not None and leg.state is LegState.UNKNOWN:
                label = f"{cast(Arrow, self.rows[row]).label} – {self.words.text('inquiry.waiting')}"
                self.change(row, label=label)
        if self.operation.ended:
            return
        self.rows.append(End(self.operation.changed_ms, self.operation.state.value, self.standing(), False))

    def standing(self) -> str:
        state = self.words.text(f"state.{self.operation.state.value}")
        due = [timer.due_ms for timer in self.operation.timers if timer.name == "inquire"]
        if due:
            return self.words.text("state.next-try", state=state, at=self.words.clock(due[0]))
        return state

    def closed_bands(self) -> list[Band]:
        """All stretches of not knowing; those that last go down to the end."""
        legs = {leg.number: leg for leg in self.operation.legs}
        open_ones = [
            Band(self.column(legs[number].party), first, len(self.rows) - 1)
            for number, first in sorted(self.unknown.items())
        ]
        return self.bands + open_ones

    def clocks(self) -> list[str]:
        shown: list[str] = []
        before = ""
        for row in self.rows:
            clock = self.words.clock(row.at_ms)
            shown.append("" if clock == before else clock)
            before = clock
        return shown


def _attempt(leg: Leg, operation: Operation) -> int:
    """Which attempt at the same thing this is, the first being 1."""
    attempt, current = 1, leg
    while current.replaces is not None:
        attempt, current = attempt + 1, operation.leg(current.replaces)
    return attempt


# ── what each event leaves behind ──────────────────────────────────────────────────────────────────────────


def _nothing(_board: _Board, _played: Played) -> None:
    """It shows only in what comes of it."""


def _replied(board: _Board, played: Played) -> None:
    event = cast(happened.Replied, played.event)
    leg = played.before.leg(event.leg)
    late = leg.state is not LegState.SENT
    board.settle_request(event.leg)
    if event.accepted:
        label, tone = board.accepted(leg, event.evidence), Tone.GOOD
    elif event.fault is not None:
        label, tone = board.words.text("answer.refused", reason=board.words.fault(event.fault)), Tone.REFUSED
    else:
        label, tone = board.words.text("answer.refused-plain"), Tone.REFUSED
    if late:
        label = board.words.text("answer.late", answer=label)
    board.answer(played, leg, label, tone)


def _not_sent(board: _Board, played: Played) -> None:
    event = cast(happened.NotSent, played.event)
    row = board.waiting.pop(event.leg, None)
    if row is None:
        return
    label = f"{cast(Arrow, board.rows[row]).label}: {board.words.text('request.stopped')}"
    board.change(row, stroke=Stroke.STOPPED, tone=Tone.REFUSED, label=label)
    _fold(board, row)


def _no_answer(board: _Board, played: Played) -> None:
    event = cast(happened.NoAnswer, played.event)
    leg = played.before.leg(event.leg)
    board.settle_request(event.leg)
    board.answer(played, leg, board.words.text("answer.none"), Tone.UNKNOWN, Stroke.BROKEN)


def _inquired(board: _Board, played: Played) -> None:
    event = cast(happened.Inquired, played.event)
    leg = played.before.leg(event.leg)
    board.settle_request(event.leg)
    row = board.asking.pop(event.leg, None)
    if event.found is not True and not (event.found is False and event.fenced):
        _silent(board, leg, event, row)
    elif event.found:
        witness = event.evidence is not None and event.evidence.source is Source.WITNESS
        key = "inquiry.witness" if witness else "inquiry.found"
        board.answer(played, leg, board.told(key, event.evidence), Tone.GOOD, Stroke.DASHED)
    else:
        board.answer(played, leg, board.words.text("inquiry.absent"), Tone.REFUSED, Stroke.DASHED)


def _silent(board: _Board, leg: Leg, event: happened.Inquired, row: int | None) -> None:
    if row is None:
        row = len(board.rows)
        board.asked(leg, event.at_ms)
        board.asking.pop(leg.number)
    text = board.words.text("inquiry.silent" if event.found is None else "inquiry.unsure")
    label = f"{cast(Arrow, board.rows[row]).label} – {text}"
    board.change(row, stroke=Stroke.BROKEN, tone=Tone.UNKNOWN, label=label)
    _fold(board, row)


def _fold(board: _Board, row: int) -> None:
    """Make one of this row and the one above it, if they tell the same."""
    this, above = board.rows[row], board.rows[row - 1] if row else None
    if row != len(board.rows) - 1 or not isinstance(this, Arrow) or not isinstance(above, Arrow):
        return
    if (this.label, this.stroke, this.leg, this.target) != (
        above.label,
        above.stroke,
        above.leg,
        above.target,
    ):
        return
    board.rows[row - 1 :] = [replace(above, times=above.times + 1, until_ms=this.at_ms)]


def _restarted(board: _Board, played: Played) -> None:
    for leg in played.after.legs:
        board.settle_request(leg.number)
    board.asking.clear()
    board.rows.append(Cut(played.event.at_ms, board.words.text("note.restarted")))


def _due(board: _Board, played: Played) -> None:
    if cast(happened.Due, played.event).timer == "question":
        board.rows.append(Note(played.event.at_ms, board.words.text("note.question-over"), Tone.REFUSED))


def _person(key: str) -> Callable[[_Board, Played], None]:
    def draw(board: _Board, played: Played) -> None:
        person = getattr(played.event, "person", None) or board.words.text("person.nobody")
        board.rows.append(Person(played.event.at_ms, board.words.text(key, person=person)))

    return draw


def _started(board: _Board, played: Played) -> None:
    """What stood before it began: what it takes back, who approved it; and what a person alone does."""
    operation, at_ms = played.after, played.event.at_ms
    if operation.origin:
        key = "note.paid-out" if operation.kind == "payout" else "note.origin"
        text = board.words.text(key, document=operation.origin)
        board.rows.append(Note(at_ms, text))
    for person in operation.approved_by:
        board.rows.append(Person(at_ms, board.words.text("person.approved", person=person)))
    key = f"person.{operation.kind}"
    if not operation.legs and has(key):
        told = board.words.text(key, person=operation.cashier, amount=board.amount())
        board.rows.append(Person(at_ms, told))


def _ruled(board: _Board, played: Played) -> None:
    """The ruling, what it rests on, the second person, and what is to follow, a row each."""
    event = cast(happened.Ruled, played.event)
    words, tone = board.words, Tone.GOOD if event.happened else Tone.REFUSED
    person = event.evidence.person or words.text("person.nobody")
    key = "person.ruled-happened" if event.happened else "person.ruled-did-not"
    text = words.text(key, person=person, reference=reference_of(event.evidence))
    board.rows.append(Person(event.at_ms, text, tone))
    if event.second:
        board.rows.append(Person(event.at_ms, words.text("person.second", person=event.second), tone))
    if event.enquiry:
        board.rows.append(Note(event.at_ms, words.text("note.enquiry", number=str(event.enquiry))))
    if has(f"note.{event.then}"):
        board.rows.append(Note(event.at_ms, words.text(f"note.{event.then}")))


def _contradicted(board: _Board, played: Played) -> None:
    """Both sides: what the record says, and what was known until now and by whom."""
    event = cast(happened.Contradicted, played.event)
    leg = played.before.leg(event.leg)
    board.settle_request(event.leg)
    if event.happened and "document_number" in event.evidence.facts:
        label = board.told("note.record-document", event.evidence)
    else:
        label = board.words.text("note.record-happened" if event.happened else "note.record-did-not")
    tone = Tone.GOOD if event.happened else Tone.REFUSED
    column = board.column(str(event.evidence.facts.get("receiver", leg.party)))
    board.rows.append(Arrow(event.at_ms, column, TILL, label, Stroke.DASHED, tone, leg.number))
    against = against_it(leg, event.happened, board.words)
    board.rows.extend([Note(event.at_ms, against, Tone.QUESTION)] if against else [])


def _printed(board: _Board, played: Played) -> None:
    board.rows.append(Note(played.event.at_ms, board.words.text("note.printed")))


def _delivered(board: _Board, played: Played) -> None:
    event = cast(happened.Delivered, played.event)
    column = board.column(event.receiver)
    board.rows.append(
        Arrow(event.at_ms, TILL, column, board.words.text("note.delivered"), Stroke.SOLID, Tone.GOOD)
    )


_DRAW: Mapping[Happening, Callable[[_Board, Played], None]] = {
    Happening.STARTED: _started,
    Happening.ACCEPTED: _replied,
    Happening.REFUSED: _replied,
    Happening.NOT_SENT: _not_sent,
    Happening.NO_ANSWER: _no_answer,
    Happening.FOUND: _inquired,
    Happening.ABSENT: _inquired,
    Happening.SILENT: _inquired,
    Happening.RESTARTED: _restarted,
    Happening.DUE: _due,
    Happening.PRINTED: _printed,
    Happening.DELIVERED: _delivered,
    Happening.RULED_HAPPENED: _ruled,
    Happening.RULED_DID_NOT: _ruled,
    Happening.CONTRADICTED_HAPPENED: _contradicted,
    Happening.CONTRADICTED_DID_NOT: _contradicted,
    Happening.APPROVED: _person("person.approved"),
    Happening.CANCELLED: _person("person.cancelled"),
    Happening.CONTINUE: _person("person.continue"),
    Happening.GIVE_UP: _person("person.give-up"),
}

"""One diagnosis: what has happened to it so far, folded into where it stands.

    course = begin(runbook)
    course = apply(course, Found("link", "no-line", at_ms))
    now(course).choice.step          →  ask whether the lamp is lit
    course = apply(course, Answered("lamp", "no", at_ms, by="olga"))
    course = apply(course, Did("switch-on", at_ms, by="olga"))
    course = apply(course, Verified(Outcome.GONE, at_ms))

Only a verification that looked and found the fault gone makes it mended; one that could not look leaves it
unverified, whatever anybody presses. An answer that was wrong is taken back by another event, and what is
believed is worked out anew from what is left, so that nothing of it lingers. An event that does not fit is
refused and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

from tillwright.diagnosis import belief
from tillwright.diagnosis.choice import Choice, State, at_once, choose
from tillwright.diagnosis.events import (
    Answered,
    CannotTell,
    Closed,
    Did,
    Escalated,
    Event,
    Found,
    HandedOver,
    Left,
    Outcome,
    Reopened,
    Resumed,
    Undone,
    Verified,
)
from tillwright.diagnosis.exact import Policy
from tillwright.diagnosis.runbook import CANNOT_LOOK, CANNOT_TELL, Check, Only, Remedy, Runbook
from tillwright.kernel.finding import UNKNOWN

AnyStep = TypeVar("AnyStep", Check, Remedy)


class IllegalEvent(Exception):
    """An event that does not fit where the diagnosis stands; it has changed nothing."""


class Stage(Enum):
    """Where a diagnosis stands, as far as its events alone decide."""

    OPEN = "open"
    VERIFYING = "verifying"
    UNVERIFIED = "unverified"
    MENDED = "mended"
    ESCALATED = "escalated"
    CLOSED = "closed"


class Phase(Enum):
    """What is going on now. Probing, asking and doing are an open diagnosis, told apart by its next step; to
    call somebody is something to do as well.
    """

    PROBING = "probing"
    ASKING = "asking"
    DOING = "doing"
    VERIFYING = "verifying"
    UNVERIFIED = "unverified"
    MENDED = "mended"
    ESCALATED = "escalated"
    CLOSED = "closed"


class Move(Enum):
    """The kinds of events. A verification is three; to undo the remedy that it is about is another thing than
    to undo what lies behind it.
    """

    FOUND = "found"
    ANSWERED = "answered"
    CANNOT_TELL = "cannot-tell"
    DID = "did"
    GONE = "gone"
    STILL = "still"
    NO_DATA = "no-data"
    UNDONE = "undone"
    UNDONE_LAST = "undone-last"
    HANDED_OVER = "handed-over"
    LEFT = "left"
    RESUMED = "resumed"
    ESCALATED = "escalated"
    REOPENED = "reopened"
    CLOSED = "closed"


_HERE = (Move.HANDED_OVER, Move.LEFT, Move.RESUMED)
_LEARN = (Move.FOUND, Move.ANSWERED, Move.CANNOT_TELL, Move.UNDONE)

MOVES: Mapping[Stage, Mapping[Move, Stage]] = {
    Stage.OPEN: {
        **dict.fromkeys((*_HERE, *_LEARN, Move.UNDONE_LAST, Move.STILL, Move.NO_DATA), Stage.OPEN),
        Move.DID: Stage.VERIFYING,
        Move.GONE: Stage.MENDED,
        Move.ESCALATED: Stage.ESCALATED,
        Move.CLOSED: Stage.CLOSED,
    },
    Stage.VERIFYING: {
        **dict.fromkeys((*_HERE, Move.FOUND, Move.UNDONE), Stage.VERIFYING),
        Move.GONE: Stage.MENDED,
        Move.STILL: Stage.OPEN,
        Move.NO_DATA: Stage.UNVERIFIED,
        Move.UNDONE_LAST: Stage.OPEN,
        Move.ESCALATED: Stage.ESCALATED,
    },
    Stage.UNVERIFIED: {
        **dict.fromkeys((*_HERE, *_LEARN, Move.NO_DATA), Stage.UNVERIFIED),
        Move.DID: Stage.VERIFYING,
        Move.GONE: Stage.MENDED,
        Move.STILL: Stage.OPEN,
        Move.UNDONE_LAST: Stage.OPEN,
        Move.ESCALATED: Stage.ESCALATED,
        Move.CLOSED: Stage.CLOSED,
    },
    Stage.MENDED: {
        Move.UNDONE: Stage.MENDED,
        Move.UNDONE_LAST: Stage.OPEN,
        Move.REOPENED: Stage.OPEN,
        Move.CLOSED: Stage.CLOSED,
    },
    Stage.ESCALATED: {
        **dict.fromkeys((*_HERE, *_LEARN, Move.STILL, Move.NO_DATA), Stage.ESCALATED),
        Move.UNDONE_LAST: Stage.ESCALATED,
        Move.DID: Stage.VERIFYING,
        Move.GONE: Stage.MENDED,
        Move.CLOSED: Stage.CLOSED,
    },
    Stage.CLOSED: {Move.REOPENED: Stage.OPEN},
}
"""Stage → what may happen there → where it leads. What is not named is refused."""

WHILE_AWAY = frozenset({
    Move.FOUND, Move.GONE, Move.STILL, Move.NO_DATA, Move.HANDED_OVER, Move.RESUMED, Move.ESCALATED,
    Move.REOPENED, Move.CLOSED,
})  # fmt: skip
"""What may happen while nobody is there: what the program does, and that somebody comes."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known by a check: who found out, when and how."""

    check: str
    answer: str
    at_ms: int
    by: str
    how: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A remedy that was done. `result`: what its verification found; None before it."""

    remedy: str
    at_ms: int
    by: str
    took_ms: int
    result: Outcome | None = None

    @property
    def pending(self) -> bool:
        """Whether nobody knows yet if it helped."""
        return self.result in (None, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Course:
    """Where a diagnosis stands. `owner`: the person who is at it, '' for the program. `away`: that person has
    left it. `spent_s`: what it has cost so far. `ended_as`: the stage before it was closed. `cause`: what it
    was, if somebody knows for certain. `events`: the whole record.
    """

    runbook: Runbook
    forbidden: frozenset[str] = frozenset()
    stage: Stage = Stage.OPEN
    owner: str = ""
    away: bool = False
    known: tuple[Known, ...] = ()
    tried: tuple[Tried, ...] = ()
    opened: frozenset[str] = frozenset()
    spent_s: float = 0.0
    reopened: int = 0
    ended_as: Stage | None = None
    cause: str = ""
    events: tuple[Event, ...] = ()

    @property
    def answers(self) -> dict[str, str]:
        """Check → its answer."""
        return {known.check: known.answer for known in self.known}

    @property
    def weights(self) -> belief.Weights:
        """What is believed, from what is known and from the remedies that did not help. One that failed twice
        says no more than one that failed once.
        """
        failed = dict.fromkeys(one.remedy for one in self.tried if one.result is Outcome.STILL)
        return belief.given(self.runbook, self.answers, failed)

    @property
    def state(self) -> State:
        """As the choice of a step needs it."""
        done = frozenset(one.remedy for one in self.tried)
        return State(self.weights, self.answers, done, self.opened, self.forbidden)


@dataclass(frozen=True, slots=True)
class Now:
    """What to show. `looks`: the automatic checks to make now, all at once. `choice`: the next step, None
    where there is none to choose. `shares`: cause → how probable it is.
    """

    phase: Phase
    looks: tuple[str, ...]
    choice: Choice | None
    shares: Mapping[str, float]


def begin(runbook: Runbook, forbidden: Collection[str] = (), owner: str = "") -> Course:
    """A diagnosis to which nothing has happened. `forbidden`: ids of steps that must not be taken."""
    return Course(runbook, frozenset(forbidden), owner=owner)


def fold(runbook: Runbook, events: Iterable[Event], forbidden: Collection[str] = ()) -> Course:
    """A diagnosis from its record. Raises IllegalEvent."""
    course = begin(runbook, forbidden)
    for event in events:
        course = apply(course, event)
    return course


def now(course: Course, policy: Policy | None = None) -> Now:
    """What is going on, and what to do next. `policy`: see choose."""
    shares = belief.shares(course.runbook, course.weights)
    if course.stage not in (Stage.OPEN, Stage.UNVERIFIED):
        return Now(Phase(course.stage.value), (), None, shares)
    looks = at_once(course.runbook, course.state)
    choice = choose(course.runbook, course.state, policy)
    phase = Phase.UNVERIFIED if course.stage is Stage.UNVERIFIED else _phase(looks, choice)
    return Now(phase, looks, choice, shares)


def _phase(looks: tuple[str, ...], choice: Choice) -> Phase:
    if looks:
        return Phase.PROBING
    return Phase.ASKING if choice.step.kind == "check" else Phase.DOING


# ── events ──────────────────────────────────────────────────────────────────────────────────────────────────


def apply(course: Course, event: Event) -> Course:
    """The diagnosis after an event. Raises IllegalEvent."""
    move = _move(course, event)
    allowed = MOVES[course.stage]
    if move not in allowed or (course.away and move not in WHILE_AWAY):
        away = " while nobody is there" if course.away else ""
        raise IllegalEvent(f"{move.value} does not fit a diagnosis that is {course.stage.value}{away}")
    after = _EFFECTS[type(event)](course, event)
    return replace(after, stage=allowed[move], events=(*course.events, event))


_KINDS: Mapping[type[Event], Move] = {
    Found: Move.FOUND,
    Answered: Move.ANSWERED,
    CannotTell: Move.CANNOT_TELL,
    Did: Move.DID,
    HandedOver: Move.HANDED_OVER,
    Left: Move.LEFT,
    Resumed: Move.RESUMED,
    Escalated: Move.ESCALATED,
    Reopened: Move.REOPENED,
    Closed: Move.CLOSED,
}
_RESULTS = {Outcome.GONE: Move.GONE, Outcome.STILL: Move.STILL, Outcome.UNKNOWN: Move.NO_DATA}


def _move(course: Course, event: Event) -> Move:
    if isinstance(event, Verified):
        return _RESULTS[event.outcome]
    if isinstance(event, Undone):
        last = [one.remedy for one in course.tried[-1:] if one.result is not Outcome.STILL]
        return Move.UNDONE_LAST if event.step in last else Move.UNDONE
    return _KINDS[type(event)]


def _found(course: Course, event: Found) -> Course:
    check = _check(course, event.check)
    if not check.automatic:
        raise IllegalEvent(f"{check.id} is no probe's")
    before = course.answers.get(check.id)
    answer = _answer_of(check, event.value)
    if answer in (CANNOT_TELL, CANNOT_LOOK) and before is not None:
        return course  # whatever was known before is better
    return _with(course, Known(check.id, answer, event.at_ms, event.by, event.how))


def _answer_of(check: Check, value: str) -> str:
    """The answer that a probe's value belongs to: answers have one value or several with '|' between them."""
    if value == UNKNOWN:
        return CANNOT_TELL if check.asked is None else CANNOT_LOOK
    for answer in check.likelihood:
        if value in answer.split("|"):
            return answer
    raise IllegalEvent(f"{check.id} has no answer for {value!r}")


def _answered(course: Course, event: Answered) -> Course:
    check = _asked(course, event.check)
    if event.answer not in check.likelihood:
        raise IllegalEvent(f"{check.id} has no answer {event.answer!r}")
    return _told(course, check, Known(check.id, event.answer, event.at_ms, event.by, "asked"))


def _could_not_tell(course: Course, event: CannotTell) -> Course:
    check = _asked(course, event.check)
    return _told(course, check, Known(check.id, CANNOT_TELL, event.at_ms, event.by, "asked"))


def _asked(course: Course, id: str) -> Check:
    """The check, if a person can be asked now."""
    check = _check(course, id)
    before = course.answers.get(id)
    if before not in (None, CANNOT_LOOK):
        raise IllegalEvent(f"{id} has been answered; undo it first")
    if check.automatic and before is None:
        raise IllegalEvent(f"{id} is a probe's; a person is asked when it cannot look")
    return check


def _told(course: Course, check: Check, known: Known) -> Course:
    cost = check.cost if check.asked is None else check.asked
    return _with(_spend(course, check, cost, known.by), known)


def _with(course: Course, known: Known) -> Course:
    """What is known of a check, in the place of what was known of it before."""
    others = tuple(one for one in course.known if one.check != known.check)
    return replace(course, known=(*others, known))


def _did(course: Course, event: Did) -> Course:
    remedy = _named(course, event.remedy, course.runbook.remedies)
    took_s = event.took_ms / 1000
    cost = remedy.cost - remedy.work + took_s if event.took_ms else remedy.cost
    tried = Tried(remedy.id, event.at_ms, event.by, event.took_ms)
    return replace(_spend(course, remedy, cost, event.by), tried=(*course.tried, tried))


def _spend(course: Course, step: Check | Remedy, cost: float, by: str) -> Course:
    new = bool(step.place) and step.place not in course.opened
    opening = course.runbook.places[step.place] if new else 0.0
    return replace(
        course,
        spent_s=course.spent_s + cost + opening,
        opened=course.opened | {step.place} if new else course.opened,
        owner=by or course.owner,
    )


def _verified(course: Course, event: Verified) -> Course:
    tried = tuple(replace(one, result=event.outcome) if one.pending else one for one in course.tried)
    return replace(course, tried=tried)


def _undone(course: Course, event: Undone) -> Course:
    known = tuple(one for one in course.known if one.check != event.step)
    done = [at for at, one in enumerate(course.tried) if one.remedy == event.step]
    if len(known) == len(course.known) and not done:
        raise IllegalEvent(f"{event.step} is neither known nor done")
    tried = tuple(one for at, one in enumerate(course.tried) if at not in done[-1:])
    if _move(course, event) is Move.UNDONE_LAST:  # nor is anything known then of those verified with it
        tried = tuple(
            replace(one, result=Outcome.UNKNOWN) if one.result is Outcome.GONE else one for one in tried
        )
    return replace(course, known=known, tried=tried)


def _handed_over(course: Course, event: HandedOver) -> Course:
    return replace(course, owner=event.to, away=False)


def _left(course: Course, event: Left) -> Course:
    return replace(course, away=True)


def _resumed(course: Course, event: Resumed) -> Course:
    if not course.away:
        raise IllegalEvent("nobody has left it")
    return replace(course, owner=event.by, away=False)


def _escalated(course: Course, event: Escalated) -> Course:
    return replace(course, spent_s=course.spent_s + course.runbook.escalate)


def _reopened(course: Course, event: Reopened) -> Course:
    """What was done did not help after all, and what was seen then may be otherwise now."""
    tried = tuple(replace(one, result=Outcome.STILL) for one in course.tried)
    again = course.reopened + 1
    return replace(course, tried=tried, known=(), reopened=again, ended_as=None, cause="", away=False)


def _closed(course: Course, event: Closed) -> Course:
    if event.cause and all(cause.id != event.cause for cause in course.runbook.causes):
        raise IllegalEvent(f"there is no cause {event.cause!r}")
    return replace(course, ended_as=course.stage, cause=event.cause, away=False)


_EFFECTS: Mapping[type[Event], Callable[..., Course]] = {
    Found: _found,
    Answered: _answered,
    CannotTell: _could_not_tell,
    Did: _did,
    Verified: _verified,
    Undone: _undone,
    HandedOver: _handed_over,
    Left: _left,
    Resumed: _resumed,
    Escalated: _escalated,
    Reopened: _reopened,
    Closed: _closed,
}


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────


def _check(course: Course, id: str) -> Check:
    return _named(course, id, course.runbook.checks)


def _named(course: Course, id: str, steps: tuple[AnyStep, ...]) -> AnyStep:
    """The step, if it may be taken now."""
    step = next((one for one in steps if one.id == id), None)
    if step is None:
        raise IllegalEvent(f"there is no {id!r}")
    if id in course.forbidden:
        raise IllegalEvent(f"{id} is forbidden")
    if not _met(step.only_if, course.answers):
        raise IllegalEvent(f"{id} cannot be done yet")
    return step


def _met(only_if: tuple[Only, ...], answers: Mapping[str, str]) -> bool:
    return all(answers.get(only.check) in only.answers for only in only_if)

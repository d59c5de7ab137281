"""Which states and events a kind of operation can really come to, found out by trying everything.

The table says what may follow from what. This says what can happen at all while parties keep their word: a
party answers only what it has done, the line loses, delays and repeats, people press, the program crashes at
any moment; and a person rules over what nobody knows, rightly or wrongly, and is contradicted by the records
where it was wrong. From the beginning of an operation every such event is tried, and every state that comes
of one again, until nothing new appears. The simulation is held against the result: a pair that can be reached
and that no simulated world has visited is a hole in the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.operations import events
from tillwright.operations.commands import Inquire, Send
from tillwright.operations.decide import Impossible, decide
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Leg, Operation
from tillwright.operations.policy import Policy
from tillwright.operations.states import Happening, LegState, OperationState

State = TypeVar("State")
Move = TypeVar("Move")

UID = "00000000-0000-4000-8000-000000000001"
_CONTENT = Content("EUR", 100, (), ())
_FAULT = Fault("fiscal.sko-disconnected")
_PERSON = "1"


# ── trying everything ─────────────────────────────────────────────────────────────────────────────


def explore(
    start: State,
    moves: Callable[[State], Iterable[tuple[Move, State]]],
    essence_of: Callable[[State], Hashable],
) -> Iterator[tuple[State, Move, State]]:
    """Every move from every state that can be reached, nearest first; states of one essence are one state."""
    seen = {essence_of(start)}
    queue = [start]
    for state in queue:
        for move, following in moves(state):
            yield state, move, following
            essence_of_following = essence_of(following)
            if essence_of_following not in seen:
                seen.add(essence_of_following)
                queue.append(following)


def essence(operation: Operation, tries: int) -> Hashable:
    """What decides how an operation can go on: not moments, versions and words. `tries` is where counting
    ends.
    """
    return (
        operation.state,
        operation.goal,
        operation.question,
        operation.version == 0,
        operation.returned,
        operation.posted,
        operation.documented,
        operation.owed,
        operation.promised,
        tuple(timer.name for timer in operation.timers),
        tuple(_essence_of_leg(leg, tries) for leg in operation.legs),
    )


def _essence_of_leg(leg: Leg, tries: int) -> Hashable:
    return leg.number, leg.action, leg.state, leg.target, leg.replaces, min(leg.tries, tries)


# ── a world in which parties keep their word ──────────────────────────────────────────────────────


class Fate(Enum):
    """What a party knows of a key."""

    NOTHING = "nothing"
    DONE = "done"
    REFUSED = "refused"
    FENCED = "fenced"
    """it has said 'absent', and refuses the key from then on"""


@dataclass(frozen=True)
class Line:
    """The truth about one leg: its fate at the party, whether its request may still arrive, and whether an
    answer to the request, or to an inquiry, may still come.
    """

    leg: int
    fate: Fate = Fate.NOTHING
    on_the_way: bool = False
    answers: bool = False
    asked: bool = False


@dataclass(frozen=True)
class World:
    """An operation, and the truth about each of its legs."""

    operation: Operation
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Pair:
    """A state and an event of the table: of an operation, or (where the event names one) of a leg."""

    state: OperationState | LegState
    happening: Happening


Change = tuple[events.Event | None, World]


def reachable(kind: str, policy: Policy, *, forgetful: bool = False, legs_max: int = 2) -> list[Pair]:
    """The pairs in which something can follow for an operation of this kind, as far as the program feeds
    events (a second tender, and what is approved in the middle, come with the kinds that need them).

    `forgetful`: a party may come back from an old backup, and then do a key that it had said it never would.
    """
    start = World(_operation(kind), tuple(Line(leg.number) for leg in planned_legs(UID, KINDS[kind])))
    quick = replace(policy, resend_delays_ms=policy.resend_delays_ms[:1])

    def moves(world: World) -> list[Change]:
        if len(world.operation.legs) > legs_max:
            return []
        return list(_changes(world, quick, forgetful))

    pairs = {
        pair
        for world, event, _after in explore(start, moves, lambda world: _essence_of_world(world, quick))
        if event is not None
        for pair in _pairs(world.operation, event)
    }
    return sorted(pairs, key=lambda pair: (type(pair.state).__name__, pair.state.value, pair.happening.value))


def _operation(kind: str) -> Operation:
    return Operation(UID, "1", 1, kind, _PERSON, 1, _CONTENT, "", 0, 0, planned_legs(UID, KINDS[kind]))


def _essence_of_world(world: World, policy: Policy) -> Hashable:
    return essence(world.operation, len(policy.resend_delays_ms) + 1), world.lines


def _pairs(operation: Operation, event: events.Event) -> list[Pair]:
    what = events.happening(event)
    whole = Pair(operation.state, what)
    number = getattr(event, "leg", None)
    return [whole] if number is None else [whole, Pair(operation.leg(number).state, what)]


def _changes(world: World, policy: Policy, forgetful: bool) -> Iterator[Change]:
    """Everything that can happen next; None stands for what the till does not see."""
    if world.operation.version == 0:
        yield from _fed(world, events.Started(0), policy)
        return
    for line in world.lines:
        if not _is_overtaken(world, line):
            yield from ((None, _put(world, after)) for after in _unseen(line, forgetful))
        for event, after in _told(world.operation, line):
            yield from _fed(_put(world, after), event, policy)
        for ruling in _ruled(world.operation, world.operation.leg(line.leg)):
            yield from _fed(world, ruling, policy)
    for event in _whole(world.operation):
        yield from _fed(world, event, policy)
    silent = tuple(replace(line, answers=False, asked=False) for line in world.lines)
    yield from _fed(replace(world, lines=silent), events.Restarted(0), policy)


def _put(world: World, line: Line) -> World:
    lines = tuple(line if old.leg == line.leg else old for old in world.lines)
    return replace(world, lines=lines)


def _is_overtaken(world: World, line: Line) -> bool:
    """A request says which document it follows on, and the till holds all up to that one. So once a later one
    is done the party does it no more, nor as long as the till does not know of an earlier one that is done.
    """
    known = (LegState.DONE, LegState.UNDONE)
    return any(
        other.leg > line.leg or world.operation.leg(other.leg).state not in known
        for other in world.lines
        if other.leg != line.leg and other.fate is Fate.DONE
    )


def _unseen(line: Line, forgetful: bool) -> Iterator[Line]:
    """What the party does on its side of the line."""
    if line.on_the_way and line.fate is Fate.NOTHING:
        yield replace(line, fate=Fate.DONE, on_the_way=False)
        if line.answers:
            yield replace(line, fate=Fate.REFUSED, on_the_way=False)
    if forgetful and line.fate is Fate.FENCED:
        yield replace(line, fate=Fate.NOTHING)


def _told(operation: Operation, line: Line) -> Iterator[tuple[events.Event, Line]]:
    """What the till may be told about the leg now, and the line after it."""
    leg, evidence = operation.leg(line.leg), Evidence(Source.REPLY, 0)
    if line.answers:
        yield from _answers(leg, line, evidence)
    if line.asked:
        yield from _about(leg, replace(line, asked=False), evidence)
    if line.fate is Fate.DONE:
        if leg.state is LegState.REFUSED:
            yield events.Contradicted(0, leg.number, True, evidence), line
        elif leg.state not in (LegState.DONE, LegState.UNDONE):
            yield events.Inquired(0, leg.number, True, evidence), line
    elif leg.state is LegState.DONE:  # a person has said so, and the records do not have it
        yield events.Contradicted(0, leg.number, False, evidence), line


def _ruled(operation: Operation, leg: Leg) -> Iterator[events.Event]:
    """What a person may say about the leg, if it is time to ask one; right or wrong. (Of a second attempt
    nothing else can be said: it would only be tried more often.)
    """
    if operation.state is not OperationState.RED or len(operation.legs) > 1:
        return
    said = Evidence(Source.RULING, 0, {}, _PERSON)
    for happened, then in ((True, ""), (True, "owed"), (False, "returned"), (False, "register-now")):
        yield events.Ruled(0, leg.number, happened, said, operation.version, then)


def _answers(leg: Leg, line: Line, evidence: Evidence) -> Iterator[tuple[events.Event, Line]]:
    heard = replace(line, answers=False)
    if line.fate is Fate.DONE:
        yield events.Replied(0, leg.number, True, evidence), heard
    elif line.fate is Fate.REFUSED:
        yield events.Replied(0, leg.number, False, evidence, _FAULT), heard
    if leg.state is LegState.SENT:
        yield events.NoAnswer(0, leg.number, _FAULT), line
        if line.on_the_way:
            yield events.NotSent(0, leg.number, _FAULT), replace(heard, on_the_way=False)


def _about(leg: Leg, line: Line, evidence: Evidence) -> Iterator[tuple[events.Event, Line]]:
    """Answers to an inquiry; that of what is done stands in `_told`."""
    yield events.Inquired(0, leg.number, None), line
    if line.fate is not Fate.DONE:
        yield events.Inquired(0, leg.number, False, evidence, fenced=True), replace(line, fate=Fate.FENCED)


def _whole(operation: Operation) -> Iterator[events.Event]:
    for timer in operation.timers:
        yield events.Due(0, timer.name)
    yield events.Continue(0, _PERSON)
    yield events.GiveUp(0, _PERSON)
    if operation.state is OperationState.DONE and KINDS[operation.kind].document:
        yield events.Printed(0)


def _fed(world: World, event: events.Event, policy: Policy) -> Iterator[Change]:
    """The world after the event, if anything follows from it."""
    try:
        decision = decide(world.operation, event, policy)
    except Impossible:
        return
    if not decision.changed:
        return
    lines = {line.leg: line for line in world.lines}
    for leg in decision.operation.legs:
        lines.setdefault(leg.number, Line(leg.number))
    for command in decision.commands:
        if isinstance(command, Send):
            lines[command.leg] = replace(lines[command.leg], on_the_way=True, answers=True)
        elif isinstance(command, Inquire):
            lines[command.leg] = replace(lines[command.leg], asked=True)
    yield event, World(decision.operation, tuple(lines[number] for number in sorted(lines)))

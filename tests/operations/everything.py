"""Every event that there is, at an operation in any state: what the exhaustive tests feed."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from tests.operations.plans import Plan
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.operations import events
from tillwright.operations.commands import Inquire, Post, Raise, Shift
from tillwright.operations.decide import Decision, Impossible, decide
from tillwright.operations.model import Operation
from tillwright.operations.policy import Policy
from tillwright.operations.reachable import essence, explore
from tillwright.operations.states import Happening, OperationState
from tillwright.operations.table import LEG_HAPPENINGS

FAULT = Fault("fiscal.sko-disconnected")
CONTRADICTION = Raise(Fault("fiscal.contradiction", number=7))
NOW_MS = 1_000
TIMERS = ("red", "inquire", "resend", "question", "reverse", "undoing")
HAPPENED = (
    Happening.ACCEPTED,
    Happening.FOUND,
    Happening.RULED_HAPPENED,
    Happening.CONTRADICTED_HAPPENED,
)
NEVER = Evidence(Source.REPLY, NOW_MS, {"original": "never"})


def evidence(source: Source, happened: bool, at_ms: int = NOW_MS) -> Evidence:
    """What a party, a record or a person says, for or against."""
    facts: dict[str, str | int] = {"document_number": 5} if happened else {"code": "refused"}
    return Evidence(source, at_ms, facts, "21" if source is Source.RULING else None)


def about_leg(what: Happening, leg: int, version: int, at_ms: int = NOW_MS) -> events.Event:
    """The event of this name, about this leg, told to an operation of this version."""
    happened = what in HAPPENED
    if what in (Happening.ACCEPTED, Happening.REFUSED):
        said = evidence(Source.REPLY, happened, at_ms)
        return events.Replied(at_ms, leg, happened, said, None if happened else FAULT)
    if what in (Happening.FOUND, Happening.ABSENT):
        said = evidence(Source.INQUIRY, happened, at_ms)
        return events.Inquired(at_ms, leg, happened, said, fenced=not happened)
    if what in (Happening.RULED_HAPPENED, Happening.RULED_DID_NOT):
        return ruled(happened, leg, version, at_ms=at_ms)
    if what in (Happening.CONTRADICTED_HAPPENED, Happening.CONTRADICTED_DID_NOT):
        return events.Contradicted(at_ms, leg, happened, evidence(Source.WITNESS, happened, at_ms))
    if what is Happening.SILENT:
        return events.Inquired(at_ms, leg, None)
    lost = events.NotSent if what is Happening.NOT_SENT else events.NoAnswer
    return lost(at_ms, leg, FAULT)


def ruled(happened: bool, leg: int, version: int, then: str = "", *, at_ms: int = NOW_MS) -> events.Ruled:
    """A person's word, and what is to follow."""
    return events.Ruled(at_ms, leg, happened, evidence(Source.RULING, happened, at_ms), version, then)


ABOUT_LEG = tuple(what for what in LEG_HAPPENINGS if what is not Happening.RESTARTED)


def about_whole(at_ms: int = NOW_MS) -> Iterator[events.Event]:
    """Every event that names no leg."""
    yield events.Started(at_ms)
    yield events.Restarted(at_ms)
    yield from (events.Due(at_ms, name) for name in TIMERS)
    yield events.Printed(at_ms)
    yield events.Delivered(at_ms, "operator")
    yield events.Approved(at_ms, "21")
    yield events.Cancelled(at_ms, "11")
    yield events.Continue(at_ms, "11")
    yield events.GiveUp(at_ms, "11")
    yield events.Tendered(at_ms, "cash", 100)


def everything(operation: Operation) -> Iterator[events.Event]:
    """Every event, about every leg and about the whole."""
    for leg in operation.legs:
        for what in ABOUT_LEG:
            yield about_leg(what, leg.number, operation.version)
        yield ruled(False, leg.number, operation.version, "register-now")
        yield ruled(True, leg.number, operation.version, "owed")
        if leg.target is not None:
            yield from _never(leg.number, operation.version)
            yield events.Inquired(NOW_MS, leg.number, False, evidence(Source.INQUIRY, False))
    yield from about_whole()
    if operation.state is not OperationState.RED:
        yield events.Restarted(NOW_MS, restored=True)


def _never(leg: int, version: int) -> Iterator[events.Event]:
    """What was to be reversed never was, in each way in which that may be told."""
    yield events.Replied(NOW_MS, leg, True, NEVER)
    yield events.Inquired(NOW_MS, leg, True, NEVER)
    yield events.Ruled(NOW_MS, leg, True, NEVER, version)
    yield events.Contradicted(NOW_MS, leg, True, NEVER)


@dataclass(frozen=True)
class Life:
    """An operation, which of its inquiries are under way, what stands in the books of it (account, minor
    units), how the till's shift stands, and how often evidence has stood against evidence; `depth` steps
    after the beginning.
    """

    operation: Operation
    asked: frozenset[int] = frozenset()
    booked: tuple[tuple[str, int], ...] = ()
    shift: str = ""
    clashes: int = 0
    depth: int = 0


@dataclass(frozen=True)
class Fed:
    """One step: the event, and the decision, or why there was none."""

    event: events.Event
    decision: Decision | None
    refused: str = ""


def feed(life: Life, event: events.Event, policy: Policy) -> tuple[Fed, Life]:
    """What comes of an event, and the life after it."""
    try:
        decision = decide(life.operation, event, policy)
    except Impossible as impossible:
        return Fed(event, None, str(impossible)), life
    heard = {getattr(event, "leg", 0)} if isinstance(event, events.Inquired) else set()
    lost = life.asked if isinstance(event, events.Restarted) else frozenset(heard)
    asks = {command.leg for command in decision.commands if isinstance(command, Inquire)}
    booked, shift = dict(life.booked), life.shift
    for command in decision.commands:
        if isinstance(command, Post):
            for entry in command.entries:
                name = entry.account.value
                booked[name] = booked.get(name, 0) + entry.amount_minor
        elif isinstance(command, Shift):
            shift = command.state
    stands = tuple((name, minor) for name, minor in sorted(booked.items()) if minor)
    clashes = life.clashes + sum(command == CONTRADICTION for command in decision.commands)
    asked = (life.asked - lost) | asks
    return Fed(event, decision), Life(decision.operation, asked, stands, shift, clashes, life.depth + 1)


def essence_of_life(life: Life, policy: Policy) -> Hashable:
    """Lives that go on alike are one."""
    return (
        essence(life.operation, len(policy.resend_delays_ms) + 1),
        life.asked,
        life.booked,
        life.shift,
        life.clashes,
    )


def _named(what: Happening, leg: int, version: int) -> events.Event:
    return (
        about_leg(what, leg, version)
        if leg
        else next(e for e in about_whole() if events.happening(e) is what)
    )


def lives(plan: Plan) -> Iterator[tuple[Life, Fed, Life]]:
    """Every step that an operation of this plan can take, whatever is fed to it, up to the plan's bounds."""

    def moves(life: Life) -> Iterator[tuple[Fed, Life]]:
        if len(life.operation.legs) > plan.legs_max or life.clashes > plan.clashes_max:
            return
        if life.depth > plan.depth_max:
            return
        begun = life.operation.legs or life.operation.version  # without legs nothing comes before its start
        for event in everything(life.operation) if begun else (events.Started(NOW_MS),):
            yield feed(life, event, plan.policy)

    start = Life(plan.start())
    for what, leg in plan.opening:
        _, start = feed(start, _named(what, leg, start.operation.version), plan.policy)
    return explore(start, moves, lambda life: essence_of_life(life, plan.policy))

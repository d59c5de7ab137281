"""An operation's own record, played again.

The journal keeps events, not what was done because of them. But deciding is pure: the same events give the
same commands, so what was sent and asked between two events can be told from the record alone, a year later,
on another machine. Where the rules have changed since (a pack waits longer now) an event may find no place
any more; it is then taken as a plain note, and the picture still tells everything that was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from tillwright.operations import events as happened
from tillwright.operations.commands import Command
from tillwright.operations.decide import Impossible, decide
from tillwright.operations.events import Event, happening
from tillwright.operations.model import Leg, Operation, Timer
from tillwright.operations.policy import Policy
from tillwright.operations.states import Goal, LegState, OperationState


class Recorded(Protocol):
    """An event as the journal keeps it; `body` holds the event's own fields as JSON."""

    @property
    def version(self) -> int: ...
    @property
    def at_ms(self) -> int: ...
    @property
    def happening(self) -> str: ...
    @property
    def leg(self) -> int | None: ...
    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Record:
    """A recorded event as a value, for records that do not come from a journal."""

    version: int
    at_ms: int
    happening: str
    leg: int | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Played:
    """One event, what it found and what it left, and what was done because of it.

    `stray`: it found no place under today's rules; `before` and `after` are then the same.
    """

    event: Event
    before: Operation
    after: Operation
    commands: tuple[Command, ...]
    stray: bool = False


_CLASSES: Mapping[str, type[Event]] = {
    "started": happened.Started,
    "accepted": happened.Replied,
    "refused": happened.Replied,
    "not_sent": happened.NotSent,
    "no_answer": happened.NoAnswer,
    "restarted": happened.Restarted,
    "found": happened.Inquired,
    "absent": happened.Inquired,
    "silent": happened.Inquired,
    "ruled_happened": happened.Ruled,
    "ruled_did_not": happened.Ruled,
    "contradicted_happened": happened.Contradicted,
    "contradicted_did_not": happened.Contradicted,
    "due": happened.Due,
    "printed": happened.Printed,
    "delivered": happened.Delivered,
    "approved": happened.Approved,
    "cancelled": happened.Cancelled,
    "continue": happened.Continue,
    "give_up": happened.GiveUp,
    "tender": happened.Tendered,
}
_DECODERS = {name: msgspec.json.Decoder(form) for name, form in _CLASSES.items()}


def record_of(version: int, event: Event) -> Record:
    """The event as a journal would give it back."""
    body = msgspec.json.encode(event)
    return Record(version, event.at_ms, happening(event).value, getattr(event, "leg", None), body)


def event_of(recorded: Recorded) -> Event:
    """The event itself; KeyError or msgspec.ValidationError for a record that no version ever wrote."""
    event: Event = _DECODERS[recorded.happening].decode(recorded.body)
    return event


def beginning_of(operation: Operation) -> Operation:
    """The operation as it was before its first event."""
    return replace(
        operation,
        legs=tuple(_unused(leg) for leg in operation.legs if leg.target is None and leg.replaces is None),
        state=OperationState.OPEN,
        version=0,
        changed_ms=operation.started_ms,
        goal=Goal.FORWARD,
        question=None,
        fault=None,
        timers=(),
        ended_ms=None,
        red_ms=None,
        returned=False,
        posted=False,
        printed=False,
        owed=False,
    )


def _unused(leg: Leg) -> Leg:
    return Leg(leg.number, leg.party, leg.action, leg.key, LegState.PLANNED, leg.commit_point)


def play(operation: Operation, events: Iterable[Recorded], policy: Policy) -> list[Played]:
    """The whole story, an item an event, in the order of their versions."""
    current = beginning_of(operation)
    story: list[Played] = []
    for recorded in sorted(events, key=lambda one: one.version):
        story.append(_step(current, event_of(recorded), recorded.version, policy))
        current = story[-1].after
    return story


def _step(current: Operation, event: Event, version: int, policy: Policy) -> Played:
    before = _ready_for(replace(current, version=version - 1), event)
    try:
        decision = decide(before, event, policy)
    except (Impossible, KeyError):
        return Played(event, current, current, (), stray=True)
    return Played(event, current, decision.operation, decision.commands)


def _ready_for(operation: Operation, event: Event) -> Operation:
    """A timer that fell due had been set, whatever today's rules say; a ruling had seen what it names."""
    if isinstance(event, happened.Due):
        others = tuple(timer for timer in operation.timers if timer.name != event.timer)
        return replace(operation, timers=(*others, Timer(event.timer, event.at_ms)))
    if isinstance(event, happened.Ruled):
        return replace(operation, version=event.version)
    return operation

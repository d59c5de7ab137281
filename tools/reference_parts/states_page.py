"""The page of states and events: both tables of transitions in words, with their diagrams."""

from __future__ import annotations

from collections.abc import Iterator

from tillwright.operations import events
from tillwright.operations.commands import Inquire, Post, Print, Raise, Send, Shift, Wait
from tillwright.operations.kinds import KINDS, STARTABLE
from tillwright.operations.states import Goal, Happening, LegState, OperationState, Question
from tillwright.operations.table import LEG_HAPPENINGS, LEGS, OPERATIONS, Verdict
from tillwright.simulation.totals import pairs
from tools.reference_parts.machines import GROUPS, GROUPS_TOLD
from tools.reference_parts.markdown import bullets, cell, code, codes, page, table
from tools.reference_parts.sources import first_sentence, members_told

TOLD_BY: dict[type, tuple[Happening, ...]] = {
    events.Started: (Happening.STARTED,),
    events.Replied: (Happening.ACCEPTED, Happening.REFUSED),
    events.NotSent: (Happening.NOT_SENT,),
    events.NoAnswer: (Happening.NO_ANSWER,),
    events.Restarted: (Happening.RESTARTED,),
    events.Inquired: (Happening.FOUND, Happening.ABSENT, Happening.SILENT),
    events.Ruled: (Happening.RULED_HAPPENED, Happening.RULED_DID_NOT),
    events.Contradicted: (Happening.CONTRADICTED_HAPPENED, Happening.CONTRADICTED_DID_NOT),
    events.Due: (Happening.DUE,),
    events.Printed: (Happening.PRINTED,),
    events.Delivered: (Happening.DELIVERED,),
    events.Approved: (Happening.APPROVED,),
    events.Cancelled: (Happening.CANCELLED,),
    events.Continue: (Happening.CONTINUE,),
    events.GiveUp: (Happening.GIVE_UP,),
    events.Tendered: (Happening.TENDER,),
}
"""Event → the names under which the tables know it."""
COMMANDS = (Send, Inquire, Wait, Print, Post, Shift, Raise)


def states() -> str:
    """States, events, both tables, the kinds of operation."""
    return page(
        "States and events",
        "An operation is a small state machine over its legs. Deciding is pure: `decide(operation, event, "
        "policy)` gives the next operation and the commands. It follows the first table below, and is "
        "checked against the second on every step, in production too. The diagrams and tables of this page"
        " are made from `src/tillwright/operations/table.py`.",
        "## States of a leg",
        "A leg is what one operation asks of one party, and what is known of the answer.",
        _states(LegState),
        "![The states of a leg and the moves between them](../pictures/leg-states.svg)",
        "A dashed arrow is evidence against evidence. *Reversed* is the acknowledgement of another leg, "
        "which takes this one back.",
        "## States of an operation",
        _states(OperationState),
        "![The states of an operation and the moves between them](../pictures/operation-states.svg)",
        "The letters say what may make the move: "
        + "; ".join(f"**{letter}** {GROUPS_TOLD[letter]} ({codes(_values(letter))})" for letter in GROUPS)
        + ". Most of these moves need an operation of more than one leg; a cash sale has one.",
        "## Events",
        "Each event carries its own time. An answer, a ruling and a record have two or three names in the "
        "tables, by what they say.",
        table(("Event", "In the tables", "What has happened"), _events()),
        "## Commands",
        "What `decide` asks to be done, after its writing has been made durable.",
        table(
            ("Command", "What is to be done"),
            ((code(one.__name__), cell(first_sentence(one))) for one in COMMANDS),
        ),
        "## What an event means for its leg",
        *_leg_reading(),
        _leg_table(),
        "## Where an event may take the operation",
        "A dot stands for staying. Where nothing stands the event is impossible: it is refused and changes "
        "nothing.",
        _operation_table(),
        "## What a cash sale can meet",
        "The tables say what may follow from what. This says what can happen at all while parties keep their "
        "word: found by trying everything, in `src/tillwright/operations/reachable.py`. The simulation must "
        "have visited each of these pairs.",
        table(("State", "Events that can meet it"), _met()),
        "## Questions",
        "What a person is asked while an operation waits.",
        _states(Question),
        "## Goals",
        f"Where an unfinished operation is heading: {codes(one.value for one in Goal)}.",
        "## Kinds of operation",
        "The legs in the order in which they are sent; ★ marks the commit point. Before it a failure "
        "undoes, after it everything moves forward only.",
        table(("Kind", "Legs", "Document", "Can be begun"), _kinds()),
    )


def _values(letter: str) -> list[str]:
    return [one.value for one in GROUPS[letter]]


def _states(kind: type[LegState] | type[OperationState] | type[Question]) -> str:
    told = members_told(kind)
    return table(("Name", "What it means"), ((code(name), cell(text)) for name, text in told.items()))


def _events() -> Iterator[tuple[str, str, str]]:
    told = [one for happenings in TOLD_BY.values() for one in happenings]
    if sorted(one.value for one in told) != sorted(one.value for one in Happening):
        raise LookupError("events and happenings do not agree")
    for event, happenings in TOLD_BY.items():
        yield code(event.__name__), codes(one.value for one in happenings), cell(first_sentence(event))


def _leg_reading() -> list[str]:
    verdicts = {
        Verdict.NOTE: "kept as a record; it changes nothing, because it agrees, or proves nothing",
        Verdict.CLASH: "evidence against evidence: the leg becomes `unknown` and a person is told",
        Verdict.IMPOSSIBLE: "refused, nothing changes; in the table a dash",
    }
    return [
        "A name is the leg's next state. The other words:",
        bullets(f"*{verdict.value}*: {text}" for verdict, text in verdicts.items()),
    ]


def _leg_table() -> str:
    return table(
        ("Event", *(code(state.value) for state in LegState)),
        ((code(one.value), *(_outcome(LEGS[state, one]) for state in LegState)) for one in LEG_HAPPENINGS),
    )


def _outcome(outcome: LegState | Verdict) -> str:
    if isinstance(outcome, LegState):
        return f"**{outcome.value}**"
    return "–" if outcome is Verdict.IMPOSSIBLE else f"*{outcome.value}*"


def _operation_table() -> str:
    return table(
        ("Event", *(code(state.value) for state in OperationState)),
        ((code(one.value), *(_targets(state, one) for state in OperationState)) for one in Happening),
    )


def _targets(state: OperationState, one: Happening) -> str:
    targets = OPERATIONS[state, one]
    others = [target.value for target in OperationState if target in targets and target is not state]
    return " ".join((*(("·",) if state in targets else ()), ", ".join(others))).strip()


def _met() -> Iterator[tuple[str, str]]:
    for kind in (OperationState, LegState):
        whose = "leg" if kind is LegState else "operation"
        for state in kind:
            met = [pair.happening.value for pair in pairs() if pair.state is state]
            if met:
                yield f"{whose} {code(state.value)}", codes(met)


def _kinds() -> Iterator[tuple[str, str, str, str]]:
    for kind in KINDS.values():
        legs = " → ".join(f"{leg.party}.{leg.action}{' ★' if leg.commit_point else ''}" for leg in kind.legs)
        yield code(kind.name), legs, code(kind.document), "yes" if kind.name in STARTABLE else "no"

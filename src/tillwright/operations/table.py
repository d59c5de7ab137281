"""The transitions, as data.

Two tables: what each happening means for the leg that it names, and to which states it may take the
operation. `decide` follows the first and is checked against the second on every step, in production too; the
exhaustive tests, the reference page and its diagram are made from both.

Reading the leg table: the next state; or NOTE (kept as a record, changes nothing: it agrees, or it proves
nothing); or CLASH (evidence against evidence: the leg becomes unknown and a person is told); or IMPOSSIBLE
(refused, nothing changes). In an operation that has ended nothing moves: there a next state DONE is a CLASH,
and any other a NOTE. While a leg is being reversed a next state DONE is a NOTE. A ruling on a refused leg is
possible only where a person is asked how to go on: it says what is to follow. A restart in an old copy makes
a planned leg unknown too.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from tillwright.operations.states import Happening, LegState, OperationState

H, L, O = Happening, LegState, OperationState  # noqa: E741  # the tables below are read as tables


class Verdict(Enum):
    """What a happening means for a leg when it is not simply a new state."""

    NOTE = "note"
    CLASH = "clash"
    IMPOSSIBLE = "impossible"


NOTE, CLASH, IMPOSSIBLE = Verdict.NOTE, Verdict.CLASH, Verdict.IMPOSSIBLE

LEG_HAPPENINGS: tuple[Happening, ...] = (
    H.ACCEPTED,
    H.REFUSED,
    H.NOT_SENT,
    H.NO_ANSWER,
    H.RESTARTED,
    H.FOUND,
    H.ABSENT,
    H.SILENT,
    H.RULED_HAPPENED,
    H.RULED_DID_NOT,
    H.CONTRADICTED_HAPPENED,
    H.CONTRADICTED_DID_NOT,
)

# In each row: evidence by reply (accepted, refused), of sending (not sent, no answer, restarted), evidence
# by inquiry (found, absent, silent), rulings (happened, did not), contradictions (happened, did not).
_ROWS: Mapping[LegState, tuple[LegState | Verdict, ...]] = {
    L.PLANNED: (
        *(L.DONE, L.REFUSED),
        *(NOTE, NOTE, NOTE),
        *(L.DONE, L.REFUSED, NOTE),
        *(IMPOSSIBLE, IMPOSSIBLE),
        *(L.DONE, NOTE),
    ),
    L.SENT: (
        *(L.DONE, L.REFUSED),
        *(L.PLANNED, L.UNKNOWN, L.UNKNOWN),
        *(L.DONE, L.REFUSED, NOTE),
        *(IMPOSSIBLE, IMPOSSIBLE),
        *(L.DONE, NOTE),
    ),
    L.UNKNOWN: (
        *(L.DONE, L.REFUSED),
        *(NOTE, NOTE, NOTE),
        *(L.DONE, L.REFUSED, NOTE),
        *(L.DONE, L.REFUSED),
        *(L.DONE, NOTE),
    ),
    L.DONE: (
        *(NOTE, CLASH),
        *(NOTE, NOTE, NOTE),
        *(NOTE, CLASH, NOTE),
        *(IMPOSSIBLE, IMPOSSIBLE),
        *(NOTE, CLASH),
    ),
    L.REFUSED: (
        *(CLASH, NOTE),
        *(NOTE, NOTE, NOTE),
        *(CLASH, NOTE, NOTE),
        *(IMPOSSIBLE, NOTE),
        *(CLASH, NOTE),
    ),
    L.UNDONE: (
        *(NOTE, NOTE),
        *(NOTE, NOTE, NOTE),
        *(NOTE, NOTE, NOTE),
        *(IMPOSSIBLE, IMPOSSIBLE),
        *(CLASH, NOTE),
    ),
}

LEGS: Mapping[tuple[LegState, Happening], LegState | Verdict] = {
    (state, happening): outcome
    for state, row in _ROWS.items()
    for happening, outcome in zip(LEG_HAPPENINGS, row, strict=True)
}

_Next = dict[OperationState, frozenset[OperationState]]


def _to(*states: OperationState) -> frozenset[OperationState]:
    return frozenset(states)


def _stays(*states: OperationState) -> _Next:
    return {state: frozenset({state}) for state in states}


_ENDED_UNLESS_CONTRADICTED: _Next = {state: _to(state, O.RED) for state in (O.DONE, O.REFUSED, O.UNDONE)}

_HAPPENED: _Next = {
    O.OPEN: _to(O.OPEN, O.DONE, O.UNDOING, O.RED),
    O.UNDOING: _to(O.UNDOING, O.UNDONE, O.REFUSED, O.RED),
    O.RED: _to(O.RED, O.DONE, O.UNDONE, O.REFUSED),
}
_DID_NOT: _Next = {
    O.OPEN: _to(O.OPEN, O.REFUSED, O.UNDOING, O.UNDONE, O.RED),
    O.UNDOING: _to(O.UNDOING, O.UNDONE, O.REFUSED, O.RED),
    O.RED: _to(O.RED, O.REFUSED, O.UNDONE, O.DONE),
}
_RECORD_AGAINST: _Next = {
    O.OPEN: _to(O.OPEN, O.RED),
    O.UNDOING: _to(O.UNDOING, O.RED),
    O.RED: _to(O.RED),
}
_TURNED_BACK: _Next = {O.OPEN: _to(O.OPEN, O.REFUSED, O.UNDOING, O.RED)}

_BY_HAPPENING: Mapping[Happening, _Next] = {
    H.STARTED: {O.OPEN: _to(O.OPEN, O.DONE)},
    H.ACCEPTED: _HAPPENED | _ENDED_UNLESS_CONTRADICTED,
    H.REFUSED: _DID_NOT | _ENDED_UNLESS_CONTRADICTED,
    H.FOUND: _HAPPENED | _ENDED_UNLESS_CONTRADICTED,
    H.ABSENT: _DID_NOT | _ENDED_UNLESS_CONTRADICTED,
    H.CONTRADICTED_HAPPENED: _HAPPENED | _ENDED_UNLESS_CONTRADICTED,
    H.CONTRADICTED_DID_NOT: _RECORD_AGAINST | _ENDED_UNLESS_CONTRADICTED,
    H.NOT_SENT: _stays(*O) | {O.OPEN: _DID_NOT[O.OPEN], O.RED: _DID_NOT[O.RED]},
    H.NO_ANSWER: _stays(*O) | {O.OPEN: _to(O.OPEN, O.UNDOING)},
    H.SILENT: _stays(*O),
    H.RESTARTED: {O.OPEN: _to(O.OPEN, O.UNDOING, O.RED), O.UNDOING: _to(O.UNDOING, O.RED), **_stays(O.RED)},
    H.RULED_HAPPENED: _HAPPENED,
    H.RULED_DID_NOT: _DID_NOT,
    H.DUE: _stays(*O) | _TURNED_BACK | {O.UNDOING: _to(O.UNDOING, O.RED)},
    H.PRINTED: _stays(*O),
    H.DELIVERED: _stays(*O),
    H.APPROVED: _stays(O.OPEN, O.UNDOING, O.RED),
    H.CANCELLED: _TURNED_BACK | _stays(O.RED),
    H.CONTINUE: {O.OPEN: _to(O.OPEN), O.RED: _to(O.RED, O.DONE)},
    H.GIVE_UP: _TURNED_BACK | _stays(O.RED),
    H.TENDER: {},
}

OPERATIONS: Mapping[tuple[OperationState, Happening], frozenset[OperationState]] = {
    (state, happening): _BY_HAPPENING[happening].get(state, frozenset()) for state in O for happening in H
}
"""(state, happening) → the states it may lead to; empty: impossible, refused and changes nothing."""

"""The transitions, as data.

Two tables: what each happening means for the leg that it names, and to which states it may take the
operation. `decide` follows the first and is checked against the second on every step, in production too; the exhaustive
tests, the reference page and its diagram are made from both.

Reading the leg table: the next state; or NOTE (kept as a record, changes nothing: it agrees, or it proves
nothing); or CLASH (evidence against evidence: the leg becomes unknown and a person is told); or IMPOSSIBLE
(refused, nothing changes).
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

# In each row: evidence by reply (accepted, refused), of the sending (not sent, no answer, restarted),
# evidence by inquiry (found, absent, silent), rulings (happened, did not), contradictions (happened, did not).
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
        *(IMPOSSIBLE, IMPOSSIBLE),
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

_UNFINISHED = frozenset({O.OPEN, O.UNDOING, O.RED})
_EVIDENCE_ON_OPEN = frozenset({O.OPEN, O.DONE, O.REFUSED, O.UNDOING, O.UNDONE, O.RED})
_EVIDENCE_ON_RED = frozenset({O.RED, O.DONE, O.REFUSED, O.UNDOING, O.UNDONE, O.OPEN})
_EVIDENCE_ON_UNDOING = frozenset({O.UNDOING, O.UNDONE, O.REFUSED, O.RED, O.DONE})


def _stays(*, ended: bool = True) -> dict[OperationState, frozenset[OperationState]]:
    return {state: frozenset({state}) for state in O if ended or state in _UNFINISHED}


def _evidence() -> dict[OperationState, frozenset[OperationState]]:
    return {
        O.OPEN: _EVIDENCE_ON_OPEN,
        O.UNDOING: _EVIDENCE_ON_UNDOING,
        O.RED: _EVIDENCE_ON_RED,
        O.DONE: frozenset({O.DONE, O.RED}),
        O.REFUSED: frozenset({O.REFUSED, O.RED}),
        O.UNDONE: frozenset({O.UNDONE, O.RED}),
    }


def _ruling() -> dict[OperationState, frozenset[OperationState]]:
    return {O.OPEN: _EVIDENCE_ON_OPEN, O.UNDOING: _EVIDENCE_ON_UNDOING, O.RED: _EVIDENCE_ON_RED}


_BY_HAPPENING: Mapping[Happening, Mapping[OperationState, frozenset[OperationState]]] = {
    H.STARTED: {O.OPEN: frozenset({O.OPEN})},
    H.ACCEPTED: _evidence(),
    H.REFUSED: _evidence(),
    H.FOUND: _evidence(),
    H.ABSENT: _evidence(),
    H.CONTRADICTED_HAPPENED: _evidence(),
    H.CONTRADICTED_DID_NOT: _evidence(),
    H.NOT_SENT: {**_stays(), O.OPEN: frozenset({O.OPEN, O.REFUSED, O.UNDOING, O.RED})},
    H.NO_ANSWER: {
        **_stays(),
        O.OPEN: frozenset({O.OPEN, O.UNDOING, O.RED}),
        O.UNDOING: frozenset({O.UNDOING, O.RED}),
    },
    H.SILENT: {**_stays(), O.OPEN: frozenset({O.OPEN, O.RED})},
    H.RESTARTED: {
        O.OPEN: frozenset({O.OPEN, O.UNDOING, O.RED}),
        O.UNDOING: frozenset({O.UNDOING, O.RED}),
        O.RED: frozenset({O.RED}),
    },
    H.RULED_HAPPENED: _ruling(),
    H.RULED_DID_NOT: _ruling(),
    H.DUE: {**_stays(), O.OPEN: _EVIDENCE_ON_OPEN - {O.DONE}, O.UNDOING: frozenset({O.UNDOING, O.RED})},
    H.PRINTED: _stays(),
    H.DELIVERED: _stays(),
    H.APPROVED: _stays(ended=False),
    H.CANCELLED: {O.OPEN: _EVIDENCE_ON_OPEN - {O.DONE}},
    H.CONTINUE: {O.OPEN: frozenset({O.OPEN}), O.RED: frozenset({O.RED, O.DONE})},
    H.GIVE_UP: {O.OPEN: _EVIDENCE_ON_OPEN - {O.DONE}},
    H.TENDER: {},
}

OPERATIONS: Mapping[tuple[OperationState, Happening], frozenset[OperationState]] = {
    (state, happening): _BY_HAPPENING[happening].get(state, frozenset()) for state in O for happening in H
}
"""(state, happening) → the states it may lead to; empty: impossible, refused and changes nothing."""

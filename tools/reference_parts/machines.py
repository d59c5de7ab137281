"""The two state diagrams, drawn from the tables of transitions.

Where the states stand is chosen here, once; which arrows there are, and what they are labelled with, is read
from `operations/table.py`. An arrow that the table does not have cannot be drawn, and a new one appears by
itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from tillwright.documents.drawing import Box, Drawing, Path, Shape, Text
from tillwright.documents.picture import SHAPES
from tillwright.operations.states import Happening, LegState, OperationState
from tillwright.operations.table import LEGS, OPERATIONS, Verdict

H = Happening
State = LegState | OperationState

GROUPS: Mapping[str, tuple[Happening, ...]] = {
    "E": (H.ACCEPTED, H.REFUSED, H.FOUND, H.ABSENT, H.CONTRADICTED_HAPPENED, H.CONTRADICTED_DID_NOT),
    "R": (H.RULED_HAPPENED, H.RULED_DID_NOT),
    "S": (H.NOT_SENT, H.NO_ANSWER, H.SILENT, H.RESTARTED, H.DUE),
    "P": (H.CONTINUE, H.GIVE_UP, H.CANCELLED),
    "B": (H.STARTED,),
}
"""Letter on an arrow → the happenings that it stands for."""
GROUPS_TOLD = {
    "E": "evidence of a party",
    "R": "a person's ruling",
    "S": "silence or time",
    "P": "a person's press",
    "B": "its own start",
}

FATES: Mapping[str, tuple[Happening, ...]] = {
    "it happened": (H.ACCEPTED, H.FOUND, H.RULED_HAPPENED, H.CONTRADICTED_HAPPENED),
    "it did not": (H.REFUSED, H.ABSENT, H.RULED_DID_NOT, H.CONTRADICTED_DID_NOT),
    "not sent": (H.NOT_SENT,),
    "silence, restart": (H.NO_ANSWER, H.RESTARTED),
    "": (H.SILENT,),
}
"""What is known of a leg, by happening; silence after asking moves nothing."""

SETTLED = (LegState.DONE, LegState.REFUSED, LegState.UNDONE)
BESIDES: Mapping[tuple[LegState, LegState], str] = {
    (LegState.PLANNED, LegState.SENT): "send",
    (LegState.DONE, LegState.UNDONE): "reversed",
    (LegState.UNKNOWN, LegState.UNDONE): "reversed",
}
"""Moves of a leg that no event about it makes: `decide` sends it, or a reversal of it was acknowledged."""

WIDTH, BOX_WIDTH, BOX_HEIGHT = 800, 118, 44
OPERATION_PLACES: Mapping[State, tuple[int, int]] = {
    OperationState.OPEN: (70, 225),
    OperationState.RED: (400, 40),
    OperationState.UNDOING: (400, 410),
    OperationState.DONE: (730, 40),
    OperationState.REFUSED: (730, 225),
    OperationState.UNDONE: (730, 410),
}
LEG_PLACES: Mapping[State, tuple[int, int]] = {
    LegState.PLANNED: (70, 190),
    LegState.SENT: (290, 190),
    LegState.UNKNOWN: (552, 190),
    LegState.DONE: (730, 30),
    LegState.REFUSED: (290, 370),
    LegState.UNDONE: (730, 370),
}
OPERATION_SHAPES: Mapping[State, str] = {state: SHAPES[state.value] for state in OperationState}
LEG_SHAPES: Mapping[State, str] = {
    LegState.PLANNED: "○", LegState.SENT: "◌", LegState.DONE: "●", LegState.REFUSED: "▲",
    LegState.UNKNOWN: "■", LegState.UNDONE: "◆",
}  # fmt: skip
LABEL_AT: Mapping[tuple[str, str], float] = {
    ("open", "done"): 0.28, ("open", "refused"): 0.28, ("open", "undone"): 0.28, ("undoing", "done"): 0.28,
    ("undoing", "refused"): 0.3, ("red", "undone"): 0.3, ("undone", "red"): 0.3, ("red", "refused"): 0.45,
    ("red", "undoing"): 0.2, ("undoing", "red"): 0.2, ("planned", "done"): 0.38, ("sent", "done"): 0.4,
    ("sent", "unknown"): 0.47, ("planned", "sent"): 0.45, ("sent", "planned"): 0.45,
    ("unknown", "undone"): 0.25, ("undone", "unknown"): 0.25,
}  # fmt: skip
"""Where on its arrow a label stands, as a share of the way, if another one stands at the usual place."""
TONES = {"done": "good", "refused": "refused", "red": "unknown", "unknown": "unknown"}

STYLE = """
text { fill: var(--ink); font-family: var(--text-face); font-size: 16px; }
.size-14 { font-size: 14px; }
.strong { font-weight: 650; }
.state { fill: var(--sunken); stroke: var(--line-strong); stroke-width: 1.5; }
.state.tone-good { fill: var(--green-soft); stroke: var(--green); }
.state.tone-refused { fill: var(--amber-soft); stroke: var(--amber); }
.state.tone-unknown { fill: var(--red-soft); stroke: var(--red); }
.line { fill: none; stroke: var(--ink-soft); stroke-width: 1.5; }
.tip { fill: var(--ink-soft); }
.clash { stroke: var(--red); stroke-dasharray: 6 4; }
.tip.clash { fill: var(--red); stroke: none; }
.on { paint-order: stroke; stroke: var(--surface); stroke-width: 6px; stroke-linejoin: round; }
.soft { fill: var(--ink-soft); }
"""


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a state to another; `label` stands on it; a clash is evidence against what was known."""

    source: State
    target: State
    label: str
    clash: bool = False


# ── what the tables say ─────────────────────────────────────────────────────────────────────────────────────


def operation_arrows() -> list[Arrow]:
    """Every change of state that the table allows, with the letters of what makes it."""
    found: dict[tuple[OperationState, OperationState], list[str]] = {}
    for (state, happening), targets in OPERATIONS.items():
        for target in OperationState:
            if target in targets and target is not state:
                found.setdefault((state, target), []).append(_letter(happening))
    return [
        Arrow(source, target, " ".join(letter for letter in GROUPS if letter in letters), _is_end(source))
        for (source, target), letters in found.items()
    ]


def _is_end(state: OperationState) -> bool:
    return state in (OperationState.DONE, OperationState.REFUSED, OperationState.UNDONE)


def _letter(happening: Happening) -> str:
    return next(letter for letter, happenings in GROUPS.items() if happening in happenings)


def leg_arrows() -> list[Arrow]:
    """Every move of a leg."""
    found: dict[tuple[LegState, LegState], list[str]] = {}
    for (state, happening), outcome in LEGS.items():
        target = LegState.UNKNOWN if outcome is Verdict.CLASH else outcome
        if isinstance(target, LegState) and target is not state:
            found.setdefault((state, target), []).append(_fate(happening))
    moves = [
        Arrow(source, target, ", ".join(dict.fromkeys(told)), source in SETTLED)
        for (source, target), told in found.items()
    ]
    return [*(Arrow(source, target, told) for (source, target), told in BESIDES.items()), *moves]


def _fate(happening: Happening) -> str:
    return next(told for told, happenings in FATES.items() if happening in happenings)


# ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────


def operation_machine() -> Drawing:
    """The states of an operation."""
    legend = [f"{letter}  {told}" for letter, told in GROUPS_TOLD.items()]
    return _machine("operation-states", "States of an operation", operation_arrows(), OPERATION_PLACES,
                    OPERATION_SHAPES, legend, 470)  # fmt: skip


def leg_machine() -> Drawing:
    """The states of a leg."""
    return _machine("leg-states", "States of a leg", leg_arrows(), LEG_PLACES, LEG_SHAPES, (), 400)


def _machine(name: str, title: str, arrows: Sequence[Arrow], places: Mapping[State, tuple[int, int]],
             shapes: Mapping[State, str], legend: Sequence[str], height: int) -> Drawing:  # fmt: skip
    pairs = {(arrow.source, arrow.target) for arrow in arrows}
    lines: list[Shape] = []
    labels: list[Shape] = []
    for arrow in arrows:
        both = (arrow.target, arrow.source) in pairs
        line, label = _arrow(arrow, places, both)
        lines += line
        labels.append(label)
    boxes = [shape for state, place in places.items() for shape in _state(state, place, shapes[state])]
    foot = list(_legend(legend, height))
    told = "; ".join(f"{arrow.source.value} to {arrow.target.value}: {arrow.label}" for arrow in arrows)
    whole = height + 28 * bool(legend)
    return Drawing(name, WIDTH, whole, title, f"{told}.", (*lines, *boxes, *labels, *foot))


def _state(state: State, place: tuple[int, int], shape: str) -> Iterator[Shape]:
    x, y = place
    tone = TONES.get(state.value, "neutral")
    look = f"state tone-{tone}"
    yield Box(x - BOX_WIDTH // 2, y - BOX_HEIGHT // 2, BOX_WIDTH, BOX_HEIGHT, look, 10)
    yield Text(x, y + 6, f"{shape} {state.value}", BOX_WIDTH - 8, 16, True, "middle")


def _arrow(arrow: Arrow, places: Mapping[State, tuple[int, int]], both: bool) -> tuple[list[Shape], Text]:
    """A straight arrow between the edges of two boxes; of a pair, each keeps to its own side."""
    (x1, y1), (x2, y2) = places[arrow.source], places[arrow.target]
    length = hypot(x2 - x1, y2 - y1)
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    side = 9 if both else 0
    across, down = -uy * side, ux * side
    start, end = _out_of_box(across, down, ux, uy) + 2, length - _out_of_box(across, down, -ux, -uy) - 3

    def at(share: float, beside: float = 0.0) -> tuple[int, int]:
        way = start + (end - start) * share
        return round(x1 + across + ux * way - uy * beside), round(y1 + down + uy * way + ux * beside)

    look = " clash" if arrow.clash else ""
    foot = 1 - 10 / (end - start)
    shaft = Path(f"M{_spot(at(0))}L{_spot(at(foot))}", f"line{look}")
    tip = Path(f"M{_spot(at(1))}L{_spot(at(foot, 5))}L{_spot(at(foot, -5))}z", f"tip{look}")
    share = LABEL_AT.get((arrow.source.value, arrow.target.value), 0.35 if both else 0.5)
    x, y = at(share)
    return [shaft, tip], Text(x, y + 5, arrow.label, 220, 14, True, "middle", "on")


def _spot(place: tuple[int, int]) -> str:
    return f"{place[0]} {place[1]}"


def _out_of_box(x: float, y: float, ux: float, uy: float) -> float:
    """From a point in a box (seen from its middle) to the box's edge in this direction."""
    across = (BOX_WIDTH / 2 - x * _sign(ux)) / abs(ux) if ux else float("inf")
    down = (BOX_HEIGHT / 2 - y * _sign(uy)) / abs(uy) if uy else float("inf")
    return min(across, down)


def _sign(value: float) -> int:
    return 1 if value > 0 else -1


def _legend(texts: Sequence[str], y: int) -> Iterator[Text]:
    x = 12
    for text in texts:
        yield Text(x, y + 18, text, 200, 14, look="soft")
        x += WIDTH // len(texts)

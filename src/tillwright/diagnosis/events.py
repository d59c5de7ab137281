"""What happens to a diagnosis, one class an event.

`at_ms`: when. `by`: the person, '' for the program. Nothing here is ever changed or removed: what was wrong
is undone by another event.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """What a verification found."""

    GONE = "gone"
    STILL = "still"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """A probe has looked for an automatic check. `value`: one of the probe's, or UNKNOWN. `how`: how it was
    obtained.
    """

    check: str
    value: str
    at_ms: int
    how: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A person has answered a question."""

    check: str
    answer: str
    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class CannotTell:
    """A person cannot answer a question."""

    check: str
    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class Did:
    """A remedy has been done. `took_ms`: how long it took whoever did it, 0 if nobody measured."""

    remedy: str
    at_ms: int
    by: str = ""
    took_ms: int = 0


@dataclass(frozen=True, slots=True)
class Verified:
    """Somebody, or a probe, has looked whether the fault is gone."""

    outcome: Outcome
    at_ms: int
    by: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Undone:
    """An earlier answer, or a remedy with its result, was not so."""

    step: str
    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Another person goes on."""

    to: str
    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class Left:
    """The person has gone away from it."""

    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """A person has come back to it."""

    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class Escalated:
    """It was given to somebody else, with its whole record."""

    at_ms: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reopened:
    """The same fault came again within its watch: it was not mended."""

    at_ms: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing more is done. `cause`: what it was, if somebody knows for certain."""

    at_ms: int
    by: str = ""
    cause: str = ""


Event = (
    Found
    | Answered
    | CannotTell
    | Did
    | Verified
    | Undone
    | HandedOver
    | Left
    | Resumed
    | Escalated
    | Reopened
    | Closed
)

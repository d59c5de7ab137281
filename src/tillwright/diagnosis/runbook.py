"""A runbook as diagnosis sees it: causes with weights, checks, remedies, and what each of them costs.

No words and no probes: those are the catalogue's and belong to the page. Everything here is named by its id,
in the order of the runbook, which is also the printed order of the source's steps.

    causes     cable .4   switched-off .3   broken .2   none of these .1
                    \\         |               /
    checks      'is its lamp on?'   yes: cable        no: switched-off or broken
    remedies    plug the cable in (20 s, ends 'cable' in 95 of 100)      …
    escalate    900 s, always possible

A cost is seconds of a person's time; stop of trade, parts and annoyance are expressed in the same unit. What
the program does by itself costs nobody anything, so its cost is 0 and it is done at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NONE_OF_THESE = "none-of-these"
"""The cause that stands for all that the author did not think of; every runbook has it, last."""
CANNOT_TELL = "cannot-tell"
"""The answer of one who does not know; every check has it, last, and it says nothing about any cause."""
CANNOT_LOOK = "cannot-look"
"""The answer of a check whose probe could not look, as long as a person can still be asked instead."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What may be wrong. `weight`: how often, in cases; only the ratio between causes matters."""

    id: str
    weight: float


@dataclass(frozen=True, slots=True)
class Only:
    """A precondition: a check has been made, and one of these was its answer."""

    check: str
    answers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Check:
    """A question or a probe. `likelihood`: answer → cause → how probable the answer is with that cause; for
    each cause they sum up to 1 over the answers, CANNOT_TELL not counted. `unsure`: the probability that
    nobody can tell, whatever the cause. `place`: what a person has to open for it, '' for nothing.
    `automatic`: the program makes it by itself. `asked`: what it costs to ask a person when the probe of an
    automatic check could not look; None where nobody can be asked. `work`: how much of the person's cost is
    working time, which experience corrects. `by_hand`: what an automatic check would cost a person who had
    no probe, for comparison; 0 where nobody has said.
    """

    id: str
    cost: float
    likelihood: Mapping[str, Mapping[str, float]]
    unsure: float = 0.05
    place: str = ""
    automatic: bool = False
    asked: float | None = None
    work: float = 0.0
    by_hand: float = 0.0
    only_if: tuple[Only, ...] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer in order, CANNOT_TELL last."""
        return (*self.likelihood, CANNOT_TELL)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What may end it. `helps`: cause → how often it does, 0 for those that are not named. `cost`: of doing
    it and of verifying it afterwards. `automatic`: the program does it by itself; one that costs nothing is
    done at once. `work`: how much of the cost is working time, which experience corrects. `verified_alone`:
    the program verifies it by itself, so that no part of the cost is verifying. `by_hand`: what doing an
    automatic one, and `verified_by_hand` what verifying it, would cost a person without the program.
    """

    id: str
    cost: float
    helps: Mapping[str, float]
    place: str = ""
    automatic: bool = False
    work: float = 0.0
    verified_alone: bool = False
    by_hand: float = 0.0
    verified_by_hand: float = 0.0
    only_if: tuple[Only, ...] = ()


@dataclass(frozen=True, slots=True)
class Runbook:
    """Everything that diagnosis knows of one fault. `places`: what has to be opened → its cost, once.
    `escalate`: what it costs to give up and call somebody.
    """

    code: str
    causes: tuple[Cause, ...]
    checks: tuple[Check, ...]
    remedies: tuple[Remedy, ...]
    escalate: float
    places: Mapping[str, float] = field(default_factory=dict)

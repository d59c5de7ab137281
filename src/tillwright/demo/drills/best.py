"""What would have been best: the steps that the program would ask for if the planted cause is the one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.runbooks import runbook_of
from tillwright.demo.drills.model import Scenario
from tillwright.diagnosis.choice import after_answer, after_failure, at_once, begin, choose
from tillwright.diagnosis.runbook import CANNOT_TELL, Runbook
from tillwright.faults.standing import forbidden

_MOST = 40


@dataclass(frozen=True, slots=True)
class BestStep:
    """A step that a person takes. `id`: of the check or the remedy, '' for passing it on."""

    kind: Literal["check", "remedy", "escalate"]
    id: str
    people_s: int
    answer: str = ""


def best(entry: Entry, scenario: Scenario) -> list[BestStep]:
    """The steps of people only; what the program does by itself costs nobody anything."""
    runbook = runbook_of(entry)
    if runbook is None:
        return []
    state, found = begin(runbook, forbidden(entry)), list[BestStep]()
    for _ in range(_MOST):
        looks = at_once(runbook, state)
        for check in looks:
            state = after_answer(runbook, state, check, likely(runbook, scenario, check))
        if looks:
            continue
        step = choose(runbook, state).step
        if step.kind == "escalate":
            cost = entry.escalate.cost.people if entry.escalate else 0
            return [*found, BestStep("escalate", "", cost)]
        if step.kind == "check":
            answer = scenario.sees.get(step.id, CANNOT_TELL)
            asked = next(one for one in entry.checks if one.id == step.id)
            found.append(BestStep("check", step.id, asked.cost.people, answer))
            state = after_answer(runbook, state, step.id, answer)
            continue
        remedy = next(one for one in entry.remedies if one.id == step.id)
        if not remedy.action:
            found.append(BestStep("remedy", step.id, remedy.cost.people))
        if step.id in scenario.mends:
            return found
        state = after_failure(runbook, state, step.id)
    return found


def likely(runbook: Runbook, scenario: Scenario, check: str) -> str:
    """What a probe most probably finds with the planted cause."""
    spec = next(one for one in runbook.checks if one.id == check)
    told = {answer: rates.get(scenario.planted, 0.0) for answer, rates in spec.likelihood.items()}
    return max(told, key=lambda answer: told[answer])

"""A dry run: what a runbook would have done in the diagnoses that are on record.

What was found and answered then is found and answered again. Where the runbook asks for something that nobody
knew then, it hears what the cause that it turned out to be would most likely have answered; and a remedy that
nobody did then helps if it helps against that cause. So the figures tell runbooks apart, and prove nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.diagnosis import learning
from tillwright.diagnosis.choice import State, after_answer, after_failure, begin, choose
from tillwright.diagnosis.course import Course
from tillwright.diagnosis.events import Outcome
from tillwright.diagnosis.runbook import CANNOT_LOOK, CANNOT_TELL, Check, Runbook

MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Trial:
    """One diagnosis tried again. `cause`: what it was, '' where nobody knows; `then_s`, `now_s`: what it cost
    and would cost; `steps`: what would be done; `mended`: whether it would end mended; `new`: the steps of
    which nobody knew anything then.
    """

    cause: str
    then_s: float
    now_s: float
    mended: bool
    steps: tuple[str, ...]
    new: tuple[str, ...]


def cause_of(course: Course) -> str:
    """What it turned out to be; '' where nobody knows."""
    shares = learning.credit(course)
    return max(shares, key=lambda cause: shares[cause]) if shares else ""


def tried_again(runbook: Runbook, forbidden: frozenset[str], course: Course) -> Trial:
    """What this runbook would have done in that diagnosis."""
    cause, state = cause_of(course), begin(runbook, forbidden)
    steps, new, cost_s, mended = list[str](), list[str](), 0.0, False
    for _ in range(MOST_STEPS):
        best = choose(runbook, state).best
        cost_s += best.cost_s
        if best.step.kind == "escalate":
            break
        steps.append(best.step.id)
        state, mended, known = _after(runbook, state, best.step.kind, best.step.id, course, cause)
        if not known:
            new.append(best.step.id)
        if mended:
            break
    return Trial(cause, course.spent_s, cost_s, mended, tuple(steps), tuple(new))


def _after(
    runbook: Runbook, state: State, kind: str, step: str, course: Course, cause: str
) -> tuple[State, bool, bool]:
    """The state after a step, whether the fault is gone then, and whether that stands on record."""
    if kind == "check":
        check = next(one for one in runbook.checks if one.id == step)
        answer, known = _answer(check, course, cause)
        return after_answer(runbook, state, step, answer), False, known
    results = {one.remedy: one.result for one in course.tried if one.result is not None}
    known = results.get(step) in (Outcome.GONE, Outcome.STILL)
    remedy = next(one for one in runbook.remedies if one.id == step)
    gone = results[step] is Outcome.GONE if known else remedy.helps.get(cause, 0.0) >= 0.5
    return (state, True, known) if gone else (after_failure(runbook, state, step), False, known)


def _answer(check: Check, course: Course, cause: str) -> tuple[str, bool]:
    recorded = course.answers.get(check.id)
    if recorded in check.likelihood or recorded in (CANNOT_TELL, CANNOT_LOOK):
        return str(recorded), True
    if any(cause in causes for causes in check.likelihood.values()):
        return max(check.likelihood, key=lambda one: check.likelihood[one].get(cause, 0.0)), False
    return CANNOT_TELL, False

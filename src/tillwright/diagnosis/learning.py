"""What closed diagnoses teach: how often each cause is the one, and how long each step takes.

Counts, not rates: the author's weights stand for about ten cases, and each diagnosis that was closed with
its verification adds one case more, shared among the causes as probable as they are at the end. Not all of it
goes to the cause of whatever helped: what helps often helps by chance. A station begins with what all
stations have seen, and soon goes its own way. A fault that comes back takes its case out again.

Times: what a person really needed for a step replaces what the author guessed, slowly, and one who went for
lunch meanwhile does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from tillwright.diagnosis import belief
from tillwright.diagnosis.course import Course, Stage
from tillwright.diagnosis.events import Outcome
from tillwright.diagnosis.runbook import Cause, Check, Remedy, Runbook

AUTHOR_CASES = 10.0
"""How many cases an author's weights are worth."""
POOL_CASES = 10.0
"""How many cases what all stations have seen is worth to one station."""
BY_ITSELF = 0.02
"""How often a fault ends by itself just when something was done."""
GUESS_TIMES = 3.0
"""How many measured times an author's guess is worth."""
STRAY_FACTOR = 4.0
"""A time that is so many times longer or shorter than the middle one is no measurement of the step."""

Counts = Mapping[str, float]
"""Cause → cases. A cause that is not named has none."""


def credit(course: Course) -> dict[str, float]:
    """What a closed diagnosis teaches: one case, shared among the causes; nothing unless it was verified as
    gone, or somebody knows for certain what it was.
    """
    if course.stage is not Stage.CLOSED:
        return {}
    if course.cause:
        return {course.cause: 1.0}
    if course.ended_as is not Stage.MENDED:
        return {}
    return belief.shares(course.runbook, _at_the_end(course))


def _at_the_end(course: Course) -> belief.Weights:
    """What is believed once it is known that the fault was gone after the last remedies."""
    weights = course.weights
    for tried in course.tried:
        if tried.result is Outcome.GONE:
            helps = belief.remedy_named(course.runbook, tried.remedy).helps
            ended = [helps.get(cause.id, 0.0) for cause in course.runbook.causes]
            pairs = zip(weights, ended, strict=True)
            weights = tuple(weight * (BY_ITSELF + (1.0 - BY_ITSELF) * share) for weight, share in pairs)
    return weights


def added(counts: Counts, credit: Counts) -> dict[str, float]:
    """The counts with one case more."""
    causes = dict.fromkeys([*counts, *credit])
    return {cause: counts.get(cause, 0.0) + credit.get(cause, 0.0) for cause in causes}


def taken_back(counts: Counts, credit: Counts) -> dict[str, float]:
    """The counts without a case that was none: the fault came back. Never below nothing."""
    return {cause: max(0.0, count - credit.get(cause, 0.0)) for cause, count in counts.items()}


def learnt(runbook: Runbook, everywhere: Counts, here: Counts) -> Runbook:
    """The runbook with the weights that experience gives. `everywhere`: the counts of all stations, this one
    among them; `here`: this station's.
    """
    pooled = _posterior(_scaled(_weights(runbook), AUTHOR_CASES), everywhere)
    weights = _posterior(_scaled(pooled, POOL_CASES), here)
    return replace(runbook, causes=tuple(Cause(cause, weight) for cause, weight in weights.items()))


def _weights(runbook: Runbook) -> dict[str, float]:
    return {cause.id: cause.weight for cause in runbook.causes}


def _scaled(weights: Counts, cases: float) -> dict[str, float]:
    whole = sum(weights.values())
    return {cause: weight * cases / whole for cause, weight in weights.items()}


def _posterior(prior: Counts, counts: Counts) -> dict[str, float]:
    return {cause: cases + counts.get(cause, 0.0) for cause, cases in prior.items()}


def time_s(guess_s: float, measured_s: Sequence[float]) -> float:
    """How long a step takes: the author's guess, and the times that people needed, strays cut to size."""
    if not measured_s:
        return guess_s
    middle = median(measured_s)
    kept = [min(max(one, middle / STRAY_FACTOR), middle * STRAY_FACTOR) for one in measured_s]
    return (guess_s * GUESS_TIMES + sum(kept)) / (GUESS_TIMES + len(kept))


def timed(runbook: Runbook, measured_s: Mapping[str, Sequence[float]]) -> Runbook:
    """The runbook with the working times that experience gives; step → how long it took, each time. Stop of
    trade, parts and annoyance stay as the author put them.
    """
    return replace(
        runbook,
        checks=tuple(_timed_check(check, measured_s.get(check.id, ())) for check in runbook.checks),
        remedies=tuple(_timed_remedy(one, measured_s.get(one.id, ())) for one in runbook.remedies),
    )


def _timed_check(check: Check, measured_s: Sequence[float]) -> Check:
    work = time_s(check.work, measured_s)
    more = work - check.work
    if check.automatic:
        asked = None if check.asked is None else check.asked + more
        return replace(check, asked=asked, work=work)
    return replace(check, cost=check.cost + more, work=work)


def _timed_remedy(remedy: Remedy, measured_s: Sequence[float]) -> Remedy:
    if remedy.automatic:
        return remedy
    work = time_s(remedy.work, measured_s)
    return replace(remedy, cost=remedy.cost + work - remedy.work, work=work)

"""What is believed of the causes: one weight each, never normalised.

A weight is how often a diagnosis would have come to this very point with that cause: the cause's own weight,
times the likelihood of every answer so far, times how often every remedy so far would have failed. So the
weights of all answers to a check add up to the weights before it, and what a branch costs can be summed up
without dividing anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tillwright.diagnosis.runbook import CANNOT_LOOK, CANNOT_TELL, Check, Remedy, Runbook

Weights = tuple[float, ...]
"""One weight for each cause, in the runbook's order."""


def begin(runbook: Runbook) -> Weights:
    """Before anything is known: how often each cause is the one."""
    return tuple(cause.weight for cause in runbook.causes)


def answered(runbook: Runbook, weights: Weights, check: str, answer: str) -> Weights:
    """After a check's answer. Raises KeyError for a check, or an answer, that the runbook does not have."""
    spec = check_named(runbook, check)
    if answer in (CANNOT_TELL, CANNOT_LOOK):
        return tuple(weight * spec.unsure for weight in weights)
    says = spec.likelihood[answer]
    told = 1.0 - spec.unsure
    return tuple(
        weight * told * says[cause.id] for weight, cause in zip(weights, runbook.causes, strict=True)
    )


def did_not_help(runbook: Runbook, weights: Weights, remedy: str) -> Weights:
    """After a remedy whose verification found the fault again. Raises KeyError for an unknown remedy."""
    helps = remedy_named(runbook, remedy).helps
    return tuple(
        weight * (1.0 - helps.get(cause.id, 0.0))
        for weight, cause in zip(weights, runbook.causes, strict=True)
    )


def given(runbook: Runbook, answers: Mapping[str, str], failed: Iterable[str]) -> Weights:
    """After all of this, in whatever order it came: check → answer, and the remedies that did not help."""
    weights = begin(runbook)
    for check, answer in answers.items():
        weights = answered(runbook, weights, check, answer)
    for remedy in failed:
        weights = did_not_help(runbook, weights, remedy)
    return weights


def shares(runbook: Runbook, weights: Weights) -> dict[str, float]:
    """Cause → how probable it is. Where everything has been excluded, as before anything was known."""
    whole = sum(weights)
    if whole <= 0.0:
        return shares(runbook, begin(runbook))
    return {cause.id: weight / whole for cause, weight in zip(runbook.causes, weights, strict=True)}


def check_named(runbook: Runbook, id: str) -> Check:
    """The check with this id; KeyError if there is none."""
    for check in runbook.checks:
        if check.id == id:
            return check
    raise KeyError(id)


def remedy_named(runbook: Runbook, id: str) -> Remedy:
    """The remedy with this id; KeyError if there is none."""
    for remedy in runbook.remedies:
        if remedy.id == id:
            return remedy
    raise KeyError(id)

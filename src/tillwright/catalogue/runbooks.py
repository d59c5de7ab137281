"""Makes the runbook that diagnosis works with out of an entry's.

An author writes which causes an answer speaks for; diagnosis needs the probability of every answer with every
cause. What is certain to an author is 0.99 here, because people misread lamps and probes have bugs: nothing
is ever so certain that a later finding could not overrule it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.runbook_entry import Check, Remedy, Share
from tillwright.diagnosis import runbook
from tillwright.diagnosis.runbook import NONE_OF_THESE, Only, Runbook
from tillwright.kernel.registry import ACTIONS, BY_HAND_S, PROBES, Consent, Scope

LEAST, MOST = 0.01, 0.99
"""No likelihood is nearer to impossible or certain."""
NONE_SHARE = 0.15
"""How much of all cases is none of the author's causes, until experience says otherwise."""
HELPS = 0.95
"""How often a remedy ends a cause that its list names."""
VERIFY_S = {"operation": 20.0, "asked": 10.0}
"""What verifying costs a person; a probe costs nobody anything."""
CONSENT_S = 10.0
"""What it costs a person to agree to an action."""


def runbook_of(entry: Entry) -> Runbook | None:
    """The runbook of an entry; None for one without causes."""
    if not entry.causes:
        return None
    weights = {cause.id: cause.weight for cause in entry.causes}
    none = sum(weights.values()) * NONE_SHARE / (1 - NONE_SHARE)
    causes = (*weights, NONE_OF_THESE)
    return Runbook(
        code=entry.code,
        causes=tuple(runbook.Cause(id, weight) for id, weight in {**weights, NONE_OF_THESE: none}.items()),
        checks=tuple(_check(check, causes) for check in entry.checks),
        remedies=tuple(_remedy(remedy, entry) for remedy in entry.remedies),
        escalate=float(entry.escalate.cost.seconds) if entry.escalate else 0.0,
        places={name: float(cost) for name, cost in entry.places.items()},
    )


def of_an_operation(entry: Entry) -> bool:
    """Whether each operation that it strikes needs a diagnosis of its own. If not it is the till's: that
    there is no paper is found out once, however many receipts wait for it.
    """
    named = [entry.verify, *(one.probe for one in entry.checks), *(one.verify for one in entry.remedies)]
    done = [one.action for one in entry.remedies]
    scopes = {PROBES[name].scope for name in named if name in PROBES}
    scopes |= {ACTIONS[name].scope for name in done if name in ACTIONS}
    told = "number" in entry.facts or any(one.page.endswith("settle") for one in entry.remedies)
    return told or Scope.OPERATION in scopes or entry.verify not in PROBES


def likelihoods(check: Check, causes: Sequence[str]) -> dict[str, dict[str, float]]:
    """Answer → cause → its probability; over the answers they sum up to 1 for each cause."""
    found: dict[str, dict[str, float]] = {answer.id: {} for answer in check.answers}
    for cause in causes:
        for answer, likelihood in _of_cause(check, cause).items():
            found[answer][cause] = likelihood
    return found


def _of_cause(check: Check, cause: str) -> dict[str, float]:
    given = {a.id: a.means[cause] for a in check.answers if isinstance(a.means, dict) and cause in a.means}
    certain = [a.id for a in check.answers if not isinstance(a.means, dict) and cause in a.means]
    left = max(0.0, 1.0 - sum(given.values()))
    shared = certain or [a.id for a in check.answers if a.id not in given]
    raw = {a.id: given.get(a.id, 0.0) for a in check.answers}
    for answer in shared:
        raw[answer] += left / len(shared)
    kept = {answer: min(MOST, max(LEAST, value)) for answer, value in raw.items()}
    whole = sum(kept.values())
    return {answer: value / whole for answer, value in kept.items()}


def helped(share: Share) -> Mapping[str, float]:
    """Cause → how often the remedy ends it."""
    return share if isinstance(share, dict) else dict.fromkeys(share, HELPS)


def _check(check: Check, causes: Sequence[str]) -> runbook.Check:
    automatic = bool(check.probe)
    asked = float(check.cost.seconds)
    return runbook.Check(
        id=check.id,
        cost=0.0 if automatic else asked,
        likelihood=likelihoods(check, causes),
        unsure=check.unsure,
        place=check.place if check.asks is not None else "",
        automatic=automatic,
        asked=asked if automatic and check.asks is not None else None,
        work=float(check.cost.people),
        by_hand=float(BY_HAND_S.get(check.probe, 0)),
        only_if=_only(check.only_if),
    )


def _remedy(remedy: Remedy, entry: Entry) -> runbook.Remedy:
    spec = ACTIONS.get(remedy.action)
    automatic = spec is not None and spec.consent is Consent.NOBODY and not spec.changes
    consent = CONSENT_S if spec is not None and not automatic else 0.0
    verify = remedy.verify or entry.verify
    return runbook.Remedy(
        id=remedy.id,
        cost=remedy.cost.seconds + consent + VERIFY_S.get(verify, 0.0),
        helps=helped(remedy.helps),
        place="" if automatic else remedy.place,
        automatic=automatic,
        work=float(remedy.cost.people),
        verified_alone=verify not in VERIFY_S,
        by_hand=float(BY_HAND_S.get(remedy.action, 0)),
        verified_by_hand=float(BY_HAND_S.get(verify, 0)),
        only_if=_only(remedy.only_if),
    )


def _only(conditions: Mapping[str, Sequence[str]]) -> tuple[Only, ...]:
    return tuple(Only(check, frozenset(answers)) for check, answers in conditions.items())


def states(runbook: Runbook) -> int:
    """How many states a diagnosis of it can be in at most: each remedy done or not, each check with one of
    its answers, without one, or not yet made.
    """
    count: int = 2 ** len(runbook.remedies)
    for check in runbook.checks:
        count *= len(check.answers) + 1
    return count

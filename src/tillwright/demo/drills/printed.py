"""What the same fault costs a person who follows the printed list: each check in turn, then each remedy."""

from __future__ import annotations

from collections.abc import Mapping

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.runbooks import VERIFY_S, runbook_of
from tillwright.demo.drills.model import Scenario
from tillwright.diagnosis.belief import begin
from tillwright.diagnosis.expected import BY_HAND_S, by_hand, printed
from tillwright.diagnosis.layout import ESCALATE, Layout
from tillwright.diagnosis.runbook import CANNOT_TELL, Runbook

_MOST = 100
_LIKELY = 0.5


def printed_people_s(
    entry: Entry, scenario: Scenario, known: Mapping[str, str], mended_by: str | None
) -> int:
    """Seconds of people's time. `known`: what the drill found by each check; `mended_by`: the remedy after
    which the fault was gone, None where somebody outside ended it, '' where it ended by itself.
    """
    runbook = runbook_of(entry)
    if runbook is None:
        return 0
    hands = by_hand(runbook)
    layout, way = Layout(hands), printed(hands)
    answers: dict[str, str] = {}
    done: set[str] = set()
    spent = 0
    for _ in range(_MOST):
        number = way(layout.key(answers, frozenset(done), frozenset(runbook.places)), begin(hands))
        if number == ESCALATE:
            return spent + (entry.escalate.cost.people if entry.escalate else 0)
        name = layout.name(number)
        if number > 0:
            spent += _check_s(entry, name)
            answers[name] = _answer(hands, scenario, known, name)
        else:
            spent += _remedy_s(entry, name)
            done.add(name)
            if _ends(runbook, scenario, name, mended_by):
                return spent
    return spent


def _check_s(entry: Entry, id: str) -> int:
    check = next(one for one in entry.checks if one.id == id)
    return check.cost.people or (int(BY_HAND_S) if check.probe else 0)


def _remedy_s(entry: Entry, id: str) -> int:
    remedy = next(one for one in entry.remedies if one.id == id)
    verify_s = int(VERIFY_S.get(remedy.verify or entry.verify, BY_HAND_S))
    return (remedy.cost.people or int(BY_HAND_S)) + verify_s


def _answer(runbook: Runbook, scenario: Scenario, known: Mapping[str, str], check: str) -> str:
    """What one finds there: what was found in the drill, what the person sees, else what is likely."""
    spec = next(one for one in runbook.checks if one.id == check)
    told = known.get(check) or scenario.sees.get(check, "")
    if told in spec.likelihood:
        return told
    if (
        check in scenario.sees
        or not spec.likelihood
        or all(cause.id != scenario.planted for cause in runbook.causes)
    ):
        return CANNOT_TELL
    return max(spec.likelihood, key=lambda one: spec.likelihood[one][scenario.planted])


def _ends(runbook: Runbook, scenario: Scenario, remedy: str, mended_by: str | None) -> bool:
    if remedy in scenario.mends or remedy == mended_by:
        return True
    helps = next(one for one in runbook.remedies if one.id == remedy).helps
    return mended_by == "" and helps.get(scenario.planted, 0.0) >= _LIKELY


def at_the_end(entry: Entry, shares: Mapping[str, float], mended_by: str | None) -> dict[str, float]:
    """What is believed once it is known which remedy ended it."""
    runbook = runbook_of(entry)
    if runbook is None or not mended_by:
        return dict(shares)
    helps = next(one for one in runbook.remedies if one.id == mended_by).helps
    return {cause: share * (0.02 + 0.98 * helps.get(cause, 0.0)) for cause, share in shares.items()}

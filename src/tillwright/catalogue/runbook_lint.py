"""Finds what is wrong with the runbook of an entry.

A runbook that leads nowhere is worse than none: a person follows it in front of a queue. So each cause must
come to an end (a remedy, another runbook, somebody to call), each check must tell something apart, each step
must be reachable, and what the program is to do by itself must exist.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.languages import Wording
from tillwright.catalogue.runbook_entry import Check, Remedy
from tillwright.catalogue.runbooks import LEAST, MOST, helped, runbook_of, states
from tillwright.catalogue.source import Place
from tillwright.diagnosis.runbook import CANNOT_TELL, NONE_OF_THESE, Runbook
from tillwright.kernel.registry import ACTIONS, PROBES

ID_FORM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_ANSWER = 48
MOST_STATES = 100_000
"""Up to so many states the best policy can be worked out exactly when the runbook is published."""
EVIDENCE = (
    "facts", "findings", "answers", "operation", "events", "document", "counters", "versions", "log", "photo",
)  # fmt: skip
"""What can be handed over with a diagnosis."""
VERIFY_WORDS = ("operation", "asked")

Found = Iterator[tuple[Place, str]]


def runbook_problems(entry: Entry) -> Found:
    """Each problem with its place in the entry."""
    if not entry.causes:
        if entry.checks or entry.remedies or entry.verify:
            yield ("causes",), "are missing, though there are checks, remedies or a verification"
        return
    yield from _ids(entry)
    broken = list(_references(entry))
    yield from broken
    yield from _causes(entry)
    yield from _verification(entry)
    yield from _evidence(entry)
    runbook = None if broken else runbook_of(entry)
    if runbook is not None:
        yield from _separating(entry, runbook)
        yield from _reachable(entry)
        if states(runbook) > MOST_STATES:
            yield ("checks",), f"make {states(runbook)} states, more than {MOST_STATES}; split the runbook"


def runbook_wordings(entry: Entry) -> Iterator[tuple[Place, Wording, bool]]:
    """Every text of the runbook: its place, its words, whether it is a sentence (else a button's words)."""
    for at, cause in enumerate(entry.causes):
        yield ("causes", str(at), "says"), cause.says, True
    for at, check in enumerate(entry.checks):
        for kind, words in (("asks", check.asks), ("where", check.where)):
            if words is not None:
                yield ("checks", str(at), kind), words, True
        for number, answer in enumerate(check.answers):
            if answer.says is not None:
                yield ("checks", str(at), "answers", str(number), "says"), answer.says, False
    for at, remedy in enumerate(entry.remedies):
        yield ("remedies", str(at), "says"), remedy.says, True
    for at, never in enumerate(entry.never):
        yield ("never", str(at), "says"), never.says, True
    if entry.escalate is not None:
        yield ("escalate", "says"), entry.escalate.says, True
    if entry.verify_asks is not None:
        yield ("verify_asks",), entry.verify_asks, True


def _ids(entry: Entry) -> Found:
    steps = [("checks", one.id) for one in entry.checks] + [("remedies", one.id) for one in entry.remedies]
    named = [("causes", one.id) for one in entry.causes]
    for kind, group in (("step", steps), ("cause", named)):
        counts = Counter(id for _, id in group)
        for place, id in group:
            if not ID_FORM.fullmatch(id):
                yield (place,), f"{id!r} is not the form of an id"
            if counts[id] > 1:
                yield (place,), f"two {kind}s are called {id!r}"
    if any(id == NONE_OF_THESE for _, id in named):
        yield ("causes",), f"{NONE_OF_THESE!r} is added by itself"


def _references(entry: Entry) -> Found:
    known = {*(cause.id for cause in entry.causes), NONE_OF_THESE}
    answers = {check.id: {answer.id for answer in check.answers} for check in entry.checks}
    for at, check in enumerate(entry.checks):
        place = ("checks", str(at))
        yield from ((place, text) for text in _check_problems(check, known))
        yield from ((place, text) for text in _only_problems(check.only_if, answers))
        yield from _place_problems(entry, place, check)
    for at, remedy in enumerate(entry.remedies):
        place = ("remedies", str(at))
        for name, share in helped(remedy.helps).items():
            if name not in known:
                yield place, f"there is no cause {name!r}"
            if not LEAST <= share <= MOST:
                yield place, f"helps {name!r} in {share} of all cases, not within {LEAST} and {MOST}"
        if not remedy.helps:
            yield place, "helps no cause"
        if remedy.action and remedy.action not in ACTIONS:
            yield place, f"there is no action {remedy.action!r}"
        if not remedy.action and remedy.cost.seconds <= 0:
            yield place, "is done by a person and costs nothing"
        yield from ((place, text) for text in _only_problems(remedy.only_if, answers))
        yield from _place_problems(entry, place, remedy)


def _place_problems(entry: Entry, place: Place, step: Check | Remedy) -> Found:
    if step.place and step.place not in entry.places:
        yield place, f"there is no place {step.place!r}"


def _check_problems(check: Check, known: set[str]) -> Iterator[str]:
    if not check.probe and check.asks is None:
        yield "needs a probe or a question"
    spec = PROBES.get(check.probe)
    if check.probe and spec is None:
        yield f"there is no probe {check.probe!r}"
    if len(check.answers) < 2:
        yield "has no two answers"
    named = [value for answer in check.answers for value in answer.id.split("|")]
    if len(set(named)) != len(named):
        yield "has an answer twice"
    for value in named:
        if spec is not None and value not in spec.values:
            yield f"the probe {check.probe} never finds {value!r}"
    if spec is not None and set(spec.values) - set(named):
        yield f"says nothing about {', '.join(sorted(set(spec.values) - set(named)))}"
    for answer in check.answers:
        if check.asks is not None and answer.says is None and answer.id not in ("yes", "no"):
            yield f"the answer {answer.id!r} has no words for its button"
        shares = answer.means.items() if isinstance(answer.means, dict) else ()
        for cause in answer.means:
            if cause not in known:
                yield f"there is no cause {cause!r}"
        for cause, share in shares:
            if not LEAST <= share <= MOST:
                yield f"{answer.id!r} has a likelihood of {share} with {cause!r}, not {LEAST} to {MOST}"
    if not LEAST <= check.unsure <= 0.9:
        yield "unsure must be within 0.01 and 0.9"
    if check.asks is not None and check.cost.seconds <= 0:
        yield "asks a person and costs nothing"


def _only_problems(only_if: Mapping[str, tuple[str, ...]], answers: Mapping[str, set[str]]) -> Iterator[str]:
    for check, wanted in only_if.items():
        if check not in answers:
            yield f"needs the check {check!r}, which there is not"
        elif not wanted or set(wanted) - answers[check] - {CANNOT_TELL}:
            yield f"needs an answer that {check!r} does not have"


def _causes(entry: Entry) -> Found:
    if entry.escalate is None:
        yield ("causes",), "there is nobody to escalate to"
    ended = {cause for remedy in entry.remedies for cause in helped(remedy.helps)}
    for at, cause in enumerate(entry.causes):
        if cause.weight <= 0:
            yield ("causes", str(at)), "needs a weight above 0"
        if cause.id not in ended and not cause.leads_to and entry.escalate is None:
            yield ("causes", str(at)), "has no remedy and nobody to escalate to"
    if entry.escalate is not None and entry.escalate.cost.seconds <= 0:
        yield ("escalate",), "needs a cost; else it were always the cheapest step"


def _verification(entry: Entry) -> Found:
    named: list[tuple[Place, str]] = [(("verify",), entry.verify)]
    named += [(("remedies", str(at)), one.verify) for at, one in enumerate(entry.remedies) if one.verify]
    for place, name in named:
        if name not in PROBES and name not in VERIFY_WORDS:
            yield place, f"cannot be verified by {name!r}: neither a probe nor {' nor '.join(VERIFY_WORDS)}"
        if name == "asked" and entry.verify_asks is None:
            yield place, "is verified by asking, and there is no verify_asks"


def _evidence(entry: Entry) -> Found:
    for name in entry.escalate.evidence if entry.escalate else ():
        if name not in EVIDENCE:
            yield ("escalate",), f"there is no evidence {name!r}"
    known = {one.id for one in entry.remedies}
    for at, never in enumerate(entry.never):
        for name in never.forbids:
            if name not in ACTIONS and name not in known and not name.startswith("kind:"):
                yield ("never", str(at)), f"forbids {name!r}, which there is not"


def _separating(entry: Entry, runbook: Runbook) -> Found:
    for at, check in enumerate(runbook.checks):
        spread = max(
            max(by_cause.values()) - min(by_cause.values()) for by_cause in check.likelihood.values()
        )
        if spread < 0.1:
            yield ("checks", str(at)), "tells no two causes apart"


def _reachable(entry: Entry) -> Found:
    """Steps that wait for each other can never be taken."""
    open_checks = {check.id for check in entry.checks if not check.only_if}
    growing = True
    while growing:
        more = {check.id for check in entry.checks if set(check.only_if) <= open_checks} - open_checks
        open_checks |= more
        growing = bool(more)
    steps: list[tuple[Place, Check | Remedy]] = []
    steps += [(("checks", str(at)), step) for at, step in enumerate(entry.checks)]
    steps += [(("remedies", str(at)), step) for at, step in enumerate(entry.remedies)]
    yield from ((at, "can never be reached") for at, step in steps if not set(step.only_if) <= open_checks)

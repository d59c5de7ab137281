"""What `tillwright bench diagnosis` measures on, and a second, plain way to the optimum.

The optimum here shares no code with the program's: it walks every order of every step with nothing but the
definition before it, and remembers states it has been in. It knows no bound and leaves nothing aside.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from tillwright.diagnosis.runbook import (
    CANNOT_LOOK,
    CANNOT_TELL,
    NONE_OF_THESE,
    Cause,
    Check,
    Only,
    Remedy,
    Runbook,
)

MISJUDGED = 0.7
"""How far off weights and costs are: by a factor e^N(0, this)."""
_NONE_SHARE = 0.15

_State = tuple[tuple[str, ...], frozenset[str], frozenset[str]]
"""The answer of each check ('' for none), the remedies done, the places opened."""


def random_runbook(chance: Random) -> Runbook:
    """As runbooks are: two to six causes, up to four checks, two to five remedies, some of it done by the
    program; the answers mostly speak for one half of the causes against the other.
    """
    names = [f"cause-{at}" for at in range(chance.randint(2, 6))]
    weights = [chance.gammavariate(1.0, 1.0) + 0.05 for _ in names]
    none = sum(weights) * _NONE_SHARE / (1 - _NONE_SHARE)
    causes = [Cause(name, weight) for name, weight in zip(names, weights, strict=True)]
    return Runbook(
        code="random",
        causes=(*causes, Cause(NONE_OF_THESE, none)),
        checks=tuple(_check(chance, f"check-{at}", names) for at in range(chance.randint(1, 4))),
        remedies=tuple(_remedy(chance, f"remedy-{at}", names) for at in range(chance.randint(2, 5))),
        escalate=chance.choice([300.0, 600.0, 900.0, 1800.0]),
        places={"cabinet": 30.0},
    )


def _check(chance: Random, id: str, causes: list[str]) -> Check:
    answers = ["yes", "no"] if chance.random() < 0.7 else ["one", "two", "three"]
    sure = chance.uniform(0.8, 0.98)
    speaks = {cause: chance.choice(answers) for cause in causes}
    rest = (1 - sure) / (len(answers) - 1)
    likelihood = {
        answer: {
            **{cause: sure if speaks[cause] == answer else rest for cause in causes},
            NONE_OF_THESE: 1 / len(answers),
        }
        for answer in answers
    }
    automatic = chance.random() < 0.3
    cost = round(math.exp(chance.gauss(2.7, 0.8)))
    place = "cabinet" if not automatic and chance.random() < 0.2 else ""
    return Check(id, 0.0 if automatic else cost, likelihood, automatic=automatic, place=place)


def _remedy(chance: Random, id: str, causes: list[str]) -> Remedy:
    aims = chance.sample(causes, k=1 if chance.random() < 0.75 else 2)
    automatic = chance.random() < 0.2
    cost = 0.0 if automatic else round(math.exp(chance.gauss(4.0, 1.0)))
    helps = {cause: chance.uniform(0.6, 0.98) for cause in aims}
    place = "cabinet" if not automatic and chance.random() < 0.2 else ""
    return Remedy(id, cost, helps, automatic=automatic, place=place)


def misjudged(chance: Random, runbook: Runbook) -> Runbook:
    """The same runbook as somebody would have written it who is off in every weight and every cost."""

    def off(value: float) -> float:
        return value * math.exp(chance.gauss(0.0, MISJUDGED))

    return replace(
        runbook,
        causes=tuple(replace(cause, weight=off(cause.weight)) for cause in runbook.causes),
        checks=tuple(replace(check, cost=off(check.cost)) for check in runbook.checks),
        remedies=tuple(replace(remedy, cost=off(remedy.cost)) for remedy in runbook.remedies),
        escalate=off(runbook.escalate),
        places={name: off(cost) for name, cost in runbook.places.items()},
    )


# ── the optimum once more ───────────────────────────────────────────────────────────────────────────────────


def plain_optimum_s(runbook: Runbook) -> float:
    """The least expected cost, in seconds."""
    whole = sum(cause.weight for cause in runbook.causes)
    shares = [cause.weight / whole for cause in runbook.causes]
    return _Plain(runbook).cost((("",) * len(runbook.checks), frozenset(), frozenset()), shares)


class _Plain:
    def __init__(self, runbook: Runbook) -> None:
        self._runbook = runbook
        self._seen: dict[_State, float] = {}

    def cost(self, state: _State, shares: list[float]) -> float:
        """From a state in which the causes are as probable as this."""
        if state not in self._seen:
            self._seen[state] = min(
                [self._runbook.escalate, *self._remedies(state, shares), *self._checks(state, shares)]
            )
        return self._seen[state]

    def _remedies(self, state: _State, shares: list[float]) -> Iterator[float]:
        answers, done, opened = state
        for remedy in self._runbook.remedies:
            if remedy.id in done or not self._may(remedy.only_if, answers):
                continue
            left = [
                p * (1 - remedy.helps.get(c.id, 0)) for p, c in zip(shares, self._runbook.causes, strict=True)
            ]
            after = (answers, done | {remedy.id}, opened | {remedy.place} - {""})
            rest = sum(left)
            yield remedy.cost + self._opening(remedy.place, opened) + self._then(rest, after, left)

    def _checks(self, state: _State, shares: list[float]) -> Iterator[float]:
        answers, done, opened = state
        for at, check in enumerate(self._runbook.checks):
            asked = answers[at] == CANNOT_LOOK
            if (answers[at] and not asked) or not self._may(check.only_if, answers):
                continue
            cost = (check.asked or 0.0) if asked else check.cost
            now = opened
            if asked or not check.automatic:
                cost += self._opening(check.place, opened)
                now = opened | {check.place} - {""}
            for answer, left in self._answers(check, asked, shares):
                told = (*answers[:at], answer, *answers[at + 1 :])
                cost += self._then(sum(left), (told, done, now), left)
            yield cost

    def _answers(self, check: Check, asked: bool, shares: list[float]) -> Iterator[tuple[str, list[float]]]:
        causes = self._runbook.causes
        for answer, likely in check.likelihood.items():
            told = 1 - check.unsure
            yield answer, [p * told * likely[c.id] for p, c in zip(shares, causes, strict=True)]
        falls_back = check.automatic and not asked and check.asked is not None
        yield CANNOT_LOOK if falls_back else CANNOT_TELL, [p * check.unsure for p in shares]

    def _then(self, chance: float, state: _State, joint: list[float]) -> float:
        return chance * self.cost(state, [p / chance for p in joint]) if chance > 0 else 0.0

    def _may(self, only_if: tuple[Only, ...], answers: tuple[str, ...]) -> bool:
        given = dict(zip((check.id for check in self._runbook.checks), answers, strict=True))
        return all(given[only.check] in only.answers for only in only_if)

    def _opening(self, place: str, opened: frozenset[str]) -> float:
        return self._runbook.places[place] if place and place not in opened else 0.0

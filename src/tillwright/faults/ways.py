"""All the ways through a runbook, as its policy goes them: a tree of steps, each with what may come of it.

What leads on to the same is one branch, and what hardly ever happens is not followed to its end, so that the
tree can be drawn. How often each way was walked is counted from the records of diagnoses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tillwright.diagnosis.choice import Choice, State, after_answer, after_failure, begin, choose
from tillwright.diagnosis.course import Course
from tillwright.diagnosis.events import Outcome
from tillwright.diagnosis.exact import Policy, compiled
from tillwright.diagnosis.runbook import Runbook

CHECK, REMEDY, CALL, RARE = "check", "remedy", "escalate", "rare"
STILL = "still"
RARELY = 0.01
"""A way that fewer than so many of all cases go is not followed further."""
MOST_STEPS = 150
DRAWN_STATES = 30_000


@dataclass(frozen=True, slots=True)
class Branch:
    """What leads on: the answers, STILL after a remedy; how many of all cases; what follows."""

    answers: tuple[str, ...]
    share: float
    way: Way


@dataclass(frozen=True, slots=True)
class Way:
    """A step and what follows. `share`: how many of all cases come here; `ends`: how many of those it ends;
    `expected_s`: what it costs on average from here to the end.
    """

    kind: str
    step: str = ""
    share: float = 1.0
    expected_s: float = 0.0
    cost_s: float = 0.0
    ends: float = 0.0
    branches: tuple[Branch, ...] = ()

    def shape(self) -> object:
        """Equal for ways that go on in the same steps."""
        return self.kind, self.step, tuple((one.answers, one.way.shape()) for one in self.branches)


@dataclass(slots=True)
class Counted:
    """How often the ways were walked: a path of (step, answers) → how often; `ended` there."""

    walked: dict[tuple[str, ...], int] = field(default_factory=dict)
    ended: dict[tuple[str, ...], int] = field(default_factory=dict)


class _Budget:
    def __init__(self) -> None:
        self.left = MOST_STEPS


def policy_of(runbook: Runbook, forbidden: Collection[str]) -> Policy | None:
    """Worked out once for all steps of the tree; None where that would take too long."""
    return compiled(runbook, forbidden, DRAWN_STATES)


def ways(runbook: Runbook, forbidden: Collection[str] = ()) -> Way:
    """The whole tree."""
    policy = policy_of(runbook, forbidden)
    return _way(runbook, begin(runbook, forbidden), 1.0, policy, _Budget())


def _way(runbook: Runbook, state: State, share: float, policy: Policy | None, budget: _Budget) -> Way:
    if share < RARELY or budget.left <= 0:
        return Way(RARE, share=share)
    budget.left -= 1
    choice = choose(runbook, state, policy)
    best = choice.best
    made = Way(best.step.kind, best.step.id, share, best.expected_s, best.cost_s, best.ends)
    if best.step.kind == REMEDY:
        failed = after_failure(runbook, state, best.step.id)
        left = share * (1.0 - best.ends)
        return replace(made, branches=(Branch((STILL,), left, _way(runbook, failed, left, policy, budget)),))
    if best.step.kind == CHECK:
        return replace(made, branches=_merged(_answers(runbook, state, share, choice, policy, budget)))
    return made


def _answers(
    runbook: Runbook, state: State, share: float, choice: Choice, policy: Policy | None, budget: _Budget
) -> Iterator[Branch]:
    for told in choice.best.tells:
        after = after_answer(runbook, state, choice.step.id, told.answer)
        came = share * told.probability
        yield Branch((told.answer,), came, _way(runbook, after, came, policy, budget))


def _merged(branches: Iterable[Branch]) -> tuple[Branch, ...]:
    """Answers that go on in the same steps as one branch."""
    found: dict[object, Branch] = {}
    for one in branches:
        shape = one.way.shape()
        before = found.get(shape)
        if before is None:
            found[shape] = one
            continue
        both = before.share + one.share
        larger = before if before.share >= one.share else one
        whole = _scaled(larger.way, both / larger.share) if larger.share else larger.way
        found[shape] = Branch((*before.answers, *one.answers), both, whole)
    return tuple(found.values())


def _scaled(way: Way, factor: float) -> Way:
    """The same way, with so many times as many cases on it."""
    branches = tuple(
        Branch(one.answers, one.share * factor, _scaled(one.way, factor)) for one in way.branches
    )
    return replace(way, share=way.share * factor, branches=branches)


# ── how often ───────────────────────────────────────────────────────────────────────────────────────────────


def counted(way: Way, courses: Iterable[Course]) -> Counted:
    """How often each way was walked, by what is on record."""
    figures = Counted()
    for course in courses:
        _follow(way, course.answers, {one.remedy: one.result for one in course.tried}, figures)
    return figures


def _follow(
    way: Way, answers: Mapping[str, str], tried: Mapping[str, Outcome | None], figures: Counted
) -> None:
    path: tuple[str, ...] = ()
    while True:
        figures.walked[path] = figures.walked.get(path, 0) + 1
        if way.kind == REMEDY and tried.get(way.step) is Outcome.GONE:
            figures.ended[path] = figures.ended.get(path, 0) + 1
            return
        said = STILL if tried.get(way.step) is Outcome.STILL else answers.get(way.step)
        branch = next((one for one in way.branches if said in one.answers), None)
        if branch is None:
            return
        path, way = (*path, "|".join(branch.answers)), branch.way

"""What following the program costs, beside the optimum and beside the ways people follow; and how long it
thinks.

Every runbook of the catalogue is walked to the end of all that can happen, and so are random ones. The
printed order is read kindly: each check in turn, the remedy that an answer points to, then the other remedies
in turn. A printed list has no probes, so a person looks instead; the same list with the program's probes
stands beside it. Much of what a fault costs nobody can avoid: the remedy itself, the call where nothing
helps. So one figure compares only what is spent above that, on finding out.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tillwright.catalogue.runbooks import runbook_of
from tillwright.demo.bench_diagnosis_models import misjudged, plain_optimum_s, random_runbook
from tillwright.diagnosis import belief, expected
from tillwright.diagnosis.choice import State, after_answer, after_failure, begin, choose
from tillwright.diagnosis.exact import Policy, compiled
from tillwright.diagnosis.layout import Layout
from tillwright.diagnosis.runbook import Runbook
from tillwright.machine.resources import shipped_catalogue

_SEED = 20_240_501
_ADDITIONS = 10_000
_WALKS = 3
_MORE_THAN_STEPS = 2
_BUILT = ("api", "clock", "fiscal", "journal", "people", "printer", "process", "till")
"""Areas whose parties the program has, and so probes for them."""


@dataclass(frozen=True, slots=True)
class _Costs:
    """What the ways through one runbook cost, in seconds."""

    code: str
    steps: int
    policy: float
    optimum: float
    printed: float
    printed_with_probes: float
    everything: float
    unavoidable: float

    @property
    def over_optimum(self) -> float:
        return self.policy / self.optimum

    @property
    def over_printed(self) -> float:
        return self.policy / self.printed

    @property
    def search_over_printed(self) -> float:
        spent = self.printed - self.unavoidable
        return (self.policy - self.unavoidable) / spent if spent > 0 else 1.0

    def row(self) -> dict[str, object]:
        """As the report has it."""
        return {
            "code": self.code,
            "steps": self.steps,
            "policy_s": round(self.policy, 1),
            "policy_over_optimum": round(self.over_optimum, 6),
            "policy_over_printed": round(self.over_printed, 3),
            "policy_over_printed_with_probes": round(self.policy / self.printed_with_probes, 3),
            "policy_over_everything_asked": round(self.policy / self.everything, 3),
            "search_over_printed": round(self.search_over_printed, 3),
        }


def measure(models: int) -> dict[str, object]:
    """All figures; `models`: how many random runbooks."""
    chance = Random(_SEED)  # nosec B311  # models that come again; no secret hangs on them
    shipped = list(_shipped())
    rows = [_costs(runbook, policy) for runbook, policy in shipped]
    made = [random_runbook(chance) for _ in range(models)]
    times = list(_decision_ms([*shipped, *((runbook, None) for runbook in made)], chance))
    return {**_of_shipped(rows), **_of_random(made, chance), **_thinking(times)}


def _shipped() -> Iterator[tuple[Runbook, Policy | None]]:
    for entry in shipped_catalogue().entries.values():
        runbook = runbook_of(entry)
        if runbook is not None:
            yield runbook, compiled(runbook)


def _costs(runbook: Runbook, policy: Policy | None) -> _Costs:
    by_hand = expected.by_hand(runbook)
    return _Costs(
        code=runbook.code,
        steps=len(runbook.checks) + len(runbook.remedies),
        policy=expected.expected_s(runbook, expected.program(runbook, policy)),
        optimum=plain_optimum_s(runbook),
        printed=expected.expected_s(by_hand, expected.printed(by_hand)),
        printed_with_probes=expected.expected_s(runbook, expected.printed(runbook)),
        everything=expected.expected_s(by_hand, expected.everything_first(by_hand)),
        unavoidable=_unavoidable_s(runbook),
    )


def _unavoidable_s(runbook: Runbook) -> float:
    """The cost if somebody told the cause for nothing."""
    weights, least = belief.begin(runbook), Layout(runbook).least(0)
    return sum(w * cost for w, cost in zip(weights, least, strict=True)) / sum(weights)


def _of_shipped(rows: list[_Costs]) -> dict[str, object]:
    long = [row for row in rows if row.steps > _MORE_THAN_STEPS]
    over_optimum = [row.over_optimum for row in rows]
    over_printed = [row.over_printed for row in long]
    return {
        "runbooks": len(rows),
        "policy_over_optimum_max": round(max(over_optimum), 6),
        "policy_over_optimum_mean": round(statistics.mean(over_optimum), 6),
        "policy_over_printed_median": round(statistics.median(over_printed), 3),
        "policy_over_printed_max": round(max(over_printed), 3),
        "policy_over_printed_built_median": _median(
            row.over_printed for row in long if row.code.partition(".")[0] in _BUILT
        ),
        "policy_over_printed_with_probes_median": _median(r.policy / r.printed_with_probes for r in long),
        "policy_over_everything_asked_median": _median(r.policy / r.everything for r in long),
        "search_over_printed_median": _median(row.search_over_printed for row in long),
        "rows": [row.row() for row in rows],
    }


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


def _of_random(made: list[Runbook], chance: Random) -> dict[str, object]:
    ours, ahead, off = [], [], []
    for runbook in made:
        best = plain_optimum_s(runbook)
        believed = misjudged(chance, runbook)
        ours.append(expected.expected_s(runbook, expected.program(runbook)) / best)
        ahead.append(expected.expected_s(runbook, expected.look_ahead(runbook)) / best)
        off.append(expected.expected_s(runbook, expected.program(believed), believed) / best)
    return {
        "random_models": len(made),
        "random_over_optimum_mean": round(statistics.mean(ours), 6),
        "random_over_optimum_max": round(max(ours), 6),
        "look_ahead_over_optimum_mean": round(statistics.mean(ahead), 4),
        "look_ahead_over_optimum_max": round(max(ahead), 4),
        "misjudged_over_optimum_mean": round(statistics.mean(off), 4),
    }


# ── how long it thinks ──────────────────────────────────────────────────────────────────────────────────────


def _thinking(times: list[float]) -> dict[str, object]:
    times = sorted(times)
    p99, reference = times[int(len(times) * 0.99)], _additions_ms()
    return {
        "decisions": len(times),
        "decision_ms_median": round(statistics.median(times), 3),
        "decision_ms_p99": round(p99, 3),
        "additions_ms": round(reference, 3),
        "decision_p99_over_additions": round(p99 / reference, 1),
    }


def _decision_ms(made: list[tuple[Runbook, Policy | None]], chance: Random) -> Iterator[float]:
    """How long each decision of some diagnoses takes: the processor's time, as nothing is waited for."""
    for runbook, policy in made:
        for _ in range(_WALKS):
            state: State | None = begin(runbook)
            while state is not None:
                began = time.thread_time_ns()
                choice = choose(runbook, state, policy)
                yield (time.thread_time_ns() - began) / 1e6
                state = _next(runbook, state, choice.step.kind, choice.step.id, chance)


def _next(runbook: Runbook, state: State, kind: str, id: str, chance: Random) -> State | None:
    """After any answer to a check, or after a remedy that did not help; None at the end."""
    if kind == "escalate":
        return None
    if kind == "remedy":
        return after_failure(runbook, state, id)
    return after_answer(runbook, state, id, chance.choice(belief.check_named(runbook, id).answers))


def _additions_ms() -> float:
    """The reference: a loop of ten thousand additions, the middle of some."""

    def once() -> float:
        began, total = time.thread_time_ns(), 0.0
        for at in range(_ADDITIONS):
            total += at
        return (time.thread_time_ns() - began) / 1e6

    return statistics.median(once() for _ in range(21))


def wrong(figures: Mapping[str, Any]) -> bool:
    """Whether the program does not do what it says: the exact policy is the optimum itself."""
    return bool(figures["policy_over_optimum_max"] > 1.000001)


def sentences(report: Mapping[str, Any]) -> Iterator[str]:
    """The figures for people."""
    for row in report["rows"]:
        yield (
            f"{row['code']:<44} {row['steps']:>2} steps  {row['policy_s']:>7} s, of the optimum "
            f"{row['policy_over_optimum']:.3f}, of the printed order {row['policy_over_printed']:.2f}, "
            f"of its search {row['search_over_printed']:.2f}"
        )
    yield (
        f"{report['runbooks']} runbooks: {report['policy_over_optimum_max']:.4f} of the optimum at most; "
        f"{report['policy_over_printed_median']} of the printed order (middle), with the program's probes "
        f"{report['policy_over_printed_with_probes_median']}, of asking everything first "
        f"{report['policy_over_everything_asked_median']}."
    )
    yield (
        "Above what nobody can avoid (the remedy of the cause, the call where nothing helps) it spends "
        f"{report['search_over_printed_median']} of the printed order (middle)."
    )
    yield (
        f"{report['random_models']} random runbooks: {report['random_over_optimum_mean']:.4f} of the "
        f"optimum; looking ahead {report['look_ahead_over_optimum_mean']}; with weights and costs misjudged "
        f"{report['misjudged_over_optimum_mean']}."
    )
    yield (
        f"A decision: {report['decision_ms_median']} ms, 99 of 100 within {report['decision_ms_p99']} ms; "
        f"{report['decision_p99_over_additions']} times a loop of {_ADDITIONS:,} additions."
    )

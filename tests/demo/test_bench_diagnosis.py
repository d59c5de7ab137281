"""The bench of diagnoses: its second way to the optimum agrees, and its report has what is promised."""

from __future__ import annotations

from random import Random

import pytest

from tests.diagnosis.models import light_print
from tests.diagnosis.models import optimum as dumb_optimum
from tests.diagnosis.test_choice import probed
from tillwright.demo import bench_diagnosis
from tillwright.demo.bench_diagnosis_models import misjudged, plain_optimum_s, random_runbook
from tillwright.diagnosis import expected
from tillwright.diagnosis.runbook import Runbook

PROMISED = {
    "runbooks", "policy_over_optimum_max", "policy_over_optimum_mean", "policy_over_printed_median",
    "policy_over_printed_max", "random_models", "random_over_optimum_mean", "misjudged_over_optimum_mean",
    "decision_ms_p99",
}  # fmt: skip


@pytest.mark.parametrize("runbook", [light_print(), probed()])
def test_the_second_way_is_the_definition(runbook: Runbook) -> None:
    assert plain_optimum_s(runbook) == pytest.approx(dumb_optimum(runbook))


def test_both_ways_to_the_optimum_agree() -> None:
    chance = Random(7)
    for _ in range(20):
        runbook = random_runbook(chance)
        ours = expected.expected_s(runbook, expected.optimum(runbook))
        assert ours == pytest.approx(plain_optimum_s(runbook))


def test_misjudging_keeps_the_steps_and_changes_every_number() -> None:
    runbook = random_runbook(Random(3))
    off = misjudged(Random(4), runbook)
    assert [check.id for check in off.checks] == [check.id for check in runbook.checks]
    assert all(a.weight != b.weight for a, b in zip(off.causes, runbook.causes, strict=True))
    assert off.escalate != runbook.escalate


def test_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_diagnosis, "_shipped", lambda: iter([(probed(), None), (light_print(), None)]))
    report = bench_diagnosis.measure(4)
    assert set(report) >= PROMISED
    assert (report["runbooks"], report["random_models"]) == (2, 4)
    assert report["policy_over_optimum_max"] == pytest.approx(1.0)
    assert not bench_diagnosis.wrong(report)
    assert bench_diagnosis.wrong({**report, "policy_over_optimum_max": 1.01})
    assert len(list(bench_diagnosis.sentences(report))) == 2 + 4

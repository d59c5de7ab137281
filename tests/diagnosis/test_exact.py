"""The policy is the optimum itself: compared with brute force on small random runbooks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.diagnosis.models import light_print, optimum, runbooks
from tillwright.diagnosis.choice import begin, choose
from tillwright.diagnosis.runbook import Runbook


@given(runbooks())
@settings(max_examples=60)
def test_the_choice_costs_what_brute_force_finds(runbook: Runbook) -> None:
    choice = choose(runbook, begin(runbook))
    assert choice.exact
    assert choice.best.expected_s == pytest.approx(optimum(runbook), abs=1e-6)
    assert all(other.expected_s >= choice.best.expected_s - 1e-9 for other in choice.others)


def test_light_print() -> None:
    choice = choose(light_print(), begin(light_print()))
    assert choice.step.id == "test-page-light"

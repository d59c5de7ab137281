"""The worked example of the explanation, figure by figure; the page is read, so that it cannot lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.diagnosis.models import light_print, optimum
from tillwright.diagnosis import expected
from tillwright.diagnosis.choice import Step, after_answer, after_failure, begin, choose
from tillwright.diagnosis.runbook import Runbook

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "how-a-diagnosis-chooses.md"


def without_question() -> Runbook:
    return replace(light_print(), checks=())


def told(figure: float) -> bool:
    return f"{figure:.2f}" in PAGE.read_text("utf-8")


def test_the_cheap_repairs_come_first_and_then_the_question() -> None:
    runbook = light_print()
    state = begin(runbook)
    for remedy in ("cycle-power", "reseat"):
        assert choose(runbook, state).step == Step("remedy", remedy)
        state = after_failure(runbook, state, remedy)
    assert choose(runbook, state).step == Step("check", "test-page-light")
    light = after_answer(runbook, state, "test-page-light", "yes")
    assert choose(runbook, light).step == Step("remedy", "other-toner")
    dark = after_answer(runbook, state, "test-page-light", "no")
    assert choose(runbook, dark).step.kind == "escalate"


def test_what_it_costs() -> None:
    runbook = light_print()
    best, (second, third) = choose(runbook, begin(runbook)).best, choose(runbook, begin(runbook)).others
    assert best.expected_s == pytest.approx(optimum(runbook))
    assert best.ends == pytest.approx(0.19)
    assert (second.step.id, third.step.id) == ("test-page-light", "reseat")
    assert [told(one.expected_s) for one in (best, second, third)] == [True, True, True]


def test_what_the_other_ways_cost() -> None:
    runbook = light_print()
    asked = expected.expected_s(runbook, expected.everything_first(runbook))
    ratio = expected.expected_s(without_question(), expected.optimum(without_question()))
    printed = expected.expected_s(runbook, expected.printed(runbook))
    blind = expected.expected_s(without_question(), expected.printed(without_question()))
    best = choose(runbook, begin(runbook)).best.expected_s
    assert best < asked < ratio < printed < blind
    assert [told(one) for one in (best, asked, ratio, printed, blind)] == [True] * 5


def test_looking_ahead_is_half_a_hundredth_off() -> None:
    runbook = light_print()
    ratio = expected.expected_s(runbook, expected.look_ahead(runbook)) / optimum(runbook)
    assert 1.0 < ratio < 1.005


def test_a_question_that_costs_a_little_less_is_asked_first() -> None:
    runbook = light_print()
    cheap = replace(runbook, checks=(replace(runbook.checks[0], cost=1.5),))
    assert choose(cheap, begin(cheap)).step == Step("check", "test-page-light")

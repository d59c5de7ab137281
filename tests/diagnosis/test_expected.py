"""Walking what can happen gives what was promised, and no way is better than the best."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.diagnosis.models import large, light_print, runbooks
from tests.diagnosis.models import optimum as dumb_optimum
from tests.diagnosis.test_choice import probed
from tillwright.diagnosis import expected
from tillwright.diagnosis.exact import compiled
from tillwright.diagnosis.runbook import Cause, Check, Remedy, Runbook


@given(runbooks())
@settings(max_examples=60)
def test_who_follows_the_policy_pays_the_optimum(runbook: Runbook) -> None:
    best = dumb_optimum(runbook)
    assert expected.expected_s(runbook, expected.optimum(runbook)) == pytest.approx(best)
    assert expected.expected_s(runbook, expected.program(runbook)) == pytest.approx(best)
    assert expected.expected_s(runbook, expected.program(runbook, compiled(runbook))) == pytest.approx(best)


@given(runbooks())
@settings(max_examples=60)
def test_no_way_is_better_than_the_optimum(runbook: Runbook) -> None:
    best = expected.expected_s(runbook, expected.optimum(runbook))
    for way in (expected.look_ahead, expected.printed, expected.everything_first):
        assert expected.expected_s(runbook, way(runbook)) >= best - 1e-9


@given(runbooks(checks=4, remedies=4))
@settings(max_examples=60)
def test_looking_ahead_is_nearly_as_good(runbook: Runbook) -> None:
    best = expected.expected_s(runbook, expected.optimum(runbook))
    assert expected.expected_s(runbook, expected.look_ahead(runbook)) <= 1.25 * best + 1e-9


@given(runbooks())
@settings(max_examples=40)
def test_believing_something_else_is_never_better(runbook: Runbook) -> None:
    best = expected.expected_s(runbook, expected.optimum(runbook))
    doubled = Cause(runbook.causes[0].id, runbook.causes[0].weight * 4)
    believed = replace(runbook, causes=(doubled, *runbook.causes[1:]), escalate=runbook.escalate / 2)
    assert expected.expected_s(runbook, expected.optimum(believed), believed) >= best - 1e-9


def test_looking_ahead_in_a_large_runbook() -> None:
    runbook = large(causes=4, checks=3, remedies=4)
    best = expected.expected_s(runbook, expected.optimum(runbook))
    assert expected.expected_s(runbook, expected.look_ahead(runbook)) <= 1.02 * best


def test_the_printed_order_follows_the_answers() -> None:
    yes = {"a": 1.0, "b": 0.0, "none-of-these": 0.0}
    no = {"a": 0.0, "b": 1.0, "none-of-these": 1.0}
    runbook = Runbook(
        code="demo.printed",
        causes=(Cause("a", 1.0), Cause("b", 1.0), Cause("none-of-these", 2.0)),
        checks=(Check("q", 1.0, {"yes": yes, "no": no}, unsure=0.0),),
        remedies=(Remedy("for-b", 10.0, {"b": 1.0}), Remedy("for-a", 100.0, {"a": 1.0})),
        escalate=1000.0,
    )
    # yes (1 in 4): for-a. no: for-b, which ends one of three; then for-a and giving up for the rest.
    by_hand = 1.0 + 0.25 * 100 + 0.25 * 10 + 0.5 * (10 + 100 + 1000)
    assert expected.expected_s(runbook, expected.printed(runbook)) == pytest.approx(by_hand)


def test_an_answer_that_points_nowhere_changes_nothing() -> None:
    runbook = replace(light_print(), remedies=())
    assert expected.expected_s(runbook, expected.printed(runbook)) == pytest.approx(2.0 + 40.0)


def test_everything_is_asked_before_anything_is_done() -> None:
    runbook = light_print()
    dear = replace(runbook, checks=(replace(runbook.checks[0], cost=1000.0),))
    assert expected.expected_s(dear, expected.everything_first(dear)) > 1000.0


def test_by_hand_a_person_does_what_the_program_did() -> None:
    runbook = expected.by_hand(probed())
    link, state = runbook.checks
    assert [(one.automatic, one.cost) for one in (link, state)] == [(False, 8.0), (False, 15.0)]
    restart, wipe = runbook.remedies
    assert [(one.automatic, one.cost) for one in (restart, wipe)] == [(False, 15.0), (False, 30.0)]
    assert expected.by_hand(light_print()) == light_print()
    alone = replace(light_print().remedies[0], verified_alone=True)
    by_hand = expected.by_hand(replace(light_print(), remedies=(alone,)))
    assert by_hand.remedies[0].cost == 5.0 + 15.0  # somebody has to look whether it helped
    with_probes = expected.expected_s(probed(), expected.program(probed()))
    assert with_probes < expected.expected_s(runbook, expected.program(runbook))

"""Faults strike as they are armed, by the chance that is handed in, and are counted when they strike."""

from __future__ import annotations

import random

import pytest

from tillwright.parties.faulting import FAULTS, Arming, FaultPlan, UnknownFault


def strikes(plan: FaultPlan, times: int, seed: int = 1, do: str = "register") -> list[bool]:
    chance = random.Random(seed)
    return [plan.strikes("silent", do, chance) is not None for _ in range(times)]


def test_for_the_next_n() -> None:
    plan = FaultPlan()
    plan.arm("silent", Arming(next_count=2))
    assert strikes(plan, 4) == [True, True, False, False]
    assert plan.struck["silent"] == 2
    assert plan.armed == {}


def test_always() -> None:
    plan = FaultPlan()
    plan.arm("silent", Arming(always=True))
    assert all(strikes(plan, 5))


def test_with_a_probability_and_the_same_seed_the_same_misfortunes() -> None:
    first, second = FaultPlan(), FaultPlan()
    for plan in (first, second):
        plan.arm("silent", Arming(probability=0.3))
    struck = strikes(first, 400)
    assert struck == strikes(second, 400)
    assert 80 < sum(struck) < 160
    assert first.struck["silent"] == sum(struck)


def test_a_fault_that_is_not_armed_draws_no_chance() -> None:
    chance = random.Random(5)
    assert FaultPlan().strikes("silent", "register", chance) is None
    assert chance.random() == random.Random(5).random()


def test_only_the_requests_that_are_named() -> None:
    plan = FaultPlan()
    plan.arm("silent", Arming(next_count=1, only=frozenset({"register"})))
    assert strikes(plan, 3, do="hello") == [False] * 3
    assert strikes(plan, 2) == [True, False]


def test_disarmed_one_or_all() -> None:
    plan = FaultPlan()
    for name in ("silent", "crash", "garbage"):
        plan.arm(name, Arming(always=True))
    plan.disarm("silent")
    assert set(plan.armed) == {"crash", "garbage"}
    plan.disarm()
    assert plan.armed == {}


@pytest.mark.parametrize(
    ("name", "arming"),
    [
        ("nonsense", Arming(always=True)),
        ("silent", Arming()),
        ("silent", Arming(always=True, next_count=1)),
        ("silent", Arming(probability=1.5)),
        ("silent", Arming(probability=-0.5)),
        ("silent", Arming(next_count=-1)),
        ("silent", Arming(always=True, delay_ms=-1)),
        ("garbage", Arming(always=True, form="poem")),
        ("crash", Arming(always=True, at="noon")),
        ("restored_backup", Arming(always=True, writes=0)),
        ("slow_bytes", Arming(always=True, piece_bytes=0)),
    ],
)
def test_what_cannot_be_armed_is_refused_and_nothing_is(name: str, arming: Arming) -> None:
    plan = FaultPlan()
    with pytest.raises(UnknownFault):
        plan.arm(name, arming)
    assert plan.armed == {}


def test_a_name_that_is_none_cannot_be_disarmed() -> None:
    with pytest.raises(UnknownFault):
        FaultPlan().disarm("nonsense")


def test_every_fault_is_counted_from_zero() -> None:
    assert FaultPlan().struck == dict.fromkeys(FAULTS, 0)

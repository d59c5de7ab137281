"""How long a till may work while its documents wait, and that no clock can make it longer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.operations.rules_for_tests import STRICT
from tillwright.kernel.fault import Fault
from tillwright.operations.offline import Undelivered, age_ms, is_warned, left_ms, offline_fault, run_on

RULES = STRICT.offline
assert RULES is not None
WAITING = Undelivered(1, 100, 50_000, 10)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(-100_000, 100_000)), max_size=20))
def test_no_clock_makes_the_age_smaller_than_the_time_that_it_showed_going_on(
    steps: list[tuple[int, int]],
) -> None:
    """Each step: time goes on, then somebody sets the clock."""
    wall_ms = seen_ms = 1_000_000
    tally_ms, passed_ms = 0, 0
    since = (wall_ms, tally_ms)
    for on_ms, set_by_ms in steps:
        wall_ms, passed_ms = wall_ms + on_ms, passed_ms + on_ms
        tally_ms, seen_ms = run_on(tally_ms, seen_ms, wall_ms), wall_ms
        assert age_ms(since, (wall_ms, tally_ms)) >= passed_ms
        wall_ms += set_by_ms
        tally_ms, seen_ms = run_on(tally_ms, seen_ms, wall_ms), wall_ms


def test_a_clock_that_was_set_forward_counts_too() -> None:
    assert age_ms((100, 0), (900, 5)) == 800
    assert age_ms((100, 0), (50, 5)) == 5
    assert age_ms((100, 9), (50, 5)) == 0


@pytest.mark.parametrize(
    ("waiting", "sale_minor", "stopped"),
    [
        (WAITING, 0, False),
        (WAITING, 800, False),
        (WAITING, 801, True),
        (Undelivered(4, 1_900, 0, 999), 100, False),
        (Undelivered(4, 1_900, 0, 999), 101, True),
        (Undelivered(5, 0, 0, 0), 0, True),
        (Undelivered(1, 0, 0, 1_000), 0, True),
        (Undelivered(0, 0, 0, 0), 5_000, False),
    ],
)
def test_each_cap_ends_the_work(waiting: Undelivered, sale_minor: int, stopped: bool) -> None:
    assert RULES is not None
    assert (offline_fault(waiting, RULES, sale_minor) is not None) == stopped


def test_the_refusal_says_since_when_and_how_long() -> None:
    assert RULES is not None
    found = offline_fault(Undelivered(5, 0, 77, 400), RULES)
    assert found == Fault("fiscal.offline-limit", since_at_ms=77, document_count=5, left_ms=600)


@pytest.mark.parametrize(
    ("old_ms", "warned", "left"), [(699, False, 301), (700, True, 300), (2_000, True, 0)]
)
def test_the_last_part_of_the_time_is_a_warning(old_ms: int, warned: bool, left: int) -> None:
    assert RULES is not None
    waiting = Undelivered(1, 0, 0, old_ms)
    assert (is_warned(waiting, RULES), left_ms(waiting, RULES)) == (warned, left)


def test_nothing_that_waits_is_nothing_to_warn_of() -> None:
    assert RULES is not None
    assert not is_warned(Undelivered(0, 0, 0, 5_000), RULES)

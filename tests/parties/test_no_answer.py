"""What is said of a request without an answer: a broken line and a silent device are not the same."""

from __future__ import annotations

import pytest

from tests.parties.worlds import VirtualWorld, sale
from tillwright.kernel.outcome import NoAnswer, NotSent

PATIENCE_MS = 6_000


@pytest.mark.parametrize(
    ("fault", "code"),
    [("silent", "fiscal.sko-no-answer"), ("drop_request_close", "fiscal.sko-disconnected")],
)
def test_a_request_that_left_tells_how_its_answer_failed_to_come(fault: str, code: str) -> None:
    world = VirtualWorld()
    world.start()
    world.arm(fault)
    world.register(sale(1))
    world.pass_time(PATIENCE_MS)
    outcome = world.told(sale(1))[0]
    assert isinstance(outcome, NoAnswer)
    assert outcome.fault.code == code


@pytest.mark.parametrize(
    ("reachable", "code"), [(True, "fiscal.sko-no-answer"), (False, "fiscal.sko-disconnected")]
)
def test_a_request_that_never_left_tells_whether_anybody_was_there(reachable: bool, code: str) -> None:
    world = VirtualWorld()
    world.reachable = reachable
    world.arm("silent")
    world.register(sale(1))  # it asks for the line by itself, and the greeting is never answered
    world.pass_time(PATIENCE_MS)
    outcome = world.told(sale(1))[0]
    assert isinstance(outcome, NotSent)
    assert outcome.fault.code == code

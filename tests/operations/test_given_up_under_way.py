"""Giving up while the request is under way, which then turns out not to have left."""

from __future__ import annotations

from tillwright.kernel.fault import Fault
from tillwright.operations.decide import decide
from tillwright.operations.events import GiveUp, NotSent, Started
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Operation
from tillwright.operations.policy import Policy
from tillwright.operations.states import LegState, OperationState

UID = "00000000-0000-4000-8000-0000000000aa"


def test_what_did_not_leave_ends_as_refused() -> None:
    legs = planned_legs(UID, KINDS["cash-sale"])
    operation = Operation(UID, "1", 1, "cash-sale", "Minh", 1, Content("EUR", 100, (), ()), "", 0, 0, legs)
    for event in (Started(0), GiveUp(10, "Minh"), NotSent(20, 1, Fault("fiscal.sko-disconnected"))):
        operation = decide(operation, event, Policy()).operation
    assert operation.state is OperationState.REFUSED
    assert operation.legs[0].state is LegState.PLANNED
    assert operation.fault is not None

"""Where faults are brought about on purpose, nothing is learnt of how often they come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.scenes import at_rest, diagnoses
from tests.till.api_shop import Shop
from tillwright.faults import actions, at_work, looking, store
from tillwright.faults.actions import Done
from tillwright.faults.looking import Found
from tillwright.faults.scene import scene
from tillwright.kernel.fault import Fault
from tillwright.till.queries import reader

LOST = "fiscal.sko-disconnected"
TILL = "till-1"


@pytest.mark.parametrize("learns", [True, False])
def test_only_a_station_that_learns_counts_what_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, learns: bool
) -> None:
    link = {"value": "no-line"}
    probed, performed = looking.REGISTER.functions, actions.REGISTER.functions
    monkeypatch.setitem(probed, "control_link", lambda scene, target: Found(link["value"]))
    monkeypatch.setitem(performed, "reconnect_control", lambda scene, target: Done(True))
    at_work.begin(replace(scene(), learns=learns))
    lost = diagnoses().start(Fault(LOST), TILL, source="fault")
    seen = at_rest(shop, lost).seen
    link["value"] = "answers"
    diagnoses().did(lost, "switch-on", "7", seen)
    assert at_rest(shop, lost).stored.state == "mended"
    assert bool(store.learnt_of(reader(), lost)) is learns

"""Fixtures of the tests of faults: stations of the tills' and of the pages' tests."""

from __future__ import annotations

import pytest

from tests.pages import *  # noqa: F403
from tests.till.conftest import shop, shop_template, world, world_template  # noqa: F401
from tillwright.faults.scene import Address


@pytest.fixture
def line_down(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nobody takes a connection; the addresses that were tried."""
    tried: list[str] = []

    def reach(address: Address) -> tuple[str, str]:
        tried.append(str(address))
        return "no-line", f"{address}: nobody there"

    for name in ("control", "outside", "printing"):
        monkeypatch.setattr(f"tillwright.faults.probes.{name}.reach", reach)
    return tried

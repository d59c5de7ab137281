"""The door of the licensing service: its seven messages, each to be switched on and off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tillwright.parties.doors import Door, Give, read
from tillwright.parties.licensing.messages import Code
from tillwright.parties.licensing.orders import LicensingOrders
from tillwright.parties.licensing.service import ALL
from tillwright.parties.wire import TwinAction


class SwitchOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/switch; '*' means all serials, also later ones."""

    message: Code
    on: bool = True
    serial: Annotated[str, Meta(min_length=1, max_length=200)] = ALL


class WellOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/well: nothing."""


class LicensingDoor(Door):
    """The door of the licensing service."""

    party = "licensing"
    dos = ("licence", "other")

    def __init__(self, orders: LicensingOrders) -> None:
        super().__init__(orders.twin, orders)
        self._licensing = orders

    def own(self) -> dict[str, Give]:
        return {
            "switch": lambda now_ms, body: self._switch(now_ms, read(body, SwitchOrder)),
            "well": lambda now_ms, body: self._well(now_ms, read(body, WellOrder)),
        }

    def _switch(self, now_ms: int, order: SwitchOrder) -> list[TwinAction]:
        return self._licensing.switch(order.message, order.on, now_ms, order.serial)

    def _well(self, now_ms: int, _order: WellOrder) -> list[TwinAction]:
        return self._licensing.well(now_ms)

    def stands(self) -> dict[str, Any]:
        return {"licences": [msgspec.to_builtins(licence) for licence in self._licensing.licences()]}

    def truth(self, query: Mapping[str, str]) -> dict[str, Any]:
        """All licences."""
        return {**self.stands(), "struck": dict(self._licensing.twin.faults.struck)}

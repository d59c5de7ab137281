"""The door of a control device: a float put in at the device itself, its line to the operator, its books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from tillwright.parties.control.device import Unwilling
from tillwright.parties.control.orders import PAGE, ControlOrders
from tillwright.parties.doors import Door, Give, Wrong, number, read
from tillwright.parties.wire import TwinAction


class DepositOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/deposit."""

    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    amount_minor: Annotated[int, Meta(ge=1, le=2**53 - 1)]


class MiscountOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/miscount: by how much the cash counters go wrong."""

    amount_minor: Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]


class ExchangeOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/exchange: which device stands there from now on."""

    serial: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
    till: Annotated[str, Meta(max_length=200)] = ""
    shift: Annotated[int, Meta(ge=0, le=2**53)] = 0


class RefuseOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/refuse: what the device will not do, and why; `next` 0: from now on always."""

    reason: Annotated[str, Meta(max_length=200)] = ""
    only: tuple[Literal["register", "restore"], ...] = ("register",)
    next: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    above_minor: Annotated[int, Meta(ge=0, le=2**53)] = 0
    off: bool = False


class UplinkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/uplink."""

    on: bool


class ControlDoor(Door):
    """The door of one device."""

    party = "control"
    dos = ("hello", "register", "inquire", "documents", "restore", "status")

    def __init__(self, orders: ControlOrders) -> None:
        super().__init__(orders.twin, orders)
        self._control = orders

    def own(self) -> dict[str, Give]:
        return {
            "deposit": lambda now_ms, body: self._deposit(now_ms, read(body, DepositOrder)),
            "miscount": lambda _, body: self._miscount(read(body, MiscountOrder)),
            "exchange": lambda now_ms, body: self._exchange(now_ms, read(body, ExchangeOrder)),
            "refuse": lambda _, body: self._refuse(read(body, RefuseOrder)),
            "uplink": lambda _, body: self._control.set_uplink(read(body, UplinkOrder).on),
        }

    def _deposit(self, now_ms: int, order: DepositOrder) -> list[TwinAction]:
        try:
            self._control.deposit(order.currency, order.amount_minor, now_ms)
        except ValueError as error:
            raise Wrong(400, "api.malformed", str(error)) from error
        return []

    def _miscount(self, order: MiscountOrder) -> list[TwinAction]:
        try:
            return self._control.miscount(order.amount_minor)
        except ValueError as error:
            raise Wrong(400, "api.malformed", str(error)) from error

    def _exchange(self, now_ms: int, order: ExchangeOrder) -> list[TwinAction]:
        try:
            return self._control.exchange(order.serial, order.till, order.shift, now_ms)
        except ValueError as error:
            raise Wrong(400, "api.malformed", str(error)) from error

    def _refuse(self, order: RefuseOrder) -> list[TwinAction]:
        if order.off:
            return self._control.refuse(None)
        if not order.reason:
            raise Wrong(400, "api.malformed", "a refusal has a reason")
        unwilling = Unwilling(order.reason, frozenset(order.only), order.next, order.above_minor)
        return self._control.refuse(unwilling)

    def stands(self) -> dict[str, Any]:
        twin = self._control.twin
        profile, counters = twin.profile, self._control.counters()
        return {
            "serial": profile.serial,
            "till": profile.till,
            "currency": twin.device.currency,
            "last_number": self._control.last_number(),
            "shift": msgspec.to_builtins(self._control.shift()) if profile.shifts else None,
            "cash_till_minor": counters.cash_till_minor,
            "cash_shift_minor": counters.cash_shift_minor,
            "acknowledged": self._control.acknowledged(),
            "uplink": {"on": twin.uplink, "state": twin.uplink_state} if profile.uplink else None,
            "repeats": twin.repeats,
            "refuses": twin.device.unwilling.reason if twin.device.unwilling else "",
        }

    def truth(self, query: Mapping[str, str]) -> dict[str, Any]:
        """A page of the device's documents, above a number, and all its fences."""
        documents = self._control.documents(
            number(query, "above", 0, 0, 2**53), number(query, "limit", PAGE, 1, PAGE)
        )
        return {
            "serial": self._control.twin.profile.serial,
            "till": self._control.twin.profile.till,
            "last_number": self._control.last_number(),
            "counters": msgspec.to_builtins(self._control.counters()),
            "shift": msgspec.to_builtins(self._control.shift()),
            "acknowledged": self._control.acknowledged(),
            "documents": [asdict(document) for document in documents],
            "fences": [asdict(fence) for fence in self._control.fences()],
            "struck": dict(self._control.twin.faults.struck),
        }

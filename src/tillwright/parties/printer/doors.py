"""The door of a printer: its roll, its cover and its button, and the slips that lie on the counter."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from tillwright.parties.doors import Door, Give, number, read
from tillwright.parties.printer.machine import Paper
from tillwright.parties.printer.orders import PrinterOrders
from tillwright.parties.printer.slips import Printed, png
from tillwright.parties.printer.twin import PRINT, STATUS
from tillwright.parties.wire import TwinAction

PAGE = 20
_WITHOUT = ("clock", "backup")
"""Orders of every twin that mean nothing here: no clock of it matters, and paper has no old backup."""


class PaperOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/paper."""

    paper: Literal["full", "low", "out"]


class CoverOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/cover."""

    open: bool


class OnlineOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/online."""

    online: bool


class PrinterDoor(Door):
    """The door of one printer."""

    party = "printer"
    dos = (STATUS, PRINT)

    def __init__(self, orders: PrinterOrders) -> None:
        super().__init__(orders.twin, orders)
        self._printer = orders

    def _common(self) -> dict[str, Give]:
        return {name: give for name, give in super()._common().items() if name not in _WITHOUT}

    def own(self) -> dict[str, Give]:
        return {
            "paper": lambda now_ms, body: self._paper(now_ms, read(body, PaperOrder)),
            "cover": lambda now_ms, body: self._printer.set_cover(read(body, CoverOrder).open, now_ms),
            "online": lambda now_ms, body: self._printer.set_online(read(body, OnlineOrder).online, now_ms),
        }

    def _paper(self, now_ms: int, order: PaperOrder) -> list[TwinAction]:
        return self._printer.set_paper(Paper(order.paper), now_ms)

    def stands(self) -> dict[str, Any]:
        printer = self._printer.twin.printer
        return {
            "serial": printer.serial,
            "paper": printer.paper.value,
            "cover_open": printer.cover_open,
            "online": printer.online,
            "last_number": printer.store.last_number(printer.serial),
            "waiting": printer.waiting,
        }

    def truth(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The slips above a number; with `png=1` also as pictures, in base 64."""
        above, limit = number(query, "above", 0, 0, 2**53), number(query, "limit", PAGE, 1, PAGE)
        drawn = bool(number(query, "png", 0, 0, 1))
        newer = [slip for slip in self._printer.slips if slip.number > above]
        return {
            **self.stands(),
            "slips": [_told(slip, drawn) for slip in newer[:limit]],
            "struck": dict(self._printer.twin.faults.struck),
        }


def _told(slip: Printed, drawn: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "number": slip.number,
        "at_ms": slip.at_ms,
        "whole": slip.whole,
        "text": slip.text,
    }
    return {**told, "png": b64encode(png(slip)).decode()} if drawn else told

"""The door of the operator: how it judges tills, what it refuses, and its cabinet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from msgspec import Meta, Struct

from tillwright.parties.doors import Door, Give, number, read
from tillwright.parties.operator.messages import LATEST_MS, Asked
from tillwright.parties.operator.orders import PAGE, OperatorOrders
from tillwright.parties.operator.store import StoredDocument
from tillwright.parties.wire import TwinAction

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Reason = Annotated[str, Meta(min_length=1, max_length=200)]
Number = Annotated[int, Meta(ge=1, le=2**53)]


class WarnOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/warn: the till will be blocked from `date_ms` on."""

    till: Name
    reason: Reason
    date_ms: Annotated[int, Meta(ge=0, le=2**53)] | None = None


class BlockOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/block."""

    till: Name
    reason: Reason


class ActivateOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/activate."""

    till: Name


class DisownOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/disown."""

    till: Name
    off: bool = False


class MisstateOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/misstate."""

    till: Name
    off_minor: Annotated[int, Meta(ge=-(2**40), le=2**40)]


class RefuseOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/refuse: one document by serial and number, or the next so many new ones."""

    reason: Reason
    serial: Annotated[str, Meta(max_length=200)] = ""
    number: Annotated[int, Meta(ge=0, le=2**53)] = 0
    next: Annotated[int, Meta(ge=0, le=1_000)] = 1


class AcceptOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/accept."""

    serial: Name
    number: Number


class GapsOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/gaps."""

    accepted: bool


class OperatorDoor(Door):
    """The door of the operator."""

    party = "operator"
    dos = ("document", "contact", "list", "status", "other")

    def __init__(self, orders: OperatorOrders) -> None:
        super().__init__(orders.twin, orders)
        self._operator = orders

    def own(self) -> dict[str, Give]:
        return {
            "warn": lambda _, body: self._warn(read(body, WarnOrder)),
            "block": lambda _, body: self._block(read(body, BlockOrder)),
            "activate": lambda _, body: self._operator.activate(read(body, ActivateOrder).till),
            "disown": lambda _, body: self._disown(read(body, DisownOrder)),
            "misstate": lambda _, body: self._misstate(read(body, MisstateOrder)),
            "refuse": lambda _, body: self._refuse(read(body, RefuseOrder)),
            "accept": lambda _, body: self._accept(read(body, AcceptOrder)),
            "gaps": lambda _, body: self._operator.set_gaps(read(body, GapsOrder).accepted),
        }

    def _warn(self, order: WarnOrder) -> list[TwinAction]:
        return self._operator.warn(order.till, order.reason, order.date_ms)

    def _block(self, order: BlockOrder) -> list[TwinAction]:
        return self._operator.block(order.till, order.reason)

    def _disown(self, order: DisownOrder) -> list[TwinAction]:
        return self._operator.disown(order.till, order.off)

    def _misstate(self, order: MisstateOrder) -> list[TwinAction]:
        return self._operator.misstate(order.till, order.off_minor)

    def _refuse(self, order: RefuseOrder) -> list[TwinAction]:
        if order.serial and order.number:
            return self._operator.refuse(order.serial, order.number, order.reason)
        return self._operator.refuse_next(order.next, order.reason)

    def _accept(self, order: AcceptOrder) -> list[TwinAction]:
        return self._operator.accept(order.serial, order.number)

    def stands(self) -> dict[str, Any]:
        service = self._operator.service
        return {
            "gaps": service.gaps,
            "refuse_next": service.refuse_next[0],
            "last_moment": service.moment,
            "last_numbers": service.last_numbers(),
            "strangers": sorted(service.strangers),
            "misstates": dict(service.misstates),
            "tills": [asdict(till) for till in self._operator.tills()],
        }

    def truth(self, query: Mapping[str, str]) -> dict[str, Any]:
        """A page of the documents, and all refusals and contacts. Without a till: above a moment, the first
        one first; with one: what the cabinet finds by till, from, to, number and unique, the last one first.
        """
        return {
            **self.stands(),
            "documents": [asdict(document) for document in self._documents(query)],
            "refusals": [asdict(refusal) for refusal in self._operator.refusals()],
            "contacts": [asdict(contact) for contact in self._operator.contacts()],
            "struck": dict(self._operator.twin.faults.struck),
        }

    def _documents(self, query: Mapping[str, str]) -> Sequence[StoredDocument]:
        limit = number(query, "limit", PAGE, 1, PAGE)
        if "till" not in query:
            return self._operator.documents(number(query, "above", 0, 0, 2**53), limit)
        asked = Asked(
            till=query["till"],
            from_ms=number(query, "from", 0, 0, LATEST_MS),
            to_ms=number(query, "to", LATEST_MS, 0, LATEST_MS),
            number=number(query, "number", 1, 1, 2**53) if "number" in query else None,
            unique=query.get("unique"),
        )
        return self._operator.cabinet(asked, limit)

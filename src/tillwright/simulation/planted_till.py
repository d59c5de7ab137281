"""Bugs of a fiscal till's own: refunds, shifts, rulings, delivery to the operator, old copies.

Each is the kind of mistake that such tills are really shipped with. How they are put in and hunted: planting.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tillwright.books import cash
from tillwright.journal import enquiries, hearing, refunds, restoring, taking_over, told
from tillwright.journal.outbox import Outbox
from tillwright.journal.place import OPERATOR, Place
from tillwright.operations import decide, moments, rulings, step
from tillwright.operations.kinds import Kind, exchange_minor
from tillwright.operations.model import Content
from tillwright.simulation.planting import Bug, Executed, Make, Patch

# ── refunds ─────────────────────────────────────────────────────────────────────────────────────────────────


def _not_reserved(_original: Any, executed: Executed) -> Any:
    """What a refund takes of its sale is not written down."""

    def reserve(_place: Any, _operation: Any, parent: Any) -> None:
        if parent is not None:
            executed()

    return reserve


def _not_released(original: Any, executed: Executed) -> Any:
    """A refund that did not happen keeps what it had reserved."""

    def follow(place: Any, before: Any, after: Any, *rest: Any) -> None:
        if refunds.counts(before) and not refunds.counts(after):
            executed()
        else:
            original(place, before, after, *rest)

    return follow


def _no_origin(_original: Any, executed: Executed) -> Any:
    """A refund goes to the device without naming the document that it takes back."""

    def origin_of(parent: Any) -> str:
        if parent is not None:
            executed()
        return ""

    return origin_of


def _exchange_in_cash(original: Any, executed: Executed) -> Any:
    """The second half of an exchange is booked like any refund: all of it out of the drawer."""

    def entries_of(kind: Kind, content: Content, *, owed: bool = False) -> Any:
        if kind.name == "refund" and exchange_minor(content):
            executed()
            return cash.refund(content.total_minor, 0)
        return original(kind, content, owed=owed)

    return entries_of


# ── shifts and the drawer ───────────────────────────────────────────────────────────────────────────────────


def _newest_shift(original: Any, executed: Executed) -> Any:
    """What comes while no shift is open is booked in the one that was closed last."""

    def shift_of(self: Any, till: str) -> int:
        newest = self.journal.shift(till)
        if not self.rules.shifts or newest is None or newest.is_open:
            return int(original(self, till))
        executed()
        return int(newest.number)

    return shift_of


def _float_not_booked(original: Any, executed: Executed) -> Any:
    """Money put in at the device itself is read, and not booked."""

    def book(place: Any, operation: Any, now_ms: int) -> None:
        if operation.kind == "cash-in":
            executed()
        else:
            original(place, operation, now_ms)

    return book


def _stays_booked(original: Any, executed: Executed) -> Any:
    """What turns out not to have happened stays in the books."""

    def book(self: Any, done: bool) -> None:
        if self.before.posted and not done:
            executed()
        else:
            original(self, done)

    return book


# ── rulings ─────────────────────────────────────────────────────────────────────────────────────────────────


def _any_version(original: Any, executed: Executed) -> Any:
    """Nobody looks whether the person had seen how it stands now."""

    def awaits(operation: Any, leg: Any, ruling: Any) -> bool:
        if operation.version != ruling.version:
            executed()
        return bool(original(operation, leg, replace(ruling, version=operation.version)))

    return awaits


def _this_version(original: Any, _executed: Executed) -> Any:
    def may_be_ruled(draft: Any, leg: Any, verdict: Any, event: Any) -> bool:
        return bool(original(draft, leg, verdict, replace(event, version=draft.before.version)))

    return may_be_ruled


def _without(name: str) -> Make:
    """The list of checks without this one."""

    def make(original: Any, executed: Executed) -> Any:
        def passed(check: Any) -> Any:
            def nothing(case: Any) -> None:
                if check(case) is not None:
                    executed()

            return nothing

        return tuple(passed(check) if check.__name__ == name else check for check in original)

    return make


def _not_asked_after(_original: Any, executed: Executed) -> Any:
    """Once somebody has ruled, that is that: no party is asked whether it was right."""

    def ask(_self: Any, _ruling: Any, _now_ms: int) -> list[Any]:
        executed()
        return []

    return ask


def _over_is_over(original: Any, executed: Executed) -> Any:
    """What a party says of an operation that has ended is dropped."""

    def feed(station: Any, operation: Any, event: Any) -> None:
        if operation.ended:
            executed()
        else:
            original(station, operation, event)

    return feed


# ── delivery, and old copies ────────────────────────────────────────────────────────────────────────────────


def _silence_is_delivery(_original: Any, executed: Executed) -> Any:
    """A document that was carried counts as delivered, whatever came back."""

    def not_delivered(self: Any, till: str, told_: Any, _steady_ms: int, now_ms: int) -> None:
        executed()
        self._place.journal.delivered(told_.receiver, told_.serial, told_.number, now_ms)
        lane = self._lanes.get((till, told_.receiver))
        if lane is not None:
            lane.arrived((told_.serial, told_.number))

    return not_delivered


def _not_brought_again(_original: Any, executed: Executed) -> Any:
    """An operator that has lost documents is not brought them again."""

    def bring_again(_self: Any, _till: str, _receiver: str, _serial: str, _wanted: int) -> None:
        executed()

    return bring_again


def _device_has_told(_original: Any, executed: Executed) -> Any:
    """What the device has written counts as delivered: it has a line of its own, has it not?"""

    def device_delivered(self: Any, _till: str, health: Any, now_ms: int) -> None:
        if health.serial is not None and health.last_number is not None:
            executed()
            self._up_to(OPERATOR, health.serial, health.last_number, now_ms)

    return device_delivered


def _sells_at_once(original: Any, executed: Executed) -> Any:
    """A restored till begins operations before it has read what its device holds."""

    def fault_of(request: Any, facts: Any, rules: Any) -> Any:
        if facts.catching_up:
            executed()
        return original(request, replace(facts, catching_up=False), rules)

    return fault_of


def _never_behind(original: Any, executed: Executed) -> Any:
    """Nobody looks at the marks beside the database: an old copy of it goes on as if nothing had been."""

    def fallen_behind(place: Any, marks: Any) -> dict[str, int]:
        if original(place, marks):
            executed()
        return {}

    return fallen_behind


_TROUBLE = {"device.silent": 0.4, "people.unplugged": 0.5, "network.lost": 0.3}
"""What makes receipts red for long enough for somebody to rule."""
_RULED_WRONGLY = {**_TROUBLE, "people.ruled": 0.0, "people.ruled_wrongly": 1.0}

TILL_BUGS: tuple[Bug, ...] = (
    Bug(
        "rulings-not-seen-through", 2, "a ruling is taken although it is not about what the person saw",
        (
            Patch(rulings, "_awaits_a_ruling", _any_version),
            Patch(decide, "_may_be_ruled", _this_version),
        ),
        {**_TROUBLE, "people.ruled": 0.9, "station.disk_slow": 0.3},
    ),
    Bug(
        "ruled-while-undelivered", 2, "'did not happen' is taken while documents have not been delivered",
        (Patch(rulings, "_DID_NOT_CHECKS", _without("_all_delivered")),),
        {**_TROUBLE, "people.ruled": 0.9, "operator.away": 0.5},
    ),
    Bug(
        "anothers-number", 2, "a ruling may name the document of another operation",
        (Patch(rulings, "_HAPPENED_CHECKS", _without("_nobody_elses")),),
        _RULED_WRONGLY,
    ),
    Bug(
        "refund-not-reserved", 3, "what goes back of a sale is not written down: more may go back",
        (Patch(refunds, "reserve", _not_reserved),),
        {"people.brought_twice": 1.0},
    ),
    Bug(
        "numbers-given-again", 3, "an old copy of the journal goes on, and gives numbers anew",
        (Patch(restoring, "fallen_behind", _never_behind),),
        {"station.restored_copy": 0.3},
    ),
    Bug(
        "sells-before-it-has-read", 5, "a restored till begins anew what its device has already",
        (Patch(moments, "_till_fault", _sells_at_once),),
        {"station.restored_copy": 0.3, "device.silent": 0.3, "network.lost": 0.2},
    ),
    Bug(
        "rulings-not-checked", 4, "no party is asked later whether a ruling was right",
        (Patch(enquiries.Checks, "_ask", _not_asked_after),),
        _RULED_WRONGLY,
    ),
    Bug(
        "over-is-over", 4, "what a party says of an operation that has ended is dropped",
        (Patch(hearing, "_feed", _over_is_over), Patch(told, "_feed", _over_is_over)),
        _RULED_WRONGLY,
    ),
    Bug(
        "refund-of-nothing", 4, "a refund goes to the device without naming the sale that it takes back",
        (Patch(refunds, "origin_of", _no_origin),),
    ),
    Bug(
        "exchange-in-cash", 5, "the second half of an exchange is booked out of the drawer",
        (Patch(step, "entries_of", _exchange_in_cash),),
    ),
    Bug(
        "float-not-booked", 5, "money put in at the device itself is not booked",
        (Patch(taking_over, "_book", _float_not_booked),),
    ),
    Bug(
        "closed-shift-changed", 5, "what comes while no shift is open is booked in one that is closed",
        (Patch(Place, "shift_of", _newest_shift),),
        {"people.float_added": 1.0, "people.unplugged": 0.6, "device.refuse_connections": 0.4},
    ),
    Bug(
        "stays-booked", 5, "what turns out not to have happened stays in the books",
        (Patch(step.Step, "_book", _stays_booked),),
        _RULED_WRONGLY,
    ),
    Bug(
        "silence-is-delivery", 7, "a document that was carried counts as delivered, whatever came back",
        (Patch(Outbox, "not_delivered", _silence_is_delivery),),
        {"operator.silent": 0.3, "operator.refuse_connections": 0.3},
    ),
    Bug(
        "operator-loses-for-good", 7, "an operator that has lost documents is not brought them again",
        (Patch(Outbox, "_bring_again", _not_brought_again),),
        {"operator.restored_backup": 0.1},
    ),
    Bug(
        "written-is-delivered", 7, "what the device has written counts as delivered",
        (Patch(Outbox, "device_delivered", _device_has_told),),
        {"operator.away": 0.5},
    ),
    Bug(
        "reservation-kept", 8, "a refund that did not happen keeps its part of the sale",
        (Patch(refunds, "follow", _not_released),),
        {"people.impatient": 0.5, "people.unplugged": 0.5, "device.refuse_connections": 0.4},
    ),
)  # fmt: skip
"""By the promise that they break. Where `weather` is named it makes them show soon."""

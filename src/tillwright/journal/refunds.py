"""What goes back of a sale: reserved when a refund begins, left again if it does not happen.

Reserving is a constraint of the tables, so two tills that try at once cannot both have it. A refund that had
ended as not done and turns out to have happened is taken all the same, beyond the sale if need be: it has
happened, and people are told.
"""

from __future__ import annotations

from tillwright.journal.place import Place
from tillwright.journal.records import Taken, taken_by
from tillwright.kernel.fault import Fault
from tillwright.operations.kinds import KINDS, in_cash_minor
from tillwright.operations.model import Operation
from tillwright.operations.states import LegState, OperationState

TAKES_BACK = ("refund", "void", "payout")
_NOWHERE = (OperationState.REFUSED, OperationState.UNDONE)


def origin_of(parent: Operation | None) -> str:
    """The unique number of the fiscal document of a sale; empty if none is known."""
    if parent is None:
        return ""
    for leg in reversed(parent.legs):
        if leg.commit_point and leg.state is LegState.DONE and leg.evidence is not None:
            return str(leg.evidence.facts.get("unique_number", ""))
    return ""


def taken(operation: Operation) -> Taken:
    """What the operation takes of its parent."""
    return taken_by(operation.content.total_minor, operation.content.lines)


def counts(operation: Operation) -> bool:
    """Whether it takes something: unfinished ones do."""
    return operation.state not in _NOWHERE


def reserve(place: Place, operation: Operation, parent: Operation | None) -> None:
    """At its beginning; Conflict if it is more than is left."""
    if parent is not None and operation.kind in TAKES_BACK and counts(operation):
        place.journal.take(parent, taken(operation), beyond=False)


def follow(place: Place, before: Operation, after: Operation, parent: Operation | None, now_ms: int) -> None:
    """After a step: give back what did not happen, take again what happened after all."""
    if parent is None or after.kind not in TAKES_BACK or counts(before) == counts(after):
        return
    if counts(after):
        take_beyond(place, after, parent, now_ms)
    else:
        place.journal.give_back(parent, taken(after))


def take_beyond(place: Place, operation: Operation, parent: Operation, now_ms: int) -> None:
    """It has happened: take it whatever is left, and tell people if that is more than the sale."""
    left = place.journal.refundable(parent)
    place.journal.take(parent, taken(operation), beyond=True)
    after = place.journal.refundable(parent)
    if after.beyond_minor > left.beyond_minor:
        content = operation.content
        fault = Fault(
            "till.refund-exceeds-sale", currency=content.currency, left_minor=left.left_minor,
            total_minor=content.total_minor,
        )  # fmt: skip
        place.raise_fault(operation.till, operation.uid, fault, now_ms)


# ── what is owed and still lies in the drawer ─────────────────────────────────────────────────────


def _owed(operation: Operation) -> int:
    """What of the drawer's money the operation has made somebody else's."""
    if not operation.posted:
        return 0
    content = operation.content
    if operation.kind == "payout":
        return -content.total_minor
    if KINDS[operation.kind].payout and operation.owed:
        return in_cash_minor(content)
    return 0


def follow_owed(place: Place, before: Operation | None, after: Operation) -> None:
    """Keep the sum of what is owed and has not been handed out."""
    moved = _owed(after) - (_owed(before) if before is not None else 0)
    if moved:
        name = f"owed:{after.till}:{after.content.currency}"
        place.journal.set_value(name, str(int(place.journal.value(name) or 0) + moved))


def owed_minor(place: Place, till: str, currency: str) -> int:
    """What is owed to customers and still lies in the drawer; the device has counted it out."""
    return int(place.journal.value(f"owed:{till}:{currency}") or 0)


# ── exchanges ─────────────────────────────────────────────────────────────────────────────────────


def remember_half(place: Place, operation: Operation) -> None:
    """The refund of an exchange: the last one that was tried for its sale."""
    if operation.kind == "refund" and operation.content.exchange:
        place.journal.set_value(f"exchange:{operation.content.exchange}", operation.uid)


def may_retry(place: Place, sale: Operation | None) -> bool:
    """Whether the refund of an exchange has ended as not done, so that another may take its place."""
    if sale is None:
        return False
    last = place.journal.value(f"exchange:{sale.uid}") or sale.content.exchange
    refund = place.journal.operation(last)
    return refund is not None and not counts(refund)

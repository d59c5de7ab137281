"""An exchange while it is being put together: goods that come back stand in the basket of those chosen
instead.

The two halves are operations of their own, a sale and a refund; their uids are fixed when the basket opens,
so that whatever happens in between leads to the same two. What comes back is kept with the basket, and
outlives a restart like all else in it.
"""

from __future__ import annotations

import msgspec

from tillwright.machine.sqlite import Connection
from tillwright.operations.model import Content, Line, Operation
from tillwright.till import actions, queries
from tillwright.till.contents import Exchange, total_of
from tillwright.till.rules import Basket


class Returned(msgspec.Struct, frozen=True):
    """What comes back in exchange: of which sale, as which refund, why, which lines."""

    parent: str
    refund_uid: str
    reason: str
    lines: tuple[Line, ...]

    @property
    def total_minor(self) -> int:
        """What it is worth."""
        return total_of(self.lines)


_DECODER = msgspec.json.Decoder(Returned)


def begin(
    connection: Connection, till: str, currency: str, cashier: str, now_ms: int, returned: Returned
) -> Basket:
    """Open a basket for what is chosen instead; one that is open and has lines is parked."""
    opened = queries.open_basket(connection, till)
    if opened is not None and opened.lines:
        seen = (opened.uid, opened.version)
        actions.park_basket(connection, seen, opened.note, cashier, now_ms)
    elif opened is not None:
        actions.cancel_basket(connection, (opened.uid, opened.version))
    basket = actions.open_basket(connection, till, currency, cashier, now_ms)
    text = msgspec.json.encode(returned).decode()
    connection.execute("UPDATE basket SET returned = ? WHERE uid = ?", (text, basket.uid))
    return basket


def returned_in(connection: Connection, uid: str) -> Returned | None:
    """What comes back in exchange for this basket; None for one that is no exchange."""
    row = connection.execute("SELECT returned FROM basket WHERE uid = ?", (uid,)).fetchone()
    return _DECODER.decode(row[0]) if row and row[0] else None


def renew(connection: Connection, uid: str, returned: Returned, refund_uid: str) -> Returned:
    """Give the half that takes the goods back another uid: its first try has ended as not done."""
    again = msgspec.structs.replace(returned, refund_uid=refund_uid)
    text = msgspec.json.encode(again).decode()
    connection.execute("UPDATE basket SET returned = ? WHERE uid = ?", (text, uid))
    return again


def exchange_of(basket: Basket, returned: Returned) -> Exchange:
    """The sums of an exchange as it stands."""
    return Exchange(
        basket.uid, returned.refund_uid, returned.parent, returned.total_minor, basket.total_minor
    )


def exchange_as_sold(sale: Operation, returned: Returned) -> Exchange:
    """The sums of an exchange whose first half has begun."""
    return Exchange(
        sale.uid, returned.refund_uid, returned.parent, returned.total_minor, sale.content.total_minor
    )


def refund_half(exchange: Exchange, returned: Returned, currency: str) -> Content:
    """The half that takes the goods back."""
    return Content(
        currency,
        returned.total_minor,
        returned.lines,
        exchange.refund_tenders(),
        parent=returned.parent,
        exchange=exchange.sale_uid,
        reason=returned.reason,
    )

"""Changing a till's basket: one function for each press.

Each takes the writer's connection and runs inside its transaction: `station().write(lambda connection:
actions.add_goods(connection, ...))`. So a basket survives a reload, a closed lid and a station that is
switched off, and its changes come one after the other.

A press names the basket that its page showed. If that one has been sold or changed since, the press is not
done and the fault `till.basket-stale` says so: pressing again after a lost answer adds nothing twice.
"""

from __future__ import annotations

import os

from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.keys import uid_from_bytes
from tillwright.kernel.rules import PackRules
from tillwright.machine.sqlite import Connection
from tillwright.till import queries, rules
from tillwright.till.discounts import Discount
from tillwright.till.rules import Basket, BasketLine, Offer

_PUT_LINE = """
INSERT INTO basket_line (basket, position, sku, name, unit, quantity_milli, price_minor, total_minor,
discount_kind, discount_value)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (basket, position) DO UPDATE SET
quantity_milli = excluded.quantity_milli, total_minor = excluded.total_minor,
discount_kind = excluded.discount_kind, discount_value = excluded.discount_value
"""

LONGEST_NOTE = 80


def open_basket(connection: Connection, till: str, currency: str, cashier: str, now_ms: int) -> Basket:
    """The till's open basket; a new one, with a uid of its own, where there is none."""
    found = queries.open_basket(connection, till)
    if found:
        return found
    connection.execute("UPDATE basket SET state = 'closed' WHERE till = ? AND state = 'open'", (till,))
    uid = uid_from_bytes(os.urandom(16))
    connection.execute(
        "INSERT INTO basket (uid, till, currency, cashier, state, opened_ms, version, next_position)"
        " VALUES (?, ?, ?, ?, 'open', ?, 0, 1)",
        (uid, till, currency, cashier, now_ms),
    )
    return Basket(uid, till, currency, now_ms, 0, 1, ())


def add_goods(
    connection: Connection,
    seen: tuple[str, int],
    offer: Offer,
    quantity_milli: int,
    pack: PackRules,
) -> Basket:
    """Put goods into the basket that the page has seen: (uid, version). Raises FaultError; see rules.add."""
    basket = _require(connection, seen)
    return _save(connection, basket, rules.add(basket, offer, quantity_milli, pack))


def set_quantity(
    connection: Connection, seen: tuple[str, int], position: int, quantity_milli: int, pack: PackRules
) -> Basket:
    """Change the quantity of a line. Raises FaultError; see rules.set_quantity."""
    basket = _require(connection, seen)
    return _save(connection, basket, rules.set_quantity(basket, position, quantity_milli, pack))


def remove_line(connection: Connection, seen: tuple[str, int], position: int) -> Basket:
    """Take a line out. Raises FaultError(till.basket-stale)."""
    basket = _require(connection, seen)
    return _save(connection, basket, rules.remove(basket, position))


def discount_line(connection: Connection, seen: tuple[str, int], position: int, discount: Discount) -> Basket:
    """Take something off a line. Raises FaultError; see rules.discount_line."""
    basket = _require(connection, seen)
    return _save(connection, basket, rules.discount_line(basket, position, discount))


def discount_basket(connection: Connection, seen: tuple[str, int], discount: Discount) -> Basket:
    """Take something off the whole. Raises FaultError; see rules.discount_basket."""
    basket = _require(connection, seen)
    return _save(connection, basket, rules.discount_basket(basket, discount))


def cancel_basket(connection: Connection, seen: tuple[str, int]) -> None:
    """Give up a basket that has not been started. Raises FaultError(till.basket-stale)."""
    basket = _require(connection, seen)
    _close(connection, basket.uid)


def park_basket(connection: Connection, seen: tuple[str, int], note: str, cashier: str, now_ms: int) -> None:
    """Put the open basket aside, so that another customer can be served.

    Raises FaultError: till.basket-stale, till.basket-empty.
    """
    basket = _require(connection, seen)
    if not basket.lines:
        raise FaultError(Fault("till.basket-empty"))
    _park(connection, basket.uid, note, cashier, now_ms)


def resume_basket(connection: Connection, till: str, uid: str, cashier: str, now_ms: int) -> None:
    """Open a parked basket of this till again; one that is open and has lines is parked in its place.

    Raises FaultError(till.basket-stale) for one that is not parked here (any more).
    """
    _require_parked(connection, till, uid)
    opened = queries.open_basket(connection, till)
    if opened is not None and opened.lines:
        _park(connection, opened.uid, opened.note, cashier, now_ms)
    connection.execute("UPDATE basket SET state = 'closed' WHERE till = ? AND state = 'open'", (till,))
    connection.execute("UPDATE basket SET state = 'open' WHERE uid = ?", (uid,))


def cancel_parked(connection: Connection, till: str, uid: str) -> None:
    """Give up a parked basket of this till. Raises FaultError(till.basket-stale)."""
    _require_parked(connection, till, uid)
    _close(connection, uid)


def _close(connection: Connection, uid: str) -> None:
    connection.execute("UPDATE basket SET state = 'closed' WHERE uid = ?", (uid,))


def _park(connection: Connection, uid: str, note: str, cashier: str, now_ms: int) -> None:
    connection.execute(
        "UPDATE basket SET state = 'parked', note = ?, parked_ms = ?, parked_by = ? WHERE uid = ?",
        (note.strip()[:LONGEST_NOTE], now_ms, cashier, uid),
    )


def _require_parked(connection: Connection, till: str, uid: str) -> None:
    found = connection.execute(
        "SELECT 1 FROM basket WHERE uid = ? AND till = ? AND state = 'parked'", (uid, till)
    ).fetchone()
    if found is None:
        raise FaultError(Fault("till.basket-stale"))


def copy_basket(connection: Connection, uid: str, cashier: str, now_ms: int) -> Basket:
    """A new open basket with the lines of an old one, for a sale that was refused and is tried anew.

    A basket that is open and has lines stays as it is and is returned. Raises FaultError(till.basket-stale)
    for a uid that is none.
    """
    old = queries.basket(connection, uid)
    if old is None:
        raise FaultError(Fault("till.basket-stale"))
    fresh = open_basket(connection, old.till, old.currency, cashier, now_ms)
    if fresh.lines:
        return fresh
    copied = Basket(
        fresh.uid,
        fresh.till,
        fresh.currency,
        fresh.opened_ms,
        fresh.version + 1,
        old.next_position,
        old.lines,
        old.discount,
        exchange=old.exchange,
    )
    connection.execute(
        "UPDATE basket SET returned = (SELECT returned FROM basket WHERE uid = ?) WHERE uid = ?",
        (uid, fresh.uid),
    )
    return _save(connection, fresh, copied)


def _require(connection: Connection, seen: tuple[str, int]) -> Basket:
    uid, version = seen
    row = connection.execute("SELECT till FROM basket WHERE uid = ?", (uid,)).fetchone()
    basket = queries.open_basket(connection, row[0]) if row else None
    if basket is None or (basket.uid, basket.version) != (uid, version):
        raise FaultError(Fault("till.basket-stale"))
    return basket


def _save(connection: Connection, before: Basket, after: Basket) -> Basket:
    """Write what differs: a basket of 2,000 lines costs no more than the line that was scanned."""
    connection.execute(
        "UPDATE basket SET version = ?, next_position = ?, discount_kind = ?, discount_value = ?"
        " WHERE uid = ?",
        (after.version, after.next_position, after.discount.kind, after.discount.value, after.uid),
    )
    old = {line.position: line for line in before.lines}
    new = {line.position: line for line in after.lines}
    for position in sorted(old.keys() - new.keys()):
        connection.execute("DELETE FROM basket_line WHERE basket = ? AND position = ?", (after.uid, position))
    changed = [line for line in after.lines if old.get(line.position) != line]
    connection.executemany(_PUT_LINE, [(after.uid, *_row(line)) for line in changed])
    return after


def _row(line: BasketLine) -> tuple[object, ...]:
    return (
        line.position,
        line.sku,
        line.name,
        line.unit,
        line.quantity_milli,
        line.price_minor,
        line.total_minor,
        line.discount_kind,
        line.discount_value,
    )

"""How long a station needs from its start until it could sell, with few and with many finished sales."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

from tillwright.demo.shop import Shop
from tillwright.documents.receipt import encode, receipt_of
from tillwright.journal import codec
from tillwright.kernel.evidence import Evidence, Source
from tillwright.machine import sqlite
from tillwright.operations.events import Event, Replied, Started, happening
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.operations.states import LegState, OperationState

_CHUNK = 20_000
_BEGUN_MS = 1_700_000_000_000
_CONTENT = Content("EUR", 568, (Line("1001", "Milk 3.2 % 1 l", 2000, 568, 284),), (Tender("cash", 568),))


def ready_s(shop: Shop, finished: int) -> float:
    """Fill the shop's journal up to so many finished sales, start its station; the seconds until ready."""
    fill(shop, finished)
    shop.start_twins()
    try:
        return shop.start_station()
    finally:
        shop.stop()


def fill(shop: Shop, finished: int) -> None:
    """Write finished sales as the journal would have written them, in large commits."""
    connection = sqlite.connect(shop.journal_file)
    known = int(connection.execute("SELECT count(*) FROM operation").fetchone()[0])
    last = int(connection.execute("SELECT coalesce(max(number), 0) FROM operation").fetchone()[0])
    till = shop.options.tills[0]
    for begin in range(known, finished, _CHUNK):
        count = min(_CHUNK, finished - begin)
        connection.execute("BEGIN IMMEDIATE")
        _write(connection, till.id, last + begin - known + 1, count)
        connection.execute("COMMIT")
    connection.close()


def _write(connection: sqlite.Connection, till: str, first: int, count: int) -> None:
    sales = [_sale(till, first + number) for number in range(count)]
    base = int(connection.execute("SELECT coalesce(max(id), 0) FROM operation").fetchone()[0]) + 1
    numbered = list(enumerate(sales, start=base))
    connection.executemany(
        "INSERT INTO operation (id, uid, till, number, kind, state, version, cashier, currency, total_minor, "
        "started_ms, changed_ms, content_hash, content, body) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (_operation_row(id_, sale) for id_, sale in numbered),
    )
    connection.executemany(
        "INSERT INTO leg_key (key, operation) VALUES (?, ?)",
        ((sale.legs[0].key, id_) for id_, sale in numbered),
    )
    connection.executemany(
        "INSERT INTO event (operation, version, at_ms, happening, leg, body) VALUES (?,?,?,?,?,?)",
        (row for id_, sale in numbered for row in _event_rows(id_, sale)),
    )
    connection.executemany(
        "INSERT INTO entry (operation, till, shift, currency, account, amount_minor, at_ms) "
        "VALUES (?,?,1,'EUR',?,?,?)",
        (row for id_, sale in numbered for row in _entry_rows(id_, sale)),
    )
    connection.executemany(
        "INSERT INTO document (operation, kind, at_ms, body) VALUES (?, 'receipt', ?, ?)",
        ((id_, sale.changed_ms, encode(receipt_of(sale))) for id_, sale in numbered),
    )


def _sale(till: str, number: int) -> Operation:
    uid = str(uuid.uuid4())
    at_ms = _BEGUN_MS + number * 1_000
    facts: dict[str, str | int] = {
        "document_number": number,
        "unique_number": uid,
        "serial": "SKO-1001",
    }
    leg = replace(
        planned_legs(uid, KINDS["cash-sale"])[0],
        state=LegState.DONE,
        evidence=Evidence(Source.REPLY, at_ms, facts),
        sent_ms=at_ms,
    )
    return Operation(
        uid=uid, till=till, number=number, kind="cash-sale", cashier="7", shift=1, content=_CONTENT,
        content_hash=codec.content_hash("cash-sale", _CONTENT), started_ms=at_ms, changed_ms=at_ms + 20,
        legs=(leg,), state=OperationState.DONE, version=2, ended_ms=at_ms + 20, posted=True,
    )  # fmt: skip


def _operation_row(id_: int, sale: Operation) -> tuple[object, ...]:
    content = sale.content
    return (
        id_, sale.uid, sale.till, sale.number, sale.kind, sale.state.value, sale.version, sale.cashier,
        content.currency, content.total_minor, sale.started_ms, sale.changed_ms, sale.content_hash,
        codec.encode_content(content), codec.encode_operation(sale),
    )  # fmt: skip


def _event_rows(id_: int, sale: Operation) -> Iterator[tuple[object, ...]]:
    evidence = sale.legs[0].evidence
    if evidence is None:
        raise AssertionError("a finished sale has evidence")
    events: list[Event] = [Started(sale.started_ms), Replied(sale.changed_ms, 1, True, evidence)]
    for version, event in enumerate(events, start=1):
        leg = getattr(event, "leg", None)
        yield (id_, version, event.at_ms, happening(event).value, leg, codec.encode_event(event))


def _entry_rows(id_: int, sale: Operation) -> Iterator[tuple[object, ...]]:
    for entry in KINDS[sale.kind].entries(sale.content):
        yield (id_, sale.till, entry.account.value, entry.amount_minor, sale.changed_ms)

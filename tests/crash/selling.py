"""For the tests that kill: sales, what each book holds of one, and whether it stands once in the end."""

from __future__ import annotations

import itertools
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tillwright.demo.careful_till import CarefulTill
from tillwright.demo.shop import Shop
from tillwright.demo.verify import compare
from tillwright.kernel.keys import uid_from_bytes
from tillwright.machine import sqlite

QUIET: dict[str, Any] = {"tills": 1, "open_goods": True, "status_every_ms": 0, "only_devices": True}
"""A shop whose station makes no call but for what it is asked: then the calls of a sale can be numbered."""

_ANSWER_S = 30.0
_numbers = itertools.count(1)


def new_sale(chance: Random | None = None) -> dict[str, Any]:
    """A sale that nobody has made yet."""
    number = next(_numbers)
    total_minor = 100 + number if chance is None else 1 + chance.randrange(5_000)
    return {
        "uid": uid_from_bytes(number.to_bytes(16, "big")),
        "kind": "cash-sale",
        "currency": "EUR",
        "lines": [{"goods": "TEA", "name": "Tea", "total_minor": total_minor}],
        "tenders": [{"kind": "cash", "amount_minor": total_minor}],
    }


@contextmanager
def talking(shop: Shop, till: str = "till-1") -> Iterator[CarefulTill]:
    """A careful till of the shop, which hangs up at the end."""
    careful = CarefulTill(shop.url, shop.tokens[till], threading.Event(), patience_s=60.0)
    try:
        yield careful
    finally:
        careful.hang_up()


def say_once(shop: Shop, operation: dict[str, Any], till: str = "till-1") -> int:
    """Send an operation, once; the status of the answer, 0 where none came.

    It goes in one piece, so that the server reads it in the same calls each time.
    """
    body = json.dumps(operation)
    words = [
        "POST /api/v1/operations HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {shop.tokens[till]}",
        "Prefer: wait=20", "Content-Type: application/json", f"Content-Length: {len(body)}", "", body,
    ]  # fmt: skip
    try:
        with socket.create_connection(("127.0.0.1", shop.ports["pages"]), timeout=_ANSWER_S) as line:
            line.sendall("\r\n".join(words).encode())
            return _status(line.recv(1 << 16))
    except ConnectionError:
        return 0


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What the books on the disk hold of one sale."""

    state: str | None
    """of the operation; None: it never began"""
    documents: int


def standing(folder: Path, uid: str) -> Standing:
    """Read both books with SQL."""
    journal = sqlite.connect(folder / "station.db", read_only=True)
    row = journal.execute("SELECT state FROM operation WHERE uid = ?", (uid,)).fetchone()
    journal.close()
    device = sqlite.connect(folder / "twins.db", read_only=True)
    count = device.execute("SELECT count(*) FROM document WHERE key LIKE ? || '.%'", (uid,)).fetchone()[0]
    device.close()
    return Standing(row[0] if row else None, count)


def assert_sold_once(shop: Shop, sale: dict[str, Any]) -> None:
    """The till repeats its uid; then the sale stands exactly once in both books, and the books agree."""
    with talking(shop) as till:
        told = till.sell(sale)
    assert told["state"] == "done", told
    assert standing(shop.root, sale["uid"]) == Standing("done", 1)
    assert compare(shop.root).differences == []

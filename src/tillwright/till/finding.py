"""Finding a receipt by what the customer or the paper says: its number, its code, its sum, its time.

One field takes them all; what was typed says which it is. '118' may be a number or, in a currency without
decimals, a sum: both are looked for. Numbers and times grow together, so a time is found by halving; a sum is
looked for among the newest receipts only, so that no search reads a year.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tillwright.journal.queries import Summary
from tillwright.kernel.money import parse_minor
from tillwright.machine.sqlite import Connection

MOST_FOUND = 50
NEWEST = 20_000
"""So many of a till's newest receipts are looked through for a sum."""

_COLUMNS = (
    "id, uid, till, number, kind, state, version, cashier, currency, total_minor, started_ms, changed_ms"
)
_TIME = re.compile(r"(?:(\d{1,2})[./-](\d{1,2})(?:[./-](\d{2,4}))?\s+)?(\d{1,2}):(\d{2})")
_NUMBER = re.compile(r"[0-9]{1,9}")
_CODE = re.compile(r"[0-9A-Za-z-]{2,64}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed may mean: a number, a sum, a time, a code; what it cannot be is None."""

    number: int | None = None
    amount_minor: int | None = None
    at_ms: int | None = None
    code: str | None = None


def read(typed: str, exponent: int, now_ms: int, zone: ZoneInfo) -> Wanted:
    """What somebody typed or scanned, understood."""
    text = typed.strip()
    at_ms = _moment(text, now_ms, zone)
    if at_ms is not None:
        return Wanted(at_ms=at_ms)
    number = int(text) if _NUMBER.fullmatch(text) else None
    try:
        amount_minor = parse_minor(text, exponent) if len(text) <= 16 else None
    except ValueError:
        amount_minor = None
    return Wanted(number, amount_minor, None, text if _CODE.fullmatch(text) else None)


def _moment(text: str, now_ms: int, zone: ZoneInfo) -> int | None:
    """'14:30' today, or yesterday if that is still to come; '21.11 14:30' on that day."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    day, month, year, hour, minute = (int(part or 0) for part in found.groups())
    now = datetime.fromtimestamp(now_ms // 1000, UTC).astimezone(zone)
    try:
        date = now.date().replace(year or now.year, month, day) if day else now.date()
        moment = datetime.combine(date, time(hour, minute), zone)
        if moment > now and not day:
            moment -= timedelta(days=1)
        elif moment > now and not year:
            moment = moment.replace(year=now.year - 1)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1000


def find(connection: Connection, tills: Sequence[str], wanted: Wanted) -> list[Summary]:
    """The receipts that fit, those of the first till first, of each the newest first."""
    rows: list[Any] = []
    if wanted.code is not None:
        rows += _by_code(connection, wanted.code)
    for till in tills:
        if wanted.number is not None:
            rows += _select(connection, "till = ? AND number = ?", (till, wanted.number))
    for till in tills:
        if wanted.amount_minor is not None:
            newest = _last_number(connection, till) - NEWEST
            values = (till, newest, wanted.amount_minor)
            rows += _select(connection, "till = ? AND number > ? AND total_minor = ?", values)
        if wanted.at_ms is not None:
            last = _number_at(connection, till, wanted.at_ms)
            rows += _select(connection, "till = ? AND number <= ?", (till, last))
    return list({row[0]: Summary(*row) for row in rows}.values())[:MOST_FOUND]


def _select(connection: Connection, where: str, values: tuple[object, ...]) -> list[Any]:
    select = f"SELECT {_COLUMNS} FROM operation WHERE {where} ORDER BY number DESC LIMIT {MOST_FOUND}"  # nosec B608
    return connection.execute(select, values).fetchall()


def _by_code(connection: Connection, code: str) -> list[Any]:
    found = _select(connection, "uid = ?", (code.lower(),))
    by_document = (
        "id IN (SELECT k.operation FROM leg_key k JOIN device_document d ON d.key = k.key"
        " WHERE d.unique_number = ?)"
    )
    return found or _select(connection, by_document, (code,))


def _last_number(connection: Connection, till: str) -> int:
    row = connection.execute("SELECT max(number) FROM operation WHERE till = ?", (till,)).fetchone()
    return int(row[0] or 0)


def _number_at(connection: Connection, till: str, at_ms: int) -> int:
    """The number of the last receipt that had begun by then, 0 if none had."""
    below, above = 0, _last_number(connection, till)
    while below < above:
        middle = (below + above + 1) // 2
        row = connection.execute(
            "SELECT number, started_ms FROM operation WHERE till = ? AND number >= ? ORDER BY number LIMIT 1",
            (till, middle),
        ).fetchone()
        if row is not None and row[0] <= above and row[1] <= at_ms:
            below = int(row[0])
        else:
            above = middle - 1
    return below

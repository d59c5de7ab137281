"""How often a page of faults asks a database, and how much it sends. Ratchets: they only tighten."""

from collections.abc import Callable

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.faults.desk import LINK_LOST, Desk, counter, desk
from tests.pages import People
from tillwright.till.queries import reader

__all__ = ["counter", "desk"]

#: address → statements, the strip's 7 and the session's 3 among them.
STATEMENTS = {
    "/diagnoses": 12,
    "/diagnoses/UID": 14,
    "/diagnoses/UID/card": 7,
    "/diagnoses/UID/record": 14,
    "/faults": 10,
    "/status": 11,
    "/status/parts": 4,
    f"/runbooks/{LINK_LOST}": 20,
}
BYTES = {"/diagnoses/UID": 13_500, "/diagnoses": 7_000, "/status": 36_000, f"/runbooks/{LINK_LOST}": 19_000}


def statements(desk: Desk, work: Callable[[], object]) -> int:
    """How many statements `work` has had run in this thread, by the station's reader, Django's and ours."""
    seen: list[str] = []
    watched = (desk.counter.page.station._reader(), reader())
    for one in watched:
        one.set_trace_callback(seen.append)
    try:
        with CaptureQueriesContext(connections["sessions"]) as own:
            work()
    finally:
        for one in watched:
            one.set_trace_callback(None)
    print(f"{len(own)} + {len(seen)}")
    return len(own) + len(seen)


@pytest.mark.parametrize("address", STATEMENTS)
def test_statements(desk: Desk, address: str) -> None:
    where = address.replace("UID", desk.begin())
    desk.counter.get(where)
    assert statements(desk, lambda: desk.counter.get(where)) <= STATEMENTS[address]


@pytest.mark.parametrize("address", BYTES)
def test_bytes(desk: Desk, address: str) -> None:
    desk.counter.post("/status/look")
    size = len(desk.counter.get(address.replace("UID", desk.begin())).content)
    print(f"{address}: {size} bytes")
    assert size <= BYTES[address]


def test_a_longer_list_asks_no_oftener(desk: Desk, people: People) -> None:
    desk.begin()
    desk.counter.get("/diagnoses")
    short = statements(desk, lambda: desk.counter.get("/diagnoses"))
    for code in ("printer.paper-out", "printer.offline", "journal.disk-low", "fiscal.sko-no-answer"):
        desk.begin(code)
    assert statements(desk, lambda: desk.counter.get("/diagnoses")) == short

"""kill -9 at each write, sync and send of one cash sale of the real station; then it is started again, and
the sale stands exactly once on both sides.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.selling import assert_sold_once, new_sale, standing, talking
from tests.crash.tracing import Call, Tracer, need_strace, traced
from tests.processes import running_shop
from tillwright.demo.shop import Shop

pytestmark = [pytest.mark.crash, pytest.mark.slow]

_STRUCK_S = 20.0


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    need_strace()
    with running_shop(tmp_path_factory.mktemp("killed"), tills=1, open_goods=True) as running:
        yield running


class Sale:
    """The calls of one ordinary sale, by the threads that make them."""

    def __init__(self, calls: list[Call]) -> None:
        self.calls = calls
        self.writer = self._thread("fsync", "station.db-wal") or self._thread("fdatasync", "station.db-wal")
        self.parties = self._thread("sendto", "register")
        self.answerer = self._thread("writev", "201 Created") or self._thread("sendto", "201 Created")
        assert self.writer, "nobody has synced"
        assert self.parties, "nobody has asked the device"
        assert self.answerer, "nobody has answered"

    def _thread(self, name: str, words: str) -> int:
        return next((call.thread for call in self.calls if call.name == name and words in call.words), 0)

    def count(self, thread: int, name: str) -> int:
        """How often a thread makes a call."""
        return sum(call.thread == thread and call.name == name for call in self.calls)

    def writes_by_commit(self) -> list[int]:
        """How many writes stand before each sync of the writer."""
        counts = [0]
        for call in self.calls:
            if call.thread == self.writer and call.name == "pwrite64":
                counts[-1] += 1
            elif call.thread == self.writer and call.name in ("fsync", "fdatasync"):
                counts.append(0)
        return counts[:-1]


def rehearse(shop: Shop, folder: Path) -> Sale:
    """Trace one ordinary sale."""
    worker = shop.worker_pid()
    assert worker is not None
    with talking(shop) as till:
        till.sell(new_sale())
    with traced(folder / "rehearsal", worker) as tracer, talking(shop) as till:
        till.sell(new_sale())
    return Sale(up_to_the_answer(tracer.calls()))


def up_to_the_answer(calls: list[Call]) -> list[Call]:
    """The calls that belong to the sale: none after the one that answers."""
    answers = [place for place, call in enumerate(calls) if "201 Created" in call.words]
    assert len(answers) == 1, "the sale was not answered once"
    return calls[: answers[0] + 1]


def places(sale: Sale) -> list[tuple[str, str, int]]:
    """(thread, call, which): every sync and every send, and of the writes the first, some and the last."""
    chosen: list[tuple[str, str, int]] = []
    for role in ("writer", "parties", "answerer"):
        thread = getattr(sale, role)
        for name in ("fsync", "fdatasync", "ftruncate", "unlink", "sendto", "recvfrom", "write", "writev"):
            chosen += [(role, name, number + 1) for number in range(sale.count(thread, name))]
    before = 0
    for writes in sale.writes_by_commit():
        chosen += [("writer", "pwrite64", before + number) for number in sorted({1, writes // 2, writes})]
        before += writes
    return chosen


def kill_at(shop: Shop, folder: Path, place: tuple[str, str, int]) -> tuple[str | None, int]:
    """Kill the station there in a sale, start it again, and see that the sale stands once; what the books
    held in between.
    """
    role, name, number = place
    sale, rehearsal = new_sale(), rehearse(shop, folder)
    killer = Tracer(folder / "killer", getattr(rehearsal, role), whole=False, kill_at=(name, number))
    with talking(shop) as till:
        status, told = till.call("POST", "/api/v1/operations", json.dumps(sale).encode())
    struck = killer.wait_for_the_kill(_STRUCK_S)
    killer.detach()
    assert struck, f"no kill at {place}; the sale was answered with {status} {told.get('state')}"
    last = killer.calls()[-1]
    assert (last.name, last.ended) == (name, None), f"killed at {last}, not at {place}"
    shop.station.kill()  # its server too, so that it starts no other worker
    between = standing(shop.root, sale["uid"])
    if status:  # the call came after the answer this time, as one more look at an idle device may bring about
        assert (status, told["state"], between.state, between.documents) == (201, "done", "done", 1)
    shop.start_station()
    assert_sold_once(shop, sale)
    return between.state, between.documents


def test_a_sale_that_is_killed_at_any_call_stands_once(shop: Shop, tmp_path: Path) -> None:
    rehearsal = rehearse(shop, tmp_path)
    assert rehearsal.count(rehearsal.writer, "fsync") + rehearsal.count(rehearsal.writer, "fdatasync") == 2
    chosen = places(rehearsal)
    outcomes = Counter(kill_at(shop, tmp_path, place) for place in chosen)
    print(f"{len(chosen)} kills: {dict(outcomes)}")
    assert outcomes[None, 0] > 0, "in no case the sale had never begun"
    assert outcomes["done", 1] > 0, "in no case the sale was done"
    assert outcomes["open", 0] > 0, "in no case it had begun and not reached the device"
    assert outcomes["open", 1] > 0, "in no case the device had it and the journal did not know"
    assert set(outcomes) == {(None, 0), ("open", 0), ("open", 1), ("done", 1)}

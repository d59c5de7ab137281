"""kill -9 at each sync and send, and at some of the writes, of one cash sale of the real station; then it is
started again, and the sale stands exactly once on both sides.

A kill is placed by counting: the third `recvfrom` of the parties' thread. So the calls of one sale must be
those of another: the request goes in one piece, and the station asks no idle device. What cannot be the same
is how many pages a commit writes (now and then the trees of the tables split a page), so kills at writes are
placed well before the number that a rehearsal had. With all that, each kill must strike before the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.selling import QUIET, Standing, assert_sold_once, new_sale, say_once, standing
from tests.crash.tracing import Call, Tracer, need_strace, traced
from tests.processes import running_shop
from tillwright.demo.shop import Shop

pytestmark = [pytest.mark.crash, pytest.mark.slow]

_STRUCK_S = 60.0
_REHEARSALS = 3
_CALLS = ("fsync", "fdatasync", "ftruncate", "unlink", "sendto", "recvfrom", "write", "writev")
_PERCENT_OF_WRITES = (15, 30, 45, 60)
"""Where kills at writes are placed, in a hundredth of the fewest writes that a rehearsal had."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    need_strace()
    with running_shop(tmp_path_factory.mktemp("killed"), **QUIET) as running:
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


def rehearse(shop: Shop, folder: Path) -> Sale:
    """Trace one ordinary sale."""
    worker = shop.worker_pid()
    assert worker is not None
    assert say_once(shop, new_sale()) == 201
    with traced(folder / "rehearsal", worker) as tracer:
        assert say_once(shop, new_sale()) == 201
    return Sale(up_to_the_answer(tracer.calls()))


def up_to_the_answer(calls: list[Call]) -> list[Call]:
    """The calls that belong to the sale: none after the one that answers."""
    answers = [place for place, call in enumerate(calls) if "201 Created" in call.words]
    assert len(answers) == 1, "the sale was not answered once"
    return calls[: answers[0] + 1]


def places(rehearsals: list[Sale]) -> list[tuple[str, str, int]]:
    """(thread, call, which): every sync and every send, and some of the writes."""
    chosen: list[tuple[str, str, int]] = []
    for role in ("writer", "parties", "answerer"):
        for name in _CALLS:
            count = min(sale.count(getattr(sale, role), name) for sale in rehearsals)
            chosen += [(role, name, number + 1) for number in range(count)]
    writes = min(sale.count(sale.writer, "pwrite64") for sale in rehearsals)
    numbers = [1, *(writes * percent // 100 for percent in _PERCENT_OF_WRITES)]
    return chosen + [("writer", "pwrite64", number) for number in numbers]


def kill_at(shop: Shop, folder: Path, place: tuple[str, str, int]) -> Standing:
    """Kill the station there in a sale, start it again, and see that the sale stands once; what the books
    held in between.
    """
    role, name, number = place
    sale, rehearsal = new_sale(), rehearse(shop, folder)
    killer = Tracer(folder / "killer", getattr(rehearsal, role), whole=False, kill_at=(name, number))
    status = say_once(shop, sale)
    assert status == 0, f"the sale was answered with {status} before {place}"
    struck = killer.wait_for_the_kill(_STRUCK_S)
    killer.detach()
    assert struck, f"no kill at {place}"
    last = killer.calls()[-1]
    assert (last.name, last.ended) == (name, None), f"killed at {last}, not at {place}"
    shop.station.kill()  # its server too, so that it starts no other worker
    between = standing(shop.root, sale["uid"])
    shop.start_station()
    assert_sold_once(shop, sale)
    return between


def test_a_sale_that_is_killed_at_any_call_stands_once(shop: Shop, tmp_path: Path) -> None:
    rehearsals = [rehearse(shop, tmp_path) for _ in range(_REHEARSALS)]
    for sale in rehearsals:
        assert sale.count(sale.writer, "fsync") + sale.count(sale.writer, "fdatasync") == 2
    chosen = places(rehearsals)
    between = [kill_at(shop, tmp_path, place) for place in chosen]
    outcomes = Counter(between)
    print(f"{len(chosen)} kills: {dict(outcomes)}")
    assert len(between) == len(chosen) > len(_PERCENT_OF_WRITES), "not every kill struck before the answer"
    assert outcomes[Standing(None, 0)] > 0, "in no case the sale had never begun"
    assert outcomes[Standing("done", 1)] > 0, "in no case the sale was done"
    assert outcomes[Standing("open", 0)] > 0, "in no case it had begun and not reached the device"
    assert outcomes[Standing("open", 1)] > 0, "in no case the device had it and the journal did not know"
    assert len(outcomes) == 4

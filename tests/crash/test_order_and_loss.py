"""Synced, then said: by the trace of a sale, and by taking away what was never synced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.selling import QUIET, Standing, assert_sold_once, new_sale, say_once, standing, talking
from tests.crash.tracing import Call, Tracer, need_strace, traced
from tests.processes import running_shop
from tillwright.demo.shop import Shop

pytestmark = [pytest.mark.crash, pytest.mark.slow]

LOG = "station.db-wal"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    need_strace()
    with running_shop(tmp_path_factory.mktemp("ordered"), **QUIET) as running:
        with talking(running) as till:
            till.sell(new_sale())
        yield running


def trace_of_a_sale(shop: Shop, folder: Path) -> list[Call]:
    worker = shop.worker_pid()
    assert worker is not None
    with traced(folder / "trace", worker) as tracer, talking(shop) as till:
        till.sell(new_sale())
    return tracer.calls()


def syncs(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.name in ("fsync", "fdatasync") and call.on(LOG)]


def one(calls: list[Call], words: str) -> Call:
    (found,) = [call for call in calls if words in call.words and call.name in ("sendto", "writev", "write")]
    return found


def test_nothing_is_said_before_it_is_synced(shop: Shop, tmp_path: Path) -> None:
    calls = trace_of_a_sale(shop, tmp_path)
    begun, ended = syncs(calls)
    asked, answered = one(calls, "register"), one(calls, "201 Created")
    writes = [call for call in calls if call.name == "pwrite64" and call.on(LOG)]
    assert begun.ended is not None
    assert ended.ended is not None
    assert begun.ended < asked.began, "the device was asked before the journal was synced"
    assert asked.began < ended.began
    assert ended.ended < answered.began, "the till was answered before the journal was synced"
    for said in (asked, answered):
        before = [write for write in writes if write.began < said.began]
        last_sync = max(sync.began for sync in (begun, ended) if sync.began < said.began)
        assert before, "nothing was written at all"
        assert all(write.began < last_sync for write in before), "a write was not synced when it was said"


@pytest.mark.parametrize(("sync", "left"), [(1, Standing(None, 0)), (2, Standing("open", 1))])
def test_what_was_never_synced_may_be_lost(shop: Shop, tmp_path: Path, sync: int, left: Standing) -> None:
    """The power goes at a sync: of the log, only what an earlier sync had kept is there afterwards."""
    rehearsal = trace_of_a_sale(shop, tmp_path)
    writer = syncs(rehearsal)[0]
    sale = new_sale()
    size_before = (shop.root / LOG).stat().st_size
    killer = Tracer(tmp_path / "killer", writer.thread, whole=False, kill_at=(writer.name, sync))
    status = say_once(shop, sale)
    struck = killer.wait_for_the_kill(20.0)
    killer.detach()
    assert struck
    assert status == 0
    shop.station.kill()
    os.truncate(shop.root / LOG, kept_bytes(killer.calls(), size_before))
    (shop.root / "station.db-shm").unlink(missing_ok=True)
    assert standing(shop.root, sale["uid"]) == left
    shop.start_station()
    assert_sold_once(shop, sale)


def kept_bytes(calls: list[Call], size_before: int) -> int:
    """How long the log is when all is lost that was written after the last sync that had returned."""
    kept = written = size_before
    for call in calls:
        if call.name == "pwrite64" and call.on(LOG):
            assert call.end_of_data > size_before, "the log was begun anew: nothing can be said of its end"
            written = max(written, call.end_of_data)
        elif call.name in ("fsync", "fdatasync") and call.on(LOG) and call.ended is not None:
            kept = written
    assert written > kept, "everything written was synced"
    return kept

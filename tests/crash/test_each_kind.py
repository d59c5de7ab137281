"""An operation of each kind, with a kill before each send and at each sync and at some of the writes; with a
disk that is full, and one whose sync fails; with the log cut to what was synced. Afterwards the same request
is sent again, and it stands exactly once on both sides.

The requests and the calls of one operation are those of another, so a call can be named by its number; see
tests/crash/test_each_call.py.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crash.selling import Standing, standing
from tests.crash.tellers import ASKED, Died, Teller, device_books, journal_books, teller_at_work
from tests.crash.test_order_and_loss import LOG, kept_bytes
from tests.crash.tracing import Call, Tracer, need_strace, read_calls, traced
from tillwright.machine.locks import LockHeld
from tillwright.machine.resources import shipped_rules
from tillwright.operations.guards import Request
from tillwright.settings.composition import run_station
from tillwright.settings.station import load_station

pytestmark = [pytest.mark.crash, pytest.mark.slow]

_STRUCK_S = 20.0
_PERCENT_OF_WRITES = (20, 50)
NEVER_BEGAN, NOT_SENT = Standing(None, 0), Standing("open", 0)
NOT_KNOWN, DONE = Standing("open", 1), Standing("done", 1)
"""What the books may hold of it: in the end, or when the device has it and the journal does not know."""

NOT_YET = frozenset({"shift-open", "shift-close", "payout", "correction"})
"""Kinds of the demo's pack that the teller is not asked for yet."""


@pytest.fixture(scope="module")
def teller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teller]:
    need_strace()
    with teller_at_work(tmp_path_factory.mktemp("kinds")) as at_work:
        yield at_work


@pytest.fixture(autouse=True)
def _there(teller: Teller) -> None:
    """Whatever the test before has done to it."""
    teller.be_there()


def test_no_kind_is_forgotten() -> None:
    known = {kind.name for kind in shipped_rules("demo").kinds}
    assert known == ASKED.keys() | NOT_YET
    assert not ASKED.keys() & NOT_YET


class Rehearsal:
    """The calls of one operation, and the two threads that matter."""

    def __init__(self, calls: list[Call]) -> None:
        self.calls = calls
        self.writer = next(call.thread for call in calls if call.name in ("fsync", "fdatasync"))
        self.parties = next(
            call.thread for call in calls if call.name == "sendto" and "register" in call.words
        )

    def count(self, role: str, name: str) -> int:
        thread = getattr(self, role)
        return sum(call.thread == thread and call.name == name for call in self.calls)


def rehearse(teller: Teller, kind: str, folder: Path) -> Rehearsal:
    """Trace one ordinary operation of this kind."""
    request = ASKED[kind](teller)
    teller.begin_the_log_anew()
    with traced(folder / "rehearsal", teller.pid) as tracer:
        teller.do(request)
    calls = tracer.calls()
    answered = next(
        place for place, call in enumerate(calls) if call.name == "write" and "done" in call.words
    )
    return Rehearsal(calls[:answered])


def places(rehearsal: Rehearsal) -> list[tuple[str, str, int]]:
    """(thread, call, which): every sync, every send to the device, some of the writes."""
    chosen = [
        (role, name, number + 1)
        for role, name in (("writer", "fsync"), ("writer", "fdatasync"), ("parties", "sendto"))
        for number in range(rehearsal.count(role, name))
    ]
    writes = rehearsal.count("writer", "pwrite64")
    return chosen + [("writer", "pwrite64", writes * percent // 100) for percent in _PERCENT_OF_WRITES]


def strike(teller: Teller, kind: str, folder: Path, place: tuple[str, str, int], how: str) -> Request:
    """Have it happen there in an operation of this kind: the request that was never answered."""
    role, name, number = place
    thread = getattr(rehearse(teller, kind, folder), role)
    request = ASKED[kind](teller)
    teller.begin_the_log_anew()
    (folder / "size").write_text(str((teller.shop.root / LOG).stat().st_size))
    killer = Tracer(folder / "killer", thread, whole=False, inject=f"{name}:{how}:when={number}")
    try:
        with pytest.raises(Died):  # it has not answered before that place
            teller.ask(request)
        teller.ended()
    finally:
        killer.detach()
    return request


def assert_stands_once(teller: Teller, request: Request) -> None:
    """The till repeats its request; then the operation stands once in both books, and the books agree."""
    teller.start()
    teller.do(request)
    assert standing(teller.shop.root, request.uid) == DONE
    assert journal_books(teller.shop) == device_books(teller.shop)


# ── killed ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ASKED)
def test_what_is_killed_at_any_call_stands_once(teller: Teller, tmp_path: Path, kind: str) -> None:
    chosen = places(rehearse(teller, kind, tmp_path))
    outcomes: Counter[Standing] = Counter()
    for place in chosen:
        request = strike(teller, kind, tmp_path, place, "signal=KILL")
        outcomes[standing(teller.shop.root, request.uid)] += 1
        assert_stands_once(teller, request)
    print(f"{kind}: {len(chosen)} kills: {dict(outcomes)}")
    assert outcomes.total() == len(chosen) >= 5, "not every kill struck before the answer"
    assert outcomes.keys() <= {NEVER_BEGAN, NOT_SENT, NOT_KNOWN, DONE}
    assert outcomes.keys() >= {NEVER_BEGAN, NOT_SENT, DONE}


# ── a disk that fails ───────────────────────────────────────────────────────────────────────────────────────


FAILING = {
    "the first sync": ("fsync", 1, "EIO"),
    "the second sync": ("fsync", 2, "EIO"),
    "a full disk at the first write": ("pwrite64", 1, "ENOSPC"),
    "a full disk in the middle": ("pwrite64", 20, "ENOSPC"),
}


@pytest.mark.parametrize("what", FAILING)
@pytest.mark.parametrize("kind", ASKED)
def test_a_call_that_fails_once_is_outlived(teller: Teller, tmp_path: Path, kind: str, what: str) -> None:
    name, number, error = FAILING[what]
    told = fail(teller, kind, tmp_path, f"{name}:error={error}:when={number}")
    assert told.answer.get("state") == "done" or told.answer.get("fault") == "journal.write-failed"
    teller.do(told.request)
    assert standing(teller.shop.root, told.request.uid) == DONE


@pytest.mark.parametrize("what", ["the second sync", "a full disk at the first write"])
@pytest.mark.parametrize("kind", ASKED)
def test_a_disk_that_fails_for_good_ends_the_station_and_loses_nothing(
    teller: Teller, tmp_path: Path, kind: str, what: str
) -> None:
    name, number, error = FAILING[what]
    told = fail(teller, kind, tmp_path, f"{name}:error={error}:when={number}+")
    assert told.answer.get("fault", "journal.write-failed") == "journal.write-failed"
    assert "state" not in told.answer, "done was said of what no disk has taken"
    teller.kill()
    assert_stands_once(teller, told.request)


@dataclass(frozen=True, slots=True)
class Failed:
    """A request at which calls failed, and the answer; empty if the station ended without one."""

    request: Request
    answer: dict[str, Any]


def fail(teller: Teller, kind: str, folder: Path, inject: str) -> Failed:
    """Let calls of the writer fail in an operation of this kind."""
    writer = rehearse(teller, kind, folder).writer
    request = ASKED[kind](teller)
    teller.begin_the_log_anew()
    tracer = Tracer(folder / "failing", writer, whole=False, inject=inject)
    try:
        answer = teller.ask(request)
    except Died:
        answer = {}
    finally:
        tracer.detach()
    assert "(INJECTED)" in tracer.text(), "no call has failed"
    return Failed(request, answer)


# ── what was never synced is gone ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("number", "left"), [(1, NEVER_BEGAN), (2, NOT_KNOWN)])
@pytest.mark.parametrize("kind", ASKED)
def test_what_was_never_synced_may_be_lost(
    teller: Teller, tmp_path: Path, kind: str, number: int, left: Standing
) -> None:
    """The power goes at a sync: of the log, only what an earlier sync had kept is there afterwards."""
    request = strike(teller, kind, tmp_path, ("writer", "fsync", number), "signal=KILL")
    size_before = int((tmp_path / "size").read_text())
    os.truncate(
        teller.shop.root / LOG,
        kept_bytes(read_calls((tmp_path / "killer").read_text(errors="replace")), size_before),
    )
    (teller.shop.root / "station.db-shm").unlink(missing_ok=True)
    assert standing(teller.shop.root, request.uid) == left
    assert_stands_once(teller, request)


# ── two stations ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_station_on_one_database_is_refused(teller: Teller) -> None:
    with pytest.raises(LockHeld, match=f"held by process {teller.pid}"):
        run_station(load_station(teller.shop.station_file))
    teller.do(ASKED["cash-sale"](teller))

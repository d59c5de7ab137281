"""An operation of each kind, with a kill before each send and at each sync and at some of the writes; with a
disk that is full, and one whose sync fails; with the log cut to what was synced. Afterwards the same request
is sent again, and it stands exactly once on both sides.

The requests and the calls of one operation are those of another, so a call can be named by its number; see
tests/crash/test_each_call.py. A payout and a correction ask no device: they are done with one commit.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crash.asking import ASKED, next_request
from tests.crash.selling import Standing, standing
from tests.crash.tellers import Died, Teller, device_books, journal_books, teller_at_work
from tests.crash.test_order_and_loss import LOG, kept_bytes
from tests.crash.tracing import Tracer, need_strace, read_calls, traced
from tillwright.machine.locks import LockHeld
from tillwright.machine.resources import shipped_rules
from tillwright.operations.guards import Request
from tillwright.operations.kinds import KINDS
from tillwright.settings.composition import run_station
from tillwright.settings.station import load_station

pytestmark = [pytest.mark.crash, pytest.mark.slow]

_PERCENT_OF_WRITES = (10, 30, 50, 70)
NEVER_BEGAN, NOT_SENT = Standing(None, 0), Standing("open", 0)
NOT_KNOWN = Standing("open", 1)
"""What the books may hold of it before its end: also when the device has it and the journal does not know."""
AT_ONCE = frozenset(kind for kind in ASKED if not KINDS[kind].legs)
"""Kinds that ask no device."""


def done(kind: str) -> Standing:
    """What the books hold of it in the end."""
    return Standing("done", int(kind not in AT_ONCE))


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
    assert {kind.name for kind in shipped_rules("demo").kinds} == ASKED.keys()


WRITER, PARTIES = "journal-writer", "parties"
"""The two threads that matter."""


def count_calls(teller: Teller, kind: str, folder: Path) -> Counter[tuple[str, str]]:
    """(thread, call) → how often one ordinary operation of this kind makes it before it is answered."""
    request = next_request(teller, kind)
    names = {number: name for name, number in teller.threads.items()}
    with traced(folder / "rehearsal", teller.pid) as tracer:
        teller.do(request)
    calls = tracer.calls()
    answered = next(
        place for place, call in enumerate(calls) if call.name == "write" and "done" in call.words
    )
    return Counter((names.get(call.thread, ""), call.name) for call in calls[:answered])


def places(counted: Counter[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """(thread, call, which): every sync, every send to the device, some of the writes."""
    chosen = [
        (thread, name, number + 1)
        for thread, name in ((WRITER, "fsync"), (WRITER, "fdatasync"), (PARTIES, "sendto"))
        for number in range(counted[thread, name])
    ]
    writes = counted[WRITER, "pwrite64"]
    return chosen + [(WRITER, "pwrite64", writes * percent // 100) for percent in _PERCENT_OF_WRITES]


def strike(teller: Teller, kind: str, folder: Path, place: tuple[str, str, int], how: str) -> Request:
    """Have it happen there in an operation of this kind: the request that was never answered."""
    thread, name, number = place
    request = next_request(teller, kind)
    (folder / "size").write_text(str((teller.shop.root / LOG).stat().st_size))
    inject = f"{name}:{how}:when={number}"
    killer = Tracer(folder / "killer", teller.threads[thread], whole=False, inject=inject)
    try:
        with pytest.raises(Died):  # it has not answered before that place
            teller.ask("operate", request=request)
        teller.ended()
    finally:
        killer.detach()
    return request


def strike_write(teller: Teller, kind: str, folder: Path, place: tuple[str, str, int]) -> Request:
    """Kill it there. How often a commit writes hangs on where the log stands: in the rehearsal it may have
    been moved into the database, which writes much more. An operation that is answered before so many writes
    has to stand once, and the next one is killed somewhat earlier.
    """
    thread, name, number = place
    while True:
        request = next_request(teller, kind)
        killer = Tracer(
            folder / "killer", teller.threads[thread], whole=False, inject=f"{name}:signal=KILL:when={number}"
        )
        try:
            teller.do(request)
        except Died:
            teller.ended()
            return request
        finally:
            killer.detach()
        assert_stands_once(teller, request)
        number = number * 3 // 4
        assert number > 0, "answered without a write"


def assert_stands_once(teller: Teller, request: Request) -> None:
    """The till repeats its request; then the operation stands once in both books, and the books agree."""
    teller.be_there()
    teller.do(request)
    assert standing(teller.shop.root, request.uid) == done(request.kind)
    assert journal_books(teller.shop) == device_books(teller.shop)
    assert teller.ask("look over") == {"difference_minor": 0, "owed_minor": 0, "audit_whole": True}


# ── killed ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ASKED)
def test_what_is_killed_at_any_call_stands_once(teller: Teller, tmp_path: Path, kind: str) -> None:
    chosen = places(count_calls(teller, kind, tmp_path))
    outcomes: Counter[Standing] = Counter()
    for place in chosen:
        is_write = place[:2] == (WRITER, "pwrite64")
        request = (
            strike_write(teller, kind, tmp_path, place)
            if is_write
            else strike(teller, kind, tmp_path, place, "signal=KILL")
        )
        outcomes[standing(teller.shop.root, request.uid)] += 1
        assert_stands_once(teller, request)
    print(f"{kind}: {len(chosen)} kills: {dict(outcomes)}")
    least = {NEVER_BEGAN, done(kind)} if kind in AT_ONCE else {NEVER_BEGAN, NOT_SENT, done(kind)}
    assert outcomes.total() == len(chosen) >= len(least) + 1, "not every kill struck before the answer"
    assert outcomes.keys() >= least
    assert outcomes.keys() <= least | ({NOT_KNOWN} if kind not in AT_ONCE else set())


# ── a disk that fails ───────────────────────────────────────────────────────────────────────────────────────


SECOND = "the second sync"
"""By which the end is in the journal; a payout has none, and a correction's is that of the audit's head."""
FAILING = {
    "the first sync": ("fsync", 1, "EIO"),
    SECOND: ("fsync", 2, "EIO"),
    "a full disk at the first write": ("pwrite64", 1, "ENOSPC"),
    "a full disk in the middle": ("pwrite64", 20, "ENOSPC"),
}


@pytest.mark.parametrize(
    ("kind", "what"),
    [(kind, what) for kind in ASKED for what in FAILING if what != SECOND or kind != "payout"],
)
def test_a_call_that_fails_once_is_outlived(teller: Teller, tmp_path: Path, kind: str, what: str) -> None:
    name, number, error = FAILING[what]
    told = fail(teller, kind, tmp_path, f"{name}:error={error}:when={number}")
    assert told.answer.get("state") == "done" or told.answer.get("fault") == "journal.write-failed"
    assert_stands_once(teller, told.request)


@pytest.mark.parametrize("what", ["the last sync", "a full disk at the first write"])
@pytest.mark.parametrize("kind", ASKED)
def test_a_disk_that_fails_for_good_ends_the_station_and_loses_nothing(
    teller: Teller, tmp_path: Path, kind: str, what: str
) -> None:
    sync = "the first sync" if kind in AT_ONCE else SECOND
    name, number, error = FAILING[sync if what == "the last sync" else what]
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
    request = next_request(teller, kind)
    tracer = Tracer(folder / "failing", teller.threads[WRITER], whole=False, inject=inject)
    try:
        answer = teller.ask("operate", request=request)
    except Died:
        answer = {}
    finally:
        tracer.detach()
    assert "(INJECTED)" in tracer.text(), "no call has failed"
    return Failed(request, answer)


# ── what was never synced is gone ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "number", "left"),
    [(kind, 1, NEVER_BEGAN) for kind in ASKED]
    + [(kind, 2, NOT_KNOWN) for kind in ASKED if kind not in AT_ONCE],
)
def test_what_was_never_synced_may_be_lost(
    teller: Teller, tmp_path: Path, kind: str, number: int, left: Standing
) -> None:
    """The power goes at a sync: of the log, only what an earlier sync had kept is there afterwards."""
    request = strike(teller, kind, tmp_path, (WRITER, "fsync", number), "signal=KILL")
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
    teller.do(next_request(teller, "cash-sale"))

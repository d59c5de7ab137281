"""The station does not start, does not answer, or was started twice.

Its pages are gone then, and with them the diagnoses; whoever is there asks the doctor at the terminal. Locks,
damage and processes are real ones.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

from tillwright.demo.drills.machine import refused, serves, shop_of, started, up, up_again, worker
from tillwright.demo.drills.model import Scenario, nothing
from tillwright.demo.drills.world import NotSo, World
from tillwright.demo.processes import PROGRAM

LOCKED, UNSAFE, WRITE = "journal.locked-elsewhere", "journal.unsafe-database", "journal.write-failed"
UNAVAILABLE = "api.unavailable"

# ── another one has the data ──

_OTHER = "other computer"
_ELSEWHERE = """
import fcntl, os, sys, time
lock = os.open(sys.argv[1], os.O_RDWR)
fcntl.flock(lock, fcntl.LOCK_EX)
os.ftruncate(lock, 0)
os.pwrite(lock, sys.argv[2].encode(), 0)
print("held", flush=True)
time.sleep(600)
"""
_NOT_HERE = 2**22 + 1
"""No process of this computer has such a number."""


def _start_twice(world: World) -> None:
    """Somebody starts the station that runs already."""
    world.strike()
    refused(world, LOCKED)


def _hang(world: World) -> None:
    """The station's process stands still, and somebody starts another one."""
    world.strike()
    os.kill(worker(world), signal.SIGSTOP)
    refused(world, LOCKED)


def _hold_elsewhere(world: World) -> None:
    """The station of another computer works with the folder, and this one is started, too."""
    shop = shop_of(world)
    shop.station.stop()
    words = [sys.executable, "-c", _ELSEWHERE, str(shop.lock_file), f"{_NOT_HERE}\n"]
    other = subprocess.Popen(words, stdout=subprocess.PIPE)
    world.seen[_OTHER] = other
    if other.stdout is None or not other.stdout.readline():
        raise NotSo("the other computer does not get the folder")
    world.strike()
    refused(world, LOCKED)


def _end_other(world: World) -> None:
    """The program of the other computer is ended."""
    other = world.seen.pop(_OTHER, None)
    if other is not None:
        other.kill()
        other.communicate()


def _one_computer(world: World) -> None:
    """It is ended there, and started here."""
    _end_other(world)
    started(world)


def _leave_locks(world: World) -> None:
    _end_other(world)
    up(world)


# ── a database that must not be opened ──

_SECTOR_BYTES = 512
_COPIES = "copies"


def _damage(world: World) -> None:
    """A copy was made; then the power fails, and the first sector of the database is lost."""
    shop = shop_of(world)
    _tool("backup", str(shop.station_file), str(shop.root / _COPIES))
    shop.station.kill()
    for end in ("-wal", "-shm"):
        Path(f"{shop.journal_file}{end}").unlink(missing_ok=True)
    with shop.journal_file.open("r+b") as file:
        file.write(os.urandom(_SECTOR_BYTES))
    world.strike()
    refused(world, UNSAFE)


def _restore(world: World) -> None:
    """The damaged file is put aside, the copy in its place, and the station is started."""
    shop = shop_of(world)
    [copy] = (shop.root / _COPIES).iterdir()
    shop.journal_file.rename(shop.root / "damaged.db")
    shutil.copy(copy / shop.journal_file.name, shop.journal_file)
    started(world)


_OLD = "old"


def _old_library(world: World) -> None:
    """The library that the program brings is gone, and Python's own one, which is older, is in its place."""
    shop = shop_of(world)
    shop.station.stop()
    folder = shop.root / _OLD
    folder.mkdir()
    (folder / "pysqlite3.py").write_text("raise ImportError\n")
    world.seen["env"] = {**os.environ, "PYTHONPATH": str(folder)}
    world.strike()
    refused(world, UNSAFE)


def _install(world: World) -> None:
    """It is installed again, and the station started."""
    (world.shop.root / _OLD / "pysqlite3.py").unlink()
    started(world)


def _tool(*words: str) -> None:
    done = subprocess.run([*PROGRAM, *words], capture_output=True, text=True, timeout=60.0, check=False)
    if done.returncode:
        raise NotSo(f"{words[0]}: {done.stderr[-200:]}")


# ── a disk that takes nothing ──

_READ_ONLY, _WRITABLE = 0o444, 0o600
_DROP_FROM_BOUNDS, _PAST_PERMISSIONS = 24, 1
_NOTHING_BYTES = 4_096
"""No database fits into it."""


def _as_anybody() -> None:
    """What the owner of the computer may do, and a station need not: pass over the permissions of files."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDS, _PAST_PERMISSIONS, 0, 0, 0)


def _take_right(world: World) -> None:
    """The file of the journal may only be read from now on; the station is started."""
    shop = shop_of(world)
    shop.station.stop()
    shop.journal_file.chmod(_READ_ONLY)
    world.seen["bounds"] = _as_anybody
    world.strike()
    refused(world, WRITE)


def _give_right(world: World) -> None:
    """It may be written, and the station is started."""
    shop_of(world).journal_file.chmod(_WRITABLE)
    started(world)


def _leave_rights(world: World) -> None:
    shop_of(world).journal_file.chmod(_WRITABLE)
    up(world)


def _no_file() -> None:
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (_NOTHING_BYTES, most))


def _fail(world: World) -> None:
    """The disk takes no more than some letters; the station is started."""
    shop_of(world).station.stop()
    world.seen["bounds"] = _no_file
    world.strike()
    refused(world, WRITE)


def _other_disk(world: World) -> None:
    """Support has put another one in its place, with all that was on it."""
    world.seen.pop("bounds")
    started(world)


def _new_disk(world: World) -> None:
    """Another one is in its place, with all that was on it: whoever works there can write again."""
    most = resource.prlimit(world.seen["doctor"], resource.RLIMIT_FSIZE)[1]
    resource.prlimit(world.seen["doctor"], resource.RLIMIT_FSIZE, (most, most))
    started(world)


# ── nobody answers ──


def _stop(world: World) -> None:
    """The station is stopped, and not started again."""
    shop_of(world).station.stop()
    world.strike()


def _stand_still(world: World) -> None:
    """It stands still: whoever calls waits for nothing."""
    os.kill(worker(world), signal.SIGSTOP)
    world.strike()


_doctor = partial(Scenario, truth=serves, station=True, doctor=True)

SCENARIOS = (
    Scenario(
        LOCKED,
        "started-twice",
        _start_twice,
        serves,
        {"shared": "no"},
        {"use-running": nothing},
        asked=True,
        station=True,
    ),
    _doctor(LOCKED, "old-hangs", _hang, sees={"shared": "no"}, mends={"end-old": up_again}, afterwards=up),
    _doctor(
        LOCKED,
        "two-computers",
        _hold_elsewhere,
        sees={"shared": "yes"},
        mends={"one-computer": _one_computer},
        afterwards=_leave_locks,
    ),
    _doctor(WRITE, "read-only", _take_right, mends={"allow-writing": _give_right}, afterwards=_leave_rights),
    _doctor(WRITE, "disk-failing", _fail, mends={"new-disk": _new_disk}, outside=_other_disk, afterwards=up),
    _doctor(UNSAFE, "old-library", _old_library, mends={"install": _install}, afterwards=up),
    _doctor(UNSAFE, "damaged", _damage, mends={"restore": _restore}, afterwards=up),
    _doctor(UNAVAILABLE, "stopped", _stop, mends={"start": started}, afterwards=up, asked=True),
    _doctor(UNAVAILABLE, "hangs", _stand_still, mends={"start": up_again}, afterwards=up, asked=True),
)

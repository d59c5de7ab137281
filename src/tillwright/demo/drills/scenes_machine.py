"""The station's own machine: paper that nobody vouches for, fonts, room on the disk, the clock on the wall.

Room is really taken on the disk of the shop's folder, and the station's settings say how much must be left
there. The clock that leaps is the one of all processes; the devices, which have clocks of their own, are set
against it, so that for the station it looks as with a wall clock that somebody has set.
"""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from tillwright.demo.drills import scenes_printer, scenes_red
from tillwright.demo.drills.browser import browser, person, sign_in, typed
from tillwright.demo.drills.machine import restarted, serves, shop_of, with_settings, worker
from tillwright.demo.drills.model import Act, Scenario, nothing
from tillwright.demo.drills.world import NotSo, World
from tillwright.machine import sqlite
from tillwright.parties.printer.typefaces import NARROW, NARROW_STRONG, WIDE, WIDE_STRONG, find_fonts

UNCONFIRMED, FONT = "printer.unconfirmed", "printer.font-missing"
DISK, CLOCK = "journal.disk-low", "clock.jumped"

# ── a slip that nobody confirmed ──


def _slip(world: World, fault: str, **arming: Any) -> None:
    """Something is sold, and this strikes its receipt."""
    world.seen["slips"] = world.party_state(world.till.printer)["last_number"]
    world.printer("faults", fault=fault, next=1, only=["print"], **arming)
    world.strike()
    world.seen["uid"] = world.sell()["uid"]


def _confirmation_lost(world: World) -> None:
    """The receipt comes out whole, and the word of it is lost."""
    _slip(world, "commit_drop_answer")


def _cut_short(world: World) -> None:
    """The printer's power dips in the middle of the receipt."""
    _slip(world, "crash", at="during", delay_ms=500)


def _nothing_came(world: World) -> None:
    """The printer goes off as the receipt reaches it."""
    _slip(world, "drop_request_close")
    world.wait_for(lambda: _struck(world, "drop_request_close"), "the receipt never reaches the printer")
    world.printer("plug", plugged=False)


def _struck(world: World, fault: str) -> int:
    return int(world.truth(world.till.printer)["struck"][fault])


def _copy(world: World) -> None:
    """'Print the last one again'."""
    world.post(f"/api/v1/operations/{world.seen['uid']}/print", {})


def _has_receipt(world: World) -> bool:
    """The customer holds a whole one."""
    came = world.truth(world.till.printer, above=world.seen["slips"])["slips"]
    return any(slip["whole"] for slip in came)


# ── letters without a font ──

_EMPTY = "fonts"
_RARE = "\N{EGYPTIAN HIEROGLYPH A001}"


def _no_fonts(world: World) -> None:
    """The station has a folder for its fonts, and nobody has put any there; something is sold."""
    folder = world.shop.root / _EMPTY
    folder.mkdir()
    with_settings(world, fonts=folder.name)
    _named(world, "Молоко")


def _fonts(world: World) -> None:
    """They are put there, the station starts again, and the receipt is printed once more."""
    found = find_fonts((*NARROW, *NARROW_STRONG, *WIDE, *WIDE_STRONG))
    for path in found:
        (world.shop.root / _EMPTY / path.name).symlink_to(path)
    restarted(world)
    _copy(world)


def _rare(world: World) -> None:
    """Something with a picture in its name is sold."""
    _named(world, f"Milk {_RARE}")


def _renamed(world: World) -> None:
    """It has another name now, and is sold under that."""
    _named(world, "Milk")
    world.wait_for(lambda: _has_receipt(world), "the receipt does not come out")


def _named(world: World, name: str) -> None:
    world.seen["slips"] = world.party_state(world.till.printer)["last_number"]
    sale = world.sale()
    sale["lines"][0] |= {"goods": "9001", "name": name}
    world.struck_ms = world.struck_ms or world.now_ms()
    world.seen["uid"] = world.careful.sell(sale)["uid"]


# ── room on the disk ──

_COPIES, _FILMS, _BALLAST = "backups", "films", "ballast"
_MOST_BYTES = 4 << 30
"""So much is taken at most; others use this disk, too."""


def _room(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class _OneDisk:
    """All shops of this computer have one disk, and what one takes another one does not have: one at a time,
    whichever process it belongs to.
    """

    def __init__(self) -> None:
        self._held: IO[str] | None = None

    def acquire(self) -> None:
        """Wait for one's turn."""
        file = (Path(tempfile.gettempdir()) / "tillwright-drill-disk.lock").open("a")
        fcntl.flock(file, fcntl.LOCK_EX)
        self._held = file

    def release(self) -> None:
        """Let the next one."""
        if self._held is not None:
            self._held.close()


_one_disk = _OneDisk()


def _little_room(take: str, first: Act = nothing) -> Act:
    """Only so much of the disk may be used up, and then files take more. `first`: what goes before."""

    def bring(world: World) -> None:
        _one_disk.acquire()
        world.seen["disk"] = True
        folder = world.shop.root
        taken = min(_MOST_BYTES, _room(folder) // 4)
        world.seen["reserve"] = _room(folder) - taken // 2
        with_settings(world, reserve_bytes=world.seen["reserve"])
        first(world)
        world.strike()
        _take(folder / take, taken)

    return bring


def _take(place: Path, size: int) -> None:
    """Files of this size together, the oldest first."""
    parts = [size // 2, size // 2, 1, 1, 1] if place.name == _COPIES else [size]
    for number, part in enumerate(parts):
        folder = place / f"shop-2020010{number + 1}-000000"
        folder.mkdir(parents=True)
        with (folder / "data").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, part)


def _give(place: str) -> Act:
    return lambda world: shutil.rmtree(world.shop.root / place, ignore_errors=True)


def _leave_disk(world: World) -> None:
    """Nothing of it is left, the reserve is what the pack says, and the next one may come."""
    for place in (_COPIES, _FILMS, _BALLAST):
        _give(place)(world)
    if world.seen.pop("disk", False):
        try:
            with_settings(world, reserve_bytes=0)
        finally:
            _one_disk.release()


def _has_room(world: World) -> bool:
    return bool(_room(world.shop.root) >= world.seen["reserve"])


# ── a disk that does not write ──

_WRITE = "journal.write-failed"
_SALES = 30
_SPARE_BYTES = 65_536
"""What a process writes besides into small files, its record among them."""


def _write_fails(world: World) -> None:
    """The station's process may write no file any longer, and what is sold then cannot be kept. The next
    process may write.
    """
    _fill_log(world)
    world.strike()
    _cannot_keep(world, "/api/v1/operations", world.sale())


def _full_and_fails(world: World) -> None:
    """There is no room, and what is asked for then cannot be kept."""
    _little_room(_COPIES, _fill_log)(world)
    _cannot_keep(world, "/api/v1/diagnoses", {"code": "process.prevention", "till": ""})


def _fill_log(world: World) -> None:
    """Some trade, until the log of the database is so long that a limit of its size stops nothing else."""
    shop = shop_of(world)
    for _ in range(_SALES):
        if _log(world).stat().st_size > 2 * _SPARE_BYTES + shop.station.log.stat().st_size:
            return
        world.sell()
    raise NotSo("the log of the database does not grow")


def _log(world: World) -> Path:
    return Path(f"{shop_of(world).journal_file}-wal")


def _cannot_keep(world: World, path: str, body: Mapping[str, Any]) -> None:
    process = worker(world)
    most = resource.prlimit(process, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(process, resource.RLIMIT_FSIZE, (_log(world).stat().st_size - _SPARE_BYTES, most))
    told = world.post(path, body)[1]
    if told.get("code") != _WRITE:
        raise NotSo(f"what cannot be kept is told as {told.get('code')}")
    world.wait_for(
        lambda: shop_of(world).worker_pid() not in (process, None) and serves(world),
        "the station does not start again",
    )


# ── a mistake of the program's own ──

_INTERNAL = "api.internal"
_WHO = 7


def _stumble(world: World) -> None:
    """Another program holds the list of who is signed in while somebody signs in, and lets it go again."""
    client = world.seen.setdefault("browser", browser(world))
    holder = sqlite.connect(world.shop.root / "sessions.db")
    holder.execute("BEGIN IMMEDIATE")
    world.strike()
    try:
        told = typed(client, world.till.id, _WHO, person(_WHO).pin)
    finally:
        holder.close()
    if _INTERNAL not in told.text:
        raise NotSo(f"the page says nothing of it: {told.status_code}")


def _lets_in(world: World) -> bool:
    """The page works: it lets a person in."""
    return sign_in(world.seen["browser"], world.till.id, _WHO, person(_WHO).pin)


# ── the clock on the wall ──

_HOUR_MS, _LITTLE_MS = 3_600_000, 90_000


def _devices(world: World, offset_ms: int) -> None:
    """Every device of the shop shows so much more than the wall."""
    for till in world.shop.options.tills:
        world.shop.order(till.serial, "clock", {"offset_ms": offset_ms})


def _leap(world: World, ms: int, devices_ms: int) -> None:
    """The wall is set; the devices go on as they went."""
    _devices(world, devices_ms)
    world.advance(ms)


def _set_by_hand(world: World) -> None:
    """Somebody sets the wall an hour ahead."""
    _leap(world, _HOUR_MS, -_HOUR_MS)
    world.seen["ahead"] = True
    world.strike()


def _set_back(world: World) -> None:
    """The time server sets it right, if it is not."""
    if world.seen.pop("ahead", False):
        _leap(world, -_HOUR_MS, 0)


def _set_right(world: World) -> None:
    """The station has come up with a time that is wrong by less than a device would object to; then the time
    server sets it right.
    """
    restarted(world, lambda: _leap(world, -_LITTLE_MS, _LITTLE_MS))
    world.strike()
    _leap(world, _LITTLE_MS, 0)


def _falls_behind(world: World) -> None:
    """The network is cut, and the station's clock falls behind those of the devices."""
    scenes_red.cut_off(world)
    world.strike()
    _devices(world, _HOUR_MS)


def _follows_again(world: World) -> None:
    """The network is back, and the time server sets the clock right."""
    scenes_red.internet(world)
    _devices(world, 0)


def _forgets(world: World) -> None:
    """The power of the station fails; when it is back, its clock is behind."""
    world.strike()
    restarted(world, lambda: _devices(world, _HOUR_MS), killed=True)


def _new_battery(world: World) -> None:
    """A new battery, and the time is set."""
    _devices(world, 0)


def _right_time(world: World) -> bool:
    """The devices and the wall agree, as whoever set them knows."""
    return not any(one["offset_ms"] for one in world.shop.twins_now())


SCENARIOS = (
    Scenario(
        UNCONFIRMED,
        "whole",
        _confirmation_lost,
        _has_receipt,
        {"paper": "whole"},
        {"hand-over": lambda _: None},
        about="uid",
    ),
    Scenario(
        UNCONFIRMED, "cut-short", _cut_short, _has_receipt, {"paper": "part"}, {"copy": _copy}, about="uid"
    ),
    Scenario(
        UNCONFIRMED,
        "printer",
        _nothing_came,
        _has_receipt,
        {"paper": "nothing", "lamp": "no"},
        {"switch-on": scenes_printer.plug, "copy": _copy},
        about="uid",
    ),
    Scenario(FONT, "not-installed", _no_fonts, _has_receipt, {"all": "no"}, {"install": _fonts}, about="uid"),
    Scenario(FONT, "rare-letter", _rare, _has_receipt, {"all": "yes"}, {"rename": _renamed}, about="uid"),
    *(
        Scenario(
            DISK,
            cause,
            _little_room(place),
            _has_room,
            {"others": seen},
            mends,
            _give(place),
            station=True,
            afterwards=_leave_disk,
        )
        for cause, place, seen, mends in (
            ("own-copies", _COPIES, "no", {}),
            ("other-files", _FILMS, "yes", {"move-others": _give(_FILMS)}),
            ("too-small", _BALLAST, "no", {"larger-disk": _give(_BALLAST)}),
        )
    ),
    Scenario(
        _INTERNAL,
        "passing",
        _stumble,
        _lets_in,
        {"repeated": "no"},
        {"look": nothing},
        asked=True,
        station=True,
    ),
    Scenario(_WRITE, "passing", _write_fails, serves, station=True),
    Scenario(_WRITE, "disk-full", _full_and_fails, serves, station=True, afterwards=_leave_disk),
    Scenario(CLOCK, "synchronised", _set_right, _right_time, {"switched": "no"}, station=True),
    Scenario(
        "fiscal.device-clock-off",
        "till-clock",
        _set_by_hand,
        _right_time,
        {"which": "till", "switched": "no"},
        {"set-the-till": _set_back, "set-server": _set_back},
        station=True,
    ),
    Scenario(
        CLOCK,
        "by-hand",
        _set_by_hand,
        _right_time,
        {"switched": "no"},
        {"set-server": _set_back},
        station=True,
    ),
    Scenario(
        CLOCK,
        "no-server",
        _falls_behind,
        _right_time,
        {"switched": "no"},
        {"set-server": _follows_again},
        station=True,
    ),
    Scenario(
        CLOCK,
        "battery",
        _forgets,
        _right_time,
        {"switched": "yes"},
        {"battery": _new_battery},
        _new_battery,
        station=True,
    ),
)

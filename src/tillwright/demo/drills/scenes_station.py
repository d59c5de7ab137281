"""The station's program itself: it hangs, does not start, has too much to do; a sale that fails."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tillwright.demo.drills import scenes_device, scenes_machine, scenes_printer, scenes_process
from tillwright.demo.drills.machine import serves, shop_of, up, with_settings, worker
from tillwright.demo.drills.model import Act, Scenario, nothing
from tillwright.demo.drills.world import NotSo, World
from tillwright.machine import sqlite

SYSTEM, SOFTWARE = "process.system-failure", "process.category-software"
INCIDENT, TRANSACTION = scenes_process._INCIDENT, scenes_process._TRANSACTION
_NONE: Mapping[str, Any] = MappingProxyType({})


# ── it hangs ────────────────────────────────────────────────────────────────────────────────────────────────


def _hang(world: World) -> None:
    """The station's process stands still, with all that it holds."""
    world.strike()
    world.seen["process"] = worker(world)
    os.kill(world.seen["process"], signal.SIGSTOP)


def _let_go(world: World) -> None:
    """Nothing stands still any more."""
    if world.seen.get("process") == worker(world):
        os.kill(world.seen["process"], signal.SIGCONT)
    up(world)


# ── it does not start ───────────────────────────────────────────────────────────────────────────────────────


def _mistake_in_settings(world: World) -> None:
    """Somebody has written a mistake into the settings, and the station does not come up with them."""
    shop = shop_of(world)
    world.seen["settings"] = shop.station_file.read_text()
    shop.station.stop()
    world.strike()
    shop.station_file.write_text(world.seen["settings"].replace("[[tills]]", "[[tills]", 1))
    shop.station.start()
    world.wait_for(shop.station.ended, "the station starts with broken settings")


def _settings_as_before(world: World) -> None:
    """The settings that worked are put back, and the station is started."""
    shop = shop_of(world)
    if "settings" in world.seen:
        shop.station_file.write_text(world.seen["settings"])
    if shop.station.ended():
        shop.start_station()


# ── it has too much to do ───────────────────────────────────────────────────────────────────────────────────

_HOLDS_S, _LETS_GO_S = 0.8, 0.15


def _busy(world: World) -> None:
    """Another program on the station's computer works at the same file, and lets the station wait."""
    ends = world.seen["ends"] = threading.Event()
    begun = threading.Event()
    world.strike()
    worker = threading.Thread(target=_hold, args=(shop_of(world).journal_file, begun, ends), daemon=True)
    world.seen["worker"] = worker
    worker.start()
    if not begun.wait(10):
        raise NotSo("the file cannot be held")


def _hold(file: Any, begun: threading.Event, ends: threading.Event) -> None:
    connection = sqlite.connect(file)
    try:
        while not ends.is_set():
            connection.execute("BEGIN IMMEDIATE")
            begun.set()
            ends.wait(_HOLDS_S)
            connection.execute("ROLLBACK")
            ends.wait(_LETS_GO_S)
    finally:
        connection.close()


def _end_busy(world: World) -> None:
    """The other program is closed."""
    if "ends" in world.seen:
        world.seen["ends"].set()
        world.seen["worker"].join(5)


def _calm(world: World) -> bool:
    """Nobody else is at the file."""
    return "ends" in world.seen and not world.seen["worker"].is_alive()


# ── the disk ────────────────────────────────────────────────────────────────────────────────────────────────

_full = scenes_machine._little_room(scenes_machine._COPIES)
_LOW_TIMES = 4
"""With less than so many times the reserve the station says that its disk fills up."""


def _filling(world: World) -> None:
    """Old copies take up so much that little is left, though more than the reserve."""
    folder = world.shop.root
    scenes_machine._one_disk.acquire()
    world.seen["disk"] = True
    taken = min(scenes_machine._MOST_BYTES, scenes_machine._room(folder) // 4)
    world.seen["reserve"] = scenes_machine._room(folder) - taken // 2
    with_settings(world, reserve_bytes=world.seen["reserve"] // _LOW_TIMES)
    world.strike()
    scenes_machine._take(folder / scenes_machine._COPIES, taken)


# ── paper in the way ────────────────────────────────────────────────────────────────────────────────────────


def _jams(world: World) -> None:
    """Paper is jammed in the printer, which goes off line until somebody has drawn it out."""
    scenes_printer.off_line(world)


# ── a sale that fails with a device ─────────────────────────────────────────────────────────────────────────


def _fails_with_device(world: World) -> None:
    """The control device goes off as something is being sold: the sale does not come to its end."""
    sale = world.seen["sale"] = world.sale()
    world.seen["uid"] = sale["uid"]
    scenes_device.pull(world)
    world.begin(sale)
    world.wait_for(lambda: world.operation(sale["uid"])["question"], "the sale goes on as if nothing were")


def _goes_on(world: World) -> None:
    """'Where do we stand?' shows that the sale waits for a press; it goes on to its end."""
    if scenes_device.is_there(world):
        world.careful.carry_out(world.seen["sale"])


def _sold(world: World) -> bool:
    return scenes_device.is_there(world) and world.at_device(world.seen["uid"])


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


def _asked(
    code: str,
    cause: str,
    bring: Act,
    truth: Callable[[World], bool],
    sees: Mapping[str, str] = _NONE,
    mends: Mapping[str, Act] = _NONE,
    afterwards: Act = nothing,
    **more: Any,
) -> Scenario:
    return Scenario(code, cause, bring, truth, sees, mends, asked=True, afterwards=afterwards, **more)


def _on_disk(code: str, cause: str, bring: Act, sees: Mapping[str, str] = _NONE) -> Scenario:
    told = {"others": "no", **sees}
    return _asked(code, cause, bring, scenes_machine._has_room, told, {}, scenes_machine._leave_disk)


SCENARIOS = (
    _asked(SYSTEM, "program-hangs", _hang, serves, {"screen": "stuck"}, {}, _let_go, doctor=True),
    _asked(SOFTWARE, "hangs", _hang, serves, {}, {}, _let_go, doctor=True),
    _asked(
        SOFTWARE,
        "settings",
        _mistake_in_settings,
        serves,
        {},
        {"set-right": _settings_as_before},
        _settings_as_before,
        doctor=True,
    ),
    _asked(SYSTEM, "overloaded", _busy, _calm, {"screen": "slow"}, {"wait": _end_busy}, _end_busy),
    _asked(
        TRANSACTION,
        "system",
        _fails_with_device,
        _sold,
        {"entry": "yes", "stopped": "no", "what": "receipt", "lamp": "no"},
        {"switch-on": scenes_device.plug, "look": _goes_on},
        about="uid",
    ),
    _on_disk(SYSTEM, "disk-full", _full, {"screen": "slow"}),
    _on_disk(SOFTWARE, "disk", _full),
    _on_disk(INCIDENT, "software", _full, {"what": "all"}),
    _on_disk("process.prevention", "disk-filling", _filling),
    _asked(
        scenes_process._HARDWARE,
        "jam",
        _jams,
        scenes_printer.prints,
        {"which": "printer"},
        {"clear-jam": scenes_printer.on_line},
    ),
)

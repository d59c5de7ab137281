"""A station on an older copy of its data: put back on purpose, the whole computer set back, two at a time."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tillwright.demo.careful_till import CarefulTill
from tillwright.demo.drills import scenes_device, scenes_red, scenes_till
from tillwright.demo.drills.machine import restarted, shop_of
from tillwright.demo.drills.model import Act, Scenario
from tillwright.demo.drills.world import NotSo, World
from tillwright.demo.processes import PROGRAM, Child, NotReady, free_port, wait_until_ready

RESTORED, CATCHING_UP = "till.restored", "till.catching-up"
_COPY_S, _READY_S = 30.0, 30.0
_SLOW_MS, _PATIENT_S = 300, 6
"""So long the first customer waits; what was asked of the device at the start has been given up by then."""
_BESIDE = ("station.db-wal", "station.db-shm")
"""What belongs to one state of the database alone."""
_MARKS = ("station.db.high", "station.db.audit-head")
"""By what a station notices that its database is a copy; a copy has them not, a computer set back has."""
_KEYS = ("secret.key", "station.db.audit-key", *_MARKS)


# ── copies ──


def copied(world: World, with_marks: bool = False) -> Path:
    """A copy of the data as it is now, made by the program; with the marks beside it, as the whole computer
    would be copied. Raises NotSo.
    """
    shop = shop_of(world)
    into = shop.root / "copies"
    words = [*PROGRAM, "backup", str(shop.station_file), str(into)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=_COPY_S, check=False)
    if done.returncode:
        raise NotSo(f"there is no copy: {done.stderr[-500:]}")
    folder = max(into.iterdir(), key=lambda one: one.stat().st_mtime_ns)
    for name in _MARKS if with_marks else ():
        shutil.copy2(shop.root / name, folder / name)
    return folder


def put_back(world: World, folder: Path) -> None:
    """The data are those of the copy; the station is not running meanwhile."""
    root = shop_of(world).root
    for name in _BESIDE:
        (root / name).unlink(missing_ok=True)
    for name in ("station.db", *_MARKS):
        if (folder / name).exists():
            shutil.copy2(folder / name, root / name)


def restored(with_marks: bool = False, upset: Act | None = None) -> Act:
    """Something is sold after the copy was made, and the copy is put back. `upset`: what happens to the
    device meanwhile.
    """

    def bring(world: World) -> None:
        folder = copied(world, with_marks)
        world.seen["uid"] = world.sell()["uid"]

        def meanwhile() -> None:
            put_back(world, folder)
            if upset is not None:
                upset(world)
            world.strike()

        restarted(world, meanwhile)

    return bring


# ── two stations ──


def two_at_a_time(world: World) -> None:
    """A second station has been begun with a copy of the data, and sells at the same till."""
    folder = copied(world)
    second = _Second(world, folder)
    world.seen["second"] = second
    second.sell()


class _Second:
    """Another station with the same data, at the same devices."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world, shop, port = world, shop_of(world), free_port()
        root = shop.root / "second"
        root.mkdir()
        shutil.copy2(folder / "station.db", root / "station.db")
        for name in _KEYS:
            shutil.copy2(shop.root / name, root / name)
        (root / "clock.json").symlink_to(shop.root / "clock.json")
        text = shop.station_file.read_text().replace(f"port = {shop.ports['pages']}\n", f"port = {port}\n", 1)
        (root / "station.toml").write_text(text)
        words = ["station", str(root / "station.toml"), "--with-parent"]
        self._url = f"http://127.0.0.1:{port}"
        self._child = Child("second", words, root / "station.log")

    def sell(self) -> None:
        """Begin, and sell once. Raises NotSo."""
        self._child.start()
        try:
            wait_until_ready(self._child, f"{self._url}/readyz", _READY_S)
        except NotReady as error:
            raise NotSo(f"the second station does not come up: {error}") from error
        world = self._world
        till = CarefulTill(self._url, world.shop.tokens[world.till.id], world.careful.stop)
        world.strike()
        world.seen["uid"] = till.sell(world.sale())["uid"]
        till.hang_up()

    def end(self) -> None:
        """Stop it for good."""
        self._child.stop()

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._child.ended()


def end_second(world: World) -> None:
    """The station with the older data is stopped for good."""
    if "second" in world.seen:
        world.seen["second"].end()


# ── in truth ──


def compare(world: World) -> None:
    """An administrator compares receipts and cash of the time in between with the operator's list."""
    world.seen["compared"] = True


def exclude(world: World) -> None:
    """The same, and nothing sets the folder of the data back any more."""
    compare(world)
    world.seen["excluded"] = True


def takes_part(world: World) -> bool:
    """The till knows what the device has of the time in between."""
    uid = world.seen["uid"]
    return world.at_device(uid) and world.operation(uid)["state"] == "done"


def compared(world: World) -> bool:
    """It was looked through, and the till knows what the device has."""
    return bool(world.seen.get("compared")) and takes_part(world)


def excluded(world: World) -> bool:
    """It cannot come again, and the till knows what the device has."""
    return bool(world.seen.get("excluded")) and takes_part(world)


def alone(world: World) -> bool:
    """One station works with the data, and knows what the device has."""
    return bool(world.seen["second"].ended) and takes_part(world)


# ── still catching up ──


def keep_documents(world: World) -> None:
    """The device does not give its documents out."""
    world.device("faults", fault="silent", always=True, only=["documents"])


def refused_after(upset: Act) -> Act:
    """A copy is put back, the device cannot be read, and the first customer is served."""

    def bring(world: World) -> None:
        restored(upset=upset)(world)
        scenes_till.refused(world, CATCHING_UP, world.sale())

    return bring


def read_slowly(world: World) -> None:
    """The first customer is refused, and just then the device begins to give its documents out."""
    refused_after(keep_documents)(world)
    world.let_pass(_PATIENT_S)
    scenes_red.let_speak(world)
    world.device("faults", fault="answer_late", next=1, delay_ms=_SLOW_MS, only=["documents"])
    late = world.truth()["struck"]["answer_late"]
    asked = "nobody asks the device for its documents"
    world.wait_for(lambda: world.truth()["struck"]["answer_late"] > late, asked, 8.0)


def sells_again(world: World) -> bool:
    """The till knows what the device has, and the next customer is served."""
    return takes_part(world) and scenes_till.is_free(world)


SCENARIOS = (
    Scenario(RESTORED, "on-purpose", restored(), compared, {"who": "copy"}, {"compare": compare}),
    Scenario(
        RESTORED,
        "snapshot",
        restored(True),
        excluded,
        {"who": "computer"},
        {"compare": compare, "exclude-data": exclude},
    ),
    Scenario(
        RESTORED,
        "two-copies",
        two_at_a_time,
        alone,
        {"who": "nobody"},
        {"one-station": end_second},
        outside=end_second,
        afterwards=end_second,
    ),
    Scenario(CATCHING_UP, "reading", read_slowly, sells_again, asked=True),
    Scenario(
        CATCHING_UP,
        "no-device",
        refused_after(scenes_device.pull),
        sells_again,
        {"lamp": "no"},
        {"switch-on": scenes_device.plug},
        outside=scenes_device.plug,
        asked=True,
    ),
)

"""The computer that the station of a drill runs on: what its owner can do with it, from outside.

Settings are written and the station is started again; it is killed, held up, kept from writing. Nothing here
is known to the station.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import httpx

from tillwright.demo.drills.world import NotSo, World
from tillwright.demo.processes import PROGRAM, NotReady
from tillwright.demo.shop import Shop

STARTS_S = 30.0


def shop_of(world: World) -> Shop:
    """The shop whose processes are the drill's own. Raises NotSo where they are somebody else's."""
    if not isinstance(world.shop, Shop):
        raise NotSo("the station belongs to somebody else")
    return world.shop


def restarted(world: World, meanwhile: Callable[[], object] = lambda: None, *, killed: bool = False) -> None:
    """The station ends, something happens, and it is started again. `killed`: its power fails. Raises
    NotSo.
    """
    shop = shop_of(world)
    if killed:
        shop.station.kill()
    else:
        shop.station.stop()
    meanwhile()
    started(world)


def started(world: World) -> None:
    """The station is started, and serves. Raises NotSo."""
    try:
        shop_of(world).start_station()
    except NotReady as error:
        raise NotSo(f"the station does not come up: {error}") from error


def with_settings(world: World, **values: str | int) -> None:
    """The station has these settings from now on. Raises NotSo."""
    file = shop_of(world).station_file
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    others = [one for one in file.read_text().split("\n") if one.partition(" = ")[0] not in values]
    file.write_text("\n".join([*lines, *others]))
    restarted(world)


def refused(world: World, code: str) -> None:
    """The station is started, and must end at once, with this code on its lips. What `world.seen` has as
    'env' is the environment of the computer, as 'bounds' what bounds a process there; both hold for the
    doctor, too. Raises NotSo.
    """
    words = [*PROGRAM, "station", str(shop_of(world).station_file)]
    try:
        ended = subprocess.run(
            words, capture_output=True, text=True, timeout=STARTS_S, check=False, env=world.seen.get("env"),
            preexec_fn=world.seen.get("bounds"),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotSo("the station starts as if nothing were") from error
    if f"{code}:" not in ended.stderr:
        raise NotSo(f"the station ends with {ended.returncode}, and does not say {code}")
    world.seen["said_ms"] = world.now_ms()


def serves(world: World) -> bool:
    """Whether somebody who calls the station gets an answer."""
    try:
        return httpx.get(f"{world.shop.url}/readyz", timeout=2.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def worker(world: World) -> int:
    """The process that is the station. Raises NotSo."""
    process = shop_of(world).worker_pid()
    if process is None:
        raise NotSo("the station has no process")
    return process


def up_again(world: World) -> None:
    """Whatever has become of it: everything is ended, and the station started. Raises NotSo."""
    shop_of(world).station.kill()
    started(world)


def up(world: World) -> None:
    """The station serves, whoever had to start it."""
    if not serves(world):
        up_again(world)

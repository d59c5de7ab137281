"""The computer that the station of a drill runs on: what its owner can do with it, from outside.

Settings are written and the station is started again; it is killed, held up, kept from writing. Nothing here
is known to the station.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from tillwright.demo.drills.world import NotSo, World
from tillwright.demo.processes import NotReady
from tillwright.demo.shop import Shop


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
    file.write_text("\n".join([*lines, file.read_text()]))
    restarted(world)

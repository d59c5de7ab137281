"""What people report in their own words: something does not work. Asked for by a person, led to its cause."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from types import MappingProxyType

from tillwright.demo.drills import scenes_cash, scenes_device, scenes_outside, scenes_printer, scenes_red
from tillwright.demo.drills.model import Act, Meanwhile, Scenario, nothing
from tillwright.demo.drills.scenes_licence import fine, said, settled
from tillwright.demo.drills.world import World

_UPDATE = "fiscal.billing-update-required"
_DEVICE, _HARDWARE = "process.device-failure", "process.category-hardware"
_NETWORK, _DATA = "process.category-network", "process.data-error"
_OPERATING = "process.category-operating-error"
_INCIDENT, _TRANSACTION = "process.general-incident", "process.transaction-failure"


def _wrong_sale(world: World) -> None:
    """Something is sold that nobody wanted."""
    world.strike()
    world.seen["sold"] = world.sell()


def _take_back(world: World) -> None:
    """It is taken back."""
    body = world.refund(world.seen["sold"])
    world.seen["back"] = world.careful.carry_out(body, "refund")["state"]


def _taken_back(world: World) -> bool:
    return world.seen.get("back") == "done"


def _failed_sale(world: World) -> None:
    """A sale is refused: the cash that was typed in is not enough."""
    world.strike()
    sale = world.sale()
    sale["tenders"] = [{"kind": "cash", "amount_minor": 1}]
    world.begin(sale)


def _sell(world: World) -> None:
    """It is entered rightly, once."""
    world.seen["sold"] = world.sell()


def _sold(world: World) -> bool:
    return "sold" in world.seen and world.at_device(world.seen["sold"]["uid"])


def _device_anew(world: World) -> None:
    """The power of the control device dips: it starts anew, and is back after some seconds."""
    world.strike()
    world.device("crash", down_ms=scenes_printer.AWAY_MS)


def _cut_shortly(world: World) -> None:
    """Nothing outside can be reached, as where the wireless signal is weak."""
    world.strike()
    _cut(world)


def _told(world: World) -> None:
    """Nothing has happened to any device."""
    world.strike()


def _no_copies(world: World) -> None:
    """The folder of copies is empty."""
    shutil.rmtree(world.shop.root / "backups", ignore_errors=True)
    world.strike()


def _copied(world: World) -> None:
    """There is a fresh copy: that is not what is missing."""
    (world.shop.root / "backups" / "of-today").mkdir(parents=True, exist_ok=True)
    world.strike()


def _outdated(world: World) -> None:
    """The same, and an update is demanded."""
    _copied(world)
    said(_UPDATE)(world)


def _done(key: str) -> tuple[Act, Act]:
    """What a person does, which only a person can see; and the truth of it."""

    def do(world: World) -> None:
        world.seen[key] = True

    return do, lambda world: bool(world.seen.get(key))


_do, _was_done = _done("done")


def _asked(
    code: str,
    cause: str,
    bring: Act,
    truth: Act,
    sees: Mapping[str, str] = MappingProxyType({}),
    mends: Mapping[str, Act] = MappingProxyType({}),
    outside: Act = nothing,
    about: str = "",
    meanwhile: Meanwhile | None = None,
) -> Scenario:
    return Scenario(
        code, cause, bring, truth, sees, mends, outside, asked=True, about=about, meanwhile=meanwhile
    )


_pull, _plug, _prints = scenes_printer.pull, scenes_printer.plug, scenes_printer.prints
_out, _roll = scenes_printer.paper_out, scenes_printer.new_roll
_net, _cut = scenes_red.internet, scenes_red.cut_off


def _reached(world: World) -> bool:
    """Operator and licensing can be reached."""
    return all(world.party_state(name)["plugged"] for name in ("operator", "licensing"))


SCENARIOS = (
    _asked(_DEVICE, "no-power", _pull, _prints, {"lamp": "no", "harm": "no"}, {"switch-on": _plug}),
    _asked(_DEVICE, "cable", _pull, _prints, {"lamp": "yes", "harm": "no"}, {"plug-in": _plug}),
    _asked(
        _DEVICE,
        "stuck",
        scenes_printer._hangs,
        _prints,
        {"lamp": "yes", "harm": "no"},
        {"off-and-on": scenes_printer.wake},
    ),
    _asked(_DEVICE, "moment", scenes_printer.start_anew, _prints, {"lamp": "yes", "harm": "no"}),
    _asked(_DEVICE, "broken", _pull, _prints, {"lamp": "no", "harm": "yes"}, {"swap": _plug}, _plug),
    _asked(_HARDWARE, "paper", _out, _prints, {"which": "printer", "paper": "no"}, {"new-roll": _roll}),
    _asked(_HARDWARE, "printer", _pull, _prints, {"which": "printer", "lamp": "no"}, {"switch-on": _plug}),
    _asked(_HARDWARE, "moment", scenes_printer.start_anew, _prints, {"which": "printer"}),
    _asked(_HARDWARE, "scanner", _told, _was_done, {"which": "scanner"}, {"replug-scanner": _do}),
    _asked(_HARDWARE, "keyboard", _told, _was_done, {"which": "keys"}, {"replug-keys": _do}),
    _asked(
        _HARDWARE,
        "control-device",
        scenes_device.pull,
        scenes_device.is_there,
        {"which": "other", "lamp": "no"},
        {"switch-on": scenes_device.plug},
    ),
    _asked(
        _NETWORK,
        "weak-wifi",
        _cut_shortly,
        _reached,
        {"router": "well"},
        meanwhile=scenes_printer.after(scenes_printer.AWAY_MS, _net),
    ),
    _asked(_NETWORK, "router", _cut, _reached, {"router": "dark"}, {"router-restart": _net}, _net),
    _asked(_NETWORK, "provider", _cut, _reached, {"router": "line-red"}, {"mobile-line": _net}, _net),
    _asked(
        _NETWORK,
        "one-party",
        scenes_outside.operator_down,
        _reached,
        {"router": "well"},
        {"call": scenes_outside.operator_up},
        scenes_outside.operator_up,
    ),
    _asked(
        "process.category-software",
        "outdated",
        said(_UPDATE),
        fine,
        {},
        {"update": settled(_UPDATE)},
        settled(_UPDATE),
    ),
    _asked(
        "process.category-operating-error",
        "input-error",
        _wrong_sale,
        _taken_back,
        {"what": "entered"},
        {"correct": _take_back},
    ),
    _asked(
        "process.category-operating-error",
        "misoperation",
        _told,
        _was_done,
        {"what": "pressed"},
        {"show": _do},
    ),
    _asked(
        _TRANSACTION,
        "wrong-data",
        _failed_sale,
        _sold,
        {"state": "ended", "entry": "no", "stopped": "no"},
        {"re-enter": _sell},
    ),
    _asked(
        _TRANSACTION,
        "customer",
        _failed_sale,
        _sold,
        {"state": "ended", "entry": "yes", "stopped": "yes"},
        {"explain": _sell},
    ),
    _asked(
        _TRANSACTION,
        "outcome-unknown",
        scenes_red.red(scenes_red.lose_every_word),
        scenes_red.happened,
        {"entry": "yes", "stopped": "no"},
        about="uid",
    ),
    _asked(
        _DATA,
        "mis-entered",
        _wrong_sale,
        _taken_back,
        {"fresh": "no", "source": "yes"},
        {"counter-entry": _take_back},
    ),
    _asked(_DATA, "unread", scenes_cash.deposit, scenes_cash.agrees, {"fresh": "no", "source": "no"}),
    _asked(_DATA, "page-old", _told, _was_done, {"fresh": "yes", "source": "no"}, {"reload": _do}),
    _asked(
        _DATA,
        "books-differ",
        scenes_cash.miscount(5_00),
        scenes_cash.agrees,
        {"fresh": "no", "source": "no"},
        {"correct": scenes_cash.correct},
    ),
    _asked(
        _INCIDENT,
        "hardware",
        _pull,
        _prints,
        {"what": "device", "which": "printer", "lamp": "no"},
        {"switch-on": _plug},
    ),
    _asked(
        _INCIDENT,
        "control-device",
        scenes_device.pull,
        scenes_device.is_there,
        {"what": "receipt", "lamp": "no"},
        {"switch-on": scenes_device.plug},
    ),
    _asked(_INCIDENT, "moment", _device_anew, scenes_device.is_there, {"what": "receipt"}),
    _asked(
        _INCIDENT,
        "network",
        _cut,
        _reached,
        {"what": "all", "router": "dark"},
        {"router-restart": _net},
        _net,
    ),
    _asked(
        _INCIDENT,
        "operating",
        _wrong_sale,
        _taken_back,
        {"what": "typed", f"{_OPERATING}:what": "entered"},
        {"correct": _take_back},
    ),
    _asked(
        "process.system-failure", "power-or-connection", _told, _was_done, {"screen": "dark"}, {"power": _do}
    ),
    _asked(
        "process.system-failure", "computer", _told, _was_done, {"screen": "stuck"}, {"restart-till": _do}
    ),
    _asked(
        "process.prevention",
        "no-copy",
        _no_copies,
        lambda world: any((world.shop.root / "backups").glob("*")),
        {},
        {},
    ),
    _asked("process.prevention", "wear", _copied, _was_done, {"who": "device"}, {"maintain": _do}),
    _asked("process.prevention", "habit", _copied, _was_done, {"who": "people"}, {"train": _do}),
    _asked(
        "process.prevention",
        "outdated",
        _outdated,
        fine,
        {},
        {"update": settled(_UPDATE)},
        settled(_UPDATE),
    ),
)

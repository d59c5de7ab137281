"""Where probes look and actions work: the running station, the addresses of its parties, its folder.

The composition root hands it in once, when the process starts; nothing here reads settings. What a probe or
an action is about (a till, an operation, a person) is its `Target`.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tillwright.journal.station import Station
from tillwright.kernel.clock import Clock
from tillwright.kernel.fault import Fault, FaultError

BACKUPS = "backups"
"""The folder of backups, beside the databases."""
CONTROL, OPERATOR, LICENSING, PRINTER = "control", "operator", "licensing", "printer"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a party listens; `context` where it speaks TLS."""

    host: str
    port: int
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Scene:
    """A running station as probes see it. `addresses`: (till, party) → where it is; a party that a till does
    not have is not in it. `folder`: the station's data. `restart`: ends this process, which is then started
    again. `learns`: whether closed diagnoses teach.
    """

    station: Station
    addresses: Mapping[tuple[str, str], Address]
    folder: Path
    clock: Clock
    restart: Callable[[], None]
    backup: Callable[[], None]
    learns: bool = True

    @property
    def tills(self) -> tuple[str, ...]:
        """The tills of the station."""
        return tuple(sorted(self.station.currencies))


@dataclass(frozen=True, slots=True)
class Target:
    """What a probe or an action is about; '' for what it is not about. `till`: a till's id; `uid`: an
    operation's; `person`: the number of who looks, with `session` the key of the browser's session.
    """

    till: str = ""
    uid: str = ""
    person: str = ""
    session: str = ""

    @property
    def number(self) -> int | None:
        """The person's number; None for a program, and for nobody."""
        return int(self.person) if self.person.isdecimal() else None


_scene: Scene | None = None


def set_scene(scene: Scene | None) -> None:
    """Set the running station; None while it is not there."""
    global _scene
    _scene = scene


def scene() -> Scene:
    """The running station. Raises FaultError(api.unavailable) before it is there."""
    if _scene is None:
        raise FaultError(Fault("api.unavailable"))
    return _scene

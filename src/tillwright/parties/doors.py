"""The doors of the control endpoint: which orders a twin takes, as JSON, and what is shown of it.

Every twin has a door of its own kind. Faults, clock, plug, crash, backup and reset are alike at all of them;
a door adds what only its twin can be told, and says what its truth is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, ClassVar, Protocol, TypeVar

import msgspec
from msgspec import Meta, Struct

from tillwright.machine.decoding import decoder
from tillwright.parties.faulting import Arming, FaultPlan, UnknownFault
from tillwright.parties.wire import TwinAction

_DAY_MS = 86_400_000
Delay = Annotated[int, Meta(ge=0, le=_DAY_MS)]
Offset = Annotated[int, Meta(ge=-10_000 * _DAY_MS, le=10_000 * _DAY_MS)]
Writes = Annotated[int, Meta(ge=1, le=1_000_000)]
_S = TypeVar("_S", bound=Struct)
Give = Callable[[int, bytes], list[TwinAction]]
"""Carries out an order: the time, the body of the request; what the twin does because of it."""


class Wrong(Exception):
    """What is wrong with a request: a status, a code of the catalogue, and a sentence for programmers."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


class FaultOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/faults."""

    fault: str | None = None
    probability: Annotated[float, Meta(gt=0, le=1)] | None = None
    next: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    always: bool = False
    off: bool = False
    delay_ms: Delay | None = None
    only: tuple[str, ...] = ()
    form: str = ""
    at: str = ""
    off_ms: Offset = 3_600_000
    writes: Writes = 3
    piece_bytes: Annotated[int, Meta(ge=1, le=65_536)] = 16

    def arming(self) -> Arming:
        """The order as the fault plan takes it."""
        return Arming(
            self.probability or 0.0, self.next or 0, self.always, self.delay_ms, frozenset(self.only),
            self.form, self.at, self.off_ms, self.writes, self.piece_bytes,
        )  # fmt: skip


class ClockOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/clock."""

    offset_ms: Offset


class PlugOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/plug."""

    plugged: bool


class CrashOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/crash."""

    down_ms: Delay = 2_000


class BackupOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/backup."""

    writes: Writes


class ResetOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/reset: nothing."""


class AnyTwin(Protocol):
    """What is shown of every twin."""

    faults: FaultPlan
    plugged: bool
    down_until_ms: int
    offset_ms: int
    crashes: int

    @property
    def connections(self) -> int: ...


class AnyOrders(Protocol):
    """What every twin can be told."""

    def arm(self, fault: str, arming: Arming) -> list[TwinAction]: ...
    def disarm(self, fault: str | None = None) -> list[TwinAction]: ...
    def crash(self, now_ms: int, down_ms: int) -> list[TwinAction]: ...
    def restore_backup(self, writes: int) -> list[TwinAction]: ...
    def unplug(self) -> list[TwinAction]: ...
    def plug(self) -> list[TwinAction]: ...
    def set_clock(self, offset_ms: int) -> list[TwinAction]: ...
    def reset(self) -> list[TwinAction]: ...


class Door(ABC):
    """The door of one twin."""

    party: ClassVar[str]
    """What kind of twin it is."""
    dos: ClassVar[tuple[str, ...]]
    """The names of its requests, which a fault may be narrowed to."""

    def __init__(self, twin: AnyTwin, orders: AnyOrders) -> None:
        self._twin = twin
        self._orders = orders
        self.doors: Mapping[str, Give] = {**self._common(), **self.own()}
        """Name of an order → who carries it out."""

    def _common(self) -> dict[str, Give]:
        return {
            "faults": lambda _, body: self._faults(read(body, FaultOrder)),
            "reset": lambda _, body: self._reset(read(body, ResetOrder)),
            "clock": lambda _, body: self._orders.set_clock(read(body, ClockOrder).offset_ms),
            "plug": lambda _, body: self._plug(read(body, PlugOrder)),
            "crash": lambda now_ms, body: self._orders.crash(now_ms, read(body, CrashOrder).down_ms),
            "backup": lambda _, body: self._orders.restore_backup(read(body, BackupOrder).writes),
        }

    @abstractmethod
    def own(self) -> dict[str, Give]:
        """The orders that only this kind of twin takes."""

    @abstractmethod
    def stands(self) -> dict[str, Any]:
        """How the twin stands, beside what is shown of every twin."""

    @abstractmethod
    def truth(self, query: Mapping[str, str]) -> dict[str, Any]:
        """What the twin really holds; raises Wrong for a query that cannot be read."""

    def state(self, name: str, port: int, now_ms: int) -> dict[str, Any]:
        """How the twin stands."""
        twin = self._twin
        return {
            "party": self.party,
            "name": name,
            "port": port,
            "plugged": twin.plugged,
            "down": now_ms < twin.down_until_ms,
            "connections": twin.connections,
            "offset_ms": twin.offset_ms,
            "armed": {name: told(arming) for name, arming in sorted(twin.faults.armed.items())},
            "struck": dict(twin.faults.struck),
            "crashes": twin.crashes,
            **self.stands(),
        }

    def _faults(self, order: FaultOrder) -> list[TwinAction]:
        for name in order.only:
            if name != "connect" and name not in self.dos:
                raise Wrong(400, "api.malformed", f"only: {name!r} is none of {', '.join(self.dos)}")
        try:
            if order.off:
                return self._orders.disarm(order.fault)
            return self._orders.arm(order.fault or "", order.arming())
        except UnknownFault as error:
            raise Wrong(400, "twin.fault-unknown", str(error)) from error

    def _reset(self, _order: ResetOrder) -> list[TwinAction]:
        return self._orders.reset()

    def _plug(self, order: PlugOrder) -> list[TwinAction]:
        return self._orders.plug() if order.plugged else self._orders.unplug()


def told(arming: Arming) -> dict[str, Any]:
    """How a fault is armed, without what says nothing."""
    said = {name: value for name, value in asdict(arming).items() if value not in (None, "", 0, False)}
    if "next_count" in said:
        said["next"] = said.pop("next_count")
    said["only"] = sorted(arming.only)
    return said


def read(body: bytes, form: type[_S]) -> _S:
    """The order in a body; raises Wrong."""
    try:
        return decoder(form).decode(body or b"{}")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Wrong(400, "api.malformed", str(error)) from error


def number(query: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    """A whole number of a query; raises Wrong."""
    text = query.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and least <= int(text) <= most):
        raise Wrong(400, "api.malformed", f"{name}: a whole number from {least} to {most}")
    return int(text)

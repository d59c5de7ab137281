"""How the switchboard and the cabinets speak with the twins' control endpoint: ask for their truth, give
orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec
from msgspec import Struct, field

from tillwright.machine.decoding import decoder
from tillwright.parties.licensing.licence import Licence

_PATIENCE_S = 3.0
LATEST = 12
"""So many of a device's documents are shown."""
LATEST_SLIPS = 2
MOST_FOUND = 100
"""So many documents stand on a page of the operator's cabinet."""

_T = TypeVar("_T")


class TwinsUnreachable(Exception):
    """The process of the twins does not answer; `args[0]` says why, for programs."""


class Armed(Struct, frozen=True):
    """How a fault is armed: for the next so many, with a probability, or always."""

    next: int = 0
    probability: float = 0.0
    always: bool = False
    delay_ms: int | None = None


# ── how twins stand ─────────────────────────────────────────────────────────────────────────────────────────


class TwinState(Struct, frozen=True, kw_only=True, tag_field="party"):
    """How any twin stands, as the endpoint lists it."""

    name: str
    plugged: bool
    down: bool
    connections: int = 0
    offset_ms: int = 0
    armed: Mapping[str, Armed]
    struck: Mapping[str, int]
    crashes: int = 0

    @property
    def condition(self) -> str:
        """'unplugged', 'down', 'armed' or 'well'."""
        if not self.plugged:
            return "unplugged"
        if self.down:
            return "down"
        return "armed" if self.armed else "well"


class UplinkState(Struct, frozen=True):
    """The device's own line to the operator."""

    on: bool
    state: str


class ShiftState(Struct, frozen=True):
    """The device's newest shift."""

    number: int
    state: str


class DeviceState(TwinState, frozen=True, kw_only=True, tag="control"):
    """A control device."""

    serial: str
    till: str
    currency: str
    last_number: int
    cash_till_minor: int = 0
    shift: ShiftState | None = None
    acknowledged: int | None = None
    uplink: UplinkState | None = None


class TillJudged(Struct, frozen=True):
    """A till as the operator judges it: 'active', 'warning' or 'blocked'."""

    till: str
    state: str
    reason: str
    date_ms: int | None


class OperatorState(TwinState, frozen=True, kw_only=True, tag="operator"):
    """The fiscal document operator."""

    gaps: bool
    refuse_next: int
    last_numbers: Mapping[str, int]
    tills: Sequence[TillJudged]

    def judged(self, till: str) -> TillJudged:
        """How a till stands; one that was never spoken of is active."""
        return next((one for one in self.tills if one.till == till), TillJudged(till, "active", "", None))


class LicensingState(TwinState, frozen=True, kw_only=True, tag="licensing"):
    """The licensing service."""

    licences: Sequence[Licence]


class PrinterState(TwinState, frozen=True, kw_only=True, tag="printer"):
    """A receipt printer. `paper`: 'full', 'low' or 'out'."""

    serial: str
    paper: str
    cover_open: bool
    online: bool
    last_number: int
    waiting: int

    @property
    def condition(self) -> str:
        """As every twin's; also 'armed' if paper, cover or button stand in the way."""
        known = super().condition
        hindered = self.paper != "full" or self.cover_open or not self.online
        return "armed" if known == "well" and hindered else known


class States(Struct, frozen=True):
    """Every twin."""

    devices: Sequence[DeviceState] = field(name="twins")
    parties: Sequence[OperatorState | LicensingState | PrinterState] = ()

    @property
    def operator(self) -> OperatorState | None:
        """The operator, if there is one."""
        return next((one for one in self.parties if isinstance(one, OperatorState)), None)

    @property
    def licensing(self) -> LicensingState | None:
        """The licensing service, if there is one."""
        return next((one for one in self.parties if isinstance(one, LicensingState)), None)

    @property
    def printers(self) -> Sequence[PrinterState]:
        """All printers."""
        return [one for one in self.parties if isinstance(one, PrinterState)]

    def named(self, name: str) -> TwinState | None:
        """The twin of this name."""
        return next((one for one in (*self.devices, *self.parties) if one.name == name), None)


# ── what twins hold ─────────────────────────────────────────────────────────────────────────────────────────


class TwinDocument(Struct, frozen=True):
    """A document that the device holds."""

    number: int
    key: str
    unique_number: str
    kind: str
    currency: str
    total_minor: int
    at_ms: int


class TwinFence(Struct, frozen=True):
    """A key that the device will refuse for ever."""

    key: str
    at_ms: int


class TwinCounters(Struct, frozen=True):
    """What the device has counted."""

    cash_till_minor: int = 0
    cash_shift_minor: int = 0


class TwinTruth(Struct, frozen=True):
    """What the device has really written: its latest documents, its fences, its counters."""

    last_number: int
    counters: TwinCounters
    documents: Sequence[TwinDocument]
    fences: Sequence[TwinFence]


class CabinetDocument(Struct, frozen=True):
    """A document that the operator holds; `via` who brought it first, 'till' or 'device'."""

    unique_number: str
    serial: str
    number: int
    key: str
    kind: str
    till: str
    currency: str
    total_minor: int
    registered_ms: int
    received_ms: int
    via: str


class Refusal(Struct, frozen=True):
    """A document that the operator will not take; `seen`: it has been brought, and set aside."""

    serial: str
    number: int
    reason: str
    seen: bool


class Contact(Struct, frozen=True):
    """When a device was last heard of, by which way, and what was queued then."""

    serial: str
    till: str
    at_ms: int
    via: str
    queued: int | None


class Cabinet(Struct, frozen=True):
    """What the operator's cabinet shows: what was asked for, and how tills and devices stand."""

    gaps: bool
    last_numbers: Mapping[str, int]
    tills: Sequence[TillJudged]
    documents: Sequence[CabinetDocument]
    refusals: Sequence[Refusal]
    contacts: Sequence[Contact]


class Slip(Struct, frozen=True):
    """A slip that has come out of a printer; `png` is its picture in base 64."""

    number: int
    at_ms: int
    whole: bool
    text: str
    png: str = ""


class _Slips(Struct, frozen=True):
    slips: Sequence[Slip]


@cache
def _client() -> httpx.Client:
    """One for all pages: making one takes longer than asking."""
    return httpx.Client(timeout=_PATIENCE_S, trust_env=False)


def line() -> httpx.Client:
    """The one client that all pages of the simulation ask with."""
    return _client()


class Twins:
    """The twins behind a control endpoint. Every method raises TwinsUnreachable."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def states(self) -> States:
        """Every twin, in the endpoint's order."""
        return self._read("/twins", States)

    def truth(self, state: DeviceState) -> TwinTruth:
        """The latest that this device has written."""
        above = max(0, state.last_number - LATEST)
        return self._read(f"/twins/{state.name}/truth?above={above}&limit={LATEST}", TwinTruth)

    def slips(self, state: PrinterState) -> Sequence[Slip]:
        """The latest slips of this printer, the last one first."""
        above = max(0, state.last_number - LATEST_SLIPS)
        return self._read(f"/twins/{state.name}/truth?above={above}", _Slips).slips[::-1]

    def slip(self, name: str, number: int) -> Slip | None:
        """One slip of a printer, as a picture too."""
        path = f"/twins/{quote(name, safe='')}/truth?above={number - 1}&limit=1&png=1"
        return next((one for one in self._read(path, _Slips).slips if one.number == number), None)

    def cabinet(self, asked: Mapping[str, str]) -> Cabinet:
        """What the operator finds by till, from, to, number, unique."""
        query = urlencode({**asked, "limit": MOST_FOUND})
        return self._read(f"/twins/operator/truth?{query}", Cabinet)

    def order(self, name: str, what: str, order: Mapping[str, Any]) -> None:
        """Give a twin an order, as the control endpoint lists them."""
        self._ask("POST", f"/twins/{name}/{what}", order)

    def _read(self, path: str, form: type[_T]) -> _T:
        try:
            return decoder(form).decode(self._ask("GET", path))
        except msgspec.ValidationError as error:
            raise TwinsUnreachable(f"not understood: {error}") from error

    def _ask(self, method: str, path: str, order: Mapping[str, Any] | None = None) -> bytes:
        try:
            answer = _client().request(method, self._url + path, json=order)
        except httpx.HTTPError as error:
            raise TwinsUnreachable(type(error).__name__) from error
        if answer.status_code != 200:
            raise TwinsUnreachable(f"{answer.status_code}: {answer.text[:200]}")
        return answer.content

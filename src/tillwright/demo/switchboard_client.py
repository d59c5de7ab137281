"""How the switchboard speaks with the twins' control endpoint: asks for their truth, gives them orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import httpx
import msgspec
from msgspec import Struct

_PATIENCE_S = 3.0
LATEST = 12
"""So many of a device's documents are shown."""


class TwinsUnreachable(Exception):
    """The process of the twins does not answer; `args[0]` says why, for programs."""


class Armed(Struct, frozen=True):
    """How a fault is armed: for the next so many, with a probability, or always."""

    next: int = 0
    probability: float = 0.0
    always: bool = False
    delay_ms: int | None = None


class TwinState(Struct, frozen=True):
    """How a twin stands, as the endpoint lists it."""

    serial: str
    till: str
    currency: str
    plugged: bool
    down: bool
    connections: int
    offset_ms: int
    last_number: int
    armed: Mapping[str, Armed]
    struck: Mapping[str, int]
    crashes: int


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


class _List(Struct, frozen=True):
    twins: Sequence[TwinState]


@cache
def _client() -> httpx.Client:
    """One for all pages: making one takes longer than asking."""
    return httpx.Client(timeout=_PATIENCE_S, trust_env=False)


class Twins:
    """The twins behind a control endpoint. Every method raises TwinsUnreachable."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def states(self) -> Sequence[TwinState]:
        """Every twin, in the endpoint's order."""
        return msgspec.json.decode(self._ask("GET", "/twins"), type=_List).twins

    def truth(self, state: TwinState) -> TwinTruth:
        """The latest that this twin has written."""
        above = max(0, state.last_number - LATEST)
        return msgspec.json.decode(
            self._ask("GET", f"/twins/{state.serial}/truth?above={above}&limit={LATEST}"), type=TwinTruth
        )

    def order(self, serial: str, what: str, order: Mapping[str, Any]) -> None:
        """Give a twin an order: faults, plug, crash, clock, backup, reset, deposit."""
        self._ask("POST", f"/twins/{serial}/{what}", order)

    def _ask(self, method: str, path: str, order: Mapping[str, Any] | None = None) -> bytes:
        try:
            answer = _client().request(method, self._url + path, json=order)
        except httpx.HTTPError as error:
            raise TwinsUnreachable(type(error).__name__) from error
        if answer.status_code != 200:
            raise TwinsUnreachable(f"{answer.status_code}: {answer.text[:200]}")
        return answer.content

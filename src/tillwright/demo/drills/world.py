"""The shop of the drills, as whoever brings faults about sees it: the twins' orders, a till to press at.

Nothing here touches the station from inside: faults come from the twins' control endpoint, the settings, and
signals to processes; everything else is what a person at a till could do.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx

from tillwright.demo.careful_till import APPROVE, ENDED, CarefulTill
from tillwright.demo.shop import Shop, ShopOptions, ShopTill, shop_tills
from tillwright.kernel.keys import uid_from_bytes
from tillwright.machine.clocks import FileClock, SystemClock, move_clock

CLOCK_FILE = "clock.json"
PACK = "fiscal-by"
FLOAT_MINOR = 500_00
TILLS = 10
PRICE_MINOR = 649
HURRY = 12
"""So much faster time passes while everybody only waits for the next look."""
LOOK_S = 0.05
PATIENCE_S = 20.0
"""So long, in real time, something may take that is waited for."""
CALL_S = 15.0
LATE_MS = 1_500
"""So much later an answer comes that was true when it was given."""
ONLY_LOOKS = ("/api/v1/status/look",)
"""Calls that change nothing, though they bring a body."""


_Order = tuple[str, str, dict[str, Any]]


class NotSo(Exception):
    """Something that had to come about did not; the text says what."""


def open_shop(folder: Path, tills: int = TILLS) -> Shop:
    """A shop with a clock of its own, seeded; not started."""
    folder.mkdir(parents=True, exist_ok=True)
    move_clock(folder / CLOCK_FILE, rate=1)
    options = ShopOptions(
        tills=shop_tills(tills, currency="BYN", float_minor=FLOAT_MINOR),
        pack=PACK, demo=True, open_goods=True, learns=False, clock=CLOCK_FILE,
    )  # fmt: skip
    shop = Shop(folder, options)
    shop.seed()
    return shop


class AnyShop(Protocol):
    """What the world asks of a shop; a practice has the twins of a demo in its place."""

    root: Path
    options: ShopOptions
    tokens: dict[str, str]

    @property
    def url(self) -> str:
        """The address of the API."""

    @property
    def twins_url(self) -> str:
        """The address of the twins' control endpoint."""

    def order(self, serial: str, order: str, body: dict[str, Any]) -> Any:
        """An order to a twin."""

    def twins_now(self) -> list[dict[str, Any]]:
        """How every device is."""

    def parties_now(self) -> list[dict[str, Any]]:
        """How everybody else is."""


class AnyClock(Protocol):
    """Tells the time in the shop."""

    def now_ms(self) -> int:
        """Now."""


@dataclass(slots=True)
class World:
    """One till of the shop, with everybody around it. `struck_ms`: when the fault began to be there. `seen`:
    what a scenario has to remember between bringing a fault about and mending it.
    """

    shop: AnyShop
    till: ShopTill
    clock: AnyClock
    careful: CarefulTill
    line: httpx.Client
    struck_ms: int = 0
    seen: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def at(cls, shop: Shop, till: ShopTill) -> World:
        """The world around this till."""
        careful = CarefulTill(shop.url, shop.tokens[till.id], threading.Event())
        return cls(shop, till, FileClock(shop.root / CLOCK_FILE), careful, httpx.Client(timeout=CALL_S))

    def close(self) -> None:
        """Nobody asks any more."""
        for one in (self.line, *self.seen.values()):
            if isinstance(one, httpx.Client):
                one.close()
        self.careful.hang_up()

    # ── time ──

    def now_ms(self) -> int:
        """The time in the shop."""
        return self.clock.now_ms()

    def strike(self) -> None:
        """The fault is there from now on."""
        self.struck_ms = self.now_ms()

    def run(self, rate: int) -> None:
        """Time passes so fast from now on."""
        move_clock(self.shop.root / CLOCK_FILE, rate=rate)

    def advance(self, ms: int) -> None:
        """Everybody's calendar is later by so much."""
        move_clock(self.shop.root / CLOCK_FILE, advance_ms=ms)

    def wait_for(
        self, happens: Callable[[], Any], what: str, within_s: float = PATIENCE_S, rate: int = 1
    ) -> Any:
        """Wait until something is true, and return it. Raises NotSo."""
        real = SystemClock()
        ends_ns = real.monotonic_ns() + int(within_s * 1e9)
        if rate != 1:
            self.run(rate)
        try:
            while True:
                found = happens()
                if found:
                    return found
                if real.monotonic_ns() >= ends_ns:
                    break
                self.pause()
        finally:
            if rate != 1:
                self.run(1)
        raise NotSo(what)

    def pause(self, seconds: float = LOOK_S) -> None:
        """Let a moment of real time pass."""
        self.careful.stop.wait(seconds)

    # ── the twins ──

    def device(self, order: str, **body: Any) -> None:
        """An order to the till's control device."""
        self.shop.order(self.till.serial, order, body)

    def printer(self, order: str, **body: Any) -> None:
        """An order to the till's printer."""
        self.shop.order(self.till.printer, order, body)

    def operator(self, order: str, **body: Any) -> None:
        """An order to the operator."""
        self.shop.order("operator", order, body)

    def licensing(self, order: str, **body: Any) -> None:
        """An order to the licensing service."""
        self.shop.order("licensing", order, body)

    def device_state(self) -> dict[str, Any]:
        """How the till's device stands."""
        return next(one for one in self.shop.twins_now() if one["name"] == self.till.serial)

    def party_state(self, name: str) -> dict[str, Any]:
        """How the operator, the licensing or a printer stands."""
        return next(one for one in self.shop.parties_now() if name in (one["party"], one["name"]))

    def truth(self, name: str = "", **query: Any) -> dict[str, Any]:
        """What a twin really holds; the till's device without a name."""
        address = f"{self.shop.twins_url}/twins/{name or self.till.serial}/truth"
        answer = httpx.get(address, params=query, timeout=10.0)
        return dict(answer.raise_for_status().json())

    def at_device(self, uid: str) -> bool:
        """Whether the device has registered this operation."""
        return any(str(one["key"]).startswith(uid) for one in self.truth()["documents"])

    def at_operator(self, uid: str) -> dict[str, Any] | None:
        """The operator's record of this operation."""
        found = self.truth("operator", till=self.till.id, limit=50)["documents"]
        return next((one for one in found if str(one["key"]).startswith(uid)), None)

    # ── the till ──

    def post(self, path: str, body: Mapping[str, Any], wait_s: int = 0) -> tuple[int, dict[str, Any]]:
        """A call of the till's program, held for so long at most."""
        return self._call("POST", path, body, wait_s)

    def get(self, path: str) -> dict[str, Any]:
        """A reading call. Raises NotSo for anything but an answer."""
        status, told = self._call("GET", path)
        if status != 200:
            raise NotSo(f"GET {path}: {status} {told.get('code')}")
        return told

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, wait_s: int = 0
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.shop.tokens[self.till.id]}"}
        if wait_s:
            headers["Prefer"] = f"wait={wait_s}"
        answer = self._asked(method, path, body, headers)
        told = answer.json() if answer.content else {}
        return answer.status_code, told if isinstance(told, dict) else {}

    def _asked(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        """What the station says; one that is just starting again is asked again, unless it may have taken
        what must not come twice.
        """
        for _ in range(int(CALL_S / LOOK_S)):
            try:
                return self.line.request(method, self.shop.url + path, json=body, headers=dict(headers))
            except httpx.ConnectError:
                self.pause()
            except httpx.TransportError:
                if method != "GET" and path not in ONLY_LOOKS:
                    raise
                self.pause()
        raise NotSo("the station cannot be reached")

    def let_pass(self, seconds: int) -> None:
        """So much time goes by in the shop, as it does while somebody works."""
        self.run(HURRY)
        self.pause(seconds / HURRY)
        self.run(1)

    def till_now(self) -> dict[str, Any]:
        """How the till stands."""
        return self.get("/api/v1/till")

    def heard(self, party: str) -> str:
        """What the till has heard of a party last."""
        known = self.till_now()["parties"].get(party)
        return str(known["state"]) if known else ""

    def hear(self, party: str, state: str) -> None:
        """Have the till ask everybody, and wait until it has heard this. Raises NotSo."""
        self.post("/api/v1/till/parties/check", {})
        self._heard_of(party, state)

    def _heard_of(self, party: str, state: str) -> None:
        self.wait_for(lambda: self.heard(party) == state, f"the till hears of no {state}", 12.0)

    def hear_late(self, party: str, state: str, settle: Callable[[World], Any], twice: bool = False) -> None:
        """Have the till hear what a party said just before it was settled: the answer is on its way when
        that happens, and whoever asks after it hears the truth. `twice`: it is the probe that is answered
        so late, which asks as soon as the till has heard something new. Raises NotSo.
        """
        self.shop.order(party, "faults", {"fault": "answer_late", "always": True, "delay_ms": LATE_MS})
        asked = self._late_answers(party)
        self.post("/api/v1/till/parties/check", {})
        if twice:
            self._heard_of(party, state)
            asked = self._late_answers(party)
        self.wait_for(lambda: self._late_answers(party) > asked, f"nobody asks the {party}", 12.0)
        self.pause(LATE_MS / 3000)
        settle(self)
        self.shop.order(party, "faults", {"off": True})
        self._heard_of(party, state)

    def _late_answers(self, party: str) -> int:
        return int(self.truth(party)["struck"]["answer_late"])

    def operation(self, uid: str) -> dict[str, Any]:
        """How an operation stands."""
        return self.get(f"/api/v1/operations/{uid}")

    def sale(self, price_minor: int = PRICE_MINOR) -> dict[str, Any]:
        """A basket of one thing, paid exactly."""
        line = {"goods": "1001", "name": "Milk", "quantity_milli": 1000, "total_minor": price_minor}
        return {
            **self.cash("cash-sale", price_minor),
            "lines": [line],
        }

    def cash(self, kind: str, total_minor: int) -> dict[str, Any]:
        """An operation that moves cash."""
        return {
            "uid": uid_from_bytes(os.urandom(16)),
            "kind": kind,
            "currency": self.till.currency,
            "total_minor": total_minor,
            "tenders": [{"kind": "cash", "amount_minor": total_minor}],
        }

    def refund(self, sold: Mapping[str, Any], kind: str = "refund") -> dict[str, Any]:
        """The same taken back."""
        line = {"goods": "1001", "quantity_milli": 1000, "total_minor": sold["total_minor"], "of": 1}
        reason = "not-wanted" if kind == "refund" else "mistake"
        back = self.cash(kind, int(sold["total_minor"]))
        return {**back, "parent": sold["uid"], "lines": [line], "reason": reason}

    def begin(self, request: Mapping[str, Any], purpose: str = "") -> tuple[int, dict[str, Any]]:
        """Press once, with the approvals that are asked for, and see what is said. The press does not wait
        for the end.
        """
        self.struck_ms = self.struck_ms or self.now_ms()
        status, told = self.post("/api/v1/operations", request)
        if told.get("code") in APPROVE and purpose:
            approvals = self.careful.approvals(str(request["uid"]), purpose, 2)
            status, told = self.post("/api/v1/operations", {**request, "approvals": approvals})
        return status, told

    def sell(self, price_minor: int = PRICE_MINOR) -> dict[str, Any]:
        """Sell something for cash, to the end."""
        return self.careful.sell(self.sale(price_minor))

    def ended(self, uid: str) -> bool:
        """Whether an operation has come to its end."""
        return self.operation(uid)["state"] in ENDED

    # ── as it should be ──

    def restore(self) -> None:
        """Make everybody well again."""
        for name, order, body in self._well():
            self.shop.order(name, order, body)

    def _well(self) -> list[_Order]:
        plugged: dict[str, Any] = {"plugged": True}
        shared: list[_Order] = [("operator", "faults", {"off": True}), ("operator", "plug", plugged)]
        shared += [("operator", "activate", {"till": self.till.id}), ("operator", "gaps", {"accepted": True})]
        shared += [("operator", "disown", {"till": self.till.id, "off": True})]
        shared += [("operator", "misstate", {"till": self.till.id, "off_minor": 0})]
        shared += [("licensing", "faults", {"off": True}), ("licensing", "plug", plugged)]
        shared += [("licensing", "well", {})]
        own: list[_Order] = [(self.till.serial, "faults", {"off": True}), (self.till.serial, "plug", plugged)]
        own += [(self.till.serial, "clock", {"offset_ms": 0}), (self.till.serial, "uplink", {"on": True})]
        own += [(self.till.serial, "refuse", {"off": True})]
        own += [(self.till.printer, "faults", {"off": True}), (self.till.printer, "plug", plugged)]
        if self.device_state()["down"]:
            own.append((self.till.serial, "crash", {"down_ms": 0}))
        own += [
            (self.till.printer, "paper", {"paper": "full"}),
            (self.till.printer, "cover", {"open": False}),
        ]
        return [*own, (self.till.printer, "online", {"online": True}), *shared]

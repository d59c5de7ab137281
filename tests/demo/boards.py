"""A browser before the switchboard of real twins of every kind, behind their real endpoint."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest
from django.test import Client

from tests.pages import PageClock, PageStation
from tests.till.counter import readable
from tillwright.demo import switchboard_client
from tillwright.parties.control.messages import DeviceProfile
from tillwright.parties.control.store import MemoryStore as DeviceStore
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.control_endpoint import ControlEndpoint
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.http.exchange import HttpRequest
from tillwright.parties.http.orders import HttpOrders
from tillwright.parties.licensing.orders import LicensingOrders, licensing_twin
from tillwright.parties.licensing.store import MemoryStore as LicenceStore
from tillwright.parties.operator.orders import OperatorOrders, operator_twin
from tillwright.parties.operator.store import MemoryStore as OperatorStore
from tillwright.parties.printer.machine import Printer
from tillwright.parties.printer.orders import PrinterOrders
from tillwright.parties.printer.slips import MemorySlips
from tillwright.parties.printer.twin import PrinterTwin
from tillwright.parties.serving import TwinServer
from tillwright.parties.wire import TwinAction

TILL = "1"
SERIAL, PRINTER_SERIAL = "SKO-1", "PRN-1"


class TwinHouse:
    """One twin of each kind on a socket of its own; the device has a line to the operator."""

    def __init__(self) -> None:
        operator = operator_twin(OperatorStore(), FaultPlan())
        licensing = licensing_twin(LicenceStore(), FaultPlan())
        slips, devices = MemorySlips(), DeviceStore()
        printer = PrinterTwin(PRINTER_SERIAL, Printer(PRINTER_SERIAL, slips), FaultPlan())
        profile = DeviceProfile(serial=SERIAL, till=TILL, uplink="127.0.0.1:1")
        self.server = TwinServer([devices], PageClock(), random.Random(1))
        self.server.add(ControlTwin(profile, devices, FaultPlan()))
        self.server.serve("operator", operator, OperatorOrders(operator))
        self.server.serve("licensing", licensing, LicensingOrders(licensing))
        self.server.serve(PRINTER_SERIAL, printer, PrinterOrders(printer))
        self._thread = threading.Thread(target=self.server.run, daemon=True)
        self._thread.start()
        self.endpoint = ControlEndpoint(self.server)
        self.endpoint.start()
        self.url = f"http://127.0.0.1:{self.endpoint.port}"

    def ask(self, name: str, method: str, target: str, body: dict[str, object] | None = None) -> None:
        """A request that a party takes, as if it had come over its line."""
        request = HttpRequest(method, target, msgspec.json.encode(body) if body else b"")

        def work(orders: HttpOrders, now_ms: int) -> tuple[int, list[TwinAction]]:
            return orders.twin.service.answer(request, now_ms).status, []

        status = self.server.order(name, work)
        if status != 200:
            raise AssertionError(f"{method} {target} was answered with {status}")

    def close(self) -> None:
        self.endpoint.stop()
        self.server.stop()
        self._thread.join(60)


class Board:
    """A browser before the switchboard."""

    def __init__(self, house: TwinHouse) -> None:
        self.client = Client()
        self.house = house
        self.url = house.url
        self.door = httpx.Client(base_url=house.url, timeout=60.0, trust_env=False)

    def html(self, address: str = "/switchboard/") -> str:
        return readable(self.client.get(address))

    def press(self, what: str, name: str = SERIAL, **form: object) -> Any:
        """A press on a switch or a dial of a twin."""
        return self.client.post(f"/switchboard/twins/{name}/{what}", {"till": TILL, **form})

    def play(self, story: str) -> Any:
        return self.client.post(f"/switchboard/tills/{TILL}/story", {"story": story})

    def well(self) -> Any:
        return self.client.post(f"/switchboard/tills/{TILL}/well")

    def twin(self, name: str = SERIAL) -> dict[str, Any]:
        """How a twin really stands."""
        found = self.door.get("/twins").json()
        return next(one for one in [*found["twins"], *found["parties"]] if one["name"] == name)

    def deposit(self, amount_minor: int = 12_345) -> None:
        order = {"currency": "EUR", "amount_minor": amount_minor}
        self.door.post(f"/twins/{SERIAL}/deposit", json=order).raise_for_status()


@pytest.fixture
def house() -> Iterator[TwinHouse]:
    house = TwinHouse()
    yield house
    house.close()


@pytest.fixture
def board(page_station: PageStation, house: TwinHouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    from tillwright.web import current

    monkeypatch.setattr(switchboard_client, "_PATIENCE_S", 60.0)
    switchboard_client._client.cache_clear()
    current.set_place(replace(current.place(), twins_url=house.url))
    board = Board(house)
    yield board
    board.door.close()
    switchboard_client._client().close()
    switchboard_client._client.cache_clear()

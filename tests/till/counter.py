"""A counter for tests of the till's pages: a browser in which a cashier has signed in, and a willing device.

The pages are called as Django's test client calls them; station, journal and writer are real. The device
answers in the thread that asks it, so nothing waits for time to pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.pages import NOON_MS, PageStation, People
from tests.till.api_world import Device
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import NoAnswer
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState
from tillwright.parties.wire import Told
from tillwright.till import queries
from tillwright.till.rules import Basket

PATIENCE_MS = 60_000
MILK, BREAD, APPLES = "1001", "1002", "1004"


@dataclass
class Counter:
    """What a cashier can do, in short words."""

    client: Client
    page: PageStation
    device: Device
    till: str = "1"

    # ── pages ──

    def get(self, address: str, **query: str) -> Any:
        return self.client.get(address, query)

    def html(self, address: str, **query: str) -> str:
        answer = self.get(address, **query)
        assert answer.status_code == 200, answer.status_code
        return readable(answer)

    def post(self, address: str, **form: object) -> Any:
        return self.client.post(address, form)

    # ── the basket ──

    def basket(self) -> Basket | None:
        return queries.open_basket(queries.reader(), self.till)

    def press(self, address: str, **form: object) -> str:
        """A press on the selling page, with what the page has seen."""
        basket = self.basket()
        seen = {"uid": basket.uid, "version": basket.version} if basket else {"uid": "", "version": 0}
        answer = self.post(address, **{**seen, **form})
        assert answer.status_code == 200, answer.status_code
        return readable(answer)

    def add(self, *skus: str) -> Basket:
        for sku in skus:
            self.press("/basket/add", sku=sku)
        basket = self.basket()
        assert basket is not None
        return basket

    # ── paying ──

    def pay(self, **form: object) -> Any:
        basket = self.basket()
        assert basket is not None
        return self.post("/pay", **{"uid": basket.uid, "version": basket.version, **form})

    def sell(self, *skus: str, **form: object) -> Operation:
        """A sale up to the point where nothing happens by itself any more."""
        self.add(*(skus or (MILK,)))
        answer = self.pay(**form)
        assert answer.status_code == 302, readable(answer)
        uid = answer["Location"].rpartition("/")[2]
        return self.settled(uid)

    def settled(self, uid: str, beyond: int = 0) -> Operation:
        """The operation after the device has told what it tells now."""
        station = self.page.station
        version = beyond
        operation = station.wait(uid, version=version, timeout_ms=PATIENCE_MS)
        assert operation is not None
        self.page.station.write(lambda _connection: None)  # what was told before this has been written
        after = station.operation(uid)
        assert after is not None
        return after

    def lose(self, uid: str) -> Operation:
        """The answer that is waited for does not come, and asking brings nothing: the operation turns red."""
        station = self.page.station
        self.device.behave = "lose"
        leg = station.operation(uid).legs[-1]  # type: ignore[union-attr]
        station.deliver(self.till, Told(leg.key, NoAnswer(Fault("fiscal.sko-disconnected")), False, None))
        for _ in range(4):
            self.later(5_000)
        operation = station.operation(uid)
        assert operation is not None
        assert operation.state is OperationState.RED
        return operation

    def later(self, length_ms: int) -> None:
        """What was told before is worked off, then time passes, and the timers that have come due run."""
        self._work_off()
        self.page.clock.at_ms += length_ms
        self._work_off()

    def _work_off(self) -> None:
        for _ in range(4):
            self.page.station.write(lambda _connection: None)


def readable(answer: Any) -> str:
    """The page as text: entities resolved, spaces that do not break as any others."""
    return re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", unescape(answer.content.decode()))


def words(html: str) -> str:
    """What stands on the page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def counter(page_station: PageStation, people: People) -> Counter:
    """A counter at till 1, whose device accepts."""
    page_station.clock.at_ms = NOON_MS
    device = Device()
    device.station = page_station.station
    page_station.station._lines = device
    return Counter(people.sign_in(people.cashier), page_station, device)


__all__ = ["APPLES", "BREAD", "MILK", "Counter", "counter", "readable", "words"]

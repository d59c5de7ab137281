"""The contract of the licensing service, on four kinds of world; and what it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parties.contract_licensing import LICENSING_WORLD, TIMES, LicensingContract
from tests.parties.http_worlds import SocketWorld, VirtualWorld
from tests.parties.worlds import START_MS
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.http.exchange import HttpRequest
from tillwright.parties.http.line import HttpTimes
from tillwright.parties.licensing.adapter import LicensingAdapter
from tillwright.parties.licensing.licence import messages_of, new_licence, showing
from tillwright.parties.licensing.messages import Asked
from tillwright.parties.licensing.orders import LicensingOrders, licensing_twin
from tillwright.parties.licensing.service import LicensingService
from tillwright.parties.licensing.store import LicenceStore, MemoryStore, SqliteStore
from tillwright.parties.wire import LicenceTold


def adapter(times: HttpTimes = TIMES) -> LicensingAdapter:
    return LicensingAdapter("T1", "SN-1", "100000001", times, version="0.1.0")


def virtual(store: LicenceStore, times: HttpTimes = TIMES) -> VirtualWorld[LicensingAdapter, LicensingOrders]:
    twin = licensing_twin(store, FaultPlan())
    return VirtualWorld(adapter(times), twin, LicensingOrders(twin))


class TestInMemory(LicensingContract):
    """Virtual time, memory store: what the simulation runs."""

    @pytest.fixture
    def world(self) -> LICENSING_WORLD:
        return virtual(MemoryStore())


class TestInSqlite(LicensingContract):
    """Virtual time, the store of the real process."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[LICENSING_WORLD]:
        store = SqliteStore(tmp_path / "licensing.db")
        yield virtual(store)
        store.close()


class TestByteByByte(LicensingContract):
    """Virtual time, and never two bytes at once."""

    @pytest.fixture
    def world(self) -> LICENSING_WORLD:
        world = virtual(MemoryStore())
        world.reshape = lambda data: [bytes([byte]) for byte in data]
        return world


@pytest.mark.sockets
class TestOnSockets(LicensingContract):
    """The drivers of the real processes."""

    @pytest.fixture
    def world(self) -> Iterator[LICENSING_WORLD]:
        store = MemoryStore()
        twin = licensing_twin(store, FaultPlan())
        world = SocketWorld(adapter(), twin, LicensingOrders(twin), store)
        yield world
        world.close()


def test_it_is_asked_at_once_and_then_daily() -> None:
    day_ms = 86_400_000
    world = virtual(MemoryStore(), HttpTimes(status_every_ms=day_ms))
    world.do(lambda one: one.start(world.now_ms()))
    world.pass_time(day_ms - 1_000)
    assert len(world.of(LicenceTold)) == 1
    world.pass_time(2_000)
    assert len(world.of(LicenceTold)) == 2


def test_after_a_failure_it_is_asked_again_soon() -> None:
    world = virtual(MemoryStore(), HttpTimes(status_every_ms=86_400_000))
    world.reachable = False
    world.do(lambda one: one.start(world.now_ms()))
    world.pass_time(1_000)
    assert world.health() == "lost"
    world.reachable = True
    world.pass_time(31_000)
    assert len(world.of(LicenceTold)) == 1


def test_licences_outlive_the_process(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "licensing.db")
    service = LicensingService(store)
    service.switch("SN-1", "subscription-missing", True, START_MS)
    store.close()
    again = SqliteStore(tmp_path / "licensing.db")
    assert LicensingService(again).licences() == service.licences()
    again.close()


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/v1/licences/?till=T1&taxpayer=&version=", 404),
        ("GET", "/v1/other/SN-1", 404),
        ("PUT", "/v1/licences/SN-1?till=T1&taxpayer=&version=", 404),
        ("GET", "/v1/licences/SN-1", 400),
        ("GET", "/v1/licences/SN-1?till=T1&taxpayer=&version=", 200),
        ("GET", "/v1/licences/SN%2F1?till=T1&taxpayer=&version=", 200),
    ],
)
def test_what_is_not_understood_is_said_so(method: str, target: str, status: int) -> None:
    service = LicensingService(MemoryStore())
    assert service.answer(HttpRequest(method, target), START_MS).status == status


@pytest.mark.parametrize(
    ("version", "is_old"), [("98.9.9", True), ("99.0", False), ("99.0.1", False), ("", True), ("x.y", True)]
)
def test_versions_are_compared_as_numbers(version: str, is_old: bool) -> None:
    licence = showing(new_licence("SN-1", START_MS), "update-required", START_MS)
    codes = [one.code for one in messages_of(licence, Asked("T1", "", version), START_MS)]
    assert codes == (["update-required"] if is_old else [])

"""The control endpoint of the twins: orders do what they say; what is wrong is told and changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.parties.worlds import SocketWorld, leg, sale
from tillwright.kernel.outcome import Accepted, NoAnswer, NotSent
from tillwright.machine.resources import shipped_catalogue
from tillwright.parties.control_endpoint import BODY_BYTES_MAX, ControlEndpoint
from tillwright.parties.faulting import FAULTS

pytestmark = pytest.mark.sockets


class Bench:
    """A world with its control endpoint."""

    def __init__(self) -> None:
        self.world = SocketWorld()
        self.world.ready()
        self.endpoint = ControlEndpoint(self.world.server)
        self.endpoint.start()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.endpoint.port}", trust_env=False)

    def post(self, what: str, **body: Any) -> httpx.Response:
        return self.client.post(f"/twins/SKO-1/{what}", json=body)

    def state(self) -> dict[str, Any]:
        twins = self.client.get("/twins").json()["twins"]
        assert len(twins) == 1
        found: dict[str, Any] = twins[0]
        return found

    def close(self) -> None:
        self.client.close()
        self.endpoint.stop()
        self.world.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Bench]:
    """For what changes nothing."""
    bench = Bench()
    yield bench
    bench.close()


def test_the_list_names_every_twin_and_every_fault(bench: Bench) -> None:
    found = bench.client.get("/twins").json()
    assert found["faults"] == list(FAULTS)
    state = bench.state()
    assert (state["serial"], state["till"], state["plugged"], state["last_number"]) == (
        "SKO-1",
        "T1",
        True,
        0,
    )
    assert state["port"] == bench.world.server.ports["SKO-1"]
    assert set(state["struck"]) == set(FAULTS)


def test_the_truth_is_what_the_device_has_written(bench: Bench) -> None:
    for number in (1, 2, 3):
        bench.world.sell(sale(number))
    bench.world.ask(sale(9))
    truth = bench.client.get("/twins/SKO-1/truth").json()
    assert [document["key"] for document in truth["documents"]] == [leg(sale(n)).key for n in (1, 2, 3)]
    assert [fence["key"] for fence in truth["fences"]] == [leg(sale(9)).key]
    assert truth["counters"]["cash_till_minor"] == 3 * 568
    page = bench.client.get("/twins/SKO-1/truth?above=1&limit=1").json()
    assert [document["number"] for document in page["documents"]] == [2]
    assert page["last_number"] == 3


def test_a_fault_is_armed_and_strikes(bench: Bench) -> None:
    answer = bench.post("faults", fault="commit_drop_answer", next=1, only=["register"]).json()
    assert answer["armed"] == {"commit_drop_answer": {"next": 1, "only": ["register"], "off_ms": 3_600_000,
                                                      "writes": 3, "piece_bytes": 16}}  # fmt: skip
    bench.world.register(sale(1))
    bench.world.struck("commit_drop_answer")
    assert bench.state()["armed"] == {}
    assert bench.state()["struck"]["commit_drop_answer"] == 1
    bench.world.pass_time(3_100)
    assert isinstance(bench.world.ends(sale(1)), NoAnswer)


def test_a_fault_is_disarmed_and_so_are_all(bench: Bench) -> None:
    for fault in ("silent", "garbage", "crash"):
        assert bench.post("faults", fault=fault, probability=0.5).status_code == 200
    assert set(bench.post("faults", fault="silent", off=True).json()["armed"]) == {"garbage", "crash"}
    assert bench.post("faults", off=True).json()["armed"] == {}


def test_refusing_hangs_up_those_who_are_there(bench: Bench) -> None:
    bench.post("faults", fault="refuse_connections", always=True)
    bench.world.until(lambda: bench.world.health().state == "lost")
    assert isinstance(bench.world.sell(sale(1)), NotSent)


def test_unplugged_and_plugged(bench: Bench) -> None:
    assert bench.post("plug", plugged=False).json()["plugged"] is False
    assert isinstance(bench.world.sell(sale(1)), NotSent)
    assert bench.post("plug", plugged=True).json()["plugged"] is True
    assert isinstance(bench.world.sell(sale(1)), Accepted)


def test_clock_deposit_crash_backup_reset(bench: Bench) -> None:
    assert bench.post("clock", offset_ms=-5_000).json()["offset_ms"] == -5_000
    assert bench.post("deposit", currency="EUR", amount_minor=20_000).json()["last_number"] == 1
    bench.world.sell(sale(1))
    assert bench.post("crash", down_ms=1_000).json()["crashes"] == 1
    assert bench.state()["down"] is True
    bench.world.pass_time(1_000)
    bench.world.ready()
    assert bench.post("backup", writes=1).json()["last_number"] == 1
    assert bench.post("reset").json()["last_number"] == 0
    assert bench.state()["offset_ms"] == 0


@pytest.mark.parametrize(
    ("what", "body", "code"),
    [
        ("faults", {"fault": "nonsense", "next": 1}, "twin.fault-unknown"),
        ("faults", {"fault": "nonsense", "off": True}, "twin.fault-unknown"),
        ("faults", {"fault": "silent"}, "twin.fault-unknown"),
        ("faults", {}, "twin.fault-unknown"),
        ("faults", {"fault": "silent", "next": 1, "always": True}, "twin.fault-unknown"),
        ("faults", {"fault": "garbage", "next": 1, "form": "poem"}, "twin.fault-unknown"),
        ("faults", {"fault": "silent", "next": 0}, "api.malformed"),
        ("faults", {"fault": "silent", "next": "1"}, "api.malformed"),
        ("faults", {"fault": "silent", "next": 1.5}, "api.malformed"),
        ("faults", {"fault": "silent", "probability": 1.5}, "api.malformed"),
        ("faults", {"fault": "silent", "next": 1, "colour": "red"}, "api.malformed"),
        ("faults", {"fault": "silent", "next": 1, "only": ["dance"]}, "api.malformed"),
        ("faults", {"fault": "silent", "next": 1, "delay_ms": -1}, "api.malformed"),
        ("clock", {}, "api.malformed"),
        ("clock", {"offset_ms": 10**30}, "api.malformed"),
        ("deposit", {"currency": "EUR"}, "api.malformed"),
        ("deposit", {"currency": "eur", "amount_minor": 1}, "api.malformed"),
        ("deposit", {"currency": "EUR", "amount_minor": 0}, "api.malformed"),
        ("deposit", {"currency": "EUR", "amount_minor": 1.0e0 + 0.5}, "api.malformed"),
        ("deposit", {"currency": "EUR", "amount_minor": True}, "api.malformed"),
        ("plug", {"plugged": "yes"}, "api.malformed"),
        ("backup", {"writes": 0}, "api.malformed"),
        ("reset", {"really": True}, "api.malformed"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    shared: Bench, what: str, body: dict[str, Any], code: str
) -> None:
    before = shared.state()
    answer = shared.post(what, **body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert shared.state() == before
    assert code in shipped_catalogue().entries


def test_another_currency_than_the_device_counts_in(bench: Bench) -> None:
    bench.world.sell(sale(1))
    assert bench.post("deposit", currency="VND", amount_minor=5).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/twins/SKO-9/truth", 404),
        ("POST", "/twins/SKO-9/reset", 404),
        ("GET", "/twins/SKO-1/poem", 404),
        ("POST", "/twins/SKO-1/poem", 404),
        ("GET", "/twins/SKO-1/reset", 405),
        ("POST", "/twins/SKO-1/truth", 405),
        ("POST", "/twins", 405),
        ("PUT", "/twins", 405),
        ("DELETE", "/twins/SKO-1/truth", 405),
        ("GET", "/twins/SKO-1/truth?above=-1", 400),
        ("GET", "/twins/SKO-1/truth?above=x", 400),
        ("GET", "/twins/SKO-1/truth?limit=0", 400),
        ("GET", "/twins/SKO-1/truth?limit=100000", 400),
    ],
)
def test_addresses(shared: Bench, method: str, path: str, status: int) -> None:
    answer = shared.client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["code"].startswith("api.")


def test_a_body_that_is_too_long_not_json_or_not_said_to_be(shared: Bench) -> None:
    address = "/twins/SKO-1/reset"
    json = {"Content-Type": "application/json"}
    assert shared.client.post(address, content=b"{" * 10, headers=json).status_code == 400
    assert shared.client.post(address, content=b"[" * 60_000, headers=json).status_code == 400
    assert shared.client.post(address, content=b"{}").status_code == 400
    assert shared.client.post(address, data={"a": "b"}).status_code == 400
    assert shared.client.post(address, content=bytes(BODY_BYTES_MAX + 1), headers=json).status_code == 413
    assert shared.client.post(address, content=iter([b"{}"]), headers=json).status_code == 400


def test_orders_from_many_threads_at_once_are_each_answered(bench: Bench) -> None:
    statuses: list[int] = []

    def put() -> None:
        statuses.extend(bench.post("deposit", currency="EUR", amount_minor=1).status_code for _ in range(5))

    threads = [threading.Thread(target=put) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 30
    assert bench.state()["last_number"] == 30


def test_when_the_twins_have_stopped_orders_are_told_so(bench: Bench) -> None:
    bench.world.server.stop()
    bench.world._server_thread.join()
    assert bench.post("reset").status_code == 503

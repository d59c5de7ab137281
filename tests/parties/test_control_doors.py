"""What the control endpoint tells of a device with shifts and a line of its own, and takes for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from tests.parties.worlds import SHIFTS, SocketWorld, fiscal, sale, unique_number
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Accepted, Refused
from tillwright.parties.control_endpoint import ControlEndpoint

pytestmark = pytest.mark.sockets


class Bench:
    """A device with shifts, whose line to the operator nobody has laid yet."""

    def __init__(self) -> None:
        self.world = SocketWorld(msgspec.structs.replace(SHIFTS, uplink="127.0.0.1:1"))
        self.world.ready()
        self.endpoint = ControlEndpoint(self.world.server)
        self.endpoint.start()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.endpoint.port}", trust_env=False)

    def state(self) -> dict[str, Any]:
        (found,) = self.client.get("/twins").json()["twins"]
        return dict(found)

    def truth(self) -> dict[str, Any]:
        return dict(self.client.get("/twins/SKO-1/truth").json())

    def close(self) -> None:
        self.client.close()
        self.endpoint.stop()
        self.world.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def test_shift_and_counters_are_listed(bench: Bench) -> None:
    state = bench.state()
    assert (state["shift"], state["cash_till_minor"]) == ({"number": 0, "state": "closed"}, 0)
    bench.world.sell(fiscal("shift-open", 1))
    bench.world.sell(sale(2))
    bench.world.sell(fiscal("cash-out", 3, 500))
    state = bench.state()
    assert state["shift"] == {"number": 1, "state": "open"}
    assert (state["cash_till_minor"], state["cash_shift_minor"]) == (68, 68)
    assert (state["acknowledged"], state["uplink"]) == (0, {"on": True, "state": "unknown"})


def test_the_truth_tells_what_each_document_takes_back_and_moves(bench: Bench) -> None:
    bench.world.sell(fiscal("shift-open", 1))
    origin = unique_number(bench.world.sell(sale(2)))
    assert isinstance(bench.world.sell(fiscal("void", 3, 568, origin)), Accepted)
    truth = bench.truth()
    assert [(one["kind"], one["shift"], one["of"], one["cash_minor"]) for one in truth["documents"]] == [
        ("shift-open", 1, "", 0),
        ("sale", 1, "", 568),
        ("annulment", 1, origin, -568),
    ]
    assert truth["shift"] == {"number": 1, "state": "open"}
    assert truth["acknowledged"] == 0
    assert truth["counters"]["sums"]["annulment"]["cash"] == {"count": 1, "sum_minor": 568}


def test_its_counters_go_wrong_and_stay_so(bench: Bench) -> None:
    bench.world.sell(fiscal("shift-open", 1))
    bench.world.sell(sale(2))
    answer = bench.client.post("/twins/SKO-1/miscount", json={"amount_minor": -68})
    assert (answer.json()["cash_till_minor"], answer.json()["cash_shift_minor"]) == (500, 500)
    assert answer.json()["last_number"] == 2
    bench.world.twin.device.load()
    assert bench.world.twin.device.counters.cash_till_minor == 500
    bench.world.sell(sale(3))
    assert bench.state()["cash_shift_minor"] == 1_068
    bench.client.post("/twins/SKO-1/reset", json={})
    assert bench.state()["cash_till_minor"] == 0


@pytest.mark.parametrize("body", [{}, {"amount_minor": 0}, {"amount_minor": 2**53}, {"amount_minor": 0.5}])
def test_nobody_goes_wrong_by_nothing(bench: Bench, body: dict[str, Any]) -> None:
    answer = bench.client.post("/twins/SKO-1/miscount", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "api.malformed")
    assert bench.state()["cash_till_minor"] == 0


def test_the_line_to_the_operator_is_switched(bench: Bench) -> None:
    for on in (False, True):
        answer = bench.client.post("/twins/SKO-1/uplink", json={"on": on})
        assert answer.json()["uplink"]["on"] is on
        assert bench.world.twin.uplink is on
    bench.client.post("/twins/SKO-1/uplink", json={"on": False})
    bench.client.post("/twins/SKO-1/reset", json={})
    assert bench.state()["uplink"]["on"] is True


@pytest.mark.parametrize("body", [{}, {"on": "yes"}, {"on": True, "to": "x"}])
def test_an_order_that_is_none_changes_nothing(bench: Bench, body: dict[str, Any]) -> None:
    answer = bench.client.post("/twins/SKO-1/uplink", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "api.malformed")
    assert bench.state()["uplink"]["on"] is True


def test_another_device_stands_there_and_then_the_own_one_again(bench: Bench) -> None:
    bench.world.sell(fiscal("shift-open", 1))
    own = bench.state()
    order = {"serial": "SKO-77", "till": "T7", "shift": 4}
    other = bench.client.post("/twins/SKO-1/exchange", json=order).json()
    assert (other["serial"], other["till"], other["last_number"]) == ("SKO-77", "T7", 1)
    assert (other["shift"], other["connections"]) == ({"number": 4, "state": "open"}, 0)
    assert [one["serial"] for one in bench.truth()["documents"]] == ["SKO-77"]
    back = bench.client.post("/twins/SKO-1/exchange", json={"serial": "SKO-1"}).json()
    for name in ("serial", "till", "last_number", "shift"):
        assert back[name] == own[name], name
    bench.client.post("/twins/SKO-1/exchange", json=order)
    assert bench.state()["last_number"] == 1
    bench.client.post("/twins/SKO-1/reset", json={})
    assert bench.state()["serial"] == "SKO-1"


@pytest.mark.parametrize("body", [{}, {"serial": "no serial"}, {"serial": "SKO-77", "shift": 1}])
def test_who_stands_there_is_said_and_a_shift_has_a_currency(bench: Bench, body: dict[str, Any]) -> None:
    answer = bench.client.post("/twins/SKO-1/exchange", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "api.malformed")
    assert bench.state()["serial"] == "SKO-1"


def test_it_refuses_what_nothing_speaks_against(bench: Bench) -> None:
    bench.world.sell(fiscal("shift-open", 1))
    body = {"reason": "sum above the most", "above_minor": 569, "next": 1}
    assert bench.client.post("/twins/SKO-1/refuse", json=body).json()["refuses"] == "sum above the most"
    assert isinstance(bench.world.sell(sale(2)), Accepted)
    bench.client.post("/twins/SKO-1/refuse", json={**body, "above_minor": 568})
    said = bench.world.sell(sale(3))
    assert isinstance(said, Refused)
    assert said.fault == Fault("fiscal.register-refused", reason="sum above the most")
    assert isinstance(bench.world.sell(sale(4)), Accepted)
    bench.client.post("/twins/SKO-1/refuse", json={"reason": "out of order"})
    assert [isinstance(bench.world.sell(sale(number)), Refused) for number in (5, 6)] == [True, True]
    assert bench.client.post("/twins/SKO-1/refuse", json={"off": True}).json()["refuses"] == ""
    assert isinstance(bench.world.sell(sale(7)), Accepted)


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x", "only": ["status"]}])
def test_a_refusal_says_why_and_of_what(bench: Bench, body: dict[str, Any]) -> None:
    assert bench.client.post("/twins/SKO-1/refuse", json=body).status_code == 400
    assert bench.state()["refuses"] == ""

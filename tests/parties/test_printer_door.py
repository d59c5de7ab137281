"""The printer's twin at the control endpoint, and in the process of the twins."""

from __future__ import annotations

import random
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.parties.contract_printer import slip
from tests.parties.test_twins_command import Twins
from tests.parties.worlds import ManualClock
from tillwright.parties.control_endpoint import ControlEndpoint
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.printer.machine import Printer
from tillwright.parties.printer.orders import PrinterOrders
from tillwright.parties.printer.slips import MemorySlips
from tillwright.parties.printer.states import CONFIRM, QUESTIONS
from tillwright.parties.printer.twin import PrinterTwin
from tillwright.parties.serving import TwinServer
from tillwright.parties.twins_command import BadOptions, read_options

pytestmark = pytest.mark.sockets

PRINTERS = """
store = "twins.db"
[[printers]]
till = "T1"
serial = "PRN-1"
"""


class Bench:
    """One printer behind a control endpoint, and a line to it."""

    def __init__(self) -> None:
        store = MemorySlips()
        twin = PrinterTwin("PRN-1", Printer("PRN-1", store), FaultPlan())
        self.server = TwinServer(store, ManualClock(), random.Random(1))
        self.port = self.server.serve(twin.name, twin, PrinterOrders(twin))
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        self.endpoint = ControlEndpoint(self.server)
        self.endpoint.start()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.endpoint.port}", trust_env=False)

    def post(self, what: str, **body: Any) -> httpx.Response:
        return self.client.post(f"/twins/PRN-1/{what}", json=body)

    def slips(self, **query: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get("/twins/PRN-1/truth", params=query).json()["slips"]
        return found

    def close(self) -> None:
        self.client.close()
        self.endpoint.stop()
        self.server.stop()
        self.thread.join(60)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def ask(port: int, data: bytes, answers: int) -> bytes:
    """Send it to a printer on a line of its own, and wait for so many bytes."""
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(data)
        heard = b""
        while len(heard) < answers:
            heard += line.recv(64)
        return heard


def test_switches_show_on_the_line_and_in_the_list(bench: Bench) -> None:
    assert ask(bench.port, b"".join(QUESTIONS), 3) == b"\x12\x12\x12"
    assert bench.post("paper", paper="low").json()["paper"] == "low"
    assert bench.post("cover", open=True).json()["cover_open"]
    assert not bench.post("online", online=False).json()["online"]
    assert ask(bench.port, b"".join(QUESTIONS), 3) == b"\x1a\x16\x1e"
    (state,) = bench.client.get("/twins").json()["parties"]
    assert (state["party"], state["name"], state["serial"]) == ("printer", "PRN-1", "PRN-1")


def test_slips_can_be_read_and_looked_at(bench: Bench) -> None:
    ask(bench.port, slip("TOTAL 5.68") + CONFIRM, 1)
    ask(bench.port, slip("TOTAL 1.90") + CONFIRM, 1)
    assert [one["text"] for one in bench.slips()] == ["TOTAL 5.68\n", "TOTAL 1.90\n"]
    (second,) = bench.slips(above=1, png=1)
    assert b64decode(second["png"]).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("paper", {"paper": "thick"}, 400),
        ("cover", {}, 400),
        ("clock", {"offset_ms": 1}, 404),
        ("backup", {"writes": 1}, 404),
        ("faults", {"fault": "silent", "always": True, "only": ["register"]}, 400),
    ],
)
def test_what_a_printer_does_not_take_is_told(
    bench: Bench, what: str, body: dict[str, Any], status: int
) -> None:
    assert bench.post(what, **body).status_code == status


def test_faults_and_reset_are_those_of_every_twin(bench: Bench) -> None:
    armed = bench.post("faults", fault="silent", next=1, only=["print"]).json()["armed"]
    assert list(armed) == ["silent"]
    assert bench.post("reset").json()["armed"] == {}


def test_in_its_process_a_printer_keeps_its_slips_over_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "twins.toml"
    file.write_text(PRINTERS)
    first = Twins(file)
    ask(first.ready["parties"]["PRN-1"], slip("TOTAL 5.68") + CONFIRM, 1)
    first.end(9)
    second = Twins(file)
    found = httpx.get(f"{second.control}/twins/PRN-1/truth", trust_env=False).json()["slips"]
    status, _ = second.end()
    assert (status, [one["text"] for one in found]) == (0, ["TOTAL 5.68\n"])


def test_a_printer_and_a_device_have_different_serials(tmp_path: Path) -> None:
    file = tmp_path / "twins.toml"
    file.write_text(PRINTERS + '[[devices]]\ntill = "T1"\nserial = "PRN-1"\n')
    with pytest.raises(BadOptions, match="twice"):
        read_options(file)

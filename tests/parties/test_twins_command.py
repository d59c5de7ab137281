"""The process of the twins: what it has answered is on the disk, however it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.parties.contract_operator import document
from tests.parties.worlds import leg, sale
from tillwright.machine import sqlite
from tillwright.parties.control.messages import Inquire, Register, ReplyMessage, Request, decode_reply, encode
from tillwright.parties.frames import FrameReader, frame
from tillwright.parties.http.exchange import digest_of
from tillwright.parties.twins_command import BadOptions, read_options

WAIT_S = 60

DEVICES = """
store = "twins.db"
[[devices]]
till = "T1"
serial = "SKO-1"
[[devices]]
till = "T2"
serial = "SKO-2"
"""


class Twins:
    """A process of twins."""

    def __init__(self, file: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tillwright", "twins", str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        self.ready: dict[str, Any] = json.loads(self.line) if self.line else {}

    def port(self, serial: str = "SKO-1") -> int:
        ports = {twin["serial"]: twin["port"] for twin in self.ready["twins"]}
        port: int = ports[serial]
        return port

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.ready['control_port']}"

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it; its exit status and what it said on standard error."""
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        _, said = self.process.communicate(timeout=WAIT_S)
        return self.process.returncode, said


class Till:
    """A plain client of the wire."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), WAIT_S)
        self._frames = FrameReader()
        self._last_id = 0

    def say(self, build: Callable[[int], Request]) -> None:
        self._last_id += 1
        self._socket.sendall(frame(encode(build(self._last_id))))

    def hear(self) -> ReplyMessage:
        while True:
            data = self._socket.recv(65_536)
            if not data:
                raise ConnectionError("the line is gone")
            for message in self._frames.feed(data):
                return decode_reply(message)

    def ask(self, build: Callable[[int], Request]) -> ReplyMessage:
        self.say(build)
        return self.hear()

    def sell(self, number: int) -> ReplyMessage:
        return self.ask(register(number))

    def close(self) -> None:
        self._socket.close()


def register(number: int) -> Callable[[int], Register]:
    operation = sale(number)
    content = operation.content
    return lambda request_id: Register(
        request_id,
        leg(operation).key,
        "T1",
        "sale",
        content.currency,
        content.total_minor,
        operation.content_hash,
        content.lines,
        content.tenders,
    )


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Twins]]:
    file = tmp_path / "twins.toml"
    started: list[Twins] = []

    def run(text: str = DEVICES) -> Twins:
        file.write_text(text)
        started.append(Twins(file))
        return started[-1]

    yield run
    for twins in started:
        twins.end(signal.SIGKILL)


@pytest.mark.crash
def test_killed_it_has_kept_what_it_answered_and_goes_on_with_it(
    start: Callable[..., Twins], tmp_path: Path
) -> None:
    twins = start()
    till = Till(twins.port())
    answered = [till.sell(number).document for number in range(1, 21)]
    absent = till.ask(lambda request_id: Inquire(request_id, leg(sale(99)).key))
    assert absent.fenced
    for number in range(21, 30):
        till.say(register(number))
    twins.end(signal.SIGKILL)
    till.close()
    reader = sqlite.connect(tmp_path / "twins.db", read_only=True)
    texts = [row[0] for row in reader.execute("SELECT text FROM document ORDER BY number")]
    reader.close()
    assert texts[:20] == answered
    again = start()
    till = Till(again.port())
    assert till.sell(20).document == answered[19]
    assert till.sell(99).code == "fenced"
    assert till.sell(30).last_number == len(texts) + 1
    till.close()


@pytest.mark.crash
def test_told_to_end_it_ends_well(start: Callable[..., Twins]) -> None:
    twins = start()
    till = Till(twins.port())
    till.sell(1)
    assert twins.end() == (0, "")
    with pytest.raises(ConnectionError):
        till.hear()
    till.close()


@pytest.mark.crash
def test_one_line_says_that_it_is_ready_and_where(start: Callable[..., Twins]) -> None:
    twins = start()
    assert twins.ready["ready"] is True
    assert [(twin["till"], twin["serial"]) for twin in twins.ready["twins"]] == [
        ("T1", "SKO-1"),
        ("T2", "SKO-2"),
    ]
    listed = httpx.get(f"{twins.control}/twins", trust_env=False).json()["twins"]
    assert {twin["serial"]: twin["port"] for twin in listed} == {
        serial: twins.port(serial) for serial in ("SKO-1", "SKO-2")
    }


@pytest.mark.crash
def test_two_processes_do_not_share_a_store(start: Callable[..., Twins]) -> None:
    start()
    second = start()
    status, said = second.end()
    assert status == 1
    assert "held by process" in said


@pytest.mark.crash
def test_a_port_that_is_taken_is_said(start: Callable[..., Twins]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        twins = start(DEVICES.replace('"SKO-1"', f'"SKO-1"\nport = {taken.getsockname()[1]}'))
        assert twins.ready == {}
        status, said = twins.end()
    assert status == 1
    assert said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "store = 5",
        'store = "a.db"',
        'store = "a.db"\ndevices = []',
        DEVICES.replace('"SKO-2"', '"SKO-1"'),
        DEVICES.replace('"SKO-2"', '"../etc"'),
        DEVICES.replace('"T2"', '""'),
        DEVICES.replace('"T2"', '"T2"\nport = 70000'),
        DEVICES.replace('"T2"', '"T2"\ncolour = "red"'),
        DEVICES.replace('"T2"', '"T2"\ncurrency = "euro"'),
        DEVICES + "\n[[broken",
    ],
)
def test_options_that_cannot_be_used_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "twins.toml"
    file.write_text(text)
    with pytest.raises(BadOptions, match=r"twins\.toml"):
        read_options(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadOptions, match="No such file"):
        read_options(tmp_path / "none.toml")


def test_options_are_read(tmp_path: Path) -> None:
    file = tmp_path / "twins.toml"
    file.write_text(DEVICES + 'port = 8202\ncurrency = "VND"\n')
    options = read_options(file)
    assert (options.store, options.control_port, options.clock) == ("twins.db", 0, "system")
    assert (options.devices[1].port, options.devices[1].currency) == (8202, "VND")


PARTIES = DEVICES + "\n[operator]\ngaps = false\n[licensing]\n"


@pytest.mark.crash
def test_what_the_operator_has_answered_outlives_a_kill(start: Callable[..., Twins]) -> None:
    twins = start(PARTIES)
    one = document(1)
    with httpx.Client(base_url=f"http://127.0.0.1:{twins.ready['parties']['operator']}") as client:
        body = json.dumps({"till": "T1", "text": one.text}).encode()
        whole = {"content-digest": digest_of(body).decode()}
        answer = client.put(f"/v1/documents/{one.unique_number}", content=body, headers=whole)
        assert (answer.status_code, answer.json()["last_number"]) == (200, 1)
    twins.end(signal.SIGKILL)
    again = start(PARTIES)
    with httpx.Client(base_url=f"http://127.0.0.1:{again.ready['parties']['operator']}") as client:
        listed = client.get("/v1/documents?till=T1").json()
    assert [found["unique_number"] for found in listed["documents"]] == [one.unique_number]
    assert listed["device"]["last_number"] == 1


@pytest.mark.crash
def test_the_operator_and_the_licensing_take_orders(start: Callable[..., Twins]) -> None:
    twins = start(PARTIES)
    with httpx.Client(base_url=twins.control) as client:
        listed = client.get("/twins").json()
        assert [one["name"] for one in listed["parties"]] == ["operator", "licensing"]
        assert [one["serial"] for one in listed["twins"]] == ["SKO-1", "SKO-2"]
        assert listed["parties"][0]["gaps"] is False
        for order, body in OPERATOR_ORDERS:
            assert client.post(f"/twins/operator/{order}", json=body).status_code == 200, order
        truth = client.get("/twins/operator/truth").json()
        assert [(one["serial"], one["number"]) for one in truth["refusals"]] == [("SKO-2", 4)]
        assert truth["tills"] == [{"till": "T1", "state": "warning", "reason": "fee", "date_ms": 5}]
        assert (truth["gaps"], truth["refuse_next"]) == (True, 2)
        switched = client.post("/twins/licensing/switch", json={"message": "sn-not-found", "serial": "SN-1"})
        assert switched.json()["licences"][0]["is_known"] is False
        assert client.post("/twins/licensing/well", json={}).json()["licences"][0]["is_known"] is True
        for name, order, body in WRONG_ORDERS:
            refused = client.post(f"/twins/{name}/{order}", json=body)
            assert (refused.status_code, refused.json()["code"]) == (400, "api.malformed"), (order, body)


OPERATOR_ORDERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("block", {"till": "T1", "reason": "fee"}),
    ("activate", {"till": "T1"}),
    ("warn", {"till": "T1", "reason": "fee", "date_ms": 5}),
    ("refuse", {"serial": "SKO-1", "number": 3, "reason": "rate"}),
    ("accept", {"serial": "SKO-1", "number": 3}),
    ("refuse", {"serial": "SKO-2", "number": 4, "reason": "rate"}),
    ("refuse", {"next": 2, "reason": "rate"}),
    ("gaps", {"accepted": True}),
    ("faults", {"fault": "silent", "next": 1, "only": ["document"]}),
)
WRONG_ORDERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("operator", "block", {"till": "T1"}),
    ("operator", "gaps", {}),
    ("operator", "faults", {"fault": "silent", "next": 1, "only": ["register"]}),
    ("licensing", "switch", {"message": "everything"}),
)


@pytest.mark.parametrize("line", ["[operator]\nport = -1", "[licensing]\ncolour = 1", "[operator]\ngaps = 1"])
def test_options_of_parties_that_cannot_be_used_are_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "twins.toml"
    file.write_text(f'store = "a.db"\n{line}\n')
    with pytest.raises(BadOptions, match=r"twins\.toml"):
        read_options(file)


def test_an_operator_may_be_served_alone(tmp_path: Path) -> None:
    file = tmp_path / "twins.toml"
    file.write_text('store = "a.db"\n[operator]\n')
    options = read_options(file)
    assert (options.devices, options.operator is not None) == ((), True)

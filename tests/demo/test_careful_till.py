"""The careful till against a server that answers badly: one uid until the end, and never a second intent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from tillwright.demo.careful_till import CarefulTill, Refused, Stuck

pytestmark = pytest.mark.sockets

SALE = {"uid": "u-1", "kind": "cash-sale"}
DONE = (201, {"state": "done"})
OPEN = (202, {"state": "open", "question": None})
ASKS = (202, {"state": "open", "question": "continue-or-give-up"})
HANG_UP: tuple[int, dict[str, Any]] = (0, {})


class Script(BaseHTTPRequestHandler):
    """Answers what the test has written down, and keeps what it was asked."""

    answers: ClassVar[list[tuple[int, dict[str, Any]]]] = []
    asked: ClassVar[list[tuple[str, str]]] = []
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self.asked.append((self.path.removeprefix("/api/v1/operations"), body))
        status, told = self.answers.pop(0)
        self.close_connection = True
        if status == 0:
            return
        text = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    Script.answers, Script.asked = [], []
    served = HTTPServer(("127.0.0.1", 0), Script)
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def till(server: HTTPServer) -> Iterator[CarefulTill]:
    careful = CarefulTill(f"http://127.0.0.1:{server.server_port}", "token", threading.Event(), 20.0)
    yield careful
    careful.hang_up()


def test_it_sends_the_same_request_until_it_has_ended(till: CarefulTill) -> None:
    Script.answers = [HANG_UP, (503, {"code": "api.unavailable"}), OPEN, (500, {}), DONE]
    assert till.sell(SALE)["state"] == "done"
    assert Script.asked == [("", json.dumps(SALE))] * 5
    assert (till.counts.calls, till.counts.failures) == (5, 3)


def test_it_goes_on_when_it_is_asked(till: CarefulTill) -> None:
    Script.answers = [ASKS, OPEN, DONE]
    assert till.sell(SALE)["state"] == "done"
    assert [path for path, _ in Script.asked] == ["", "/u-1/continue", ""]
    assert till.counts.continues == 1


def test_a_continue_that_comes_too_late_does_no_harm(till: CarefulTill) -> None:
    Script.answers = [ASKS, (409, {"code": "till.too-late"}), DONE]
    assert till.sell(SALE)["state"] == "done"


def test_it_waits_for_an_earlier_operation(till: CarefulTill) -> None:
    Script.answers = [(409, {"code": "till.red-blocks"}), (409, {"code": "till.operation-open"}), DONE]
    assert till.sell(SALE)["state"] == "done"
    assert till.counts.blocked == 2


def test_a_refusal_for_good_is_told(till: CarefulTill) -> None:
    Script.answers = [(422, {"code": "till.total-mismatch", "detail": "no"})]
    with pytest.raises(Refused, match="total-mismatch"):
        till.sell(SALE)


def test_an_end_that_is_no_sale_is_an_end(till: CarefulTill) -> None:
    Script.answers = [(201, {"state": "refused"})]
    assert till.sell(SALE)["state"] == "refused"


def test_it_does_not_wait_for_ever(server: HTTPServer) -> None:
    stop = threading.Event()
    stop.set()
    careful = CarefulTill(f"http://127.0.0.1:{server.server_port}", "token", stop)
    with pytest.raises(Stuck):
        careful.sell(SALE)
    hurried = CarefulTill(careful.url, "token", threading.Event(), patience_s=0.0)
    with pytest.raises(Stuck):
        hurried.sell(SALE)
    assert Script.asked == []

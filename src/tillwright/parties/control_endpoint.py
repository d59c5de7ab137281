"""The control endpoint of the twins: HTTP and JSON, on this machine only. Not for tills, for those who try
them.

    GET  /twins                               every twin: port, state, what is armed, what has struck; the
                                              control devices under "twins", all others under "parties"
    GET  /twins/NAME/truth?above=0&limit=1000 what it really holds: a page of documents, and more
    POST /twins/NAME/faults                   arm or disarm a fault, see below
    POST /twins/NAME/reset                    as from the factory
    POST /twins/NAME/clock   {"offset_ms": 3600000}
    POST /twins/NAME/plug    {"plugged": false}
    POST /twins/NAME/crash   {"down_ms": 2000}
    POST /twins/NAME/backup  {"writes": 3}    as it was before its last so many writes

The name of a control device is its serial. A device also takes

    POST /twins/SERIAL/deposit {"currency": "EUR", "amount_minor": 20000}
    POST /twins/SERIAL/miscount {"amount_minor": -500}  its cash counters go wrong, and no document says why
    POST /twins/SERIAL/uplink  {"on": false}  its own line to the operator, where it has one
    POST /twins/SERIAL/exchange {"serial": "SKO-77", "till": "till-7", "shift": 1}
                                              another device stands there; by its own serial the own one again
    POST /twins/SERIAL/refuse  {"reason": "sum above the most", "above_minor": 100000, "next": 1}
                                              it refuses what nothing speaks against; {"off": true} ends it

and the operator, whose name is `operator`,

    POST /twins/operator/warn     {"till": "till-1", "reason": "fee unpaid", "date_ms": 1767225600000}
    POST /twins/operator/block    {"till": "till-1", "reason": "fee unpaid"}
    POST /twins/operator/activate {"till": "till-1"}
    POST /twins/operator/refuse   {"serial": "SKO-1", "number": 7, "reason": "wrong rate"}, or {"next": 1, …}
    POST /twins/operator/accept   {"serial": "SKO-1", "number": 7}
    POST /twins/operator/gaps     {"accepted": false}
    POST /twins/operator/misstate {"till": "till-1", "off_minor": 100}
                                              its list has other sums; by 0 the right ones again
    POST /twins/operator/disown   {"till": "till-1", "off": false}  it does not know this till

and the licensing service, whose name is `licensing`, its seven messages,

    POST /twins/licensing/switch {"message": "subscription-ending", "on": true, "serial": "*"}
    POST /twins/licensing/well   {}

A printer, whose name is its serial too, takes

    POST /twins/SERIAL/paper  {"paper": "low"}   full, low or out
    POST /twins/SERIAL/cover  {"open": true}
    POST /twins/SERIAL/online {"online": false}

but neither clock nor backup; GET /twins/SERIAL/truth?above=0&png=1 shows its slips, as pictures too.

A fault is armed in one of three ways, and may carry the parameters that `parties.faulting` names:

    {"fault": "commit_drop_answer", "next": 1}
    {"fault": "answer_late", "probability": 0.1, "delay_ms": 8000, "only": ["register"]}
    {"fault": "refuse_connections", "always": true}

and disarmed with {"fault": "silent", "off": true}; {"off": true} disarms all. Every POST answers with the
twin as in the list of GET /twins. What is wrong is answered with a status and {"code", "detail"}: 400
api.malformed or twin.fault-unknown, 404 api.not-found, 405 api.method-not-allowed, 413 api.too-large, 503
api.unavailable. A body must say that it is application/json, so that no page in a browser can give orders.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import structlog

from tillwright.parties.control.doors import ControlDoor
from tillwright.parties.control.orders import ControlOrders
from tillwright.parties.doors import Door, Wrong
from tillwright.parties.faulting import FAULTS
from tillwright.parties.licensing.doors import LicensingDoor
from tillwright.parties.licensing.orders import LicensingOrders
from tillwright.parties.operator.doors import OperatorDoor
from tillwright.parties.operator.orders import OperatorOrders
from tillwright.parties.printer.doors import PrinterDoor
from tillwright.parties.printer.orders import PrinterOrders
from tillwright.parties.serving import LOOPBACK, TwinServer
from tillwright.parties.wire import TwinAction

BODY_BYTES_MAX = 65_536
STOP_LOOK_S = 0.1
"""So often the endpoint looks whether it is to stop."""
_log = structlog.get_logger(__name__)

DOORS: Mapping[type, Callable[[Any], Door]] = {
    ControlOrders: ControlDoor,
    OperatorOrders: OperatorDoor,
    LicensingOrders: LicensingDoor,
    PrinterOrders: PrinterDoor,
}
"""Who gives a twin its orders → the door that is put before it."""

_T = TypeVar("_T")


# ── HTTP ────────────────────────────────────────────────────────────────────────────────────────────────────


class ControlEndpoint:
    """Answers HTTP in threads of its own; `port` is where."""

    def __init__(self, server: TwinServer, port: int = 0) -> None:
        """Raises OSError when the port is taken."""

        class Handler(_Handler):
            twins = server

        self._http = ThreadingHTTPServer((LOOPBACK, port), Handler)
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(STOP_LOOK_S,), name="twins-control", daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.ident is not None:
            self._http.shutdown()
            self._thread.join(5.0)
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "tillwright-twins"
    timeout = 30
    disable_nagle_algorithm = True
    twins: TwinServer

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def do_PUT(self) -> None:
        self._answer(_no_such_method)

    def do_DELETE(self) -> None:
        self._answer(_no_such_method)

    def do_PATCH(self) -> None:
        self._answer(_no_such_method)

    def _answer(self, work: Callable[[list[str]], dict[str, Any]]) -> None:
        try:
            status, found = 200, work(_words(self.path))
        except Wrong as wrong:
            status, found = wrong.status, {"code": wrong.code, "detail": wrong.detail}
        except (CancelledError, TimeoutError):
            status, found = 503, {"code": "api.unavailable", "detail": "the twins are stopping"}
        body = msgspec.json.encode(found)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status >= 400:
            self.send_header("Connection", "close")  # what is left of a body is not read
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def _get(self, words: list[str]) -> dict[str, Any]:
        match words:
            case ["twins"]:
                states = [self._state_of(name) for name in self.twins.names]
                devices = [state for state in states if state["party"] == ControlDoor.party]
                parties = [state for state in states if state["party"] != ControlDoor.party]
                return {"twins": devices, "parties": parties, "faults": FAULTS}
            case ["twins", name, "truth"]:
                query = {key: values[-1] for key, values in parse_qs(urlsplit(self.path).query).items()}
                return self._order(name, lambda door, _: (door.truth(query), []))
            case ["twins", name, what] if what in self._doors(name):
                raise Wrong(405, "api.method-not-allowed", "POST it")
        raise Wrong(404, "api.not-found", "no such page")

    def _post(self, words: list[str]) -> dict[str, Any]:
        match words:
            case ["twins"] | ["twins", _, "truth"]:
                raise Wrong(405, "api.method-not-allowed", "GET it")
            case ["twins", name, what] if what in self._doors(name):
                body = self._body()
                self._order(name, lambda door, now_ms: (None, door.doors[what](now_ms, body)))
                return self._state_of(name)
        raise Wrong(404, "api.not-found", "no such page")

    def _state_of(self, name: str) -> dict[str, Any]:
        port = self.twins.ports.get(name, 0)
        return self._order(name, lambda door, now_ms: (door.state(name, port, now_ms), []))

    def _doors(self, name: str) -> Mapping[str, object]:
        """The orders that a twin takes; raises Wrong for a twin that is none."""
        if name not in self.twins.names:
            raise Wrong(404, "api.not-found", "no such twin")
        return door_of(self.twins.orders(name)).doors

    def _order(self, name: str, work: Callable[[Door, int], tuple[_T, list[TwinAction]]]) -> _T:
        if name not in self.twins.names:
            raise Wrong(404, "api.not-found", "no such twin")
        return self.twins.order(name, lambda orders, now_ms: work(door_of(orders), now_ms))

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            raise Wrong(400, "api.malformed", "a body has a Content-Length")
        if int(length) > BODY_BYTES_MAX:
            raise Wrong(413, "api.too-large", f"at most {BODY_BYTES_MAX} bytes")
        kind = self.headers.get_content_type() if "Content-Type" in self.headers else ""
        if int(length) and kind != "application/json":
            raise Wrong(400, "api.malformed", "a body is application/json")
        return self.rfile.read(int(length))

    def log_message(self, format: str, *args: object) -> None:
        _log.debug("twins.control", line=format % args)


def _no_such_method(words: list[str]) -> dict[str, Any]:
    raise Wrong(405, "api.method-not-allowed", "GET or POST")


def _words(path: str) -> list[str]:
    return [unquote(word) for word in urlsplit(path).path.strip("/").split("/")]


def door_of(orders: object) -> Door:
    """The door before a twin."""
    return DOORS[type(orders)](orders)

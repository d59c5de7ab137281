"""The control endpoint of the twins: HTTP and JSON, on this machine only. Not for tills, for those who try
them.

    GET  /twins                                 every twin: port, state, what is armed, what has struck
    GET  /twins/SERIAL/truth?above=0&limit=1000 documents above a number (a page), fences, counters
    POST /twins/SERIAL/faults                   arm or disarm a fault, see below
    POST /twins/SERIAL/reset                    as from the factory
    POST /twins/SERIAL/clock   {"offset_ms": 3600000}
    POST /twins/SERIAL/deposit {"currency": "EUR", "amount_minor": 20000}
    POST /twins/SERIAL/plug    {"plugged": false}
    POST /twins/SERIAL/crash   {"down_ms": 2000}
    POST /twins/SERIAL/backup  {"writes": 3}    as it was before its last so many writes

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
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import structlog
from msgspec import Meta, Struct

from tillwright.parties.control.orders import PAGE, ControlOrders
from tillwright.parties.faulting import FAULTS, Arming, UnknownFault
from tillwright.parties.serving import LOOPBACK, TwinServer
from tillwright.parties.wire import TwinAction

BODY_BYTES_MAX = 65_536
STOP_LOOK_S = 0.1
"""So often the endpoint looks whether it is to stop."""
_DAY_MS = 86_400_000
_log = structlog.get_logger(__name__)

Delay = Annotated[int, Meta(ge=0, le=_DAY_MS)]
Offset = Annotated[int, Meta(ge=-10_000 * _DAY_MS, le=10_000 * _DAY_MS)]
Writes = Annotated[int, Meta(ge=1, le=1_000_000)]
Do = Literal["connect", "hello", "register", "inquire", "documents", "restore", "status"]
_S = TypeVar("_S", bound=Struct)
_T = TypeVar("_T")


class FaultOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/faults."""

    fault: str | None = None
    probability: Annotated[float, Meta(gt=0, le=1)] | None = None
    next: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    always: bool = False
    off: bool = False
    delay_ms: Delay | None = None
    only: tuple[Do, ...] = ()
    form: str = ""
    at: str = ""
    off_ms: Offset = 3_600_000
    writes: Writes = 3
    piece_bytes: Annotated[int, Meta(ge=1, le=65_536)] = 16

    def arming(self) -> Arming:
        """The order as the fault plan takes it."""
        return Arming(
            self.probability or 0.0, self.next or 0, self.always, self.delay_ms, frozenset(self.only),
            self.form, self.at, self.off_ms, self.writes, self.piece_bytes,
        )  # fmt: skip


class ClockOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/clock."""

    offset_ms: Offset


class DepositOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/deposit."""

    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    amount_minor: Annotated[int, Meta(ge=1, le=2**53 - 1)]


class PlugOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/plug."""

    plugged: bool


class CrashOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/crash."""

    down_ms: Delay = 2_000


class BackupOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/backup."""

    writes: Writes


class ResetOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST …/reset: nothing."""


class Wrong(Exception):
    """What is wrong with a request: a status, a code of the catalogue, and a sentence for programmers."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


# ── orders ──────────────────────────────────────────────────────────────────────────────────────────────────


def _faults(orders: ControlOrders, now_ms: int, body: bytes) -> list[TwinAction]:
    order = _read(body, FaultOrder)
    try:
        if order.off:
            return orders.disarm(order.fault)
        return orders.arm(order.fault or "", order.arming())
    except UnknownFault as error:
        raise Wrong(400, "twin.fault-unknown", str(error)) from error


def _reset(orders: ControlOrders, now_ms: int, body: bytes) -> list[TwinAction]:
    _read(body, ResetOrder)
    return orders.reset()


def _clock(orders: ControlOrders, now_ms: int, body: bytes) -> list[TwinAction]:
    return orders.set_clock(_read(body, ClockOrder).offset_ms)


def _deposit(orders: ControlOrders, now_ms: int, body: bytes) -> list[TwinAction]:
    order = _read(body, DepositOrder)
    try:
        orders.deposit(order.currency, order.amount_minor, now_ms)
    except ValueError as error:
        raise Wrong(400, "api.malformed", str(error)) from error
    return []


def _plug(orders: ControlOrders, now_ms: int, body: bytes) -> list[TwinAction]:
    return orders.plug() if _read(body, PlugOrder).plugged else orders.unplug()


def _crash(orders: ControlOrders, now_ms: int, body: bytes) -> list[TwinAction]:
    return orders.crash(now_ms, _read(body, CrashOrder).down_ms)


def _backup(orders: ControlOrders, now_ms: int, body: bytes) -> list[TwinAction]:
    return orders.restore_backup(_read(body, BackupOrder).writes)


ORDERS: Mapping[str, Callable[[ControlOrders, int, bytes], list[TwinAction]]] = {
    "faults": _faults,
    "reset": _reset,
    "clock": _clock,
    "deposit": _deposit,
    "plug": _plug,
    "crash": _crash,
    "backup": _backup,
}


def _read(body: bytes, form: type[_S]) -> _S:
    try:
        return msgspec.json.decode(body or b"{}", type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Wrong(400, "api.malformed", str(error)) from error


# ── views ───────────────────────────────────────────────────────────────────────────────────────────────────


def _state(orders: ControlOrders, port: int, now_ms: int) -> dict[str, Any]:
    """How one twin stands."""
    twin = orders.twin
    return {
        "serial": twin.profile.serial,
        "till": twin.profile.till,
        "port": port,
        "currency": twin.device.currency,
        "plugged": twin.plugged,
        "down": now_ms < twin.down_until_ms,
        "connections": twin.connections,
        "offset_ms": twin.offset_ms,
        "last_number": orders.last_number(),
        "armed": {name: _told(arming) for name, arming in sorted(twin.faults.armed.items())},
        "struck": dict(twin.faults.struck),
        "crashes": twin.crashes,
        "repeats": twin.repeats,
    }


def _told(arming: Arming) -> dict[str, Any]:
    told = {name: value for name, value in asdict(arming).items() if value not in (None, "", 0, False)}
    if "next_count" in told:
        told["next"] = told.pop("next_count")
    told["only"] = sorted(arming.only)
    return told


def _truth(orders: ControlOrders, above: int, limit: int) -> dict[str, Any]:
    """What the device has written: a page of its documents, and all its fences."""
    documents = orders.documents(above, limit)
    return {
        "serial": orders.twin.profile.serial,
        "till": orders.twin.profile.till,
        "last_number": orders.last_number(),
        "counters": msgspec.to_builtins(orders.counters()),
        "documents": [asdict(document) for document in documents],
        "fences": [asdict(fence) for fence in orders.fences()],
        "struck": dict(orders.twin.faults.struck),
    }


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
                return {"twins": [self._state_of(serial) for serial in self.twins.names], "faults": FAULTS}
            case ["twins", serial, "truth"]:
                above = self._number("above", 0, 0, 2**53)
                limit = self._number("limit", PAGE, 1, PAGE)
                return self._order(serial, lambda orders, _: (_truth(orders, above, limit), []))
            case ["twins", _, what] if what in ORDERS:
                raise Wrong(405, "api.method-not-allowed", "POST it")
        raise Wrong(404, "api.not-found", "no such page")

    def _post(self, words: list[str]) -> dict[str, Any]:
        match words:
            case ["twins", serial, what] if what in ORDERS:
                body, order = self._body(), ORDERS[what]
                self._order(serial, lambda orders, now_ms: (None, order(orders, now_ms, body)))
                return self._state_of(serial)
            case ["twins"] | ["twins", _, "truth"]:
                raise Wrong(405, "api.method-not-allowed", "GET it")
        raise Wrong(404, "api.not-found", "no such page")

    def _state_of(self, serial: str) -> dict[str, Any]:
        port = self.twins.ports.get(serial, 0)
        return self._order(serial, lambda orders, now_ms: (_state(orders, port, now_ms), []))

    def _order(self, serial: str, work: Callable[[ControlOrders, int], tuple[_T, list[TwinAction]]]) -> _T:
        if serial not in self.twins.names:
            raise Wrong(404, "api.not-found", "no such twin")
        return self.twins.order(serial, work)

    def _number(self, name: str, usual: int, least: int, most: int) -> int:
        values = parse_qs(urlsplit(self.path).query).get(name)
        if values is None:
            return usual
        text = values[-1]
        if not (text.isascii() and text.isdigit() and len(text) <= 16 and least <= int(text) <= most):
            raise Wrong(400, "api.malformed", f"{name}: a whole number from {least} to {most}")
        return int(text)

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

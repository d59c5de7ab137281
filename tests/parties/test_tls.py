"""Lines under TLS and to names: what fails before the handshake is over has not been sent."""

from __future__ import annotations

import errno
import random
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.parties.contract_operator import TIMES, document
from tests.parties.worlds import REAL_WAIT_S, ManualClock
from tillwright.parties import sockets
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.http.twin import HttpTwin
from tillwright.parties.operator.adapter import OperatorAdapter
from tillwright.parties.operator.orders import operator_twin
from tillwright.parties.operator.store import MemoryStore
from tillwright.parties.sockets import SocketDriver
from tillwright.parties.tls import context_for
from tillwright.parties.wire import Acknowledged, NotDelivered, Reply, Telling

pytestmark = pytest.mark.sockets
CERTIFICATE = Path(__file__).parent / "certificates" / "loopback.pem"
Serve = Callable[[socket.socket], None]


class Server:
    """Listens, and hands every connection to `serve`, one after the other."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                line.settimeout(REAL_WAIT_S)
                self._serve(line)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class SecureTwin:
    """The operator's twin behind TLS."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.twin: HttpTwin = operator_twin(self.store, FaultPlan())
        self.failures: list[str] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(CERTIFICATE)
        self._clock = ManualClock()

    def serve(self, plain: socket.socket) -> None:
        try:
            with self._context.wrap_socket(plain, server_side=True) as line:
                self._talk(line)
        except OSError as error:
            self.failures.append(str(error))

    def _talk(self, line: ssl.SSLSocket) -> None:
        chance = random.Random(1)
        self.twin.accept(1, self._clock.now_ms(), chance)
        while data := line.recv(65_536):
            for action in self.twin.received(1, data, self._clock.now_ms(), chance):
                if isinstance(action, Reply):
                    line.sendall(action.data)


class Desk:
    """A driver with one operator line, and what it tells."""

    def __init__(self) -> None:
        self.driver = SocketDriver(ManualClock())
        self.driver.start()
        self._told = threading.Condition()
        self.tellings: list[Telling] = []

    def _deliver(self, _name: str, telling: Telling) -> None:
        with self._told:
            self.tellings.append(telling)
            self._told.notify_all()

    def carry(self, host: str, port: int, context: ssl.SSLContext | None) -> Acknowledged | NotDelivered:
        """Carry document 1 there; its end."""
        self.driver.add(
            "T1/operator", OperatorAdapter("T1", TIMES, host), (host, port), self._deliver, context
        )
        one = document(1)
        self.driver.do(
            "T1/operator",
            lambda adapter: adapter.deliver(one.text, "SKO-1", 1, one.unique_number, ManualClock().now_ms()),
        )
        with self._told:
            assert self._told.wait_for(lambda: self._ends(), REAL_WAIT_S)
        return self._ends()[0]

    def _ends(self) -> list[Acknowledged | NotDelivered]:
        return [one for one in self.tellings if isinstance(one, Acknowledged | NotDelivered)]


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.driver.stop()


@pytest.fixture
def serving() -> Iterator[Callable[[Serve], Server]]:
    servers: list[Server] = []

    def start(serve: Serve) -> Server:
        servers.append(Server(serve))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_document_is_delivered_under_tls(
    desk: Desk, serving: Callable[[Serve], Server], host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "_addresses", lambda address: [("127.0.0.1", address[1])])
    secure = SecureTwin()
    port = serving(secure.serve).port
    assert desk.carry(host, port, context_for(CERTIFICATE)) == Acknowledged("operator", "SKO-1", 1, 1)
    assert [one.number for one in secure.store.documents(0, 10)] == [1]


def test_a_party_that_is_not_trusted_gets_not_one_byte(
    desk: Desk, serving: Callable[[Serve], Server]
) -> None:
    secure = SecureTwin()
    end = desk.carry("127.0.0.1", serving(secure.serve).port, context_for())
    assert end == NotDelivered("operator", "SKO-1", 1, "operator-unreachable")
    assert secure.twin.connections == 0


def test_a_party_under_another_name_is_not_trusted(
    desk: Desk, serving: Callable[[Serve], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "_addresses", lambda address: [("127.0.0.1", address[1])])
    secure = SecureTwin()
    end = desk.carry("operator.example", serving(secure.serve).port, context_for(CERTIFICATE))
    assert end == NotDelivered("operator", "SKO-1", 1, "operator-unreachable")
    assert secure.twin.connections == 0


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_party_that_speaks_no_tls_is_not_reached(
    desk: Desk, serving: Callable[[Serve], Server], said: bytes
) -> None:
    heard: list[bytes] = []

    def plain(line: socket.socket) -> None:
        heard.append(line.recv(65_536))
        line.sendall(said)

    end = desk.carry("127.0.0.1", serving(plain).port, context_for(CERTIFICATE))
    assert end == NotDelivered("operator", "SKO-1", 1, "operator-unreachable")
    assert b"PUT" not in b"".join(heard)


def test_without_a_network_no_name_is_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_name(_address: tuple[str, int]) -> list[tuple[str, int]]:
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    monkeypatch.setattr(sockets, "_addresses", no_name)
    end = desk.carry("operator.example", 443, context_for())
    assert end == NotDelivered("operator", "SKO-1", 1, "no-internet")


def test_a_name_that_is_being_looked_up_holds_up_no_other_line(
    desk: Desk, serving: Callable[[Serve], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(address: tuple[str, int]) -> list[tuple[str, int]]:
        go_on.wait(REAL_WAIT_S)
        return [("127.0.0.1", address[1])]

    monkeypatch.setattr(sockets, "_addresses", slow)
    secure = SecureTwin()
    port = serving(secure.serve).port
    other = OperatorAdapter("T2", TIMES)
    desk.driver.add("T2/operator", other, ("slow.example", port), lambda *_: None)
    desk.driver.do("T2/operator", lambda adapter: adapter.ask_status(ManualClock().now_ms()))
    assert isinstance(desk.carry("127.0.0.1", port, context_for(CERTIFICATE)), Acknowledged)
    go_on.set()


def test_a_certificate_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    with pytest.raises(ssl.SSLError):
        context_for(tmp_path / "empty.pem")


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (errno.ENETUNREACH, "no-network"),
        (errno.ENETDOWN, "no-network"),
        (errno.ECONNREFUSED, "unreachable"),
        (errno.ETIMEDOUT, "unreachable"),
    ],
)
def test_no_network_and_nobody_there_are_told_apart(code: int, cause: str) -> None:
    assert sockets._cause(OSError(code, "connecting")) == cause

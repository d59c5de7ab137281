"""The contract of the operator, on four kinds of world."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parties.contract_operator import OPERATOR_WORLD, TIMES, OperatorContract
from tests.parties.http_worlds import SocketWorld, VirtualWorld
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.operator.adapter import OperatorAdapter
from tillwright.parties.operator.orders import OperatorOrders, operator_twin
from tillwright.parties.operator.sqlite_store import SqliteStore
from tillwright.parties.operator.store import MemoryStore, OperatorStore


def virtual(store: OperatorStore) -> VirtualWorld[OperatorAdapter, OperatorOrders]:
    twin = operator_twin(store, FaultPlan())
    return VirtualWorld(OperatorAdapter("T1", TIMES), twin, OperatorOrders(twin))


class TestInMemory(OperatorContract):
    """Virtual time, memory store: what the simulation runs."""

    @pytest.fixture
    def refused(self) -> frozenset[str]:
        return frozenset({"operator-unreachable"})

    @pytest.fixture
    def world(self) -> OPERATOR_WORLD:
        return virtual(MemoryStore())


class TestInSqlite(OperatorContract):
    """Virtual time, the store of the real process."""

    @pytest.fixture
    def refused(self) -> frozenset[str]:
        return frozenset({"operator-unreachable"})

    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[OPERATOR_WORLD]:
        store = SqliteStore(tmp_path / "operator.db")
        yield virtual(store)
        store.close()


class TestByteByByte(OperatorContract):
    """Virtual time, and never two bytes at once."""

    @pytest.fixture
    def refused(self) -> frozenset[str]:
        return frozenset({"operator-unreachable"})

    @pytest.fixture
    def world(self) -> OPERATOR_WORLD:
        world = virtual(MemoryStore())
        world.reshape = lambda data: [bytes([byte]) for byte in data]
        return world


@pytest.mark.sockets
class TestOnSockets(OperatorContract):
    """The drivers of the real processes. A twin's listener takes a connection before the twin refuses it, so
    the first bytes may have left or not.
    """

    @pytest.fixture
    def refused(self) -> frozenset[str]:
        return frozenset({"operator-unreachable", "no-answer"})

    @pytest.fixture
    def world(self) -> Iterator[OPERATOR_WORLD]:
        store = MemoryStore()
        twin = operator_twin(store, FaultPlan())
        world = SocketWorld(OperatorAdapter("T1", TIMES), twin, OperatorOrders(twin), store)
        yield world
        world.close()

    def test_off_the_net_nobody_even_hangs_up(self, world: Any) -> None:
        place = ("127.0.0.1", world.port)
        socket.create_connection(place, 2.0).close()
        world.order(lambda orders, _: orders.unplug())
        assert world.server.ports == {"operator": world.port}
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(place, 2.0)
        world.order(lambda orders, _: orders.plug())
        socket.create_connection(place, 2.0).close()

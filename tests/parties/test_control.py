"""The contract of the control device, on three kinds of world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parties.contract_control import ControlContract
from tests.parties.worlds import SocketWorld, VirtualWorld, World
from tillwright.parties.control.sqlite_store import SqliteStore


class TestInMemory(ControlContract):
    """Virtual time, memory store: what the simulation runs."""

    @pytest.fixture
    def world(self) -> World:
        world = VirtualWorld()
        world.start()
        return world


class TestInSqlite(ControlContract):
    """Virtual time, the store of the real process."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[World]:
        store = SqliteStore(tmp_path / "twins.db")
        world = VirtualWorld(store)
        world.start()
        yield world
        store.close()


class TestByteByByte(ControlContract):
    """Virtual time, and never two bytes at once."""

    @pytest.fixture
    def world(self) -> World:
        world = VirtualWorld()
        world.reshape = lambda data: [bytes([byte]) for byte in data]
        world.start()
        return world


@pytest.mark.sockets
class TestOnSockets(ControlContract):
    """The drivers of the real processes."""

    @pytest.fixture
    def world(self) -> Iterator[World]:
        world = SocketWorld()
        world.ready()
        yield world
        world.close()

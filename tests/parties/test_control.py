"""The contract of the control device, with and without shifts, on four kinds of world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parties.contract_control import ControlContract, ShiftContract
from tests.parties.worlds import PROFILE, SHIFTS, SocketWorld, VirtualWorld, World
from tillwright.parties.control.messages import DeviceProfile
from tillwright.parties.control.sqlite_store import SqliteStore


def in_memory(profile: DeviceProfile) -> Iterator[World]:
    """Virtual time, memory store: what the simulation runs."""
    world = VirtualWorld(profile=profile)
    world.start()
    yield world


def in_sqlite(profile: DeviceProfile, path: Path) -> Iterator[World]:
    """Virtual time, the store of the real process."""
    store = SqliteStore(path)
    world = VirtualWorld(store, profile)
    world.start()
    yield world
    store.close()


def byte_by_byte(profile: DeviceProfile) -> Iterator[World]:
    """Virtual time, and never two bytes at once."""
    world = VirtualWorld(profile=profile)
    world.reshape = lambda data: [bytes([byte]) for byte in data]
    world.start()
    yield world


def on_sockets(profile: DeviceProfile) -> Iterator[World]:
    """The drivers of the real processes."""
    world = SocketWorld(profile)
    world.ready()
    yield world
    world.close()


class TestInMemory(ControlContract):
    @pytest.fixture
    def world(self) -> Iterator[World]:
        yield from in_memory(PROFILE)


class TestInSqlite(ControlContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[World]:
        yield from in_sqlite(PROFILE, tmp_path / "twins.db")


class TestByteByByte(ControlContract):
    @pytest.fixture
    def world(self) -> Iterator[World]:
        yield from byte_by_byte(PROFILE)


@pytest.mark.sockets
class TestOnSockets(ControlContract):
    @pytest.fixture
    def world(self) -> Iterator[World]:
        yield from on_sockets(PROFILE)


class TestShiftsInMemory(ShiftContract):
    @pytest.fixture
    def world(self) -> Iterator[World]:
        yield from in_memory(SHIFTS)


class TestShiftsInSqlite(ShiftContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[World]:
        yield from in_sqlite(SHIFTS, tmp_path / "twins.db")


class TestShiftsByteByByte(ShiftContract):
    @pytest.fixture
    def world(self) -> Iterator[World]:
        yield from byte_by_byte(SHIFTS)


@pytest.mark.sockets
class TestShiftsOnSockets(ShiftContract):
    @pytest.fixture
    def world(self) -> Iterator[World]:
        yield from on_sockets(SHIFTS)

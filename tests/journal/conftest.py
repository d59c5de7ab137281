"""Each test that asks for `storage` runs on both journals."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journal.storages import InAFile, InMemory, Storage
from tillwright.journal.port import JournalPort


@pytest.fixture(params=["memory", "sqlite"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    made: Storage = InMemory() if request.param == "memory" else InAFile(tmp_path)
    yield made
    made.close()


@pytest.fixture
def journal(storage: Storage) -> JournalPort:
    """An empty journal."""
    return storage.open()

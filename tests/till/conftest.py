"""Fixtures of the till's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pages import *  # noqa: F403
from tests.till.api_shop import Shop, make_shop_template, running_shop
from tests.till.api_world import World, make_template, running_world
from tests.till.counter import counter  # noqa: F401


@pytest.fixture(scope="session")
def world_template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """A folder with a migrated station, made once."""
    folder = tmp_path_factory.mktemp("template")
    with django_db_blocker.unblock():
        make_template(folder)
    return folder


@pytest.fixture
def world(world_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[World]:
    """A station with its API, for one test."""
    with django_db_blocker.unblock(), running_world(world_template, tmp_path) as made:
        yield made


@pytest.fixture
def open_world(world_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[World]:
    """The same, fed with goods by another system."""
    with django_db_blocker.unblock(), running_world(world_template, tmp_path, open_goods=True) as made:
        yield made


@pytest.fixture(scope="session")
def shop_template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """The same with people, made once."""
    folder = tmp_path_factory.mktemp("shop")
    with django_db_blocker.unblock():
        make_shop_template(folder)
    return folder


@pytest.fixture
def shop(shop_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Shop]:
    """A fiscal till with its shift open, for one test."""
    with django_db_blocker.unblock(), running_shop(shop_template, tmp_path) as made:
        made.open_shift()
        yield made


@pytest.fixture
def closed_shop(shop_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Shop]:
    """The same before its first shift."""
    with django_db_blocker.unblock(), running_shop(shop_template, tmp_path) as made:
        yield made


@pytest.fixture
def strict_shop(shop_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Shop]:
    """A shop whose rulings rest on an enquiry, with its shift open."""
    with (
        django_db_blocker.unblock(),
        running_shop(shop_template, tmp_path, enquiry_required=True) as made,
    ):
        made.open_shift()
        yield made

"""Real processes for tests: a shop, its station and twins, on ports that were free, in a folder that goes.

    def test_something(shop):                 # a started shop of two tills, for this test alone
        sell(shop.url, shop.tokens["till-1"])

    with running_shop(folder, tills=4) as shop:   # any other shop, for as long as the block lasts

A `Shop` (tillwright.demo.shop) has `url`, `tokens` (till → text), `twins_url`, `truth(serial)`,
`order(serial, what, body)`, `root` (the data folder), `worker_pid()`, and starts and stops its two processes.
Its people and their PINs are `tillwright.demo.people.PEOPLE`. A test that uses it has one of the marks
`sockets`, `browser`, `crash`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tillwright.demo.shop import Shop


@contextmanager
def running_shop(
    root: Path, tills: int = 2, *, currency: str = "EUR", float_minor: int = 1_000_00, **options: Any
) -> Iterator[Shop]:
    """A shop that is up until the block ends; `options` are those of `ShopOptions`."""
    from tillwright.demo.shop import Shop, ShopOptions, shop_tills

    chosen = ShopOptions(tills=shop_tills(tills, currency=currency, float_minor=float_minor), **options)
    shop = Shop(root, chosen)
    try:
        shop.seed()
        shop.start()
        yield shop
    finally:
        shop.stop()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A started shop of two tills that sell in euros, for one test."""
    with running_shop(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def module_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A started shop of two tills, shared by the tests of one file; each finds what the others have sold."""
    with running_shop(tmp_path_factory.mktemp("shop")) as running:
        yield running

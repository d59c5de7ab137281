"""Threads of a test's own: one keeps its connection to the database, and every test has another database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tillwright.faults import actions, looking


@contextmanager
def own_threads() -> Iterator[None]:
    """Probes and actions run in threads that have served no other test, and that end with this one."""
    before = looking._pool, actions._pool
    looking._pool, actions._pool = ThreadPoolExecutor(8), ThreadPoolExecutor(4)
    try:
        yield
    finally:
        for pool in (looking._pool, actions._pool):
            pool.shutdown(wait=True, cancel_futures=True)
        looking._pool, actions._pool = before

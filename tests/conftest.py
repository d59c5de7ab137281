"""What all tests share: sockets only for those that say so, and only to this machine.

The package itself is loaded first (`-p tillwright` in pyproject.toml), before any plug-in that imports
sqlite3: one SQLite library per process holds in the tests too.
"""

from datetime import timedelta

import pytest
from hypothesis import settings

from tests.processes import module_shop, shop

__all__ = ["module_shop", "shop"]

# An example may take as long as the busiest machine needs for one: what takes longer hangs. Every health
# check is on; the one for slow strategies goes by this deadline too, five times as much for the first ten.
# The examples of a test are the same in every run, so that a change is judged by what it changes; others are
# looked for with `--hypothesis-profile wide`.
settings.register_profile("wide", deadline=timedelta(seconds=10))
settings.register_profile("ours", settings.get_profile("wide"), derandomize=True)
settings.load_profile("ours")

#: Marks whose tests talk to processes on this machine.
LOOPBACK_MARKS = ("sockets", "browser", "crash")
LOOPBACK = ["127.0.0.1", "::1", "localhost"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Open the loopback, and nothing else, for tests with one of the marks; all others get no sockets."""
    for item in items:
        if any(item.get_closest_marker(name) for name in LOOPBACK_MARKS):
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))

"""The station that these tests serve."""

from tests.pages import *  # noqa: F403
from tests.till.conftest import world, world_template
from tests.till.counter import counter

__all__ = ["counter", "world", "world_template"]

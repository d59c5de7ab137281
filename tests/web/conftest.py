"""The station that these tests serve."""

from tests.pages import *  # noqa: F403

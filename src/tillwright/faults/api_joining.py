"""Puts the calls about faults into the API of the till, which stands below and cannot know them."""

from __future__ import annotations

from functools import cache

from msgspec import Struct
from ninja import NinjaAPI

from tillwright.faults import api, api_status, api_wire
from tillwright.till import api_describe
from tillwright.till.api import api as api_of_the_till

STRUCTURES = tuple(
    one
    for one in vars(api_wire).values()
    if isinstance(one, type) and issubclass(one, Struct) and one.__module__ == api_wire.__name__
)
"""Everything that goes over the wire about faults."""


@cache
def joined() -> NinjaAPI:
    """The whole API for programs; put together when its addresses are first asked for, as only who serves
    them needs it.
    """
    api_of_the_till.add_router("", api.router)
    api_of_the_till.add_router("", api_status.router)
    api_describe.also_know(*STRUCTURES)
    return api_of_the_till

"""Events of a diagnosis as they are kept: type and fields; time and person have columns of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, get_args, get_type_hints

from tillwright.diagnosis import events
from tillwright.diagnosis.events import Event
from tillwright.faults.store import StoredEvent

_BESIDE = ("at_ms", "by")
_TYPES: Mapping[str, type] = {kind.__name__.lower(): kind for kind in get_args(Event)}


def body_of(event: Event) -> dict[str, Any]:
    """What is kept of an event."""
    kept = {one.name: getattr(event, one.name) for one in fields(event) if one.name not in _BESIDE}
    plain = {name: value.value if isinstance(value, Enum) else value for name, value in kept.items()}
    return {"type": type(event).__name__.lower(), **plain}


def event_of(stored: StoredEvent) -> Event:
    """The event that was kept. Raises KeyError for a type that there is not."""
    body = dict(stored.body)
    kind = _TYPES[body.pop("type")]
    hints = get_type_hints(kind, vars(events))
    for name, value in body.items():
        wanted = hints[name]
        body[name] = wanted(value) if isinstance(wanted, type) and issubclass(wanted, Enum) else value
    event: Event = kind(**body, at_ms=stored.at_ms, by=stored.person)
    return event

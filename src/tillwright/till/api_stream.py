"""The event stream of a till (server-sent events): one event for each change of one of its operations.

    event: snapshot     what is open and what is red: where the stream begins, or cannot go on
    event: operation    one operation as it has become
    id: TICK            with each; named again as Last-Event-ID it brings what was missed meanwhile

There is a ceiling on how many may be open at once, each ends by itself before 25 seconds are over, and a
comment every few seconds shows both sides that the line is there; `web/streams.py` says why.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tillwright.journal.news import Change
from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.till import api_answers as answers
from tillwright.till import api_wire as wire
from tillwright.web.streams import HEARTBEAT, HEARTBEAT_MS, LONGEST_MS, OPENING, Places, Stream, last_seen

MOST = 8

_places = Places(MOST)
_encode = msgspec.json.Encoder().encode


def open_stream(station: Station, till: str, last_event_id: str) -> Stream:
    """A stream of the till's changes. Raises FaultError(api.rate) when too many are open."""
    stream = _places.open(_parts(station, till, last_seen(last_event_id)))
    if stream is None:
        raise FaultError(Fault("api.rate", wait_ms=HEARTBEAT_MS))
    return stream


def _parts(station: Station, till: str, after: int | None) -> Iterator[bytes]:
    yield OPENING
    ends_ns = station.clock.monotonic_ns() + LONGEST_MS * 1_000_000
    seen = after if after is not None else -1
    while True:
        missed = station.news(till, seen)
        if missed is None:
            seen = station.changes(till, -1, 0)
            yield _event("snapshot", seen, _snapshot(station, till))
        for change in missed or ():
            seen = change.tick
            yield _event("operation", seen, _change(change))
        left_ms = (ends_ns - station.clock.monotonic_ns()) // 1_000_000
        if left_ms <= 0:
            return
        newest = station.changes(till, seen, min(HEARTBEAT_MS, left_ms))
        fresh = station.news(till, seen)
        if fresh == []:
            seen = max(seen, newest)  # something else of the till has changed, or nothing
            yield HEARTBEAT


def _event(name: str, tick: int, data: wire.Snapshot | wire.Change) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), tick, _encode(data))


def _snapshot(station: Station, till: str) -> wire.Snapshot:
    state = station.till_state(till)
    is_open = None if state.open is None else answers.summary(state.open)
    return wire.Snapshot(is_open, [answers.summary(row) for row in state.reds])


def _change(change: Change) -> wire.Change:
    return wire.Change(
        uid=change.uid,
        number=change.number,
        kind=change.kind,
        state=change.state,
        version=change.version,
        currency=change.currency,
        total_minor=change.total_minor,
        changed_ms=change.changed_ms,
    )

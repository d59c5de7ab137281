"""The event stream: every change once, nothing missed by who comes back, and an end of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from tests.till.api_world import OPERATIONS, HandClock, World, uid
from tests.till.test_api_refusals import must_be_problem
from tillwright.journal import news
from tillwright.till import api_stream
from tillwright.web import current, streams

EVENTS = "/api/v1/events"


def parsed(part: bytes) -> dict[str, Any]:
    """The fields of one event."""
    fields = dict(line.split(": ", 1) for line in part.decode().strip().splitlines() if line)
    return {**fields, "data": json.loads(fields["data"])} if "data" in fields else fields


@pytest.fixture
def stream(world: World) -> Iterator[Any]:
    """Opens streams, and closes them at the end."""
    opened: list[streams.Stream] = []

    def open_one(last_event_id: str = "", till: str = "till-1") -> streams.Stream:
        opened.append(api_stream.open_stream(world.station, till, last_event_id))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def test_it_begins_with_how_things_stand(world: World, stream: Any) -> None:
    world.device.behave = "silence"
    world.sell(uid(1), wait_s=0)
    first, snapshot = (parsed(part) for part in islice(stream(), 2))
    assert first == {"retry": "400"}
    assert snapshot["event"] == "snapshot"
    assert snapshot["data"]["open"]["uid"] == uid(1)
    assert snapshot["data"]["reds"] == []
    assert int(snapshot["id"]) > 0


def test_each_change_is_one_event_in_order(world: World, stream: Any) -> None:
    parts = stream()
    list(islice(parts, 2))
    world.sell(uid(1))
    world.sell(uid(2))
    told = [parsed(part) for part in islice(parts, 4)]
    assert [event["event"] for event in told] == ["operation"] * 4
    assert [(event["data"]["number"], event["data"]["state"]) for event in told] == [
        (1, "open"), (1, "done"), (2, "open"), (2, "done"),
    ]  # fmt: skip
    ticks = [int(event["id"]) for event in told]
    assert ticks == sorted(set(ticks))


def test_who_comes_back_is_told_what_they_missed(world: World, stream: Any) -> None:
    seen = parsed(list(islice(stream(), 2))[1])["id"]
    world.sell(uid(1))
    world.sell(uid(2))
    told = [parsed(part) for part in islice(stream(seen), 1, 5)]
    assert [(event["event"], event["data"]["state"]) for event in told] == [
        ("operation", "open"), ("operation", "done"),
    ] * 2  # fmt: skip
    last = [parsed(part) for part in islice(stream(told[2]["id"]), 1, 2)]
    assert [(event["data"]["number"], event["data"]["state"]) for event in last] == [(2, "done")]


@pytest.mark.parametrize("last_event_id", ["1", "999999999999999999", "abc", "-5", "9" * 40])
def test_who_names_what_nobody_knows_begins_anew(world: World, stream: Any, last_event_id: str) -> None:
    assert parsed(list(islice(stream(last_event_id), 2))[1])["event"] == "snapshot"


def test_who_was_away_for_too_long_begins_anew(
    world: World, stream: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = parsed(list(islice(stream(), 2))[1])["id"]
    monkeypatch.setattr(news, "KEPT", 3)
    world.sell(uid(1))
    world.sell(uid(2))
    assert parsed(list(islice(stream(seen), 2))[1])["event"] == "snapshot"


def test_other_tills_are_not_told_of(world: World, stream: Any) -> None:
    parts = stream()
    list(islice(parts, 2))
    world.sell(uid(1), till="till-3")
    world.sell(uid(2))
    assert parsed(next(parts))["data"]["uid"] == uid(2)


class Quiet:
    """A station on which nothing happens: asking it takes the time that it was given."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.newest = 7

    def news(self, till: str, after: int) -> list[Any] | None:
        return [] if after >= 0 else None

    def changes(self, till: str, after: int, timeout_ms: int) -> int:
        self.clock.ms += timeout_ms
        return self.newest

    def till_state(self, till: str) -> Any:
        class State:
            open = None
            reds: tuple[Any, ...] = ()

        return State


def test_it_shows_that_it_lives_and_ends_by_itself() -> None:
    quiet: Any = Quiet()
    parts = list(api_stream.open_stream(quiet, "till-1", ""))
    assert parts[2:] == [b": still here\n\n"] * 5
    assert quiet.clock.ms - HandClock().ms == streams.LONGEST_MS


def test_a_change_that_is_no_operations_moves_it_on() -> None:
    quiet: Any = Quiet()
    parts = api_stream.open_stream(quiet, "till-1", "")
    list(islice(parts, 2))
    quiet.newest = 8
    assert next(parts) == b": still here\n\n"
    quiet.clock.ms += streams.LONGEST_MS
    assert list(parts) == []


def test_so_many_may_be_open_and_each_gives_its_place_back(world: World, stream: Any) -> None:
    opened = [stream() for _ in range(api_stream.MOST)]
    answer = world.call("GET", EVENTS)
    told = must_be_problem(answer, 429, "api.rate")
    assert told["facts"] == {"wait_ms": streams.HEARTBEAT_MS}
    assert answer.headers["retry-after"] == "5"
    opened[0].close()
    opened[0].close()
    opened[1]._parts.close()
    assert list(opened[1]) == []
    stream(), stream()
    must_be_problem(world.call("GET", EVENTS), 429, "api.rate")


def test_it_is_served_as_what_it_is(world: World) -> None:
    environ = world.environ("GET", EVENTS, b"", "till-1", {})
    begun: list[Any] = []
    response = world.application(environ, lambda status, headers, error=None: begun.append((status, headers)))
    parts = iter(response)
    assert [next(parts), parsed(next(parts))["event"]] == [b"retry: 400\n\n", "snapshot"]
    response.close()
    status, headers = begun[0]
    told = {name.lower(): value for name, value in headers}
    assert (status, told["content-type"], told["cache-control"]) == (
        "200 OK",
        "text/event-stream",
        "no-store",
    )
    assert "content-length" not in told
    for _ in range(api_stream.MOST):  # the place is free again
        api_stream.open_stream(current.station(), "till-1", "").close()


def test_the_list_is_not_the_stream(world: World) -> None:
    """The stream stands beside what can be looked at in the ordinary way."""
    world.sell(uid(1))
    assert world.call("GET", f"{OPERATIONS}/{uid(1)}").json["version"] == 2

"""The live stream: what it sends, when it ends, and that its place is given back."""

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.pages import PageStation, People
from tillwright.web import current, live, streams


def taken() -> int:
    """How many streams are open."""
    return live.MOST - live._places._free._value


@pytest.fixture(autouse=True)
def _places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever others have left open."""
    monkeypatch.setattr(live, "_places", streams.Places(live.MOST))


@pytest.fixture
def client(page_station: PageStation, people: People) -> Client:
    return people.sign_in(people.cashier)


def events(answer) -> Iterator[str]:
    return (part.decode() for part in answer.streaming_content)


def test_the_strip_comes_at_once_and_carries_its_number(client: Client) -> None:
    answer = client.get("/live")
    assert answer["Content-Type"] == "text/event-stream"
    stream = events(answer)
    assert next(stream) == "retry: 400\n\n"
    first = next(stream)
    assert first.startswith("event: strip\nid: ")
    assert "data: " in first
    assert "event: tick\ndata: " in first
    answer.close()
    assert taken() == 0


def test_a_stream_ends_by_itself(client: Client, page_station: PageStation) -> None:
    answer = client.get("/live")
    stream = events(answer)
    next(stream)
    next(stream)
    page_station.clock.at_ms += streams.LONGEST_MS + 1
    assert list(stream) == []
    assert taken() == 0


def test_nothing_new_is_a_heartbeat(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_MS", 1)
    answer = client.get("/live")
    stream = events(answer)
    next(stream)
    next(stream)
    assert next(stream) == ": still here\n\n"
    answer.close()


def test_it_goes_on_from_what_was_seen_last(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_MS", 1)
    tick = current.station().changes("1", -1, 0)
    answer = client.get("/live", headers={"Last-Event-ID": str(tick)})
    stream = events(answer)
    next(stream)
    assert next(stream) == ": still here\n\n"
    answer.close()


def test_after_a_restart_the_numbers_are_smaller_and_the_strip_comes_all_the_same(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_MS", 1)
    answer = client.get("/live", headers={"Last-Event-ID": "900000"})
    stream = events(answer)
    next(stream)
    assert next(stream).startswith("event: strip")
    answer.close()


def test_too_many_streams_are_refused_and_the_rest_go_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ones = [client.get("/live") for _ in range(live.MOST)]
    refused = client.get("/live")
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    for answer in open_ones:
        answer.close()
    assert taken() == 0


def test_a_stranger_gets_no_stream(page_station: PageStation) -> None:
    answer = Client().get("/live", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 204


def test_a_station_that_stops_ends_the_stream(client: Client) -> None:
    answer = client.get("/live")
    stream = events(answer)
    next(stream)
    current.set_station(None)
    assert list(stream) == []
    assert taken() == 0

"""One account, one live session: whatever a browser asks that has been replaced, it is told so and does
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.pages import PageStation, People
from tillwright.journal import audit_log
from tillwright.machine import sqlite
from tillwright.people.models import Attempt, LiveSession
from tillwright.people.rules import LARGEST_NUMBER
from tillwright.web import live

#: Programs show a token; these pages are for strangers too; the switchboard is a demo's alone.
OF_THEIR_OWN = (
    "api/", "switchboard/", "sign-in", "language", "theme", "healthz", "readyz", "styleguide", "what-to-do/",
)  # fmt: skip
VALUES = {"str": "00000000-0000-4000-8000-000000000001", "int": "1"}


@pytest.fixture(autouse=True)
def _station(page_station: PageStation) -> PageStation:
    return page_station


def addresses(patterns, prefix: str = "") -> Iterator[str]:
    """Every address of the pages, with something in the place of what varies."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield prefix + re.sub(r"<(\w+):\w+>", lambda kind: VALUES[kind[1]], str(one.pattern))


PAGES = [one for one in addresses(get_resolver().url_patterns) if not one.startswith(OF_THEIR_OWN)]


def replaced(people: People) -> Client:
    """A browser whose person has signed in at another till."""
    first = people.sign_in(people.cashier, till="1")
    people.sign_in(people.cashier, till="2")
    return first


def rows(station: PageStation) -> list[object]:
    connection = sqlite.connect(station.settings.database, read_only=True)
    found = [
        connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("basket", "operation")
    ]
    connection.close()
    return found


def test_there_are_pages() -> None:
    assert len(PAGES) > 15
    assert {"", "pay", "basket/add", "live", "approve", "sign-out"} <= set(PAGES)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_and_every_press_ends_at_the_sign_in(
    people: People, page_station: PageStation, address: str, method: str
) -> None:
    before, client = rows(page_station), replaced(people)
    answer = getattr(client, method)(f"/{address}")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in")
    told = client.get("/sign-in").content.decode()
    assert "people.signed-in-elsewhere" in told
    assert "Till 2" in told
    assert rows(page_station) == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_part_of_a_page_takes_the_whole_page_there(people: People, method: str) -> None:
    client = replaced(people)
    answer = getattr(client, method)("/basket", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/sign-in")
    assert "people.signed-in-elsewhere" in client.get("/sign-in").content.decode()


def test_a_stream_that_comes_back_is_ended_and_leaves_the_reason_to_the_page(people: People) -> None:
    client = replaced(people)
    answer = client.get("/live", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 204
    assert client.get("/").status_code == 302
    assert "people.signed-in-elsewhere" in client.get("/sign-in").content.decode()


def test_an_open_stream_says_that_it_has_ended(people: People, page_station: PageStation) -> None:
    client = people.sign_in(people.cashier)
    answer: Any = client.get("/live", headers={"Accept": "text/event-stream"})
    stream = iter(answer.streaming_content)
    assert b"retry" in next(stream)
    assert b"event: strip" in next(stream)
    people.sign_in(people.cashier, till="2")
    page_station.station._changed_tills(["1"])
    assert next(stream) == live.ENDED
    assert list(stream) == []


def test_a_stream_alone_keeps_nobody_signed_in(people: People, page_station: PageStation) -> None:
    client = people.sign_in(people.cashier)
    seen_ms = LiveSession.objects.get().seen_ms
    page_station.clock.at_ms += page_station.settings.inactivity_ms - 1_000
    assert client.get("/live", headers={"Accept": "text/event-stream"}).status_code == 200
    assert LiveSession.objects.get().seen_ms == seen_ms
    page_station.clock.at_ms += 2_000
    assert client.get("/live", headers={"Accept": "text/event-stream"}).status_code == 204
    assert client.get("/").status_code == 302
    assert "people.session-ended" in client.get("/sign-in").content.decode()


def whats(station: PageStation) -> list[tuple[str, str]]:
    connection = sqlite.connect(station.settings.database, read_only=True)
    found = [(one.who, one.what) for one in audit_log.entries(connection)]
    connection.close()
    assert audit_log.verify(station.settings.database).whole
    return found


def test_coming_and_going_is_written_down(people: People, page_station: PageStation) -> None:
    first = people.sign_in(people.cashier, till="1")
    second = people.sign_in(people.cashier, till="2")
    first.get("/")
    second.post("/sign-out")
    people.try_sign_in(Client(), people.cashier, "9999")
    people.try_sign_in(Client(), 77, "9999")
    assert whats(page_station) == [
        ("7", "sign-in"),
        ("7", "sign-in"),
        ("7", "session-taken-over"),
        ("7", "sign-out"),
        ("7", "sign-in-failed"),
        ("", "sign-in-failed"),
    ]


def test_a_lock_is_written_down_once_and_not_with_each_knock(
    people: People, page_station: PageStation
) -> None:
    for _ in range(8):
        people.try_sign_in(Client(), people.cashier, "9999")
    assert whats(page_station) == [("7", "sign-in-failed")] * 5 + [("7", "locked")]


def test_what_happened_while_the_station_started_is_written_when_it_is_there(
    people: People, page_station: PageStation
) -> None:
    from tillwright.web import current

    current.set_station(None)
    people.sign_in(people.cashier)
    current.set_station(page_station.station)
    people.sign_in(people.other)
    assert whats(page_station) == [("7", "sign-in"), ("8", "sign-in")]


def test_nobody_works_whose_coming_cannot_be_written_down(people: People, page_station: PageStation) -> None:
    client = Client()
    page_station.station.stop()
    answer = people.try_sign_in(client, people.cashier, people.pin(people.cashier))
    assert answer.status_code == 503
    assert client.get("/").status_code == 302


def test_no_number_that_nobody_has_stands_on_the_disk(people: People, page_station: PageStation) -> None:
    people.try_sign_in(Client(), 73195, "1111")  # somebody's PIN, in the wrong field
    assert all(number > LARGEST_NUMBER for number in Attempt.objects.values_list("number", flat=True))
    assert Attempt.objects.count() == 1
    files = [path for path in page_station.settings.folder.rglob("*") if path.is_file()]
    assert [path for path in files if b"73195" in path.read_bytes()] == []

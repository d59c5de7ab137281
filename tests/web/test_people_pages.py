"""Settings, People: the administrator lets people come, change and go; nobody else may look."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.pages import PageStation, People
from tillwright.journal import audit_log
from tillwright.machine import sqlite
from tillwright.people import signing
from tillwright.people.models import Account, LiveSession

LIST, NEW, SENIOR = "/settings/people", "/settings/people/new", "/settings/people/50"
MAI = {"number": "12", "name": "Mai", "role": "senior", "pin": "4711"}


@pytest.fixture(autouse=True)
def _station(page_station: PageStation) -> PageStation:
    return page_station


@pytest.fixture
def admin(people: People) -> Client:
    """The administrator's browser."""
    return people.sign_in(people.administrator)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def trail(station: PageStation) -> list[tuple[str, str, str]]:
    connection = sqlite.connect(station.settings.database, read_only=True)
    found = [(one.who, one.what, one.facts) for one in audit_log.entries(connection)]
    connection.close()
    assert audit_log.verify(station.settings.database).whole
    return [one for one in found if one[1] != "sign-in"]


@pytest.mark.parametrize("address", [LIST, NEW, SENIOR])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["cashier", "senior"])
def test_only_the_administrator_may(people: People, who: str, method: str, address: str) -> None:
    client = people.sign_in(getattr(people, who))
    before = list(Account.objects.values_list("number", "role", "is_active"))
    answer = getattr(client, method)(address, {**MAI, "do": "off"})
    assert answer.status_code in ((403,) if address != LIST or method == "get" else (403, 405))
    assert list(Account.objects.values_list("number", "role", "is_active")) == before


def test_the_way_there_is_shown_to_whom_it_is_open(people: People, admin: Client) -> None:
    assert LIST in text(admin.get("/"))
    assert LIST not in text(people.sign_in(people.senior).get("/"))


def test_everybody_is_listed_with_where_they_are(people: People, admin: Client) -> None:
    people.sign_in(people.cashier, till="2")
    page = text(admin.get(LIST))
    assert all(f"Person {number}" in page for number in (7, 8, 50, 90))
    assert "Till 2" in page


def test_somebody_new_can_sign_in(people: People, admin: Client, page_station: PageStation) -> None:
    assert admin.get(NEW).status_code == 200
    assert admin.post(NEW, MAI)["Location"] == LIST
    assert people.try_sign_in(Client(), 12, "4711").status_code == 302
    assert trail(page_station) == [("90", "account-made", '{"number":12,"role":"senior"}')]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"number": "7"}, 409, "people.number-taken"),
        ({"number": "x"}, 422, "people.name-unfit"),
        ({"name": ""}, 422, "people.name-unfit"),
        ({"name": "M" * 61}, 422, "people.name-unfit"),
        ({"pin": "1111"}, 422, "people.pin-unfit"),
        ({"pin": "12"}, 422, "people.pin-unfit"),
        ({"pin": ""}, 422, "people.pin-unfit"),
        ({"number": "4711"}, 422, "people.pin-unfit"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_stays_but_for_the_pin(
    admin: Client, page_station: PageStation, change: dict[str, str], status: int, code: str
) -> None:
    answer = admin.post(NEW, MAI | change)
    assert (answer.status_code, code in text(answer)) == (status, True)
    assert 'value="4711"' not in text(answer) or change == {"number": "4711"}
    assert not Account.objects.filter(name="Mai", number=12).exists()
    assert trail(page_station) == []


def test_a_role_changes_with_the_next_press(people: People, admin: Client, page_station: PageStation) -> None:
    client = people.sign_in(people.senior)
    assert admin.post(SENIOR, {"do": "role", "role": "administrator"})["Location"] == f"{SENIOR}?done=role"
    assert client.get(LIST).status_code == 200
    admin.post(SENIOR, {"do": "role", "role": "cashier"})
    assert client.get(LIST).status_code == 403
    assert [what for _, what, _ in trail(page_station)] == ["account-changed"] * 2


def test_a_new_pin_ends_the_old_session(people: People, admin: Client, page_station: PageStation) -> None:
    client = people.sign_in(people.senior)
    assert admin.post(SENIOR, {"do": "pin", "pin": "5812"})["Location"] == f"{SENIOR}?done=pin"
    assert not LiveSession.objects.filter(session_key=client.session.session_key).exists()
    assert client.get("/").status_code == 302
    assert people.try_sign_in(Client(), 50, "5812").status_code == 302
    assert trail(page_station)[0] == ("90", "pin-changed", '{"number":50}')


def test_off_and_on_again(people: People, admin: Client) -> None:
    client = people.sign_in(people.senior)
    admin.post(SENIOR, {"do": "off"})
    assert client.get("/").status_code == 302
    assert people.try_sign_in(Client(), 50, people.pin(50)).status_code == 401
    assert 'value="on"' in text(admin.get(SENIOR))
    admin.post(SENIOR, {"do": "on"})
    assert client.get("/").status_code == 302, "who was put out comes in by the door"
    assert people.try_sign_in(Client(), 50, people.pin(50)).status_code == 302


@pytest.mark.parametrize("change", [{"do": "off"}, {"do": "role", "role": "senior"}])
def test_the_last_administrator_stays(admin: Client, change: dict[str, str]) -> None:
    answer = admin.post("/settings/people/90", change)
    assert (answer.status_code, "people.last-administrator" in text(answer)) == (409, True)
    assert admin.get(LIST).status_code == 200


@pytest.mark.parametrize("wrong", [{}, {"do": "promote"}, {"do": "role", "role": "owner"}])
def test_what_no_page_asks_is_refused(admin: Client, wrong: dict[str, str]) -> None:
    assert admin.post(SENIOR, wrong).status_code == 400


def test_somebody_who_is_not_there(admin: Client) -> None:
    assert admin.get("/settings/people/4711").status_code == 404


@pytest.mark.parametrize("language", ["en", "vi", "ru", "zh-hans"])
def test_the_pages_speak_the_readers_language(admin: Client, language: str) -> None:
    admin.post("/language", {"language": language})
    heading = {"en": "People", "vi": "Nhân viên", "ru": "Сотрудники", "zh-hans": "人员"}[language]
    assert heading in text(admin.get(LIST))
    assert admin.get(NEW).status_code == admin.get(SENIOR).status_code == 200


def test_a_new_pin_lifts_the_lock_that_the_old_one_has_led_to(
    people: People, admin: Client, page_station: PageStation
) -> None:
    for _ in range(6):
        people.try_sign_in(Client(), 50, "9898")
    assert people.try_sign_in(Client(), 50, people.pin(50)).status_code != 302, "it is locked"
    admin.post(SENIOR, {"do": "pin", "pin": "5812"})
    assert people.try_sign_in(Client(), 50, "5812").status_code == 302
    told = next(facts for _, what, facts in trail(page_station) if what == "pin-changed")
    assert json.loads(told) == {"number": 50, "failures": 5}, "the try while it was locked is not counted"


def test_only_who_may_set_a_pin_lifts_a_lock(people: People) -> None:
    client = people.sign_in(people.cashier)
    for _ in range(5):
        people.try_sign_in(Client(), 50, "9898")
    assert client.post(SENIOR, {"do": "pin", "pin": "5812"}).status_code == 403
    assert signing.failures(50) == 5


def test_a_pin_that_is_refused_lifts_no_lock(people: People, admin: Client) -> None:
    for _ in range(5):
        people.try_sign_in(Client(), 50, "9898")
    assert admin.post(SENIOR, {"do": "pin", "pin": "1"}).status_code == 422
    assert signing.failures(50) == 5

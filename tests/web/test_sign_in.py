"""The sign-in page, as a browser meets it."""

import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.pages import PageStation, People
from tillwright.people.models import Account
from tillwright.web import looks

LANGUAGES = ["en", "vi", "ru", "zh-hans"]
HEADINGS = {"en": "Sign in", "vi": "Đăng nhập", "ru": "Вход", "zh-hans": "登录"}


@pytest.fixture(autouse=True)
def _station(page_station: PageStation) -> PageStation:
    return page_station


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_stranger_is_sent_to_sign_in_and_then_to_where_they_wanted(people: People) -> None:
    client = Client()
    sent = client.get("/?goods=1")
    assert (sent.status_code, sent["Location"]) == (302, "/sign-in?next=%2F%3Fgoods%3D1")
    entered = people.try_sign_in(client, people.cashier, people.pin(people.cashier), next="/?goods=1")
    assert entered["Location"] == "/?goods=1"


def test_number_and_pin_let_a_person_in(people: People) -> None:
    client = Client()
    entered = people.try_sign_in(client, people.cashier, people.pin(people.cashier))
    assert (entered.status_code, entered["Location"]) == (302, "/")
    assert client.cookies["till"].value == "1"
    assert "Person 7" in text(client.get("/"))


def test_leading_zeros_of_a_number_do_not_matter(people: People) -> None:
    assert people.try_sign_in(Client(), "0007", people.pin(7)).status_code == 302


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_is_said_in_the_readers_language(people: People, language: str) -> None:
    client = Client()
    client.cookies["language"] = language
    answer = people.try_sign_in(client, people.cashier, "9999")
    assert answer.status_code == 401
    told = looks_said("people.sign-in-failed", language)
    assert told in text(answer)
    assert "people.sign-in-failed" in text(answer)
    assert HEADINGS[language] in text(answer)
    assert answer["Content-Language"] == language


def looks_said(code: str, language: str) -> str:
    from tillwright.machine.resources import shipped_catalogue

    return shipped_catalogue().entry(code).words(language, "cashier")[0]


def test_the_page_does_not_tell_who_works_here(people: People) -> None:
    known, unknown = Client(), Client()
    one = people.try_sign_in(known, people.cashier, "9999")
    other = people.try_sign_in(unknown, 77, "9999")
    assert one.status_code == other.status_code
    assert looks_said("people.sign-in-failed", "en") in text(one)
    assert looks_said("people.sign-in-failed", "en") in text(other)


def test_five_failures_lock_and_the_page_counts_down(people: People, page_station: PageStation) -> None:
    client = Client()
    for _ in range(4):
        assert people.try_sign_in(client, people.cashier, "9999").status_code == 401
    locked = people.try_sign_in(client, people.cashier, "9999")
    assert locked.status_code == 429
    assert 'data-wait-ms="30000"' in text(locked)
    assert people.try_sign_in(client, people.cashier, people.pin(people.cashier)).status_code == 429
    page_station.clock.at_ms += 30_001
    assert people.try_sign_in(client, people.cashier, people.pin(people.cashier)).status_code == 302


def test_the_lock_is_the_servers_not_the_browsers(people: People) -> None:
    for _ in range(5):
        people.try_sign_in(Client(), people.cashier, "9999")
    assert people.try_sign_in(Client(), people.cashier, people.pin(people.cashier)).status_code == 429


@pytest.mark.parametrize(
    "wanted", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere(people: People, wanted: str) -> None:
    entered = people.try_sign_in(Client(), people.cashier, people.pin(people.cashier), next=wanted)
    assert entered["Location"] == "/"


def test_a_till_has_to_be_chosen_once(people: People) -> None:
    client = Client()
    asked = people.try_sign_in(client, people.cashier, people.pin(people.cashier), till="9")
    assert asked.status_code == 422
    assert "Choose the till that you sit at." in text(asked)
    people.sign_in(people.cashier, till="2", client=client)
    client.post("/sign-out")
    assert 'value="2" checked' in text(client.get("/sign-in"))


def test_no_pin_is_in_any_page_or_log(people: People, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = Client()
    pages = [people.try_sign_in(client, people.cashier, pin) for pin in ("73195", people.pin(people.cashier))]
    pages.append(client.get("/sign-in"))
    written = " ".join([*(text(page) for page in pages), *(repr(vars(record)) for record in caplog.records)])
    assert caplog.records
    assert "73195" not in written
    assert people.pin(people.cashier) not in written


def test_a_second_sign_in_ends_the_first_and_tells_it_where(people: People) -> None:
    first = people.sign_in(people.cashier, till="1")
    second = people.sign_in(people.cashier, till="2")
    sent = first.get("/")
    assert sent["Location"] == "/sign-in"
    told = text(first.get("/sign-in"))
    assert "people.signed-in-elsewhere" in told
    assert "Till 2" in told
    assert second.get("/").status_code == 200
    assert "people.signed-in-elsewhere" not in text(first.get("/sign-in"))


def test_two_people_do_not_disturb_each_other(people: People) -> None:
    first, second = people.sign_in(people.cashier), people.sign_in(people.other)
    assert first.get("/").status_code == second.get("/").status_code == 200


def test_resting_too_long_ends_the_session(people: People, page_station: PageStation) -> None:
    client = people.sign_in(people.cashier)
    page_station.clock.at_ms += page_station.settings.inactivity_ms - 1_000
    assert client.get("/").status_code == 200
    page_station.clock.at_ms += page_station.settings.inactivity_ms - 1_000
    assert client.get("/").status_code == 200
    page_station.clock.at_ms += page_station.settings.inactivity_ms + 1_000
    assert client.get("/").status_code == 302
    assert "people.session-ended" in text(client.get("/sign-in"))


def test_signing_out_ends_the_session(people: People) -> None:
    client = people.sign_in(people.cashier)
    session = client.cookies["session"].value
    client.post("/sign-out")
    client.cookies["session"] = session
    assert client.get("/").status_code == 302


def test_a_new_pin_ends_the_session(people: People, page_station: PageStation) -> None:
    from tillwright.people.accounts import set_pin

    client = people.sign_in(people.cashier)
    page_station.station.write(lambda connection: set_pin(connection, people.cashier, "4711"))
    assert client.get("/").status_code == 302


def test_a_closed_account_is_out_at_once(people: People, page_station: PageStation) -> None:
    from tillwright.people.accounts import close_account

    client = people.sign_in(people.cashier)
    page_station.station.write(lambda connection: close_account(connection, people.cashier))
    assert client.get("/").status_code == 302
    assert people.try_sign_in(Client(), people.cashier, people.pin(people.cashier)).status_code == 401


def test_a_part_of_a_page_takes_the_whole_page_to_sign_in() -> None:
    answer = Client().get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/sign-in")


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_is_chosen_before_sign_in_and_kept_in_the_account(people: People, language: str) -> None:
    client = Client()
    client.post("/language", {"language": language, "next": "/sign-in"})
    page = client.get("/sign-in")
    assert HEADINGS[language] in text(page)
    assert f'<html lang="{looks.html_language(language)}"' in text(page)
    people.sign_in(people.cashier, client=client)
    client.post("/language", {"language": language})
    client.post("/theme", {"theme": "dark"})
    assert Account.objects.get(number=people.cashier).language == language
    elsewhere = people.sign_in(people.cashier, till="2")
    assert elsewhere.cookies["language"].value == language
    assert elsewhere.cookies["theme"].value == "dark"
    assert "dark." in text(elsewhere.get("/"))


def test_an_unknown_language_or_theme_is_the_stations_own() -> None:
    client = Client()
    client.post("/language", {"language": "xx"})
    client.post("/theme", {"theme": "pink"})
    assert client.cookies["language"].value == "en"
    assert client.cookies["theme"].value == "auto"


def test_the_page_answers_while_the_station_starts(people: People) -> None:
    from tillwright.web import current

    current.set_station(None)
    client = Client()
    assert client.get("/sign-in").status_code == 200
    assert people.try_sign_in(client, people.cashier, people.pin(people.cashier)).status_code == 302


@pytest.mark.parametrize(
    ("asked", "headers", "target"),
    [
        ("get", {}, "/sign-in?next=%2Foperations%2Fu1%2Fsettle"),
        (
            "post",
            {"Referer": "http://testserver/operations/u1/settle"},
            "/sign-in?next=%2Foperations%2Fu1%2Fsettle",
        ),
        ("post", {"Referer": "http://elsewhere.example/operations/u1/settle"}, "/sign-in"),
        ("post", {"Referer": "http://testserver/"}, "/sign-in"),
        ("post", {}, "/sign-in"),
    ],
)
def test_whoever_wants_to_settle_a_receipt_signs_in_and_lands_on_it(
    people: People, asked: str, headers: dict[str, str], target: str
) -> None:
    client = Client()
    sent = getattr(client, asked)("/operations/u1/settle", headers=headers)
    assert (sent.status_code, sent["Location"]) == (302, target)
    wanted = parse_qs(urlsplit(target).query).get("next", ["/"])[0]
    entered = people.try_sign_in(client, people.cashier, people.pin(people.cashier), next=wanted)
    assert entered["Location"] == wanted


def test_a_part_of_a_page_leads_back_to_its_page(people: People) -> None:
    page = "http://testserver/operations/u1/settle"
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    sent = Client().get("/operations/u1/settle/steps", headers=headers)
    assert (sent.status_code, sent["HX-Redirect"]) == (204, "/sign-in?next=%2Foperations%2Fu1%2Fsettle")
    headers["HX-Current-URL"] = "http://elsewhere.example/x"
    assert Client().get("/operations/u1/settle/steps", headers=headers)["HX-Redirect"] == "/sign-in"

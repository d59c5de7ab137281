"""The approval dialog, as the page's script meets it."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.test import Client, RequestFactory

from tests.pages import PageStation, People
from tillwright.journal import audit_log
from tillwright.machine import sqlite
from tillwright.web.approving import granted

UID = "7d1f4a52-0c3b-4e8e-9a57-2f6f0b9f1c11"


@pytest.fixture(autouse=True)
def _station(page_station: PageStation) -> PageStation:
    return page_station


@pytest.fixture
def till(people: People) -> Client:
    """A till at which a cashier has signed in."""
    return people.sign_in(people.cashier)


def ask(client: Client, number: object, pin: str, **more: str) -> Any:
    body = {"number": str(number), "pin": pin, "operation": UID, "purpose": "refund", "key": "refund"}
    return client.post("/approve", body | more, headers={"HX-Request": "true"})


def whats(station: PageStation) -> list[tuple[str, str]]:
    connection = sqlite.connect(station.settings.database, read_only=True)
    found = [(one.who, one.what) for one in audit_log.entries(connection)]
    connection.close()
    return found


def test_a_grant_goes_to_the_script(till: Client, people: People, page_station: PageStation) -> None:
    answer = ask(till, people.senior, people.pin(people.senior))
    assert answer.status_code == 204
    told = json.loads(answer["HX-Trigger"])["till:approved"]
    connection = sqlite.connect(page_station.settings.database, read_only=True)
    [row] = connection.execute(
        "SELECT id, operation, purpose, till, person, expires_ms - granted_ms FROM approval"
    )
    connection.close()
    assert row == (told["approval"], UID, "refund", "1", "50", told["lasts_ms"])
    assert told["name"] == "Person 50"
    assert whats(page_station) == [("7", "sign-in"), ("50", "approval")]


def test_the_cashier_stays_signed_in(till: Client, people: People) -> None:
    ask(till, people.senior, people.pin(people.senior))
    assert "Person 7" in till.get("/").content.decode()


@pytest.mark.parametrize("language", ["en", "vi", "ru", "zh-hans"])
def test_a_refusal_is_said_in_the_dialog(till: Client, people: People, language: str) -> None:
    from tillwright.machine.resources import shipped_catalogue

    till.post("/language", {"language": language})
    answer = ask(till, people.senior, "9999")
    text = answer.content.decode()
    assert (answer.status_code, answer["HX-Retarget"]) == (403, "#approval-refund-form")
    assert shipped_catalogue().entry("people.approval-refused").words(language, "cashier")[0] in text
    assert 'value="50"' in text
    assert "9999" not in text


def test_a_role_that_is_too_low_is_told_as_such(till: Client, people: People) -> None:
    answer = ask(till, people.other, people.pin(people.other))
    assert answer.status_code == 403
    assert "people.senior-needed" in answer.content.decode()
    assert (
        "people.administrator-needed"
        in ask(till, people.senior, people.pin(people.senior), purpose="correction").content.decode()
    )


def test_guessing_here_locks_the_sign_in_too_and_the_other_way_round(
    till: Client, people: People, page_station: PageStation
) -> None:
    for _ in range(3):
        ask(till, people.senior, "9999")
    for _ in range(2):
        people.try_sign_in(Client(), people.senior, "9999")
    locked = ask(till, people.senior, people.pin(people.senior))
    assert locked.status_code == 429
    assert 'data-wait-ms="30000"' in locked.content.decode()
    assert people.try_sign_in(Client(), people.senior, people.pin(people.senior)).status_code == 429
    assert whats(page_station)[-3:] == [("50", "sign-in-failed"), ("50", "sign-in-failed"), ("50", "locked")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"operation": "x"},
        {"purpose": "people"},
        {"purpose": ""},
        {"key": "a b"},
        {"key": ""},
        {"key": "k" * 25},
    ],
)
def test_what_no_page_asks_is_refused(till: Client, people: People, wrong: dict[str, str]) -> None:
    assert ask(till, people.senior, people.pin(people.senior), **wrong).status_code == 400


def test_a_stranger_gets_no_grant(people: People) -> None:
    answer = ask(Client(), people.senior, people.pin(people.senior))
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/sign-in")
    assert "HX-Trigger" not in answer


def test_no_pin_is_in_any_answer_log_or_file(
    till: Client, people: People, page_station: PageStation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [ask(till, people.senior, "73195"), ask(till, 73195, "73195")]
    written = " ".join(repr(vars(record)) for record in caplog.records)
    assert caplog.records
    assert "73195" not in written + answers[0].content.decode()
    files = [path for path in page_station.settings.folder.rglob("*") if path.is_file()]
    assert [path for path in files if b"73195" in path.read_bytes()] == []


def test_who_may_approve_finds_the_own_number_there(people: People) -> None:
    assert 'name="number" value=""' in people.sign_in(people.cashier).get("/styleguide").content.decode()
    assert 'name="number" value="50"' in people.sign_in(people.senior).get("/styleguide").content.decode()


def test_what_comes_with_a_form_is_bounded() -> None:
    sent = RequestFactory().post("/", {"approval": ["a", "", "a", "b" * 65, "c", "d", "e", "f"]})
    assert granted(sent) == ("a", "c", "d")

"""What to do, for who cannot sign in: one press from each refusal, no session, and nothing is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.pages import PageStation, People
from tillwright.catalogue.languages import ours
from tillwright.faults import at_work, store
from tillwright.faults.store import StoredRunbook
from tillwright.kernel.registry import ACTIONS, Consent
from tillwright.machine import sqlite
from tillwright.machine.resources import shipped_catalogue

LANGUAGES = ["en", "vi", "ru", "zh-hans"]
REFUSALS = ("people.sign-in-failed", "people.locked", "people.signed-in-elsewhere", "people.session-ended")
LINK = re.compile(r'<a class="find-cause no-print" href="([^"]+)"([^>]*)>')
READABLE = sorted(code for code, one in shipped_catalogue().entries.items() if one.causes)


@pytest.fixture(autouse=True)
def _station(page_station: PageStation) -> PageStation:
    return page_station


def text(answer: Any) -> str:
    return str(answer.content.decode()).replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")


def linked(answer: Any) -> tuple[str, str]:
    [found] = LINK.findall(text(answer))
    return found[0], found[1]


def read(code: str, language: str = "en", client: Client | None = None) -> Any:
    reader = client or Client()
    reader.cookies["language"] = language
    return reader.get(f"/what-to-do/{code}")


def test_a_wrong_pin_is_one_press_from_what_to_do(people: People) -> None:
    client = Client()
    address, more = linked(people.try_sign_in(client, people.cashier, "9999"))
    assert (address, more) == ("/what-to-do/people.sign-in-failed", ""), "a plain link: nothing is sent"
    page = client.get(address)
    assert page.status_code == 200
    assert "Have the administrator set a new PIN" in text(page)


def test_a_lock_is_one_press_from_what_to_do(people: People) -> None:
    client = Client()
    for _ in range(5):
        people.try_sign_in(client, people.cashier, "9999")
    refused = people.try_sign_in(client, people.cashier, people.pin(people.cashier))
    assert linked(refused)[0] == "/what-to-do/people.locked"


def test_who_was_signed_out_by_another_place_reads_why(people: People) -> None:
    here, there = people.sign_in(people.cashier), Client()
    people.try_sign_in(there, people.cashier, people.pin(people.cashier))
    sent = here.get("/?goods=1")
    page = here.get(sent["Location"])
    address, _ = linked(page)
    assert address == "/what-to-do/people.signed-in-elsewhere?next=%2F%3Fgoods%3D1"
    back = text(here.get(address))
    assert 'href="/sign-in?next=%2F%3Fgoods%3D1"' in back, "and comes back to what was looked at"


def test_the_way_back_leads_to_this_station_alone(people: People) -> None:
    client = Client()
    page = text(client.get("/what-to-do/people.locked?next=//elsewhere.example/"))
    assert 'href="/sign-in?next=%2F%2Felsewhere.example%2F"' in page
    form = text(client.get("/sign-in?next=//elsewhere.example/"))
    assert 'name="next" value="/">' in form, "the sign-in does not go there"


def test_who_has_signed_in_begins_a_diagnosis_as_before(people: People) -> None:
    client = people.sign_in(people.cashier)
    answer = client.get("/faults?says=wrong PIN")
    assert "what-to-do" not in text(answer)
    assert 'href="/"' in text(read("people.locked", client=client)), "and goes back to the till"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", REFUSALS)
def test_the_page_says_what_to_do_what_never_and_whom_to_call(code: str, language: str) -> None:
    entry, spoken = shipped_catalogue().entries[code], ours(language)
    answer = read(code, language)
    page = text(answer)
    assert answer["Content-Language"] == language
    done_alone = {name for name, spec in ACTIONS.items() if spec.consent is Consent.NOBODY}
    wanted = [one.says for one in entry.remedies if one.action not in done_alone]
    wanted += [one.says for one in entry.never] + [one.says for one in entry.causes]
    assert entry.escalate is not None
    for wording in (*wanted, entry.escalate.says):
        assert wording.text(spoken) in page
    assert "—" not in page.partition("<main")[2].partition("</h1>")[0], "no fact is missing in its title"


@pytest.mark.parametrize("code", READABLE)
def test_every_runbook_can_be_read(code: str) -> None:
    assert read(code, "zh-hans").status_code == 200


@pytest.mark.parametrize("code", ["api.malformed", "no.such-code", "x" * 4_000])
def test_what_has_no_runbook_is_not_there(code: str) -> None:
    assert read(code).status_code == 404


def test_it_takes_no_press_and_leaves_nothing(page_station: PageStation) -> None:
    def rows() -> list[int]:
        found = []
        for file in (page_station.settings.database, page_station.settings.sessions_database):
            connection = sqlite.connect(Path(file), read_only=True)
            names = [
                row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'")
            ]
            found += [connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names]
            connection.close()
        return found

    client, before = Client(), rows()
    for code in REFUSALS:
        assert "session" not in read(code, client=client).cookies
    assert client.post("/what-to-do/people.locked").status_code == 405
    assert rows() == before


def test_what_people_have_written_in_their_runbooks_is_not_told(page_station: PageStation) -> None:
    secret = "Ring Olga at home"
    entry = shipped_catalogue().entries["people.locked"]
    assert entry.escalate is not None
    published = StoredRunbook(entry.code, 1, f"- code: {entry.code}\n  says: {secret}\n", "90", secret, 1)
    page_station.station.write(lambda connection: store.publish(connection, published))
    assert at_work.diagnoses().books.version(entry.code) == 1
    page = text(read(entry.code))
    assert secret not in page
    assert entry.escalate.says.text("en") in page


def test_nobodys_name_or_number_is_told(people: People) -> None:
    people.try_sign_in(Client(), people.cashier, "9999")
    page = urlsplit(linked(people.try_sign_in(Client(), people.cashier, "9999"))[0])
    assert "7" not in page.path + page.query

"""Search, catalogue and how everything is, through the API."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from tests.till.api_shop import Shop
from tests.till.api_world import Answer
from tillwright.faults import at_work, looking, store
from tillwright.faults.looking import Found
from tillwright.faults.scene import scene
from tillwright.faults.watching import Watch
from tillwright.kernel.finding import Finding
from tillwright.machine.sqlite import Connection
from tillwright.till.queries import reader

LOST = "fiscal.sko-disconnected"


@pytest.fixture
def sees(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    looking.written()

    def sees(name: str, value: str) -> None:
        monkeypatch.setitem(looking.REGISTER.functions, name, lambda scene, target: Found(value, "set"))

    return sees


def code_of(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


# ── faults ──


@pytest.mark.parametrize(
    "says", ["касса не видит СКО", "mat ket noi voi thiet bi kiem soat", "control device disconnected"]
)
def test_a_fault_is_found_by_its_words(shop: Shop, says: str) -> None:
    told = shop.get(f"/faults?says={quote(says)}&limit=3")
    assert told["known"]
    assert LOST in [one["code"] for one in told["candidates"]]
    assert len(told["candidates"]) <= 3
    first = told["candidates"][0]
    assert 0 < first["score"] <= 1
    assert first["sentence"]
    assert first["runbook"] in (True, False)


def test_what_is_no_known_fault_is_said_to_be_none(shop: Shop) -> None:
    assert not shop.get(f"/faults?says={quote('the coffee machine leaks milk')}")["known"]


@pytest.mark.parametrize("query", ["", "limit=3", "says=x&limit=0", "says=x&limit=11", "says=x&mood=1"])
def test_a_search_that_is_none(shop: Shop, query: str) -> None:
    assert code_of(shop.call("GET", f"/api/v1/faults?{query}")) == (400, "api.malformed")


def test_words_wait_for_their_review(shop: Shop) -> None:
    body = {"code": LOST, "says": " the little box 4111 1111 1111 1111 is dead "}
    answer = shop.call("POST", "/api/v1/faults/words", body, accept_language="vi")
    assert (answer.status, answer.json["language"]) == (202, "vi")
    [kept] = store.aliases(reader(), "proposed")
    assert (kept.code, kept.person, kept.language) == (LOST, "program", "vi")
    assert kept.said.startswith("the little box")
    assert "1111 1111" not in kept.said


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"code": "no.such", "says": "x"}, 404, "api.not-found"),
        ({"code": LOST, "says": "  "}, 400, "api.malformed"),
        ({"code": LOST, "says": "a\u0007b"}, 400, "api.malformed"),
        ({"code": LOST}, 400, "api.malformed"),
    ],
)
def test_words_that_are_none(shop: Shop, body: dict[str, Any], status: int, code: str) -> None:
    assert code_of(shop.call("POST", "/api/v1/faults/words", body)) == (status, code)


def test_an_entry_is_read_in_the_callers_language(shop: Shop) -> None:
    english = shop.get(f"/faults/{LOST}")
    russian = shop.call("GET", f"/api/v1/faults/{LOST}", accept_language="ru").json
    assert english["runbook"]
    assert english["causes"]
    assert english["verify"] == "control_link"
    assert english["sentence"] != russian["sentence"]
    assert english["causes"][0]["id"] == russian["causes"][0]["id"]
    assert not shop.get("/faults/api.malformed")["runbook"]
    assert shop.call("GET", "/api/v1/faults/no.such-code").status == 404


# ── how everything is ──


def _keep(finding: Finding, connection: Connection) -> None:
    store.keep_change(connection, finding)


def test_nothing_is_told_before_anybody_looked(shop: Shop) -> None:
    told = shop.get("/status")
    assert (told["condition"], told["parts"]) == ("unknown", [])


def test_what_is_on_record_is_told_where_nothing_watches(shop: Shop) -> None:
    for finding in (Finding("disk_room", "", "low", 5), Finding("control_link", "till-3", "no-line", 5)):
        shop.station.write(partial(_keep, finding))
    told = shop.get("/status")
    assert [(one["part"], one["till"], one["condition"]) for one in told["parts"]] == [
        ("disk", "", "warning")
    ], "another till's is not told"


def test_a_look_is_taken_in_and_told(
    shop: Shop, sees: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    noticed: list[str] = []
    watch = Watch(scene(), lambda stored: None, lambda finding: noticed.append(finding.value))
    monkeypatch.setattr(at_work, "_watch", watch)
    sees("disk_room", "full")
    sees("journal_writes", "refuses")
    told = shop.post("/status/look", {"probes": ["disk_room", "journal_writes", "disk_room"]}).json
    assert told["condition"] == "sick"
    assert {one["part"]: one["follows"] for one in told["parts"]} == {"disk": "", "journal": "disk"}
    assert sorted(noticed) == ["full", "refuses"]
    assert shop.get("/status") == told


def test_without_names_everything_is_looked_at(shop: Shop, line_down: list[str]) -> None:
    told = shop.post("/status/look", {}).json
    names = {finding["probe"] for part in told["parts"] for finding in part["findings"]}
    assert {"disk_room", "control_link", "database_sound", "shift_state"} <= names
    assert "operation_state" not in names


@pytest.mark.parametrize("names", [["purple"], ["operation_state"], "disk_room", [1]])
def test_a_probe_that_is_none(shop: Shop, names: object) -> None:
    assert code_of(shop.call("POST", "/api/v1/status/look", {"probes": names})) == (400, "api.malformed")

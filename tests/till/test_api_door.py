"""The door: below /api everything is JSON, what goes wrong too, and nothing is told that only we may know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.till.api_world import OPERATIONS, World, sale, uid
from tests.till.test_api_refusals import must_be_problem
from tillwright.catalogue.languages import LANGUAGES
from tillwright.kernel.fault import Fault, FaultError
from tillwright.machine.resources import shipped_catalogue
from tillwright.till.api_door import ProgramsFirst
from tillwright.web import current


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/operations",
        "/api/v1/operations/",
        "/api/v1/sell",
        "/api//",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address_is_a_problem_too(world: World, method: str, path: str) -> None:
    must_be_problem(world.call(method, path), 404, "api.not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", OPERATIONS, "GET, POST"),
        ("DELETE", f"{OPERATIONS}/{uid(1)}", "GET"),
        ("GET", f"{OPERATIONS}/{uid(1)}/continue", "POST"),
        ("HEAD", "/api/v1/till", "GET"),
        ("OPTIONS", "/api/v1/till", "GET"),
        ("TRACE", "/api/v1/events", "GET"),
        ("PATCH", "/api/v1/openapi.json", "GET"),
        ("BREW", OPERATIONS, "GET, POST"),
    ],
)
def test_a_method_that_is_not_allowed_says_which_are(
    world: World, method: str, path: str, allowed: str
) -> None:
    answer = world.call(method, path)
    must_be_problem(answer, 405, "api.method-not-allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("path", ["/", "/apiary", "/sign-in", "", "/v1/api/"])
def test_what_is_not_below_api_is_for_people(path: str) -> None:
    came: list[str] = []

    def pages(environ: dict[str, Any], _start_response: object) -> list[bytes]:
        came.append(environ["PATH_INFO"])
        return [b"a page"]

    assert ProgramsFirst(pages)({"PATH_INFO": path}, None) == [b"a page"]
    assert came == [path]


# ── a mistake of ours ─────────────────────────────────────────────────────────────────────────────


class Broken:
    """A station with a bug."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("disk /dev/sda1 of 4111111111111111 is gone")


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the API writes into the log."""
    found: list[dict[str, Any]] = []

    class Log:
        def error(self, event: str, **more: Any) -> None:
            found.append({"event": event, **more})

    monkeypatch.setattr("tillwright.till.api_problems._log", Log())
    return found


@pytest.mark.parametrize(
    ("method", "path"), [("POST", OPERATIONS), ("GET", "/api/v1/till"), ("GET", OPERATIONS)]
)
def test_a_bug_is_told_by_a_reference_and_nothing_else(
    world: World, logged: list[dict[str, Any]], method: str, path: str
) -> None:
    current.set_station(Broken())  # type: ignore[arg-type]
    answer = world.call(method, path, sale(uid(1)))
    told = must_be_problem(answer, 500, "api.internal")
    [record] = logged
    assert told["facts"] == {"reference": record["reference"]}
    assert record["reference"] in told["detail"]
    for secret in ("sda1", "RuntimeError", "Traceback", "till-1."):
        assert secret not in answer.body.decode()
    assert "RuntimeError" in record["trace"]
    assert "411111******1111" in record["trace"]
    assert world.tokens["till-1"].text not in str(record)


def test_a_bug_outside_the_routes_is_a_problem_too(
    world: World, logged: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_address: str) -> None:
        raise RecursionError

    monkeypatch.setattr("tillwright.till.api_door._resolve", fail)
    must_be_problem(world.call("GET", "/api/v1/till"), 500, "api.internal")
    assert [record["event"] for record in logged] == ["api.internal"]


def test_a_bug_after_the_begin_leaves_an_operation_that_its_uid_finds(
    world: World, logged: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("tillwright.till.api.answers.operation", lambda *_: 1 // 0)
        must_be_problem(world.sell(uid(1)), 500, "api.internal")
    assert world.call("GET", f"{OPERATIONS}/{uid(1)}").json["state"] == "done"
    assert world.sell(uid(1)).status == 201
    assert len(logged) == 1


def test_a_station_that_is_not_there_yet_says_when_to_come_back(world: World) -> None:
    current.set_station(None)
    answer = world.call("POST", OPERATIONS, sale(uid(1)))
    must_be_problem(answer, 503, "api.unavailable")
    assert int(answer.headers["retry-after"]) >= 1


def test_a_journal_that_fails_is_told_as_such(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise FaultError(Fault("journal.write-failed", reason="commit"))

    monkeypatch.setattr(world.station, "start", fail)
    answer = world.sell(uid(1))
    must_be_problem(answer, 503, "journal.write-failed")
    assert "retry-after" in answer.headers


# ── words ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_speaks_the_readers_language(world: World, language: str) -> None:
    answer = world.call("POST", OPERATIONS, sale(uid(1), total_minor=10_000_001), accept_language=language)
    told = must_be_problem(answer, 422, "till.total-out-of-bounds")
    entry = shipped_catalogue().entry("till.total-out-of-bounds")
    assert answer.headers["content-language"] == language
    assert told["detail"].startswith(entry.says.text(language).partition("{")[0])
    assert told["next_step"] == entry.next.text(language)
    assert told["title"].lower() == entry.known_as.texts(language)[0].lower()
    assert told["facts"] == {"currency": "EUR", "maximum_minor": 10_000_000, "total_minor": 10_000_001}
    assert told["instance"] == OPERATIONS


def test_a_programmer_is_told_in_english_whatever_the_reader_speaks(world: World) -> None:
    told = world.call("POST", OPERATIONS, b"{", accept_language="zh").json
    assert told["program"]["says"].startswith("The request cannot be read: ")
    assert "Input data was truncated" in told["program"]["says"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_type_of_every_problem_leads_to_what_it_means(world: World, language: str) -> None:
    for code, entry in shipped_catalogue().entries.items():
        answer = world.call("GET", f"/api/v1/problems/{code}", till=None, accept_language=language)
        assert (answer.status, answer.json["code"]) == (200, code)
        assert answer.json["says"] == entry.says.text(language)
    must_be_problem(world.call("GET", "/api/v1/problems/api.unheard-of", till=None), 404, "api.not-found")


# ── the pages of the API itself ───────────────────────────────────────────────────────────────────


def test_the_page_of_the_document_asks_nobody_else(world: World) -> None:
    page = world.call("GET", "/api/v1/docs", till=None)
    assert page.status == 200
    text = page.body.decode()
    assert "://" not in text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-init.js"):
        assert f"/api/v1/docs/{name}" in text
        asset = world.call("GET", f"/api/v1/docs/{name}", till=None)
        assert asset.status == 200
        assert len(asset.body) > 500
    must_be_problem(world.call("GET", "/api/v1/docs/redoc.js", till=None), 404, "api.not-found")


def test_the_document_is_json(world: World) -> None:
    answer = world.call("GET", "/api/v1/openapi.json", till=None)
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body)["openapi"].startswith("3.1")

"""The cabinets of the simulated operator and licensing: what they hold, found and judged by pressing."""

from typing import Any

import pytest

from tests.demo.boards import SERIAL, TILL, Board, TwinHouse, board, house
from tests.pages import *  # noqa: F403
from tests.till.counter import words

__all__ = ["board", "house"]

pytestmark = pytest.mark.sockets


@pytest.fixture
def filled(board: Board) -> list[dict[str, Any]]:
    """Three documents of the device, carried to the operator; returns them as the device has them."""
    for amount_minor in (100, 200, 300):
        board.deposit(amount_minor)
    documents = board.door.get(f"/twins/{SERIAL}/truth").json()["documents"]
    for one in documents:
        body = {"till": TILL, "text": one["text"], "via": "till", "queued": 0}
        board.house.ask("operator", "PUT", f"/v1/documents/{one['unique_number']}", body)
    return list(documents)


def test_the_operator_shows_its_documents_the_last_one_first(
    board: Board, filled: list[dict[str, Any]]
) -> None:
    page = words(board.html("/switchboard/operator?till=1"))
    places = [page.index(one["unique_number"]) for one in filled]
    assert places == sorted(places, reverse=True)
    assert "Complete up to document 3" in page
    assert "by the till" in page


def test_documents_are_found_by_number_unique_number_and_day(
    board: Board, filled: list[dict[str, Any]]
) -> None:
    def found(query: str) -> list[bool]:
        page = board.html(f"/switchboard/operator?till=1&{query}").partition("<tbody>")[2]
        return [one["unique_number"] in page for one in filled]

    assert found("number=2") == [False, True, False]
    assert found(f"unique={filled[2]['unique_number']}") == [False, False, True]
    assert found("day=2001-01-01") == [False, False, False]
    assert found("day=nonsense&number=x") == [True, True, True]
    assert found("number=²") == [True, True, True]


def test_another_till_has_none(board: Board, filled: list[dict[str, Any]]) -> None:
    page = board.html("/switchboard/operator?till=nobody")
    assert filled[0]["unique_number"] in page  # a till that is none is the first one


@pytest.mark.parametrize(
    ("state", "told"), [("warning", "warned of a block"), ("blocked", "blocked"), ("active", "active")]
)
def test_the_operator_judges_a_till(board: Board, state: str, told: str) -> None:
    answer = board.client.post("/switchboard/operator/judge", {"till": TILL, "state": state})
    assert answer["Location"] == "/switchboard/operator?till=1"
    judged = {one["till"]: one["state"] for one in board.twin("operator")["tills"]}
    assert judged == {TILL: state}
    assert told in words(board.html("/switchboard/operator?till=1"))


def test_a_refused_document_is_shown_and_taken_after_all(board: Board, filled: list[dict[str, Any]]) -> None:
    board.door.post(
        "/twins/operator/refuse", json={"serial": SERIAL, "number": 4, "reason": "wrong rate"}
    ).raise_for_status()
    assert "wrong rate" in words(board.html("/switchboard/operator?till=1"))
    board.client.post("/switchboard/operator/accept", {"till": TILL, "serial": SERIAL, "number": "4"})
    assert "wrong rate" not in board.html("/switchboard/operator?till=1")


def test_all_is_well_again_lifts_refusals(board: Board) -> None:
    board.door.post(
        "/twins/operator/refuse", json={"serial": SERIAL, "number": 4, "reason": "wrong rate"}
    ).raise_for_status()
    board.well()
    assert board.door.get("/twins/operator/truth").json()["refusals"] == []


def test_licences_appear_when_they_are_asked_about_and_can_be_put_out_of_order(board: Board) -> None:
    assert "No till has asked yet" in words(board.html("/switchboard/licensing"))
    query = "till=1&taxpayer=100&version=1.0"
    board.house.ask("licensing", "GET", f"/v1/licences/TW-1?{query}")
    assert "in order" in words(board.html("/switchboard/licensing"))
    form = {"serial": "TW-1", "message": "subscription-missing", "on": "1"}
    assert board.client.post("/switchboard/licensing/say", form)["Location"] == "/switchboard/licensing#TW-1"
    assert "something is wrong" in words(board.html("/switchboard/licensing"))
    assert "There is no subscription" in words(board.html())
    board.client.post("/switchboard/licensing/say", {**form, "on": "0"})
    assert "something is wrong" not in board.html("/switchboard/licensing")
    board.client.post("/switchboard/licensing/say", form)
    board.client.post("/switchboard/licensing/well")
    assert "something is wrong" not in board.html("/switchboard/licensing")


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("operator/judge", {"till": TILL, "state": "no-such"}),
        ("operator/judge", {"till": "nobody", "state": "active"}),
        ("operator/accept", {"till": TILL, "serial": SERIAL, "number": "x"}),
        ("licensing/say", {"serial": "TW-1", "message": "no-such"}),
        ("licensing/say", {"serial": "", "message": "update-required"}),
    ],
)
def test_what_does_not_exist_is_not_found(board: Board, address: str, form: dict[str, str]) -> None:
    assert board.client.post(f"/switchboard/{address}", form).status_code == 404


def test_everything_is_there_for_one_twin_of_each_kind(house: TwinHouse) -> None:
    assert set(house.server.names) == {SERIAL, "operator", "licensing", "PRN-1"}

"""The switchboard: it shows the twins' truth, what is pressed reaches them, and no real shop has it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.demo.boards import TILL, Board, TwinHouse, board, house
from tests.pages import *  # noqa: F403
from tests.till.counter import words
from tillwright.demo import switchboard
from tillwright.demo.switchboard_client import Twins, TwinsUnreachable
from tillwright.demo.switchboard_dials import DIALS
from tillwright.demo.switchboard_words import DEVICE, LICENSING, OPERATOR, PRINTER, STORIES, SWITCHES, WELL
from tillwright.parties.control_endpoint import door_of
from tillwright.parties.doors import FaultOrder
from tillwright.parties.faulting import FAULTS
from tillwright.web import current

__all__ = ["board", "house"]

pytestmark = pytest.mark.sockets


def test_it_is_plainly_a_simulation_and_shows_what_the_device_holds(board: Board) -> None:
    board.deposit()
    page = words(board.html())
    assert "Simulation" in page
    assert "Control device" in page
    assert "€123.45" in page
    assert "Last document 1" in page
    assert "Cash in" in page
    assert "well" in page


def test_there_is_a_card_for_every_twin_of_the_till(board: Board) -> None:
    page = words(board.html())
    for name in ("Control device SKO-1", "Receipt printer PRN-1", "Operator operator", "Licensing licensing"):
        assert name in page


def test_every_fault_has_a_switch_in_words(board: Board) -> None:
    page = words(board.html())
    assert {one.fault for one in SWITCHES} == set(FAULTS)
    for switch in SWITCHES:
        assert str(switch.words) in page


@pytest.mark.parametrize(
    ("form", "armed"),
    [
        ({"how": "once"}, {"next": 1}),
        ({"how": "next", "next": "7"}, {"next": 7}),
        ({"how": "next", "next": "many"}, {"next": 5}),
        ({"how": "always"}, {"always": True}),
    ],
)
@pytest.mark.parametrize("name", ["SKO-1", "PRN-1", "operator", "licensing"])
def test_a_switch_is_armed_once_a_few_times_or_always(
    board: Board, name: str, form: dict[str, str], armed: dict[str, Any]
) -> None:
    answer = board.press("press", name, fault="commit_drop_answer", **form)
    assert answer["Location"] == f"/switchboard/?till=1&open={name}#{name}"
    assert armed.items() <= board.twin(name)["armed"]["commit_drop_answer"].items()
    assert "misbehaves" in board.html()
    board.press("press", name, fault="commit_drop_answer", how="off")
    assert board.twin(name)["armed"] == {}


@pytest.mark.parametrize(
    ("fault", "seconds", "name", "value_ms"),
    [
        ("answer_late", "12", "delay_ms", 12_000),
        ("answer_late", "", "delay_ms", 8_000),
        ("answer_late", "99999", "delay_ms", 3_600_000),
        ("clock_off", "90", "off_ms", 90_000),
    ],
)
def test_a_delay_is_given_in_seconds(
    board: Board, fault: str, seconds: str, name: str, value_ms: int
) -> None:
    board.press("press", fault=fault, how="always", seconds=seconds)
    assert board.twin()["armed"][fault][name] == value_ms


def test_how_a_switch_stands_is_shown(board: Board) -> None:
    board.play("bad-morning")
    assert "10 %" in words(board.html())
    board.well()
    board.press("press", fault="silent", how="next", next="3")
    board.press("press", fault="garbage", how="always")
    page = words(board.html("/switchboard/truth"))
    assert "3 more times" in page
    assert "always" in page


@pytest.mark.parametrize("kind", [DEVICE, PRINTER, OPERATOR, LICENSING])
def test_every_dial_turns_and_shows_where_it_stands(board: Board, kind: str) -> None:
    names = {DEVICE: "SKO-1", PRINTER: "PRN-1", OPERATOR: "operator", LICENSING: "licensing"}
    door = board.door
    for dial in DIALS[kind]:
        for option in (*dial.options[1:], dial.options[0]):
            board.press("turn", names[kind], kind=kind, dial=dial.name, option=option.name)
            pressed = f'value="{option.name}" aria-pressed="true"'
            form = board.html().partition(f'id="dial-{names[kind]}-{dial.name}"')[2].partition("</form>")[0]
            assert pressed in form, (dial.name, option.name)
    assert door.get("/twins").status_code == 200


def test_the_plug_of_the_device(board: Board) -> None:
    board.press("turn", kind=DEVICE, dial="plug", option="out")
    assert board.twin()["plugged"] is False
    assert "unplugged" in board.html()
    board.press("turn", kind=DEVICE, dial="plug", option="in")
    assert board.twin()["plugged"] is True


@pytest.mark.parametrize("story", STORIES, ids=lambda one: one.name)
def test_every_story_can_be_begun_and_all_be_well_again(
    board: Board, story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[Any] = []
    monkeypatch.setattr(switchboard, "_later", lambda *told: later.append(told))
    assert board.play(story.name)["Location"] == "/switchboard/?till=1"
    for kind, name in ((DEVICE, "SKO-1"), (PRINTER, "PRN-1"), (OPERATOR, "operator")):
        wanted = {o.body["fault"] for o in story.orders if o.door == "faults" and o.twin == kind}
        assert set(board.twin(name)["armed"]) == wanted
    assert len(later) == (1 if story.ends_ms else 0)
    for _delay_ms, twins, till, orders in later:
        switchboard._give_quietly(twins, till, orders)
        assert all(board.twin(name)["armed"] == {} for name in ("SKO-1", "operator"))
    board.well()
    _all_well(board)


def _all_well(board: Board) -> None:
    device, printer, operator = board.twin(), board.twin("PRN-1"), board.twin("operator")
    assert (device["armed"], device["plugged"], device["offset_ms"]) == ({}, True, 0)
    assert device["uplink"]["on"] is True
    assert (printer["paper"], printer["cover_open"], printer["online"]) == ("full", False, True)
    assert (operator["gaps"], operator["refuse_next"]) == (True, 0)
    assert all(till["state"] == "active" for till in operator["tills"])
    assert "misbehaves" not in board.html()


def test_the_orders_are_ones_that_the_twins_take(house: TwinHouse) -> None:
    names = {DEVICE: "SKO-1", PRINTER: "PRN-1", OPERATOR: "operator", LICENSING: "licensing"}
    doors = {
        kind: house.server.order(name, lambda orders, _: (sorted(door_of(orders).doors), []))
        for kind, name in names.items()
    }
    for order in [*WELL, *(order for story in STORIES for order in story.orders)]:
        assert order.door in doors[order.twin]
        if order.door == "faults" and not order.body.get("off"):
            FaultOrder(**order.body)


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("press", {"fault": "no-such", "how": "once"}),
        ("turn", {"kind": "device", "dial": "no-such", "option": "in"}),
        ("turn", {"kind": "device", "dial": "plug", "option": "no-such"}),
        ("turn", {"kind": "no-such", "dial": "plug", "option": "in"}),
    ],
)
def test_what_does_not_exist_is_not_found(board: Board, what: str, form: dict[str, str]) -> None:
    assert board.press(what, **form).status_code == 404
    assert board.play("no-such").status_code == 404
    assert board.client.post("/switchboard/tills/NOBODY/well").status_code == 404
    assert board.press("press", "NOBODY", fault="silent", how="once").status_code == 404
    assert board.client.get("/switchboard/twins/PRN-1/slips/1").status_code == 404


def test_a_real_shop_has_no_switchboard(board: Board) -> None:
    place = current.place()
    for other in (replace(place, demo=False), replace(place, twins_url="")):
        current.set_place(other)
        for address in ("", "truth", "operator", "licensing"):
            assert board.client.get(f"/switchboard/{address}").status_code == 404
        assert board.well().status_code == 404
        assert board.press("press", fault="silent", how="once").status_code == 404


def test_when_the_devices_have_gone_the_page_says_so(board: Board) -> None:
    current.set_place(replace(current.place(), twins_url="http://127.0.0.1:1"))
    for address in ("", "operator", "licensing"):
        assert "do not answer" in board.html(f"/switchboard/{address}")
    assert board.client.get("/switchboard/truth").status_code == 200
    assert board.well().status_code == 302
    switchboard._give_quietly(Twins("http://127.0.0.1:1"), TILL, WELL)


def test_a_refusal_of_the_endpoint_is_told(board: Board) -> None:
    with pytest.raises(TwinsUnreachable, match="404"):
        Twins(board.url).order("NOBODY", "plug", {"plugged": True})

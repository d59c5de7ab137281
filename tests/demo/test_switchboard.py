"""The switchboard: it shows the twins' truth, what is pressed reaches them, and no real shop has it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from django.test import Client

from tests.pages import *  # noqa: F403
from tests.pages import PageStation
from tests.parties.worlds import SocketWorld
from tests.till.counter import readable, words
from tillwright.demo import switchboard, switchboard_client
from tillwright.demo.switchboard_client import Twins, TwinsUnreachable
from tillwright.demo.switchboard_words import STORIES, SWITCHES, WELL
from tillwright.parties.control_endpoint import ORDERS, ControlEndpoint, FaultOrder
from tillwright.parties.faulting import FAULTS
from tillwright.web import current

pytestmark = pytest.mark.sockets


class Board:
    """A browser before the switchboard of a real twin behind its real endpoint."""

    def __init__(self, client: Client, url: str) -> None:
        self.client = client
        self.url = url
        self.door = httpx.Client(base_url=url, trust_env=False)

    def html(self, address: str = "/switchboard/") -> str:
        return readable(self.client.get(address))

    def press(self, what: str, **form: object) -> Any:
        return self.client.post(f"/switchboard/SKO-1/{what}", form)

    def twin(self) -> dict[str, Any]:
        found: dict[str, Any] = self.door.get("/twins").json()["twins"][0]
        return found


@pytest.fixture
def board(page_station: PageStation) -> Iterator[Board]:
    world = SocketWorld()
    endpoint = ControlEndpoint(world.server)
    endpoint.start()
    url = f"http://127.0.0.1:{endpoint.port}"
    current.set_place(replace(current.place(), twins_url=url))
    board = Board(Client(), url)
    yield board
    board.door.close()
    switchboard_client._client().close()
    switchboard_client._client.cache_clear()
    endpoint.stop()
    world.close()


def test_it_is_plainly_a_simulation_and_shows_what_the_device_holds(board: Board) -> None:
    board.door.post("/twins/SKO-1/deposit", json={"currency": "EUR", "amount_minor": 12_345})
    page = words(board.html())
    assert "Simulation" in page
    assert "Control device of T1" in page
    assert "€123.45" in page
    assert "Last document 1" in page
    assert "Cash in" in page
    assert "well" in page


def test_every_fault_has_a_switch_in_words(board: Board) -> None:
    page = words(board.html())
    assert [one.fault for one in SWITCHES if one.fault not in FAULTS] == []
    assert set(FAULTS) == {one.fault for one in SWITCHES}
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
def test_a_switch_is_armed_once_a_few_times_or_always(
    board: Board, form: dict[str, str], armed: dict[str, Any]
) -> None:
    answer = board.press("press", fault="commit_drop_answer", **form)
    assert answer["Location"] == "/switchboard/?open=SKO-1#SKO-1"
    found = board.twin()["armed"]["commit_drop_answer"]
    assert armed.items() <= found.items()
    assert "misbehaves" in board.html()
    board.press("press", fault="commit_drop_answer", how="off")
    assert board.twin()["armed"] == {}


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
    board.press("press", fault="silent", how="next", next="3")
    board.press("press", fault="garbage", how="always")
    board.press("story", story="bad-morning")
    page = words(board.html())
    assert "10 %" in page
    board.press("well")
    board.press("press", fault="silent", how="next", next="3")
    board.press("press", fault="garbage", how="always")
    page = words(board.html("/switchboard/truth"))
    assert "3 more times" in page
    assert "always" in page


def test_the_plug(board: Board) -> None:
    board.press("plug", plugged="0")
    assert board.twin()["plugged"] is False
    page = board.html()
    assert "unplugged" in page
    assert "Plug it in" in page
    board.press("plug", plugged="1")
    assert board.twin()["plugged"] is True


@pytest.mark.parametrize("story", STORIES, ids=lambda one: one.name)
def test_every_story_can_be_begun_and_all_be_well_again(
    board: Board, story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[Any] = []
    monkeypatch.setattr(switchboard, "_later", lambda *told: later.append(told))
    assert board.press("story", story=story.name)["Location"] == "/switchboard/#SKO-1"
    twin = board.twin()
    wanted = {order.body["fault"] for order in story.orders if order.door == "faults"}
    assert set(twin["armed"]) == wanted
    assert len(later) == (1 if story.ends_ms else 0)
    for _delay_ms, twins, serial, orders in later:
        switchboard._give_quietly(twins, serial, orders)
        assert board.twin()["armed"] == {}
    board.press("well")
    twin = board.twin()
    assert (twin["armed"], twin["plugged"], twin["offset_ms"]) == ({}, True, 0)


def test_the_orders_are_ones_that_the_twins_take() -> None:
    for order in [*WELL, *(order for story in STORIES for order in story.orders)]:
        assert order.door in ORDERS
        if order.door == "faults" and not order.body.get("off"):
            FaultOrder(**order.body)


@pytest.mark.parametrize(
    ("what", "form"),
    [("press", {"fault": "no-such", "how": "once"}), ("story", {"story": "no-such"})],
)
def test_what_does_not_exist_is_not_found(board: Board, what: str, form: dict[str, str]) -> None:
    assert board.press(what, **form).status_code == 404
    assert board.client.post("/switchboard/NOBODY/well").status_code == 404


def test_a_real_shop_has_no_switchboard(board: Board) -> None:
    place = current.place()
    for other in (replace(place, demo=False), replace(place, twins_url="")):
        current.set_place(other)
        assert board.client.get("/switchboard/").status_code == 404
        assert board.client.get("/switchboard/truth").status_code == 404
        assert board.press("well").status_code == 404
        assert board.press("press", fault="silent", how="once").status_code == 404


def test_when_the_devices_have_gone_the_page_says_so(board: Board) -> None:
    current.set_place(replace(current.place(), twins_url="http://127.0.0.1:1"))
    assert "do not answer" in board.html()
    assert board.client.get("/switchboard/truth").status_code == 200
    assert board.press("well").status_code == 302
    switchboard._give_quietly(Twins("http://127.0.0.1:1"), "SKO-1", WELL)


def test_a_refusal_of_the_endpoint_is_told(board: Board) -> None:
    with pytest.raises(TwinsUnreachable, match="404"):
        Twins(board.url).order("NOBODY", "plug", {"plugged": True})

"""Selling through the API: one intent is one operation, and every answer says how it stands."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import connections

from tests.till.api_world import OPERATIONS, Answer, Device, World, sale, uid
from tests.till.test_api_refusals import must_be_problem
from tillwright.till import api_call
from tillwright.till.goods import NewGoods, put_goods, withdraw_goods

AT = f"{OPERATIONS}/{uid(1)}"
PAN = "4111 1111 1111 1111"


def look(world: World, number: int = 1, **headers: str) -> Any:
    answer = world.call("GET", f"{OPERATIONS}/{uid(number)}", **headers)
    assert answer.status == 200, answer.body
    return answer.json


# ── how it ends ───────────────────────────────────────────────────────────────────────────────────


def test_a_sale_that_ends_within_the_wait_is_201(world: World) -> None:
    answer = world.sell(uid(1))
    assert answer.status == 201
    told = answer.json
    assert (told["state"], told["number"], told["till"]) == ("done", 1, "till-1")
    assert (told["currency"], told["total_minor"], told["change_minor"]) == ("EUR", 378, 0)
    assert told["fault"] is None
    assert answer.headers["location"] == AT
    assert answer.headers["preference-applied"] == "wait=20"
    assert "retry-after" not in answer.headers


def test_a_leg_tells_who_says_so(world: World) -> None:
    [leg] = world.sell(uid(1)).json["legs"]
    assert (leg["party"], leg["action"], leg["state"], leg["key"]) == (
        "control", "register", "done", f"{uid(1)}.1",
    )  # fmt: skip
    assert leg["evidence"]["source"] == "reply"
    assert leg["evidence"]["facts"]["unique_number"] == "U1"


def test_without_a_wait_it_is_202_at_once(world: World) -> None:
    world.device.behave = "silence"
    answer = world.call("POST", OPERATIONS, sale(uid(1)))
    assert (answer.status, answer.json["state"]) == (202, "open")
    assert answer.headers["location"] == AT
    assert answer.headers["retry-after"] == "1"
    assert "preference-applied" not in answer.headers


def test_a_sale_that_the_device_refuses_is_201_too_and_says_why(world: World) -> None:
    world.device.behave = "refuse"
    answer = world.call("POST", OPERATIONS, sale(uid(1)), prefer="wait=20", accept_language="vi")
    assert (answer.status, answer.json["state"]) == (201, "refused")
    fault = answer.json["fault"]
    assert fault["code"] == "fiscal.not-registered"
    assert "Chưa có gì được ghi nhận" in fault["sentence"]
    assert fault["next_step"]


def test_a_lost_answer_is_found_again_by_asking(world: World) -> None:
    world.device.behave = "lose"
    world.sell(uid(1), wait_s=0)
    world.device.behave = "accept"
    world.pass_time(2_000)
    assert look(world)["state"] == "done"
    assert look(world)["legs"][0]["evidence"]["source"] == "inquiry"


def test_a_red_one_is_202_without_waiting_any_longer(world: World) -> None:
    world.device.behave = "lose"
    world.sell(uid(1), wait_s=0)
    world.device.behave = "silence"
    world.pass_time(6_000)
    answer = world.sell(uid(1))
    assert (answer.status, answer.json["state"]) == (202, "red")
    assert answer.json["fault"]["code"] == "fiscal.red-cheque-status-unknown"


# ── one intent ────────────────────────────────────────────────────────────────────────────────────


def test_the_same_request_is_the_same_operation(world: World) -> None:
    first = world.sell(uid(1))
    rows = world.rows()
    again = world.sell(uid(1))
    assert (again.status, again.body) == (201, first.body)
    assert world.rows() == rows
    assert world.device.asked == 1


def test_the_same_request_is_the_same_while_it_is_open(world: World) -> None:
    world.device.behave = "silence"
    first = world.sell(uid(1), wait_s=0)
    again = world.sell(uid(1), wait_s=0)
    assert (first.status, again.status) == (202, 202)
    assert again.json == first.json


def test_a_uid_in_capitals_is_the_same(world: World) -> None:
    low = "abcdefab-0000-4000-8000-00000000000a"
    assert world.sell(low).status == 201
    assert world.sell(low.upper()).json["uid"] == low
    assert world.rows()["operation"] == 1


OTHER: dict[str, dict[str, Any]] = {
    "total": {"lines": [{"goods": "1001", "total_minor": 379}]},
    "goods": {"lines": [{"goods": "1002", "quantity_milli": 2000, "total_minor": 378}]},
    "quantity": {"lines": [{"goods": "1001", "quantity_milli": 1000, "total_minor": 378}]},
    "name": {"lines": [{"goods": "1001", "quantity_milli": 2000, "total_minor": 378, "name": "Cream"}]},
    "price": {"lines": [{"goods": "1001", "quantity_milli": 2000, "total_minor": 378, "price_minor": 1}]},
    "one line more": {"lines": [*sale(uid(1))["lines"], {"goods": "1002", "total_minor": 0}]},
    "no line": {"lines": []},
    "tender": {"tenders": [{"kind": "cash", "amount_minor": 500}]},
    "kind": {"kind": "refund"},
    "stated total": {"total_minor": 377},
}


@pytest.mark.parametrize("what", OTHER)
def test_the_same_uid_with_other_content_is_refused(world: World, what: str) -> None:
    world.sell(uid(1), total_minor=378)
    rows = world.rows()
    told = must_be_problem(world.call("POST", OPERATIONS, sale(uid(1)) | OTHER[what]), 409, "api.uid-reused")
    assert told["facts"] == {"uid": uid(1)}
    assert world.rows() == rows


def test_the_same_uid_from_another_till_is_refused(world: World) -> None:
    world.sell(uid(1))
    must_be_problem(world.sell(uid(1), till="till-3"), 409, "api.uid-reused")


def test_a_repetition_is_the_same_though_the_goods_have_another_name_now(world: World) -> None:
    first = world.sell(uid(1))
    renamed = NewGoods("1001", {"en": "Milk 1 l, new"}, {"EUR": 189})
    world.station.write(lambda connection: put_goods(connection, [renamed]))
    assert world.sell(uid(1)).json == first.json
    assert look(world)["lines"][0]["name"] == "Milk 1 l"


def test_a_repetition_is_the_same_though_the_goods_are_sold_no_more(world: World) -> None:
    first = world.sell(uid(1))
    world.station.write(lambda connection: withdraw_goods(connection, "1001"))
    assert world.sell(uid(1)).json == first.json
    must_be_problem(world.sell(uid(2)), 422, "till.unknown-goods")


def test_eight_at_once_are_one(world: World) -> None:
    together = threading.Barrier(8)

    def send(_number: int) -> Answer:
        together.wait()
        try:
            return world.sell(uid(1))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert {(answer.status, answer.json["number"]) for answer in answers} == {(201, 1)}
    assert world.rows()["operation"] == world.rows()["document"] == world.rows()["leg_key"] == 1
    assert world.device.asked == 1


def test_eight_different_ones_at_once_are_one_at_a_time(world: World) -> None:
    world.device.behave = "silence"
    together = threading.Barrier(8)

    def send(number: int) -> Answer:
        together.wait()
        try:
            return world.sell(uid(number), wait_s=0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert sorted(answer.status for answer in answers) == [202, *[409] * 7]
    assert world.rows()["operation"] == 1


# ── names ─────────────────────────────────────────────────────────────────────────────────────────


def line(goods: str, name: str, quantity_milli: int, **more: int | None) -> dict[str, object]:
    """A line of 3.78 as it is told."""
    told = {"goods": goods, "name": name, "quantity_milli": quantity_milli, "total_minor": 378}
    return {**told, "discount_minor": 0, "of": 0, **more}


def test_a_name_that_was_left_out_comes_from_the_master_data(world: World) -> None:
    world.sell(uid(1))
    assert look(world)["lines"] == [line("1001", "Milk 1 l", 2000, price_minor=None)]


def test_what_was_left_out_is_one_piece(world: World) -> None:
    body = sale(uid(1)) | {
        "lines": [{"goods": "1002", "total_minor": 378, "name": "Loaf", "price_minor": 378}]
    }
    world.call("POST", OPERATIONS, body, prefer="wait=20")
    assert look(world)["lines"] == [line("1002", "Loaf", 1000, price_minor=378)]


def files_hold(world: World, text: str) -> bool:
    """Whether any file of the station's folder holds a text."""
    found = (path.read_bytes() for path in world.settings.folder.iterdir() if path.is_file())
    return any(text.encode() in content for content in found)


def test_a_card_number_in_a_name_is_kept_nowhere(
    world: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    body = sale(uid(1)) | {"lines": [{"goods": "1001", "total_minor": 378, "name": f"Gift for {PAN}"}]}
    first = world.call("POST", OPERATIONS, body, prefer="wait=20")
    assert first.status == 201
    assert look(world)["lines"][0]["name"] == "Gift for 4111 11** **** 1111"
    receipt = world.call("GET", f"{AT}/receipt").json
    assert receipt["lines"][0]["name"] == "Gift for 4111 11** **** 1111"
    assert world.call("POST", OPERATIONS, body, prefer="wait=20").json == first.json
    assert files_hold(world, "Gift for 4111 11**")
    assert not files_hold(world, PAN)
    written = capsys.readouterr()
    assert PAN not in written.out + written.err + caplog.text


def test_a_card_number_is_not_told_back(world: World) -> None:
    number = PAN.replace(" ", "")
    refused = [
        world.call("POST", OPERATIONS, sale(uid(1)) | {number: 1}),
        world.call("POST", OPERATIONS, sale(uid(1)) | {"lines": [{"goods": number, "total_minor": 378}]}),
    ]
    assert [answer.json["code"] for answer in refused] == ["api.malformed", "till.unknown-goods"]
    assert all(number.encode() not in answer.body for answer in refused)


# ── goods that another system knows ───────────────────────────────────────────────────────────────


def test_a_station_that_is_fed_takes_goods_as_they_come(open_world: World) -> None:
    lines = [{"goods": "82214", "total_minor": 378}]
    assert (
        open_world.call("POST", OPERATIONS, sale(uid(1)) | {"lines": lines}, prefer="wait=20").status == 201
    )
    assert look(open_world)["lines"][0]["name"] == "82214"


def test_it_still_names_the_goods_that_it_knows(open_world: World) -> None:
    open_world.sell(uid(1))
    assert look(open_world)["lines"][0]["name"] == "Milk 1 l"


def test_it_takes_no_card_number_for_goods(open_world: World) -> None:
    lines = [{"goods": PAN.replace(" ", ""), "total_minor": 378}]
    answer = open_world.call("POST", OPERATIONS, sale(uid(1)) | {"lines": lines})
    assert must_be_problem(answer, 422, "till.line-invalid")["facts"] == {"line": 1, "reason": "goods"}
    barcode = [{"goods": "4006381333931", "total_minor": 378}]
    open_world.device.behave = "silence"
    assert open_world.call("POST", OPERATIONS, sale(uid(1)) | {"lines": barcode}).status == 202


# ── waiting ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=20", "wait=20"),
        ("respond-async, wait=3", "wait=3"),
        ('Wait="7"', "wait=7"),
        ("wait=600", "wait=25"),
        ("wait=0", "wait=0"),
        ("wait=-1", None),
        ("wait=soon", None),
        ("return=minimal", None),
        ("waiting=5", None),
    ],
)
def test_a_wait_is_granted_as_far_as_the_pack_allows(world: World, prefer: str, applied: str | None) -> None:
    answer = world.call("POST", OPERATIONS, sale(uid(1)), prefer=prefer)
    assert answer.headers.get("preference-applied") == applied


class Later(Device):
    """A device that is told to answer by another thread, when the station is being waited for."""

    def do(self, till: str, work: Any) -> None:
        threading.Thread(target=work, args=(self,)).start()


def test_a_wait_is_over_when_the_device_answers(world: World) -> None:
    later = Later()
    later.station = world.station
    world.station._lines = later
    assert world.sell(uid(1)).status == 201


def test_a_wait_ends_with_the_time(world: World) -> None:
    world.station.rules = replace(world.rules, wait_cap_ms=1)
    world.device.behave = "silence"
    answer = world.sell(uid(1))
    assert (answer.status, answer.headers["preference-applied"]) == (202, "wait=0")


def test_so_many_wait_and_the_others_are_answered_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_call, "_places", threading.BoundedSemaphore(1))
    assert api_call._places.acquire(blocking=False)
    world.device.behave = "silence"
    answer = world.sell(uid(1))
    assert answer.status == 202
    assert "preference-applied" not in answer.headers


def test_looking_can_wait_too(world: World) -> None:
    world.sell(uid(1))
    answer = world.call("GET", AT, prefer="wait=5")
    assert (answer.json["state"], answer.headers["preference-applied"]) == ("done", "wait=5")


# ── pressing ──────────────────────────────────────────────────────────────────────────────────────


def asked_whether_to_go_on(world: World) -> None:
    """An open operation whose request did not leave, however often it was tried."""
    world.device.behave = "unreached"
    world.sell(uid(1), wait_s=0)
    for _ in range(4):
        world.pass_time(1_000)
    assert look(world)["question"] == "continue-or-give-up"


def test_continue_sends_what_has_not_left(world: World) -> None:
    asked_whether_to_go_on(world)
    world.device.behave = "accept"
    answer = world.call("POST", f"{AT}/continue", prefer="wait=20")
    assert (answer.status, answer.json["state"]) == (200, "done")
    assert answer.headers["location"] == AT


def test_give_up_ends_what_has_not_happened(world: World) -> None:
    asked_whether_to_go_on(world)
    answer = world.call("POST", f"{AT}/give-up", prefer="wait=20")
    assert (answer.status, answer.json["state"]) == (200, "refused")
    assert answer.json["fault"]["code"] == "fiscal.sko-operation-refused"


def test_a_question_ends_the_wait(world: World) -> None:
    asked_whether_to_go_on(world)
    assert world.sell(uid(1)).json["question"] == "continue-or-give-up"


def test_a_press_that_has_not_ended_it_is_202(world: World) -> None:
    world.device.behave = "silence"
    world.sell(uid(1), wait_s=0)
    answer = world.call("POST", f"{AT}/give-up")
    assert (answer.status, answer.json["state"]) == (202, "open")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("press", ["continue", "give-up"])
def test_what_has_ended_takes_no_press(world: World, press: str) -> None:
    world.sell(uid(1))
    rows = world.rows()
    must_be_problem(world.call("POST", f"{AT}/{press}"), 409, "till.too-late")
    assert world.rows() == rows


@pytest.mark.parametrize("press", ["continue", "give-up"])
def test_another_till_cannot_press(world: World, press: str) -> None:
    world.device.behave = "silence"
    world.sell(uid(1), wait_s=0)
    rows = world.rows()
    must_be_problem(world.call("POST", f"{AT}/{press}", till="till-3"), 404, "api.not-found")
    assert world.rows() == rows


# ── looking ───────────────────────────────────────────────────────────────────────────────────────


def test_the_events_of_an_operation_are_told_in_order(world: World) -> None:
    world.sell(uid(1))
    events = look(world)["events"]
    assert [event["happening"] for event in events] == ["started", "accepted"]
    assert [event["version"] for event in events] == [1, 2]
    assert events[1]["leg"] == 1
    assert events[1]["record"]["evidence"]["facts"]["document_number"] == 1


@pytest.mark.parametrize("path", [f"{OPERATIONS}/{uid(9)}", f"{OPERATIONS}/first", f"{OPERATIONS}/%00", AT])
@pytest.mark.parametrize("end", ["", "/receipt"])
def test_what_is_not_there_or_of_another_till_is_not_found(world: World, path: str, end: str) -> None:
    world.sell(uid(1), till="till-3")
    must_be_problem(world.call("GET", path + end), 404, "api.not-found")


def test_a_receipt_is_there_once_it_is_done(world: World) -> None:
    world.device.behave = "silence"
    world.sell(uid(1), wait_s=0)
    must_be_problem(world.call("GET", f"{AT}/receipt"), 404, "api.not-found")
    world.device.behave = "accept"
    world.sell(uid(2), till="till-3")
    receipt = world.call("GET", f"{OPERATIONS}/{uid(2)}/receipt", till="till-3").json
    assert (receipt["number"], receipt["total_minor"], receipt["copy"]) == (1, 378, False)
    assert receipt["registration"]["unique_number"] == "U1"


def test_the_till_tells_how_it_stands(world: World) -> None:
    world.sell(uid(1))
    world.device.behave = "silence"
    world.sell(uid(2), wait_s=0)
    till = world.call("GET", "/api/v1/till").json
    assert (till["till"], till["currency"], till["exponent"], till["drawer_minor"]) == (
        "till-1",
        "EUR",
        2,
        378,
    )
    assert till["open"]["uid"] == uid(2)
    assert till["reds"] == []
    assert till["control"] == dict.fromkeys(
        ("serial", "last_number", "at_ms", "shift_number", "shift_state")
    ) | {"state": "unknown"}
    assert (till["kinds"], till["maximum_total_minor"], till["maximum_line_count"]) == (
        [kind.name for kind in world.rules.kinds], 10_000_000, 2000,
    )  # fmt: skip


# ── the list ──────────────────────────────────────────────────────────────────────────────────────


def numbers(answer: Answer) -> list[int]:
    assert answer.status == 200, answer.body
    return [row["number"] for row in answer.json["items"]]


@pytest.fixture
def with_five(world: World) -> World:
    """Five operations of till-1, the first refused and the last open; and one of till-3."""
    world.device.behave = "refuse"
    world.sell(uid(1))
    world.device.behave = "accept"
    for number in (2, 3, 4):
        world.sell(uid(number))
    world.sell(uid(99), till="till-3")
    world.device.behave = "silence"
    world.sell(uid(5), wait_s=0)
    return world


def test_the_list_has_the_newest_first_and_only_the_tills_own(with_five: World) -> None:
    assert numbers(with_five.call("GET", OPERATIONS)) == [5, 4, 3, 2, 1]
    assert numbers(with_five.call("GET", OPERATIONS, till="till-3")) == [1]


def test_red_ones_come_first(world: World) -> None:
    world.device.behave = "lose"
    world.sell(uid(1), wait_s=0)
    world.device.behave = "silence"
    world.pass_time(6_000)
    assert numbers(world.call("GET", f"{OPERATIONS}?state=red")) == [1]
    first = world.call("GET", OPERATIONS).json["items"][0]
    assert (first["number"], first["state"]) == (1, "red")


def test_the_list_is_told_in_parts(with_five: World) -> None:
    seen, query = [], "?limit=2"
    while True:
        answer = with_five.call("GET", OPERATIONS + query)
        seen += numbers(answer)
        if answer.json["cursor"] is None:
            break
        query = f"?limit=2&cursor={answer.json['cursor']}"
    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=done", [4, 3, 2]),
        ("?state=refused", [1]),
        ("?state=open", [5]),
        ("?state=undone", []),
        ("?kind=cash-sale&state=done", [4, 3, 2]),
        ("?kind=cash-in", []),
        ("?limit=1", [5]),
    ],
)
def test_the_list_has_filters(with_five: World, query: str, found: list[int]) -> None:
    assert numbers(with_five.call("GET", OPERATIONS + query)) == found


@pytest.mark.parametrize(
    "query",
    [
        "?state=lost",
        "?limit=0",
        "?limit=201",
        "?limit=many",
        "?stat=red",
        "?state=red&state=done",
        "?=1",
        "?kind=" + "k" * 33,
    ],
)
def test_a_filter_that_is_none_is_refused(world: World, query: str) -> None:
    must_be_problem(world.call("GET", OPERATIONS + query), 400, "api.malformed")


@pytest.mark.parametrize(
    "cursor",
    ["x", "bzE", "MTIz", "by01", "bzFfMDAw", "bzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ", "%FF", "o1", "bzE="],
)
def test_a_cursor_that_is_none_is_refused(world: World, cursor: str) -> None:
    answer = world.call("GET", f"{OPERATIONS}?cursor={cursor}")
    if cursor == "bzE":  # this one is what the list itself would have made
        assert answer.status == 200
    else:
        must_be_problem(answer, 400, "api.cursor-invalid")

"""Shifts, counts and cash through the API: open, get data, count blind, close, the reports, corrections."""

from __future__ import annotations

from typing import Any

import pytest

from tests.till.api_shop import ADMINISTRATOR, CASHIER, SENIOR, Shop
from tests.till.api_world import OPERATIONS, Answer, uid
from tests.till.test_api_document import must_fit
from tests.till.test_api_refusals import must_be_problem
from tillwright.parties.wire import OperatorStatus

CASH = [{"kind": "cash", "amount_minor": 1000}]
TENS = [{"value_minor": 1000, "count": 1}]


def cash_in(shop: Shop, number: int, amount_minor: int = 1000) -> None:
    tenders = [{"kind": "cash", "amount_minor": amount_minor}]
    answer = shop.begin(number, "cash-in", tenders=tenders, reason="float")
    assert (answer.status, answer.json["state"]) == (201, "done"), answer.body


def counted(shop: Shop, *pieces: dict[str, int]) -> Any:
    assert shop.post("/till/count/open").status == 200
    answer = shop.post("/till/count", {"denominations": list(pieces)})
    assert answer.status == 201, answer.body
    must_fit("Count", answer.json)
    return answer.json


def close(shop: Shop, number: int, count: str) -> Answer:
    return shop.begin(number, "shift-close", shift=shop.get("/till")["shift"], count=count)


# ── the shift ─────────────────────────────────────────────────────────────────────────────────────


def test_a_till_without_a_shift_sells_nothing(closed_shop: Shop) -> None:
    told = closed_shop.get("/till")
    assert (told["shift"], told["last_shift"], told["shift_opened_ms"]) == (None, 0, None)
    must_be_problem(closed_shop.sell(uid(1)), 409, "till.shift-closed")
    must_be_problem(closed_shop.call("GET", "/api/v1/till/report"), 409, "till.shift-closed")
    must_be_problem(closed_shop.post("/till/count/open"), 409, "till.shift-closed")


def test_a_day_from_open_to_z(shop: Shop) -> None:
    cash_in(shop, 1)
    shop.sold(2)
    till = shop.get("/till")
    must_fit("Till", till)
    assert (till["shift"], till["drawer_minor"], till["blind"], till["hold"]) == (1, 1378, False, None)
    report = shop.get("/till/report")
    must_fit("ShiftReport", report)
    assert (report["document"], report["cash_end_minor"]) == ("x-report", 1378)
    count = counted(shop, *TENS, {"value_minor": 100, "count": 3}, {"value_minor": 50, "count": 1})
    assert (count["counted_minor"], count["expected_minor"], count["difference_minor"]) == (1350, 1378, -28)
    closed = close(shop, 3, count["uid"])
    assert (closed.status, closed.json["state"]) == (201, "done"), closed.body
    shift = shop.get("/shifts/1")
    must_fit("ShiftDetail", shift)
    assert (shift["state"], [one["uid"] for one in shift["counts"]]) == ("closed", [count["uid"]])
    z_report = shop.get("/shifts/1/report")
    must_fit("ShiftReport", z_report)
    assert (z_report["document"], z_report["cash_end_minor"]) == ("z-report", 1378)
    assert z_report["counted"]["counted_minor"] == 1350
    assert shop.get(f"/operations/{uid(3)}/receipt") == z_report
    assert shop.get("/till")["shift"] is None


def test_each_shift_has_its_own_z(shop: Shop) -> None:
    for shift in (1, 2, 3):
        shop.clock.ms += 60_000
        shop.sold(10 * shift)
        count = counted(shop)
        shop.clock.ms += 60_000
        assert close(shop, 10 * shift + 1, count["uid"]).json["state"] == "done"
        shop.open_shift(10 * shift + 2)
    for shift in (1, 2, 3):
        assert shop.get(f"/shifts/{shift}/report")["shift"] == shift
    assert [one["number"] for one in shop.get("/shifts")["items"]] == [4, 3, 2, 1]
    assert [one["number"] for one in shop.get("/shifts?limit=1")["items"]] == [4]
    must_be_problem(shop.call("GET", "/api/v1/shifts/4/report"), 404, "api.not-found")


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "1.0", "01", "99999999999999999999"])
def test_a_shift_that_is_none_is_not_found(shop: Shop, number: str) -> None:
    for path in (f"/api/v1/shifts/{number}", f"/api/v1/shifts/{number}/report"):
        must_be_problem(shop.call("GET", path), 404, "api.not-found")


def test_a_shift_is_not_closed_without_its_count(shop: Shop) -> None:
    answer = shop.begin(1, "shift-close", shift=1)
    must_be_problem(answer, 409, "till.count-missing")
    must_be_problem(shop.begin(2, "shift-open", shift=2), 409, "till.shift-already-open")


# ── counting blind ────────────────────────────────────────────────────────────────────────────────


def test_while_cash_is_counted_no_address_tells_what_should_be_there(shop: Shop) -> None:
    cash_in(shop, 1, 12_345)
    counted(shop, *TENS)
    assert shop.post("/till/count/open").json["purpose"] == "count"
    till, cash = shop.get("/till"), shop.get("/till/cash")
    must_fit("Cash", cash)
    assert (till["blind"], till["drawer_minor"], cash["blind"]) == (True, None, True)
    sums = ("drawer_minor", "book_minor", "shift_minor", "owed_minor", "device_minor", "difference_minor")
    assert {cash[name] for name in (*sums, "device_shift_minor")} == {None}
    must_be_problem(shop.call("GET", "/api/v1/till/report"), 409, "till.held")
    assert shop.get("/shifts/1")["counts"] == []
    refused = shop.begin(2, "cash-out", tenders=[{"kind": "cash", "amount_minor": 99_999}], reason="bank")
    must_be_problem(refused, 409, "till.held")
    for path in ("/till", "/till/cash", "/shifts/1", "/shifts", "/documents"):
        assert b"12345" not in shop.call("GET", f"/api/v1{path}").body, path


def test_who_ends_a_count_is_written_down(shop: Shop) -> None:
    shop.post("/till/count/open")
    told = shop.post("/till/release")
    assert (told.status, told.json["hold"], told.json["blind"]) == (200, None, False)
    assert [(one.who, one.what) for one in shop.station.audit(2)] == [
        ("program", "hold-released"),
        ("program", "count-opened"),
    ]


@pytest.mark.parametrize(
    "pieces",
    [
        [{"value_minor": 3, "count": 1}],
        [{"value_minor": 100, "count": 1}, {"value_minor": 100, "count": 2}],
    ],
    ids=["no such coin", "named twice"],
)
def test_only_money_is_counted(shop: Shop, pieces: list[dict[str, int]]) -> None:
    shop.post("/till/count/open")
    must_be_problem(shop.post("/till/count", {"denominations": pieces}), 422, "till.amount-invalid")
    assert shop.get("/till")["blind"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"denominations": [{"value_minor": 0, "count": 1}]},
        {"denominations": [{"value_minor": 100, "count": -1}]},
        {"denominations": [{"value_minor": 100}]},
        {"denominations": [{"value_minor": 100, "count": 1.0}]},
        {"denominations": [], "till": "till-1"},
        {"denominations": [], "person": "50"},
        {"denominations": [], "reason": "a\u0000b"},
        b'{"denominations": [], "denominations": []}',
    ],
)
def test_a_count_that_cannot_be_read_is_refused(shop: Shop, body: object) -> None:
    shop.post("/till/count/open")
    must_be_problem(shop.post("/till/count", body), 400, "api.malformed")


def test_nothing_is_counted_that_was_not_opened(shop: Shop) -> None:
    must_be_problem(shop.post("/till/count", {"denominations": []}), 409, "till.count-missing")


def test_a_difference_is_explained_once(shop: Shop) -> None:
    count = counted(shop, *TENS)
    body = {"count": count["uid"], "reason": "miscounted"}
    told = shop.post("/till/count/reason", body)
    assert (told.status, told.json["reason"]) == (200, "miscounted")
    must_be_problem(shop.post("/till/count/reason", body), 409, "till.too-late")
    other = {"count": uid(77), "reason": "miscounted"}
    must_be_problem(shop.post("/till/count/reason", other), 404, "api.not-found")


# ── cash and corrections ──────────────────────────────────────────────────────────────────────────


def test_cash_is_told_by_the_book_and_by_the_device(shop: Shop) -> None:
    cash_in(shop, 1)
    cash = shop.get("/till/cash")
    must_fit("Cash", cash)
    assert (cash["book_minor"], cash["device_minor"], cash["difference_minor"]) == (1000, 1000, 0)
    assert (cash["shift_minor"], cash["undelivered_count"], cash["device_number"]) == (1000, 0, 2)


def test_a_device_that_cannot_be_read_tells_nothing(shop: Shop) -> None:
    cash_in(shop, 1)
    shop.device.readable = False
    shop.look()
    cash = shop.get("/till/cash")
    must_fit("Cash", cash)
    assert (cash["book_minor"], cash["device_minor"], cash["difference_minor"]) == (1000, None, None)
    assert (cash["undelivered_count"], shop.get("/till")["undelivered_count"]) == (None, None)
    assert shop.get("/documents")["undelivered_count"] is None


def test_what_is_not_in_the_drawer_does_not_go_out(shop: Shop) -> None:
    answer = shop.begin(1, "cash-out", tenders=CASH, reason="bank")
    told = must_be_problem(answer, 409, "fiscal.negative-shift-balance")
    assert told["facts"] == {"currency": "EUR", "device_minor": 0, "amount_minor": 1000}


def strange_cash(shop: Shop) -> None:
    """The device counts 5.00 that nobody here has heard of, and explains them with no document."""
    shop.device.strange_minor = 500
    shop.look()


def correction(shop: Shop, number: int, approval: str, cash: dict[str, Any]) -> Answer:
    return shop.begin(
        number,
        "correction",
        total_minor=cash["difference_minor"],
        after=cash["device_number"],
        approvals=[approval],
    )


def test_an_administrator_corrects_the_cash(shop: Shop) -> None:
    cash_in(shop, 1)
    strange_cash(shop)
    approval = shop.approve(2, "correction", by=ADMINISTRATOR)
    held = shop.post("/till/correction/hold", {"operation": uid(2), "approval": approval})
    assert held.status == 200, held.body
    must_fit("Cash", held.json)
    assert held.json["difference_minor"] == 500
    assert shop.get("/till")["hold"]["person"] == str(ADMINISTRATOR)
    must_be_problem(shop.sell(uid(3)), 409, "till.held")
    done = correction(shop, 2, approval, held.json)
    assert (done.status, done.json["state"], done.json["cashier"]) == (201, "done", "90"), done.body
    shop.post("/till/release")
    assert shop.get("/till/cash")["difference_minor"] == 0
    slip = shop.get(f"/operations/{uid(2)}/receipt")
    must_fit("CorrectionSlip", slip)
    assert (slip["before_minor"], slip["after_minor"], slip["approved_by"]) == (1000, 1500, ["90"])


@pytest.mark.parametrize("by", [CASHIER, SENIOR])
def test_nobody_else_approves_a_correction(shop: Shop, by: int) -> None:
    pin = {CASHIER: "73195", SENIOR: "50917"}[by]
    body = {"number": by, "pin": pin, "operation": uid(2), "purpose": "correction"}
    must_be_problem(shop.post("/approvals", body), 403, "people.administrator-needed")


def test_a_till_is_not_held_for_a_correction_by_a_token_alone(shop: Shop) -> None:
    body = {"operation": uid(2), "approval": "made-up"}
    must_be_problem(shop.post("/till/correction/hold", body), 403, "till.approval-invalid")
    other = shop.approve(3, "correction", by=ADMINISTRATOR)
    body = {"operation": uid(2), "approval": other}
    must_be_problem(shop.post("/till/correction/hold", body), 403, "till.approval-invalid")
    refund = shop.approve(2, "refund", by=ADMINISTRATOR)
    body = {"operation": uid(2), "approval": refund}
    must_be_problem(shop.post("/till/correction/hold", body), 403, "till.approval-invalid")
    assert shop.get("/till")["hold"] is None


def test_a_correction_without_an_approval_is_refused(shop: Shop) -> None:
    strange_cash(shop)
    approval = shop.approve(2, "correction", by=ADMINISTRATOR)
    held = shop.post("/till/correction/hold", {"operation": uid(2), "approval": approval}).json
    body = {"total_minor": held["difference_minor"], "after": held["device_number"]}
    must_be_problem(shop.begin(2, "correction", **body), 403, "till.approval-needed")


# ── parties ───────────────────────────────────────────────────────────────────────────────────────


def test_parties_are_asked_when_it_is_wanted(shop: Shop) -> None:
    shop.device.standing = OperatorStatus("blocked", "tax debt", None, 0)
    answer = shop.post("/till/parties/check")
    assert answer.status == 202
    must_fit("Parties", answer.json)
    parties = shop.get("/till")["parties"]
    assert (parties["control"]["state"], parties["operator"]["state"]) == ("ready", "blocked")
    told = must_be_problem(shop.sell(uid(1)), 409, "fiscal.register-blocked")
    assert told["facts"] == {"reason": "tax debt"}


def test_a_warning_is_shown_for_its_whole_time_before_a_shift_opens(closed_shop: Shop) -> None:
    shop = closed_shop
    assert shop.post("/till/warning").json == {"warning": None, "remaining_ms": 0}
    shop.device.standing = OperatorStatus("warning", "no contract", shop.clock.ms, 0)
    shop.post("/till/parties/check")
    must_be_problem(shop.begin(1, "shift-open", shift=1), 409, "fiscal.block-warning")
    shown = shop.post("/till/warning")
    must_fit("Warned", shown.json)
    assert (shown.json["remaining_ms"], shown.json["warning"]["facts"]["reason"]) == (60_000, "no contract")
    shop.clock.ms += 59_000
    assert shop.post("/till/warning").json["remaining_ms"] == 1_000
    must_be_problem(shop.begin(1, "shift-open", shift=1), 409, "fiscal.block-warning")
    shop.clock.ms += 1_000
    assert shop.begin(1, "shift-open", shift=1).json["state"] == "done"


def test_the_outbox_shows_what_waits_and_what_was_set_aside(shop: Shop) -> None:
    shop.device.hearing = "refuses"
    shop.sold(1)
    shop.device.hearing = "deaf"
    shop.sold(2)
    told = shop.get("/documents")
    must_fit("Documents", told)
    assert [(one["number"], one["state"], one["refused_reason"]) for one in told["items"]] == [
        (2, "set-aside", "bad-sum"),
        (3, "waiting", None),
    ]
    assert (told["undelivered_count"], told["cause"]) == (2, "operator-unreachable")
    assert shop.get("/till")["undelivered_oldest_ms"] == told["undelivered_oldest_ms"] == shop.clock.ms
    assert len(shop.get("/documents?limit=1")["items"]) == 1


def test_another_till_sees_nothing_of_it(shop: Shop) -> None:
    cash_in(shop, 1)
    other = shop.call("GET", "/api/v1/till/cash", till="till-3").json
    assert (other["till"], other["book_minor"]) == ("till-3", 0)
    assert shop.call("GET", "/api/v1/shifts", till="till-3").json == {"items": []}
    assert shop.call("GET", "/api/v1/shifts/1", till="till-3").status == 404
    assert shop.call("GET", "/api/v1/documents", till="till-3").json["items"] == []
    assert shop.call("GET", "/api/v1/receipts/1", till="till-3").status == 404
    assert shop.call("GET", f"{OPERATIONS}/newest", till="till-3").status == 404

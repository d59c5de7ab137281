"""Refunds, voids, exchanges and reprints through the API, and in whose name they are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.till.api_shop import OTHER_SENIOR, SENIOR, Shop
from tests.till.api_world import OPERATIONS, sale, uid
from tests.till.test_api_document import must_fit
from tests.till.test_api_refusals import must_be_problem

WHOLE = [{"goods": "1001", "quantity_milli": 2000, "total_minor": 378, "of": 1}]
HALF = [{"goods": "1001", "quantity_milli": 1000, "total_minor": 189, "of": 1}]


def refund(number: int, parent: int, lines: object = WHOLE, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "kind": "refund",
        "parent": uid(parent),
        "lines": lines,
        "reason": "defective",
        **more,
    }


def test_a_refund_needs_somebody_with_the_right(shop: Shop) -> None:
    shop.sold(1)
    told = must_be_problem(shop.begin(**refund(2, 1)), 403, "till.approval-needed")
    assert told["facts"] == {"purpose": "refund", "role": "senior"}
    must_be_problem(shop.begin(**refund(2, 1), approvals=["made-up"]), 403, "till.approval-invalid")
    other = shop.approve(3, "refund")
    must_be_problem(shop.begin(**refund(2, 1), approvals=[other]), 403, "till.approval-invalid")
    void = shop.approve(2, "void")
    must_be_problem(shop.begin(**refund(2, 1), approvals=[void]), 403, "till.approval-needed")


def test_a_refund_is_in_the_name_of_who_approved_it(shop: Shop) -> None:
    shop.sold(1)
    approval = shop.approve(2, "refund")
    done = shop.begin(**refund(2, 1), approvals=[approval])
    assert (done.status, done.json["state"], done.json["cashier"]) == (201, "done", str(SENIOR)), done.body
    detail = shop.get(f"/operations/{uid(2)}")
    must_fit("OperationDetail", detail)
    assert (detail["parent"], detail["approved_by"], detail["reason"]) == (uid(1), ["50"], "defective")
    assert detail["origin"] == "SKO1U2"
    assert detail["lines"][0]["name"] == "Milk 1 l"
    assert [one["uid"] for one in shop.get(f"/operations/{uid(1)}")["successors"]] == [uid(2)]
    assert shop.get("/till")["drawer_minor"] == 0
    again = shop.begin(**refund(2, 1), approvals=[approval])
    assert (again.status, again.json["uid"]) == (201, uid(2))


def test_an_approval_serves_once(shop: Shop) -> None:
    shop.sold(1)
    approval = shop.approve(2, "refund")
    assert shop.begin(**refund(2, 1, HALF), approvals=[approval]).status == 201
    must_be_problem(shop.begin(**refund(3, 1, HALF), approvals=[approval]), 403, "till.approval-invalid")


def test_what_may_go_back_is_told_and_kept_to(shop: Shop) -> None:
    shop.sold(1)
    told = shop.get(f"/operations/{uid(1)}/refundable")
    must_fit("Refundable", told)
    assert told == {
        "left_minor": 378, "beyond_minor": 0, "lines": [{"line": 1, "left_milli": 2000, "left_minor": 378}],
    }  # fmt: skip
    assert shop.begin(**refund(2, 1, HALF), approvals=[shop.approve(2, "refund")]).status == 201
    assert shop.get(f"/operations/{uid(1)}/refundable")["left_minor"] == 189
    refused = shop.begin(**refund(3, 1), approvals=[shop.approve(3, "refund")])
    told = must_be_problem(refused, 409, "till.refund-exceeds-sale")
    assert told["facts"]["left_minor"] == 189


def test_above_a_sum_it_takes_two(shop: Shop) -> None:
    shop.sold(1, 200_000)
    lines = [{"goods": "1001", "quantity_milli": 2000, "total_minor": 200_000, "of": 1}]
    first = shop.approve(2, "refund")
    alone = shop.begin(**refund(2, 1, lines), approvals=[first])
    must_be_problem(alone, 403, "till.second-person-needed")
    same = shop.approve(2, "refund")
    must_be_problem(
        shop.begin(**refund(2, 1, lines), approvals=[first, same]), 403, "till.second-person-needed"
    )
    other = shop.approve(2, "refund", by=OTHER_SENIOR)
    done = shop.begin(**refund(2, 1, lines), approvals=[first, other])
    assert (done.json["cashier"], shop.get(f"/operations/{uid(2)}")["approved_by"]) == ("50", ["50", "51"])


def test_a_void_takes_all_of_it_back(shop: Shop) -> None:
    shop.sold(1)
    body = refund(2, 1) | {"kind": "void", "reason": "mistake"}
    done = shop.begin(**body, approvals=[shop.approve(2, "void")])
    assert (done.status, done.json["state"]) == (201, "done"), done.body
    must_fit("Receipt", shop.get(f"/operations/{uid(2)}/receipt"))


def test_an_exchange_is_two_operations_with_one_approval(shop: Shop) -> None:
    shop.sold(1)
    goods = sale(uid(2), total_minor=500) | {
        "exchange": uid(3),
        "tenders": [{"kind": "exchange", "amount_minor": 378}, {"kind": "cash", "amount_minor": 122}],
    }
    bare = shop.call("POST", OPERATIONS, goods)
    must_be_problem(bare, 403, "till.approval-needed")
    sold = shop.call(
        "POST", OPERATIONS, goods | {"approvals": [shop.approve(2, "exchange")]}, prefer="wait=20"
    )
    shop.settle()
    assert (sold.status, sold.json["cashier"]) == (201, "50"), sold.body
    back = refund(3, 1, exchange=uid(2), tenders=[{"kind": "exchange", "amount_minor": 378}])
    done = shop.begin(**back)
    assert (done.status, done.json["state"]) == (201, "done"), done.body
    assert shop.get("/till")["drawer_minor"] == 500
    assert shop.get(f"/operations/{uid(3)}")["exchange"] == uid(2)


# ── reprint, newest ───────────────────────────────────────────────────────────────────────────────


def test_a_copy_says_so_and_asks_nobody(shop: Shop) -> None:
    shop.sold(1)
    asked = shop.device.asked
    first = shop.get(f"/operations/{uid(1)}/receipt")
    copy = shop.get(f"/operations/{uid(1)}/receipt?copy=true")
    must_fit("Receipt", copy)
    assert (first["copy"], copy) == (False, first | {"copy": True})
    assert shop.get("/receipts/2?copy=true") == copy
    assert shop.get("/receipts/2") == first
    assert shop.device.asked == asked
    for path in ("/receipts/9", "/receipts/0", "/receipts/two", f"/operations/{uid(9)}/receipt"):
        must_be_problem(shop.call("GET", f"/api/v1{path}"), 404, "api.not-found")
    must_be_problem(shop.call("GET", f"{OPERATIONS}/{uid(1)}/receipt?copy=yes"), 400, "api.malformed")
    must_be_problem(shop.call("GET", f"{OPERATIONS}/{uid(1)}/receipt?copies=1"), 400, "api.malformed")


def test_a_till_without_a_printer_says_that_nothing_is_printed(shop: Shop) -> None:
    shop.sold(1)
    answer = shop.post(f"/operations/{uid(1)}/print")
    assert (answer.status, answer.json) == (200, {"printing": False})
    must_be_problem(shop.post(f"/operations/{uid(9)}/print"), 404, "api.not-found")


def test_the_newest_operation_is_told_whatever_it_is(shop: Shop) -> None:
    assert shop.get("/operations/newest")["kind"] == "shift-open"
    shop.sold(1)
    assert shop.get("/operations/newest")["uid"] == uid(1)
    shop.device.behave = "silence"
    shop.sell(uid(2), wait_s=0)
    newest = shop.get("/operations/newest")
    must_fit("OperationDetail", newest)
    assert (newest["uid"], newest["state"]) == (uid(2), "open")


def test_before_the_first_there_is_no_newest(closed_shop: Shop) -> None:
    must_be_problem(closed_shop.call("GET", f"{OPERATIONS}/newest"), 404, "api.not-found")


@pytest.mark.parametrize("field", ["cashier", "person", "role", "approved_by"])
def test_no_field_of_a_call_names_a_person(shop: Shop, field: str) -> None:
    must_be_problem(shop.begin(1, "cash-in", **{field: "90"}), 400, "api.malformed")

"""Red operations through the API: rulings both ways, by whom, on what; enquiries; what stands twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.till.api_shop import ADMINISTRATOR, CASHIER, OTHER_SENIOR, PINS, SENIOR, Shop
from tests.till.api_world import OPERATIONS, Answer, uid
from tests.till.test_api_document import must_fit
from tests.till.test_api_refusals import must_be_problem


def said(shop: Shop, number: int, *, happened: bool, **more: Any) -> dict[str, Any]:
    """A ruling with nothing wrong in it, on the first leg as it stands."""
    version = shop.get(f"/operations/{uid(number)}")["version"]
    if happened:
        record = shop.device.full.documents[-1]
        more = {
            "reason": "operator-lists-it",
            "document_number": record.number,
            "unique_number": record.unique_number,
            "registered_ms": record.registered_ms,
        } | more
    else:
        more = {"reason": "operator-lacks-it", "then": "returned"} | more
    body = {"leg": 1, "version": version, "happened": happened, **more}
    return {name: value for name, value in body.items() if value is not None}


def rule(shop: Shop, number: int, approvals: list[str], *, happened: bool, **more: Any) -> Answer:
    body = said(shop, number, happened=happened, **more) | {"approvals": approvals}
    return shop.post(f"/operations/{uid(number)}/rulings", body)


def listed(shop: Shop, number: int) -> Any:
    """An enquiry about the operation, as it was answered."""
    asked = shop.post(f"/operations/{uid(number)}/enquiries")
    assert asked.status == 202, asked.body
    must_fit("Enquiry", asked.json)
    path = asked.headers["location"]
    assert path == f"{OPERATIONS}/{uid(number)}/enquiries/{asked.json['id']}"
    answer = shop.call("GET", path)
    must_fit("Enquiry", answer.json)
    return answer.json


# ── it happened, it did not ───────────────────────────────────────────────────────────────────────


def test_it_happened(shop: Shop) -> None:
    shop.lose(1)
    shop.device.behave = "accept"
    told = rule(shop, 1, [shop.approve(1, "ruling")], happened=True)
    assert (told.status, told.json["state"]) == (200, "done"), told.body
    assert told.json["legs"][0]["evidence"]["person"] == str(SENIOR)
    detail = shop.get(f"/operations/{uid(1)}")
    must_fit("OperationDetail", detail)
    ruling = detail["rulings"][0]
    assert (ruling["person"], ruling["second"], ruling["happened"]) == ("50", "", True)
    assert (ruling["reason"], ruling["unique_number"]) == ("operator-lists-it", "SKO1U2")
    assert shop.get("/till")["drawer_minor"] == 378


def test_it_did_not_and_goods_and_money_are_back(shop: Shop) -> None:
    shop.lose(1, "swallow")
    told = rule(shop, 1, [shop.approve(1, "ruling")], happened=False)
    assert (told.status, told.json["state"]) == (200, "refused"), told.body
    assert shop.get("/till")["drawer_minor"] == 0


def test_it_did_not_and_is_registered_now(shop: Shop) -> None:
    shop.lose(1, "swallow")
    shop.device.behave = "accept"
    told = rule(shop, 1, [shop.approve(1, "ruling")], happened=False, then="register-now")
    assert told.status in (200, 202), told.body
    detail = shop.get(f"/operations/{uid(1)}")
    assert (detail["state"], [leg["state"] for leg in detail["legs"]]) == ("done", ["refused", "done"])
    assert shop.get("/till")["drawer_minor"] == 378


def test_a_ruling_is_checked_when_a_record_comes_in(shop: Shop) -> None:
    shop.lose(1)
    rule(shop, 1, [shop.approve(1, "ruling")], happened=True)
    ruling = shop.get(f"/operations/{uid(1)}")["rulings"][0]
    assert (ruling["checked_ms"], ruling["verdict"]) == (None, "")
    shop.device.operator.takes(shop.device.full.documents[-1])
    listed(shop, 1)
    ruling = shop.get(f"/operations/{uid(1)}")["rulings"][0]
    assert (ruling["verdict"], ruling["checked_ms"]) == ("agrees", shop.clock.ms)


# ── who ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_alone_rules_nothing(shop: Shop) -> None:
    red = shop.lose(1)
    before = shop.rows()
    for approvals in ([], ["made-up"]):
        body = said(shop, 1, happened=True) | {"approvals": approvals}
        answer = shop.post(f"/operations/{uid(1)}/rulings", body)
        assert answer.status in (400, 403), answer.body
    body = said(shop, 1, happened=True)
    must_be_problem(shop.post(f"/operations/{uid(1)}/rulings", body), 400, "api.malformed")
    assert shop.get(f"/operations/{uid(1)}")["version"] == red["version"]
    assert shop.rows() == before


@pytest.mark.parametrize("field", ["person", "second", "role", "cashier"])
def test_no_field_names_who_rules(shop: Shop, field: str) -> None:
    shop.lose(1)
    body = said(shop, 1, happened=True) | {"approvals": [shop.approve(1, "ruling")], field: "90"}
    must_be_problem(shop.post(f"/operations/{uid(1)}/rulings", body), 400, "api.malformed")


def test_an_approval_rules_only_what_it_was_given_for(shop: Shop) -> None:
    shop.lose(1)
    for approval in (shop.approve(2, "ruling"), shop.approve(1, "refund")):
        must_be_problem(rule(shop, 1, [approval], happened=True), 403, "till.approval-invalid")
    late = shop.approve(1, "ruling")
    shop.clock.ms += shop.rules.grant_ms
    must_be_problem(rule(shop, 1, [late], happened=True), 403, "till.approval-invalid")
    cashier = {"number": CASHIER, "pin": PINS[CASHIER], "operation": uid(1), "purpose": "ruling"}
    must_be_problem(shop.post("/approvals", cashier), 403, "people.senior-needed")


def test_a_refused_ruling_leaves_its_approval_unused(shop: Shop) -> None:
    shop.lose(1)
    approval = shop.approve(1, "ruling")
    must_be_problem(rule(shop, 1, [approval], happened=True, unique_number="!"), 422, "till.ruling-field")
    told = rule(shop, 1, [approval], happened=True)
    assert (told.status, told.json["state"]) == (200, "done")
    again = rule(shop, 1, [approval], happened=True)
    must_be_problem(again, 403, "till.approval-invalid")


def test_above_a_sum_a_second_person_stands_behind_it(shop: Shop) -> None:
    shop.lose(1, total_minor=200_000)
    first = shop.approve(1, "ruling")
    must_be_problem(rule(shop, 1, [first], happened=True), 403, "till.second-person-needed")
    same = shop.approve(1, "ruling")
    must_be_problem(rule(shop, 1, [first, same], happened=True), 403, "till.second-person-needed")
    other = shop.approve(1, "ruling", by=OTHER_SENIOR)
    assert rule(shop, 1, [first, other], happened=True).json["state"] == "done"
    ruling = shop.get(f"/operations/{uid(1)}")["rulings"][0]
    assert (ruling["person"], ruling["second"]) == ("50", "51")


# ── on what ───────────────────────────────────────────────────────────────────────────────────────

WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "an older version": ({"version": 1}, 409, "till.ruling-stale"),
    "another leg": ({"leg": 2}, 409, "till.ruling-stale"),
    "no number": ({"document_number": None}, 422, "till.ruling-field"),
    "no time": ({"registered_ms": None}, 422, "till.ruling-field"),
    "no unique number": ({"unique_number": None}, 422, "till.ruling-field"),
    "a time to come": ({"registered_ms": 2**53}, 422, "till.ruling-field"),
    "a time long ago": ({"registered_ms": 1}, 422, "till.ruling-field"),
    "another reason": ({"reason": "felt-like-it"}, 422, "till.ruling-field"),
    "another end": ({"then": "returned"}, 422, "till.ruling-field"),
    "owed for a sale": ({"then": "owed"}, 422, "till.ruling-field"),
    "the number of another receipt": ({"unique_number": "SKO1U1"}, 409, "till.ruling-against-record"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_stands_against_a_ruling_is_told(shop: Shop, case: str) -> None:
    shop.lose(1)
    more, status, code = WRONG[case]
    must_be_problem(rule(shop, 1, [shop.approve(1, "ruling")], happened=True, **more), status, code)
    assert shop.get(f"/operations/{uid(1)}")["rulings"] == []


MALFORMED = {
    "no body": b"",
    "an array": [],
    "happened as a word": {"happened": "yes"},
    "a leg that is a float": {"leg": 1.0},
    "above 2^53": {"leg": 2**53 + 1},
    "a line break": {"reason": "a\nb"},
    "an unknown key": {"force": True},
    "a key twice": b'{"leg": 1, "leg": 1, "version": 1, "happened": true, "approvals": ["a"]}',
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_ruling_that_cannot_be_read_is_refused(shop: Shop, case: str) -> None:
    shop.sold(1)
    body: Any = MALFORMED[case]
    if isinstance(body, dict):
        body = {"leg": 1, "version": 1, "happened": True, "approvals": ["a"]} | body
    must_be_problem(shop.post(f"/operations/{uid(1)}/rulings", body), 400, "api.malformed")


def test_while_documents_wait_absence_means_nothing(shop: Shop) -> None:
    shop.device.hearing = "deaf"
    shop.sold(1)
    shop.lose(2, "swallow")
    refused = rule(shop, 2, [shop.approve(2, "ruling")], happened=False)
    told = must_be_problem(refused, 409, "till.ruling-undelivered")
    assert told["facts"] == {"document_count": 1}
    shop.device.readable = False
    shop.look()
    refused = rule(shop, 2, [shop.approve(2, "ruling")], happened=False)
    must_be_problem(refused, 409, "till.ruling-undelivered-unknown")


def test_what_has_ended_is_not_ruled(shop: Shop) -> None:
    shop.sold(1)
    must_be_problem(rule(shop, 1, [shop.approve(1, "ruling")], happened=True), 409, "till.ruling-stale")
    opened = shop.get("/operations?kind=shift-open")["items"][0]["uid"]
    pin = {"number": ADMINISTRATOR, "pin": PINS[ADMINISTRATOR], "operation": opened, "purpose": "ruling"}
    approval = shop.post("/approvals", pin).json["approval"]
    body = said(shop, 1, happened=True) | {"approvals": [approval]}
    must_be_problem(shop.post(f"/operations/{opened}/rulings", body), 409, "till.ruling-not-possible")


# ── enquiries ─────────────────────────────────────────────────────────────────────────────────────


def test_where_the_pack_demands_it_a_ruling_rests_on_an_enquiry(strict_shop: Shop) -> None:
    shop = strict_shop
    shop.lose(1)
    must_be_problem(
        rule(shop, 1, [shop.approve(1, "ruling")], happened=True), 409, "till.ruling-enquiry-needed"
    )
    spoke = {"spoke_with": "Operator's desk, Anna", "spoke_ms": shop.clock.ms}
    told = rule(shop, 1, [shop.approve(1, "ruling")], happened=True, **spoke)
    assert told.json["state"] == "done", told.body
    assert shop.get(f"/operations/{uid(1)}")["rulings"][0]["spoke_with"] == "Operator's desk, Anna"


def test_a_list_without_it_proves_that_it_did_not_happen(strict_shop: Shop) -> None:
    shop = strict_shop
    shop.lose(1, "swallow")
    found = listed(shop, 1)
    assert found["findings"] == [{"leg": 1, "fields": [], "proves": "did-not-happen"}]
    assert [one["number"] for one in found["records"]] == [1]
    told = rule(shop, 1, [shop.approve(1, "ruling")], happened=False, enquiry=found["id"])
    assert told.json["state"] == "refused", told.body
    detail = shop.get(f"/operations/{uid(1)}")
    assert (detail["rulings"][0]["enquiry"], detail["enquiries"][0]["id"]) == (found["id"], found["id"])


def test_a_listed_document_settles_it_by_itself(shop: Shop) -> None:
    shop.lose(1)
    shop.device.operator.takes(shop.device.full.documents[-1])
    found = listed(shop, 1)
    finding = found["findings"][0]
    assert finding["proves"] == "happened"
    fields = {one["name"]: one for one in finding["fields"]}
    assert fields["total_minor"] == {"name": "total_minor", "ours": 378, "theirs": 378, "agrees": True}
    assert shop.get(f"/operations/{uid(1)}")["state"] == "done"


def test_a_listed_document_of_another_sum_proves_nothing(shop: Shop) -> None:
    shop.lose(1)
    shop.device.operator.takes(replace(shop.device.full.documents[-1], total_minor=377))
    finding = listed(shop, 1)["findings"][0]
    assert finding["proves"] == "nothing"
    assert [one["name"] for one in finding["fields"] if one["agrees"] is False] == ["total_minor"]
    assert shop.get(f"/operations/{uid(1)}")["state"] == "red"


def test_an_operator_that_does_not_answer_proves_nothing(shop: Shop) -> None:
    shop.lose(1, "swallow")
    shop.device.hearing = "deaf"
    found = listed(shop, 1)
    assert (found["answered_ms"], found["records"], found["findings"]) == (None, [], [])


def test_an_enquiry_is_read_only_where_it_was_asked(shop: Shop) -> None:
    shop.sold(1)
    shop.sold(2)
    number = listed(shop, 1)["id"]
    for path in (f"{OPERATIONS}/{uid(2)}/enquiries/{number}", f"{OPERATIONS}/{uid(1)}/enquiries/99"):
        must_be_problem(shop.call("GET", path), 404, "api.not-found")
    answer = shop.call("POST", f"{OPERATIONS}/{uid(1)}/enquiries", till="till-3")
    must_be_problem(answer, 404, "api.not-found")


def test_a_till_without_an_operator_asks_nobody(world: Any) -> None:
    world.sell(uid(1))
    answer = world.call("POST", f"{OPERATIONS}/{uid(1)}/enquiries")
    must_be_problem(answer, 409, "fiscal.operator-unreachable")


# ── what stands twice ─────────────────────────────────────────────────────────────────────────────


def stands_twice(shop: Shop) -> dict[str, Any]:
    """Ruled not to have happened, registered anew, listed after all, and ruled to have happened."""
    shop.lose(1)
    first = shop.device.full.documents[-1]
    shop.device.full.documents[-1] = replace(first, key="hidden")
    shop.device.behave = "accept"
    told = rule(shop, 1, [shop.approve(1, "ruling")], happened=False, then="register-now")
    assert told.status in (200, 202), told.body
    shop.device.operator.documents[first.unique_number] = first
    shop.device.behave = "lose"
    listed(shop, 1)
    named = {"document_number": first.number, "unique_number": first.unique_number}
    told = rule(shop, 1, [shop.approve(1, "ruling")], happened=True, **named)
    assert told.status in (200, 202), told.body
    detail: dict[str, Any] = shop.get(f"/operations/{uid(1)}")
    return detail


def test_what_stands_twice_is_taken_back_by_who_approves_it(shop: Shop) -> None:
    red = stands_twice(shop)
    assert red["state"] == "red", red
    shop.device.behave = "accept"
    told = shop.post(f"/operations/{uid(1)}/cancel", {"approvals": [shop.approve(1, "ruling")]})
    assert told.status in (200, 202), told.body
    detail = shop.get(f"/operations/{uid(1)}")
    assert (detail["state"], [leg["state"] for leg in detail["legs"]]) == ("done", ["undone", "done", "done"])
    assert shop.station.audit(1)[0].what == "cancelled"


def test_what_stands_twice_is_not_taken_back_by_a_token_alone(shop: Shop) -> None:
    shop.lose(1)
    answer = shop.post(f"/operations/{uid(1)}/cancel", {"approvals": ["made-up"]})
    must_be_problem(answer, 403, "till.approval-invalid")
    must_be_problem(shop.post(f"/operations/{uid(1)}/cancel"), 400, "api.malformed")


def test_nothing_is_taken_back_where_nothing_stands_twice(shop: Shop) -> None:
    shop.sold(1)
    answer = shop.post(f"/operations/{uid(1)}/cancel", {"approvals": [shop.approve(1, "ruling")]})
    must_be_problem(answer, 409, "till.too-late")

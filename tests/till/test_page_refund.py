"""Taking back: whole, in part, by line; voiding; who has to approve; what is said when it cannot be."""

import json
import re
from typing import Any

import pytest

from tests.pages import People
from tests.till.counter import APPLES, BREAD, MILK, Counter, readable, words
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState

MISTAKE = {"reason": "mistake"}


@pytest.fixture
def senior(counter: Counter, people: People) -> Counter:
    """The same counter, with a senior cashier signed in."""
    counter.client = people.sign_in(people.senior)
    return counter


def uid_on(page: str) -> str:
    """The uid that the page was given for what it asks."""
    found = re.search(r'name="uid" value="([^"]+)"', page)
    assert found
    return found[1]


def ask(counter: Counter, address: str, **form: object) -> Any:
    """Open a page, then send its form."""
    uid = uid_on(counter.html(address))
    return counter.post(address, uid=uid, **form)


def begun(counter: Counter, answer: Any) -> Operation:
    assert answer.status_code == 302, words(readable(answer))
    return counter.settled(answer["Location"].rpartition("/")[2])


def grant(counter: Counter, people: People, operation: str, purpose: str) -> str:
    """What the approval dialog gets when the senior types number and PIN."""
    form = {"number": people.senior, "pin": people.pin(people.senior)}
    answer = counter.post("/approve", operation=operation, purpose=purpose, key="main", **form)
    return str(json.loads(answer["HX-Trigger"])["till:approved"]["approval"])


def test_a_part_comes_back_and_the_money_is_named_when_that_is_done(senior: Counter) -> None:
    sale = senior.sell(MILK, MILK, BREAD)
    address = f"/operations/{sale.uid}/refund"
    page = senior.html(address)
    assert "Take back from receipt 1" in page
    refund = begun(senior, ask(senior, address, **{"line-1": "1", **MISTAKE}))
    assert (refund.kind, refund.state, refund.content.total_minor) == ("refund", OperationState.DONE, 189)
    assert "Give the customer €1.89" in words(senior.html(f"/operations/{refund.uid}"))
    page = senior.html(address)
    assert "still to be taken back: €4.29" in words(page)
    begun(senior, ask(senior, address, **{"line-1": "1", "line-2": "1", **MISTAKE}))
    assert "Nothing of it is left to take back" in senior.html(address)


def test_no_money_is_named_while_nobody_knows(senior: Counter) -> None:
    sale = senior.sell(MILK)
    senior.device.behave = "silence"
    answer = ask(senior, f"/operations/{sale.uid}/refund", **{"line-1": "1", **MISTAKE})
    page = senior.html(answer["Location"])
    assert "Give the customer" not in page
    assert "in progress" in page


def test_a_cashier_needs_somebody_who_approves(counter: Counter, people: People) -> None:
    sale = counter.sell(MILK)
    address = f"/operations/{sale.uid}/refund"
    page = counter.html(address)
    assert "Approve the refund" in page
    uid = uid_on(page)
    refused = counter.post(address, uid=uid, **{"line-1": "1", **MISTAKE})
    assert refused.status_code == 403
    assert "till.approval-needed" in readable(refused)
    approval = grant(counter, people, uid, "refund")
    answer = counter.post(address, uid=uid, approval=approval, **{"line-1": "1", **MISTAKE})
    assert begun(counter, answer).approved_by == (str(people.senior),)


def test_pressed_twice_it_is_one_refund(senior: Counter) -> None:
    sale = senior.sell(MILK, MILK)
    address = f"/operations/{sale.uid}/refund"
    form = {"uid": uid_on(senior.html(address)), "line-1": "1", **MISTAKE}
    first, second = (senior.post(address, **form) for _ in range(2))
    assert first["Location"] == second["Location"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"line-1": "2", **MISTAKE}, "till.line-invalid"),
        ({"line-1": "much", **MISTAKE}, "till.line-invalid"),
        ({"line-1": "0", **MISTAKE}, "till.basket-empty"),
        (MISTAKE, "till.basket-empty"),
        ({"line-1": "1"}, "till.reason-missing"),
    ],
)
def test_what_cannot_come_back_is_said_and_kept_on_the_page(
    senior: Counter, form: dict[str, str], code: str
) -> None:
    sale = senior.sell(MILK)
    answer = ask(senior, f"/operations/{sale.uid}/refund", **form)
    assert answer.status_code == 422
    page = readable(answer)
    assert code in page
    assert f'value="{form.get("line-1", "")}"' in page


def test_weighed_goods_come_back_in_part(senior: Counter) -> None:
    senior.press("/basket/add", sku=APPLES, quantity="1")
    sale = senior.settled(senior.pay()["Location"].rpartition("/")[2])
    refund = begun(senior, ask(senior, f"/operations/{sale.uid}/refund", **{"line-1": "0,5", **MISTAKE}))
    assert refund.content.total_minor == 125


def test_a_scan_names_the_line_that_comes_back(senior: Counter) -> None:
    sale = senior.sell(MILK, BREAD)
    address = f"/operations/{sale.uid}/refund/scanned"
    assert senior.get(address, code="2000000010021").json() == {"line": 2}
    assert senior.get(address, code="2000000010069").json() == {"line": 0}


def test_a_void_takes_back_everything(senior: Counter) -> None:
    sale = senior.sell(MILK, BREAD)
    page = senior.html(f"/operations/{sale.uid}/refund")
    assert f'href="/operations/{sale.uid}/void"' in page
    void = begun(senior, ask(senior, f"/operations/{sale.uid}/void", **MISTAKE))
    assert (void.kind, void.state, void.content.total_minor) == ("void", OperationState.DONE, 429)
    assert "Give the customer €4.29" in words(senior.html(f"/operations/{void.uid}"))


def test_where_a_void_is_too_late_the_refund_is_offered(senior: Counter) -> None:
    sale = senior.sell(MILK, BREAD)
    begun(senior, ask(senior, f"/operations/{sale.uid}/refund", **{"line-1": "1", **MISTAKE}))
    assert f'href="/operations/{sale.uid}/void"' not in senior.html(f"/operations/{sale.uid}/refund")
    where = senior.get(f"/operations/{sale.uid}/void")
    assert where["Location"] == f"/operations/{sale.uid}/refund"


def test_what_comes_back_has_a_receipt(senior: Counter) -> None:
    sale = senior.sell(MILK)
    refund = begun(senior, ask(senior, f"/operations/{sale.uid}/refund", **{"line-1": "1", **MISTAKE}))
    page = words(senior.html(f"/operations/{refund.uid}/receipt"))
    assert "Mistake at the till" in page
    assert "1.89" in page


def test_what_is_owed_is_handed_out_once_from_its_receipt(senior: Counter) -> None:
    sale = senior.sell(MILK)
    senior.device.behave = "silence"
    answer = ask(senior, f"/operations/{sale.uid}/refund", **{"line-1": "1", **MISTAKE})
    refund = senior.lose(answer["Location"].rpartition("/")[2])
    address = f"/operations/{refund.uid}"
    assert "Hand it out" not in senior.html(address)
    page = senior.html(f"{address}/settle")
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    typed = {"choice": "owed", "number": "7", "day": "2023-11-14", "time": "22:13:25", "unique": "U7"}
    answer = senior.post(f"{address}/settle", seen=seen, reason="operator-said-so", **typed)
    assert answer.status_code == 302, words(readable(answer))
    page = senior.html(address)
    assert "Owed to the customer €1.89" in words(page)
    paid = begun(senior, senior.post(f"{address}/hand-out", uid=uid_on(page)))
    assert (paid.kind, paid.state, paid.content.total_minor) == ("payout", OperationState.DONE, 189)
    assert "Give the customer €1.89" in words(senior.html(f"/operations/{paid.uid}"))
    page = senior.html(address)
    assert "Handed out afterwards €1.89" in words(page)
    assert "Hand it out" not in page
    assert senior.post(f"{address}/hand-out").status_code in (409, 422)


def test_only_what_is_owed_is_handed_out(senior: Counter) -> None:
    sale = senior.sell(MILK)
    assert senior.post(f"/operations/{sale.uid}/hand-out").status_code == 404
    assert senior.post("/operations/no-such/hand-out").status_code == 404

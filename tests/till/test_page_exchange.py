"""An exchange: what comes back, what is chosen instead, the net; two operations that belong together."""

import pytest

from tests.pages import People
from tests.till.counter import BREAD, MILK, Counter, readable, words
from tests.till.test_page_refund import begun, grant
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState
from tillwright.till import exchanges, queries

EGGS = "1003"


@pytest.fixture
def senior(counter: Counter, people: People) -> Counter:
    """The same counter, with a senior cashier signed in, and change in the drawer."""
    counter.client = people.sign_in(people.senior)
    counter.sell(EGGS, EGGS)
    return counter


def exchanging(counter: Counter, *skus: str, line: str = "1") -> Operation:
    """A sale of milk and bread of which a line comes back for these."""
    sale = counter.sell(MILK, BREAD)
    form = {f"line-{line}": "1", "reason": "wrong-goods"}
    assert counter.post(f"/operations/{sale.uid}/exchange", **form).status_code == 302
    for sku in skus:
        counter.press("/basket/add", sku=sku)
    return sale


def halves(counter: Counter, refund: Operation) -> tuple[Operation, Operation]:
    sale = counter.page.station.operation(refund.content.exchange)
    assert sale is not None
    return sale, refund


def test_the_customer_pays_the_difference(senior: Counter) -> None:
    exchanging(senior, EGGS)
    page = words(senior.html("/"))
    assert "Comes back in exchange" in page
    assert "To pay €1.21" in page
    assert "To pay €1.21" in words(senior.html("/pay"))
    sale, refund = halves(senior, begun(senior, senior.pay(received="2")))
    assert "Change due €0.79 Received €2.00" in words(senior.html(f"/operations/{refund.uid}"))
    assert [(one.kind, one.state) for one in (sale, refund)] == [
        ("cash-sale", OperationState.DONE),
        ("refund", OperationState.DONE),
    ]
    assert {one.kind: one.amount_minor for one in sale.content.tenders} == {"cash": 200, "exchange": 189}
    assert {one.kind: one.amount_minor for one in refund.content.tenders} == {"exchange": 189}


def test_one_approval_serves_both_halves(counter: Counter, people: People) -> None:
    counter.sell(EGGS, EGGS)
    exchanging(counter, EGGS)
    assert "Approve the exchange" in counter.html("/pay")
    assert "till.approval-needed" in readable(counter.pay())
    basket = counter.basket()
    assert basket is not None
    answer = counter.pay(approval=grant(counter, people, basket.uid, "exchange"))
    sale, refund = halves(counter, begun(counter, answer))
    assert sale.approved_by == (str(people.senior),)
    assert refund.state is OperationState.DONE


def test_the_customer_gets_the_difference_when_all_is_done(senior: Counter) -> None:
    exchanging(senior, MILK, line="2")
    assert "The customer gets €0.51" in words(senior.html("/"))
    page = words(senior.html("/pay"))
    assert "The customer gets €0.51" in page
    assert "Received" not in page
    _sale, refund = halves(senior, begun(senior, senior.pay()))
    assert "Give the customer €0.51" in words(senior.html(f"/operations/{refund.uid}"))


def test_a_refund_that_fails_stays_offered(senior: Counter) -> None:
    exchanging(senior, EGGS)
    basket = senior.basket()
    assert basket is not None
    senior.device.behave = "lose"
    where = senior.pay()["Location"]
    assert where == f"/operations/{basket.uid}"
    assert "Finish the exchange" not in senior.html(where)
    senior.device.behave = "accept"
    senior.later(60_000)
    senior.settled(basket.uid)
    assert "Finish the exchange" in senior.html(where)
    senior.device.behave = "refuse"
    refused = begun(senior, senior.post(f"/operations/{basket.uid}/exchange/finish"))
    assert refused.state is OperationState.REFUSED
    assert "Finish the exchange" in senior.html(where)
    senior.device.behave = "accept"
    refund = begun(senior, senior.post(f"/operations/{basket.uid}/exchange/finish"))
    assert (refund.state, refund.uid != refused.uid) == (OperationState.DONE, True)
    assert "Finish the exchange" not in senior.html(where)


def test_what_comes_back_stays_with_the_basket_and_leaves_with_it(senior: Counter) -> None:
    exchanging(senior, EGGS)
    basket = senior.basket()
    assert basket is not None
    assert basket.exchange
    senior.press("/basket/park", note="")
    senior.post(f"/parked/{basket.uid}/resume")
    assert "Comes back in exchange" in senior.html("/basket")
    senior.post("/basket/cancel", uid=basket.uid, version=senior.basket().version)  # type: ignore[union-attr]
    senior.press("/basket/add", sku=MILK)
    assert "Comes back in exchange" not in senior.html("/basket")
    assert exchanges.returned_in(queries.reader(), senior.basket().uid) is None  # type: ignore[union-attr]


def test_a_basket_that_is_open_is_parked_first(senior: Counter) -> None:
    sale = senior.sell(MILK)
    open_one = senior.add(BREAD)
    senior.post(f"/operations/{sale.uid}/exchange", **{"line-1": "1", "reason": "mistake"})
    assert [one.basket.uid for one in queries.parked(queries.reader(), "1")] == [open_one.uid]


def test_nothing_cannot_be_exchanged(senior: Counter) -> None:
    sale = senior.sell(MILK)
    assert senior.post(f"/operations/{sale.uid}/exchange", reason="mistake").status_code == 422

"""From the menu: the newest operation, its receipt again, and what the list offers to take back."""

from tests.till.counter import BREAD, MILK, Counter


def test_where_we_stand_is_the_newest_operation(counter: Counter) -> None:
    assert counter.get("/newest")["Location"] == "/operations"
    counter.sell(MILK)
    newest = counter.sell(BREAD)
    assert counter.get("/newest")["Location"] == f"/operations/{newest.uid}"


def test_where_we_stand_is_the_open_operation_while_there_is_one(counter: Counter) -> None:
    counter.sell(MILK)
    counter.device.behave = "silence"
    counter.add(BREAD)
    uid = counter.pay()["Location"].rpartition("/")[2]
    assert counter.get("/newest")["Location"] == f"/operations/{uid}"


def test_the_last_receipt_is_printed_again_as_a_copy(counter: Counter) -> None:
    assert counter.get("/newest/receipt")["Location"] == "/operations"
    sale = counter.sell(MILK)
    counter.device.behave = "refuse"
    counter.sell(BREAD)
    where = counter.get("/newest/receipt")["Location"]
    assert where == f"/operations/{sale.uid}/receipt"
    counter.post(f"/operations/{sale.uid}/print")
    assert "COPY" in counter.html(where)


def test_only_sales_that_are_done_are_offered_to_be_taken_back(counter: Counter) -> None:
    sale = counter.sell(MILK)
    counter.device.behave = "refuse"
    counter.sell(BREAD)
    page = counter.html("/operations", **{"for": "refund"})
    assert "Which receipt comes back?" in page
    assert f'href="/operations/{sale.uid}/refund"' in page
    assert page.count("row-link") == 1


def test_a_done_sale_offers_to_be_taken_back_and_others_do_not(counter: Counter) -> None:
    sale = counter.sell(MILK)
    assert f'href="/operations/{sale.uid}/refund"' in counter.html(f"/operations/{sale.uid}")
    counter.device.behave = "refuse"
    refused = counter.sell(BREAD)
    assert "/refund" not in counter.html(f"/operations/{refused.uid}")


def test_what_is_no_sale_cannot_be_taken_back(counter: Counter) -> None:
    for address in ("/operations/nothing/refund", "/operations/nothing/void"):
        assert counter.get(address).status_code == 404

"""Taking the money: one intent is one operation, however often and wherever it is pressed."""

import pytest

from tests.till.counter import BREAD, MILK, Counter, readable, words
from tillwright.operations.states import OperationState
from tillwright.till.paying import _useful, _whole_notes


def uid_of(answer) -> str:
    assert answer.status_code == 302, readable(answer)
    return str(answer["Location"]).rpartition("/")[2]


def test_without_goods_there_is_nothing_to_pay(counter: Counter) -> None:
    assert counter.get("/pay")["Location"] == "/"
    basket = counter.add(MILK)
    counter.press("/basket/remove", line=basket.lines[0].position)
    assert counter.get("/pay")["Location"] == "/"


def test_the_sheet_offers_the_exact_sum_and_the_next_notes_up(counter: Counter) -> None:
    counter.add(MILK, BREAD)
    page = counter.html("/pay")
    assert "€4.29" in page
    for sum_minor in (429, 500, 600, 1000, 2000):
        assert f'name="sum" value="{sum_minor}"' in page
    assert "430" not in page
    assert "Not started" in page


def test_nothing_typed_means_the_exact_sum(counter: Counter) -> None:
    operation = counter.sell(MILK, received="")
    assert operation.state is OperationState.DONE
    assert (operation.content.tendered_minor, operation.content.change_minor) == (189, 0)
    assert operation.cashier == "7"


@pytest.mark.parametrize(("form", "tendered"), [({"received": "1,89"}, 189), ({"sum": "189"}, 189)])
def test_what_was_typed_or_pressed_is_what_was_handed_over(
    counter: Counter, form: dict[str, str], tendered: int
) -> None:
    assert counter.sell(MILK, **form).content.tendered_minor == tendered


def test_change_comes_from_the_drawer(counter: Counter) -> None:
    counter.sell(BREAD, BREAD, BREAD)
    operation = counter.sell(MILK, received="5")
    assert operation.content.change_minor == 311
    page = counter.html(f"/operations/{operation.uid}")
    assert "Change due €3.11" in words(page)


def test_more_change_than_lies_in_the_drawer_is_refused_with_both_sums(counter: Counter) -> None:
    counter.add(MILK)
    answer = counter.pay(received="50")
    page = readable(answer)
    assert answer.status_code == 422
    assert "till.change-exceeds-drawer" in page
    assert "€48.11" in page
    assert 'value="50"' in page
    assert counter.basket() is not None


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"received": "1"}, "till.tender-too-small"),
        ({"received": "much"}, "till.tender-mismatch"),
        ({"received": "1.899"}, "till.tender-mismatch"),
        ({"sum": "-5"}, "till.tender-mismatch"),
        ({"version": "99"}, "till.basket-stale"),
        ({"uid": "another"}, "till.basket-stale"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_started(
    counter: Counter, form: dict[str, str], code: str
) -> None:
    basket = counter.add(MILK)
    answer = counter.pay(**form)
    assert answer.status_code in (409, 422)
    assert code in readable(answer)
    assert counter.page.station.operation(basket.uid) is None


def test_pressing_twice_is_one_operation(counter: Counter) -> None:
    basket = counter.add(MILK)
    first = uid_of(counter.pay())
    again = counter.post("/pay", uid=basket.uid, version=basket.version)
    other_tab = counter.post("/pay", uid=basket.uid, version=basket.version, received="20")
    assert uid_of(again) == uid_of(other_tab) == first == basket.uid
    assert len(counter.page.station.page(till="1", state=None, after=None, limit=9).items) == 1
    assert counter.device.asked == 1


def test_two_tabs_that_press_at_the_same_moment_end_on_the_same_page(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second has read the basket before the first began: the journal refuses the other content."""
    basket = counter.add(MILK)
    counter.pay()
    monkeypatch.setattr("tillwright.till.queries.open_basket", lambda *_arguments: basket)
    answer = counter.post("/pay", uid=basket.uid, version=basket.version, received="1.90")
    assert uid_of(answer) == basket.uid


def test_a_page_from_before_the_last_sale_leads_to_the_till(counter: Counter) -> None:
    assert counter.post("/pay", uid="gone", version=1)["Location"] == "/"


def test_the_next_basket_is_another_operation(counter: Counter) -> None:
    first = counter.sell(MILK)
    second = counter.sell(MILK)
    assert first.uid != second.uid
    assert (first.number, second.number) == (1, 2)


def test_notes_are_those_that_people_pay_with() -> None:
    euros = (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
    assert _whole_notes(euros, 1667) == [50000, 20000, 10000, 5000, 2000, 1000]
    assert _useful(euros, 1667) == [10000, 5000, 2000, 1000, 500, 200]
    assert _useful((500, 200), 1) == [500, 200]

"""The selling page: every press answers with the basket as it is, whatever else has happened."""

from dataclasses import replace

import pytest
from django.test import Client

from tests.pages import PageStation, People
from tests.till.counter import APPLES, BREAD, MILK, Counter, readable, words
from tillwright.till import rules, views
from tillwright.till.goods import NewGoods, put_goods
from tillwright.till.rules import BasketLine
from tillwright.web import current


def test_the_empty_page_offers_goods_and_nothing_to_pay(counter: Counter) -> None:
    page = counter.html("/")
    assert "Milk 3.2 %, 1 l" in page
    assert "The basket is empty" in page
    assert 'href="/pay"' not in page
    assert counter.basket() is None


def test_presses_fill_the_basket_and_pieces_join_their_line(counter: Counter) -> None:
    first = counter.press("/basket/add", sku=MILK)
    assert "1 × 1.89" in words(first)
    counter.press("/basket/add", sku=BREAD)
    third = counter.press("/basket/add", sku=MILK)
    assert "2 × 1.89" in words(third)
    assert "€6.18" in words(third)
    assert 'href="/pay"' in third
    line = counter.basket().lines[0]  # type: ignore[union-attr]
    assert f'value="{line.position}" checked' in third


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("2000000010014", "Milk 3.2 %, 1 l"),
        ("1002", "Rye bread"),
        ("bagu", "Baguette"),
        ("2201004003758", "Apples"),
    ],
)
def test_what_is_scanned_or_typed_is_found(counter: Counter, code: str, told: str) -> None:
    if code.startswith("22"):
        code = code[:12] + rules.check_digit(code[:12])
    assert told in counter.press("/basket/add", code=code)


def test_a_scale_s_label_brings_its_weight(counter: Counter) -> None:
    label = "220100400375"
    page = counter.press("/basket/add", code=label + rules.check_digit(label))
    assert "0.375 kg × 2.49" in words(page)


def test_goods_by_weight_take_what_was_typed(counter: Counter) -> None:
    assert "data-weigh=" in counter.html("/")
    assert "1.25 kg × 2.49" in words(counter.press("/basket/add", sku=APPLES, quantity="1,25"))


@pytest.mark.parametrize("form", [{"code": "zzzz"}, {"sku": "no-such"}, {"code": ""}])
def test_unknown_goods_are_told_and_nothing_is_added(counter: Counter, form: dict[str, str]) -> None:
    counter.add(MILK)
    page = counter.press("/basket/add", **form)
    assert "till.unknown-goods" in page
    assert "Milk" in page
    assert len(counter.basket().lines) == 1  # type: ignore[union-attr]


def test_a_page_that_shows_an_older_basket_changes_nothing_and_sees_the_new_one(counter: Counter) -> None:
    old = counter.add(MILK)
    counter.add(BREAD)
    page = counter.press("/basket/add", sku=MILK, version=old.version)
    assert "till.basket-stale" in page
    assert "Rye bread" in page
    assert counter.basket().total_minor == 429  # type: ignore[union-attr]


def test_two_empty_pages_do_not_mix_their_presses(counter: Counter) -> None:
    counter.press("/basket/add", sku=MILK)
    page = counter.press("/basket/add", sku=BREAD, uid="", version=0)
    assert "till.basket-stale" in page
    assert counter.basket().total_minor == 189  # type: ignore[union-attr]


def test_one_more_one_fewer_and_out(counter: Counter) -> None:
    position = counter.add(MILK).lines[0].position
    assert "2 × 1.89" in words(counter.press("/basket/quantity", step="more", line=position))
    assert "1 × 1.89" in words(counter.press("/basket/quantity", step="fewer", line=position))
    assert "The basket is empty" in counter.press("/basket/quantity", step="fewer", line=position)


def test_a_typed_quantity_and_a_line_taken_out(counter: Counter) -> None:
    basket = counter.add(MILK, BREAD)
    first, second = (line.position for line in basket.lines)
    assert "12 × 1.89" in words(counter.press("/basket/quantity", quantity="12", line=first))
    assert "till.line-invalid" in counter.press("/basket/quantity", quantity="0.5", line=first)
    assert "till.line-invalid" in counter.press("/basket/quantity", quantity="a lot", line=first)
    assert "till.line-invalid" in counter.press("/basket/add", sku=APPLES, quantity="-1")
    page = counter.press("/basket/remove", line=second)
    assert "Rye bread" not in words(page)
    assert "till.basket-stale" in counter.press("/basket/remove", line=second)
    assert "till.basket-stale" in counter.press("/basket/quantity", step="more", line=99)


def test_a_basket_is_given_up_before_anything_has_begun(counter: Counter) -> None:
    basket = counter.add(MILK)
    assert counter.post("/basket/cancel", uid=basket.uid, version=basket.version).status_code == 302
    assert counter.basket() is None
    assert counter.post("/basket/cancel", uid=basket.uid, version=basket.version).status_code == 409


def test_the_search_answers_and_without_letters_shows_the_favourites(counter: Counter) -> None:
    assert "Butter, 200 g" in counter.html("/goods", code="butter")
    assert "Nothing is called that" in counter.html("/goods", code="zzzz")
    assert "Milk 3.2 %, 1 l" in counter.html("/goods", code=" ")
    assert "Milk" not in counter.html("/goods", code="butter")


def test_the_basket_alone_is_there_too(counter: Counter) -> None:
    counter.add(MILK)
    assert counter.html("/basket").startswith('<section id="basket"')


def test_a_long_basket_is_drawn_at_its_end_and_counted(counter: Counter) -> None:
    basket = counter.add(MILK)
    line = basket.lines[0]
    lines = tuple(replace(line, position=number) for number in range(1, 151))
    shown = views.shown_basket(replace(basket, lines=lines), current.place().tills[0], chosen=3)
    assert (len(shown.lines), shown.count, shown.earlier_count) == (views.MOST_SHOWN, 150, 50)
    assert shown.chosen == lines[2]
    assert views.shown_basket(replace(basket, lines=lines), current.place().tills[0]).chosen == lines[-1]


def test_names_from_the_master_data_cannot_become_markup(counter: Counter) -> None:
    counter.add(MILK)
    with_markup = NewGoods(MILK, {"": "<b>Milk</b>"}, {"EUR": 189})
    counter.page.station.write(lambda writer: put_goods(writer, [with_markup]))
    assert "&lt;b&gt;Milk&lt;/b&gt;" in counter.get("/basket").content.decode()


def test_a_red_receipt_stands_before_the_next_sale(counter: Counter) -> None:
    counter.device.behave = "silence"
    counter.add(MILK)
    uid = counter.pay()["Location"].rpartition("/")[2]
    counter.add(BREAD)
    page = counter.html("/")
    assert "Receipt 1 is in progress" in page
    assert "Receipt 1 is in progress" in counter.html("/pay")
    counter.lose(uid)
    page = counter.html("/")
    assert "Settle receipt 1 first" in page
    assert f'href="/operations/{uid}/settle"' in page
    assert "Settle receipt 1 first" in counter.html("/pay")
    assert 'href="/pay"' not in page


def test_a_browser_without_a_till_is_told_so(page_station: PageStation, people: People) -> None:
    client: Client = people.sign_in(people.cashier)
    session = client.session
    del session["till"]
    session.save()
    client.cookies.pop("till", None)
    answer = client.get("/")
    assert answer.status_code == 403
    assert "api.wrong-till" in readable(answer)


def test_the_till_sells_in_its_own_currency(page_station: PageStation, people: People) -> None:
    client = people.sign_in(people.cashier, till="2")
    page = readable(client.get("/"))
    assert "₫32,000" in page
    assert "€" not in page


def test_lines_keep_their_order(counter: Counter) -> None:
    basket = counter.add(MILK, BREAD, APPLES)
    assert [type(line) for line in basket.lines] == [BasketLine] * 3
    assert [line.sku for line in basket.lines] == [MILK, BREAD, APPLES]


# ── discounts ──


def test_a_discount_stands_under_its_line(counter: Counter) -> None:
    basket = counter.add(MILK, BREAD)
    line = basket.lines[0].position
    page = words(counter.press("/basket/discount", of="line", line=line, kind="percent", value="10"))
    assert "Discount 10 % −0.19" in page
    assert "€4.10" in page


def test_a_discount_on_the_whole_stands_above_the_total(counter: Counter) -> None:
    counter.add(MILK, BREAD)
    page = words(counter.press("/basket/discount", of="basket", kind="amount", value="1,50"))
    assert "Discount on the basket −1.50 Total €2.79" in page
    page = counter.press("/basket/discount", of="basket", value="")
    assert "Discount on the basket" not in page
    assert "€4.29" in page


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"of": "basket", "kind": "percent", "value": "101"}, "till.discount-invalid"),
        ({"of": "basket", "kind": "percent", "value": "ten"}, "till.discount-invalid"),
        ({"of": "basket", "kind": "", "value": "10"}, "till.discount-invalid"),
        ({"of": "line", "line": "1", "kind": "amount", "value": "1.90"}, "till.discount-too-large"),
        ({"of": "line", "line": "9", "kind": "amount", "value": "1"}, "till.basket-stale"),
    ],
)
def test_what_is_no_discount_changes_nothing(counter: Counter, form: dict[str, str], code: str) -> None:
    before = counter.add(MILK)
    assert code in counter.press("/basket/discount", **form)
    assert counter.basket() == before


def test_what_is_sold_says_what_was_taken_off(counter: Counter) -> None:
    counter.add(MILK, BREAD)
    counter.press("/basket/discount", of="basket", kind="amount", value="1")
    operation = counter.settled(counter.pay()["Location"].rpartition("/")[2])
    lines = [(line.total_minor, line.discount_minor) for line in operation.content.lines]
    assert lines == [(145, 44), (184, 56)]
    assert operation.content.total_minor == 329


def test_for_nothing_there_is_nothing_to_pay(counter: Counter) -> None:
    counter.add(MILK)
    page = counter.press("/basket/discount", of="basket", kind="percent", value="100")
    assert 'href="/pay"' not in page

"""Parking and discounts by keyboard, touch and scanner, before a real browser."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.cashiers import PHONE, Cashier, open_till
from tests.browser.scans import scan
from tillwright.demo.shop import Shop

pytestmark = pytest.mark.browser

MILK = "2000000010014"


def test_parked_and_resumed_by_keyboard_alone(cashier: Cashier) -> None:
    page = cashier.page
    cashier.press_goods(0, 1)
    expect(page.locator(".line")).to_have_count(2)
    page.keyboard.press("F3")
    expect(page.locator("#park-dialog")).to_be_visible()
    page.keyboard.type("Anna, red coat", delay=60)
    page.keyboard.press("Enter")
    expect(page.locator("#basket")).to_contain_text("The basket is empty")
    scan(page, MILK)
    expect(page.locator(".line")).to_have_count(1)
    cashier.take()
    cashier.until("done")
    page.keyboard.press("Enter")
    page.wait_for_url(cashier.shop.url + "/")
    page.keyboard.press("F3")
    page.wait_for_url("**/parked")
    expect(page.locator(".pick-row")).to_contain_text("Anna, red coat")
    page.keyboard.press("Enter")
    page.wait_for_url(cashier.shop.url + "/")
    expect(page.locator(".line")).to_have_count(2)
    expect(page.locator(".basket-head")).to_contain_text("Anna, red coat")
    page.keyboard.press("F6")
    page.locator("#cancel-dialog .button-stop").click()
    expect(page.locator("#basket")).to_contain_text("The basket is empty")


def test_a_dialog_stays_while_an_earlier_press_is_answered(cashier: Cashier) -> None:
    page = cashier.page
    cashier.press_goods(0)

    def late(route: Any) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/basket/add", late)
    page.locator(".tile[hx-post]").nth(1).click()
    page.keyboard.press("F3")
    expect(page.locator("#park-dialog")).to_be_visible()
    expect(page.locator(".line")).to_have_count(2)
    expect(page.locator("#park-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#park-dialog")).not_to_be_visible()
    page.unroute("**/basket/add")
    page.keyboard.press("F6")
    page.locator("#cancel-dialog .button-stop").click()


def test_a_discount_on_a_line_and_on_the_whole(cashier: Cashier) -> None:
    page = cashier.page
    cashier.press_goods(0, 1)
    expect(page.locator(".line")).to_have_count(2)
    page.keyboard.press("F10")
    page.locator("[data-quick='10']").click()
    expect(page.locator(".line-off-sum")).to_have_text("−0.24")
    page.keyboard.press("F10")
    page.locator("#discount-dialog input[value=basket]").check(force=True)
    page.locator("#discount-dialog input[value=amount]").check(force=True)
    page.fill("#discount-dialog [name=value]", "1,05")
    page.keyboard.press("Enter")
    expect(page.locator(".basket-off")).to_contain_text("−1.05")
    expect(page.locator(".basket-total")).to_contain_text("€3.00")
    page.keyboard.press("F10")
    page.locator("#discount-dialog input[value=basket]").check(force=True)
    page.locator("[data-take-away]").click()
    expect(page.locator(".basket-off")).to_have_count(0)
    cashier.take()
    cashier.until("done")
    page.keyboard.press("F7")
    expect(page.locator(".receipt")).to_contain_text("−0.24")


def test_by_touch_on_a_telephone(chromium: Browser, street: Shop) -> None:
    cashier = open_till(chromium, street, "till-3", PHONE, has_touch=True, is_mobile=True)
    cashier.well()
    page = cashier.page
    page.locator(".tile[hx-post]").first.tap()
    page.locator("[data-opens='discount-dialog']").tap()
    page.locator("#discount-dialog [data-digit='2']").tap()
    page.locator("#discount-dialog [data-digit='5']").tap()
    page.locator("#discount-dialog [data-primary]").tap()
    expect(page.locator(".line-off")).to_have_count(2)
    page.locator("[data-opens='park-dialog']").tap()
    page.locator("#park-dialog [data-primary]").tap()
    page.locator("#basket a[href='/parked']").tap()
    page.wait_for_url("**/parked")
    page.locator("[data-primary]").tap()
    expect(page.locator(".line-off")).to_have_count(2)
    cashier.context.close()
    assert cashier.wrong == []

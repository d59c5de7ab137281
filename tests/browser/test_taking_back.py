"""Refund, exchange and cash before a real browser, each to its end at the device and on paper."""

import pytest
from playwright.sync_api import expect

from tests.browser.cashiers import Cashier, go
from tests.browser.scans import scan
from tillwright.demo.people import PEOPLE

pytestmark = pytest.mark.browser

BREAD = "2000000010021"
SENIOR = next(one for one in PEOPLE if one.role == "senior")


def approve(cashier: Cashier) -> None:
    """The senior types number and PIN."""
    page = cashier.page
    page.wait_for_selector("dialog[open] [data-pad-input]")
    for text in (str(SENIOR.number), SENIOR.pin):
        page.keyboard.type(text, delay=60)
        page.keyboard.press("Enter")
    page.wait_for_url("**/operations/*")


def sold(cashier: Cashier) -> str:
    """A sale of milk, milk and bread; the address of its page."""
    cashier.press_goods(0, 0, 1)
    expect(cashier.page.locator(".line")).to_have_count(2)
    expect(cashier.page.locator(".line-how").first).to_contain_text("2 ×")
    cashier.take()
    cashier.until("done")
    return cashier.page.url


def kinds(cashier: Cashier) -> list[str]:
    return [one["kind"] for one in cashier.shop.truth(cashier.serial)["documents"]]


def test_what_is_missing_is_said_in_the_readers_language(cashier: Cashier) -> None:
    page = cashier.page
    page.goto(f"{cashier.shop.url}/cash/in")
    page.locator("[data-primary]").click()
    amount = page.locator("[name=amount]")
    expect(amount).to_have_js_property("validationMessage", "This is still missing.")
    page.locator("[data-note]").first.click()
    page.locator("[data-primary]").click()
    expect(amount).to_have_js_property("validationMessage", "")
    reason = page.locator("[name=reason]").first
    expect(reason).to_have_js_property("validationMessage", "This is still missing.")
    page.locator(".choice label", has_text="Small change").click()
    expect(reason).to_have_js_property("validationMessage", "")
    page.locator("[data-primary]").click()
    page.wait_for_url("**/operations/*")
    cashier.until("done")


def test_a_scan_takes_goods_back_and_a_senior_approves(cashier: Cashier) -> None:
    page = cashier.page
    sold(cashier)
    page.keyboard.press("F9")
    page.wait_for_url("**/refund")
    scan(page, BREAD)
    expect(page.locator(".return.is-chosen")).to_have_count(1)
    expect(page.locator(".actions [data-primary]")).to_contain_text("€2.40")
    page.locator(".choice label", has_text="Defective").click()
    page.keyboard.press("Enter")
    approve(cashier)
    cashier.until("done")
    expect(page.locator(".outcome-change")).to_contain_text("Give the customer")
    expect(page.locator(".outcome-change")).to_contain_text("€2.40")
    assert kinds(cashier)[-1] == "refund"


def test_an_exchange_from_the_receipt_to_the_change(cashier: Cashier) -> None:
    page = cashier.page
    address = sold(cashier)
    go(page, address + "/refund")
    page.locator("[data-step='1']").first.click()
    page.locator(".choice label", has_text="Wrong goods").click()
    page.keyboard.press("F8")
    page.wait_for_url(cashier.shop.url + "/")
    expect(page.locator(".returned")).to_contain_text("Milk")
    page.locator(".tile[hx-post]").nth(2).click()
    expect(page.locator(".basket-total")).to_contain_text("€1.21")
    page.click("[data-pay]")
    page.wait_for_url("**/pay")
    page.fill("[name=received]", "2")
    page.keyboard.press("Enter")
    approve(cashier)
    cashier.until("done")
    expect(page.locator(".outcome-change")).to_contain_text("€0.79")
    assert kinds(cashier)[-2:] == ["sale", "refund"]


def test_cash_out_that_is_not_there_is_refused_with_both_figures(cashier: Cashier) -> None:
    page = cashier.page
    cashier.go("/cash/out")
    page.fill("[name=amount]", "90000")
    page.locator(".choice label", has_text="To the bank").click()
    page.click("[data-primary]")
    expect(page.locator(".notice")).to_contain_text("€90,000.00")
    page.fill("[name=amount]", "10")
    page.click("[data-primary]")
    page.wait_for_url("**/operations/*")
    cashier.until("done")
    expect(page.locator(".outcome-change")).to_contain_text("Take out of the drawer")
    assert kinds(cashier)[-1] == "withdrawal"


def test_the_menu_is_worked_by_digits(cashier: Cashier) -> None:
    page = cashier.page
    cashier.go("/")
    page.keyboard.press("F1")
    expect(page.locator("#menu-dialog")).to_be_visible()
    page.keyboard.press("3")
    page.wait_for_url("**/operations?for=refund")
    expect(page.locator("#find-receipt")).to_be_focused()

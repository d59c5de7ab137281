"""Selling with a real browser: keyboard, scanner and touch; fast, twice, and while everything goes wrong."""

import os
import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.cashiers import PATIENCE_MS, PHONE, Cashier, go, open_till
from tests.browser.scans import scan
from tillwright.demo.shop import Shop

pytestmark = pytest.mark.browser

MILK = "2000000010014"


def test_a_whole_sale_by_keyboard(cashier: Cashier) -> None:
    page, before = cashier.page, len(cashier.documents())
    page.keyboard.type("milk", delay=60)
    expect(page.locator(".tile")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".line")).to_have_count(1)
    expect(page.locator("#find")).to_have_value("")
    page.keyboard.press("F8")
    expect(page.locator(".line-how")).to_contain_text("2 ×")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pay")
    page.keyboard.type("5", delay=60)
    expect(page.locator("[data-change-sum]")).to_have_text("€1.22")
    page.keyboard.press("Enter")
    page.wait_for_url("**/operations/*")
    cashier.until("done")
    expect(page.locator(".outcome-change .money-huge")).to_have_text("€1.22")
    page.keyboard.press("Enter")
    page.wait_for_url(cashier.shop.url + "/")
    assert len(cashier.documents()) == before + 1


def test_enter_enter_is_the_exact_sum(cashier: Cashier) -> None:
    cashier.press_goods(0)
    cashier.page.keyboard.press("Enter")
    cashier.page.wait_for_url("**/pay")
    cashier.page.keyboard.press("Enter")
    cashier.page.wait_for_url("**/operations/*")
    cashier.until("done")
    expect(cashier.page.locator(".outcome-change .money-huge")).to_have_text("€0.00")


def test_a_note_takes_the_sum_at_once(cashier: Cashier) -> None:
    cashier.press_goods(0)
    cashier.page.click("[data-pay]")
    cashier.page.locator("button[name=sum][value='500']").click()
    cashier.page.wait_for_url("**/operations/*")
    cashier.until("done")
    expect(cashier.page.locator(".outcome-change .money-huge")).to_have_text("€3.11")


def test_notes_add_up_and_too_little_cannot_be_taken(cashier: Cashier) -> None:
    cashier.press_goods(0, 1)
    page = cashier.page
    page.click("[data-pay]")
    page.locator("[data-note='200']").click()
    expect(page.locator("[data-change-word]")).to_have_text("Still to pay")
    page.keyboard.press("Enter")
    expect(page).to_have_url(cashier.shop.url + "/pay")
    page.locator("[data-note='500']").click()
    expect(page.locator("[name=received]")).to_have_value("7.00")
    expect(page.locator("[data-take-button]")).to_contain_text("€7.00")
    page.keyboard.press("Escape")
    page.wait_for_url(cashier.shop.url + "/")
    page.locator("[data-opens=cancel-dialog]").click()
    page.locator("#cancel-dialog .button-stop").click()
    expect(page.locator(".line")).to_have_count(0)


def test_the_scanner_works_whatever_has_the_focus(cashier: Cashier) -> None:
    page = cashier.page
    page.locator(".tile").nth(5).focus()
    scan(page, MILK)
    expect(page.locator(".line-name")).to_have_text(["Milk 3.2 %, 1 l"])
    page.locator("#find").fill("bre")
    scan(page, MILK)
    expect(page.locator(".line-how")).to_contain_text("2 ×")
    page.locator("[data-opens=cancel-dialog]").click()
    page.locator("#cancel-dialog .button-stop").click()


def test_presses_faster_than_the_station_are_all_counted(cashier: Cashier) -> None:
    page = cashier.page
    press = "(tiles) => { for (let i = 0; i < 12; i++) tiles[i % 3].click(); }"
    page.locator(".tile[hx-post]").evaluate_all(press)
    expect(page.locator(".line-how")).to_have_count(3)
    for index in range(3):
        expect(page.locator(".line-how").nth(index)).to_contain_text("4 ×")
    page.locator("[data-opens=cancel-dialog]").click()
    page.locator("#cancel-dialog .button-stop").click()


def test_goods_by_weight_ask_how_much(cashier: Cashier) -> None:
    page = cashier.page
    page.locator("[data-weigh='Apples']").click()
    expect(page.locator("#quantity-dialog")).to_be_visible()
    for digit in ("1", ".", "2", "5"):
        page.locator(f"#quantity-dialog [data-digit='{digit}']").click()
    page.keyboard.press("Enter")
    expect(page.locator(".line-how")).to_contain_text("1.25 kg × 2.49")
    page.locator("[data-how-many]").click()
    page.locator("#quantity-dialog [name=quantity]").fill("0,5")
    page.keyboard.press("Enter")
    expect(page.locator(".line-how")).to_contain_text("0.5 kg × 2.49")
    page.locator(".basket-tools .button").last.click()
    expect(page.locator(".line")).to_have_count(0)


def test_unknown_codes_are_told_and_selling_goes_on(cashier: Cashier) -> None:
    page = cashier.page
    scan(page, "9999999999994")
    expect(page.locator(".basket .notice")).to_contain_text("till.unknown-goods")
    cashier.press_goods(0)
    expect(page.locator(".basket .notice")).to_have_count(0)
    page.locator("[data-opens=cancel-dialog]").click()
    page.locator("#cancel-dialog .button-stop").click()


def test_double_press_reload_and_second_tab_are_one_sale(cashier: Cashier) -> None:
    before = len(cashier.documents())
    cashier.press_goods(0)
    cashier.page.click("[data-pay]")
    other = cashier.context.new_page()
    other.goto(cashier.shop.url + "/pay")
    cashier.page.locator("[data-take-button]").dblclick()
    cashier.page.wait_for_url("**/operations/*")
    other.keyboard.press("Enter")
    other.wait_for_url("**/operations/*")
    assert other.url == cashier.page.url
    cashier.page.reload()
    cashier.until("done")
    assert len(cashier.documents()) == before + 1


def test_a_lost_answer_turns_up_by_itself(cashier: Cashier) -> None:
    cashier.order("faults", fault="commit_drop_answer", next=1, only=["register"])
    cashier.sell()
    page = cashier.page
    expect(page.locator("[data-waiting]")).to_contain_text("Asking the device")
    expect(page.locator("[data-count]")).to_be_visible(timeout=4_000)
    cashier.until("done")
    expect(page.locator(".picture-wide .pic-cross")).to_be_visible()
    expect(page.locator(".picture-wide")).to_contain_text("It happened: document")
    expect(page).to_have_title(re.compile("done at"))


@pytest.fixture
def nobody_else(cashier: Cashier) -> Iterator[None]:
    """The device's own line to the operator is cut, so that nobody but the device can prove anything."""
    cashier.order("uplink", on=False)
    yield
    cashier.order("uplink", on=True)


def test_red_blocks_and_turns_green_by_itself(cashier: Cashier, nobody_else: None) -> None:
    before = len(cashier.documents())
    cashier.order("faults", fault="commit_drop_answer", next=1, only=["register"])
    cashier.order("faults", fault="silent", always=True, only=["inquire", "documents", "restore"])
    cashier.sell()
    cashier.until("red")
    page, red = cashier.page, cashier.page.url
    expect(page.locator(".outcome")).to_contain_text("Keep the goods and the money on the counter")
    cashier.go("/")
    page.locator(".basket .button-ahead").click()
    page.wait_for_url(red + "/settle")
    cashier.go("/operations")
    expect(page.locator("tbody tr").first).to_have_class("is-unknown")
    go(page, red)
    cashier.well()
    page.locator("form[action$='/continue'] button").click()
    cashier.until("done")
    expect(page.locator(".picture-wide .pic-band")).to_have_count(1)
    assert len(cashier.documents()) == before + 1


def test_a_page_that_waits_for_a_red_receipt_goes_on_by_itself(cashier: Cashier, nobody_else: None) -> None:
    cashier.order("faults", fault="commit_drop_answer", next=1, only=["register"])
    cashier.order("faults", fault="silent", always=True, only=["inquire", "documents", "restore"])
    cashier.sell()
    cashier.until("red")
    cashier.go("/")
    page = cashier.page
    page.locator(".tile[hx-post]").first.click()
    expect(page.locator(".line")).to_have_count(1)
    expect(page.locator(".button-ahead")).to_be_visible()
    cashier.well()
    expect(page.locator("[data-pay]")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".line")).to_have_count(1)
    page.keyboard.press("F6")
    page.locator("#cancel-dialog .button-stop").click()


def test_red_that_proves_not_to_have_happened_turns_amber(cashier: Cashier, nobody_else: None) -> None:
    before = len(cashier.documents())
    cashier.order("faults", fault="silent", always=True)
    cashier.sell()
    cashier.until("red")
    cashier.well()
    cashier.until("refused")
    expect(cashier.page.locator(".picture-wide")).to_contain_text("can no longer happen")
    assert len(cashier.documents()) == before


def test_unplugged_asks_and_goes_on(cashier: Cashier) -> None:
    cashier.order("plug", plugged=False)
    cashier.sell()
    page = cashier.page
    expect(page.locator("[data-left-s]")).to_have_text(re.compile(r"^[45]\d sec$"))
    cashier.order("plug", plugged=True)
    page.keyboard.press("Enter")
    cashier.until("done")


def test_given_up_is_refused_and_sold_again(cashier: Cashier) -> None:
    before = len(cashier.documents())
    cashier.order("plug", plugged=False)
    cashier.sell()
    page = cashier.page
    page.wait_for_selector("[data-left-s]", timeout=PATIENCE_MS)
    page.keyboard.press("F8")
    page.locator("#give-up-dialog .button-stop").click()
    cashier.until("refused")
    cashier.order("plug", plugged=True)
    page.keyboard.press("Enter")
    page.wait_for_url(cashier.shop.url + "/")
    expect(page.locator(".line")).to_have_count(1)
    cashier.take()
    cashier.until("done")
    assert len(cashier.documents()) == before + 1


def test_what_is_printed_again_goes_to_the_till_s_printer_as_a_copy(cashier: Cashier) -> None:
    cashier.sell()
    cashier.until("done")
    page = cashier.page
    expect(page.locator(".picture-wide")).to_contain_text("Printed", timeout=PATIENCE_MS)
    page.keyboard.press("F8")
    page.wait_for_url("**/print")
    expect(page.locator("[role=status]", has_text="Sent to the printer")).to_be_visible()
    expect(page.locator(".receipt-copy")).to_have_text("COPY")
    expect(page.locator("[data-print-now]")).to_have_count(0)
    page.emulate_media(media="print")
    expect(page.locator(".actions")).not_to_be_visible()
    expect(page.locator(".receipt")).to_be_visible()


@pytest.mark.slow
def test_killed_in_mid_sale_the_page_comes_back_to_the_truth(chromium: Browser, street: Shop) -> None:
    cashier = open_till(chromium, street, "till-2")
    cashier.well()
    before = len(cashier.documents())
    cashier.order("faults", fault="answer_late", next=1, only=["register"], delay_ms=20_000)
    cashier.sell()
    pid = street.worker_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    street.station.stop()
    expect(cashier.page.locator("[data-old]")).to_be_visible()
    street.start_station()
    cashier.until("done")
    expect(cashier.page.locator("[data-old]")).not_to_be_visible()
    expect(cashier.page.locator(".picture-wide")).to_contain_text("The station was restarted")
    assert len(cashier.documents()) == before + 1
    cashier.context.close()


def test_a_sale_on_a_telephone(chromium: Browser, street: Shop) -> None:
    cashier = open_till(chromium, street, "till-3", PHONE, has_touch=True, is_mobile=True)
    cashier.well()
    page = cashier.page
    page.locator(".tile[hx-post]").first.tap()
    page.locator("[data-pay]").tap()
    page.wait_for_url("**/pay")
    page.locator("[data-take-button]").tap()
    page.wait_for_url("**/operations/*")
    cashier.until("done")
    expect(page.locator(".picture-narrow")).to_be_visible()
    expect(page.locator(".picture-wide")).not_to_be_visible()
    cashier.context.close()
    assert cashier.wrong == []

"""The stage of the looks: a short day in a shop in which every page has something to show.

Some pages last: they are opened when they are looked at. Others pass (a device that is being asked, a minute
that runs down, a drawer that is being counted): of those the stage keeps what the station answered, in every
language and theme, and they are looked at with that answer, while styles and scripts are the station's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from playwright.sync_api import Browser

from tests.browser.cashiers import Cashier, go
from tests.browser.windows import LANGUAGES, THEMES
from tillwright.demo.shop import Shop

PATIENCE_MS = 30_000
PAUSE_MS = 100
DAY_MS = 86_400_000
ASKING = ["inquire", "documents", "restore"]
PEOPLE_AT: Mapping[str, tuple[str, int]] = {
    "first": ("till-1", 9),
    "second": ("till-2", 7),
    "third": ("till-3", 8),
    "fourth": ("till-4", 10),
    "senior": ("till-2", 50),
    "administrator": ("till-4", 90),
}
"""Who works where: name → (till, number)."""


@dataclass(frozen=True)
class Shown:
    """A page: whose, where; `press`: what is pressed before it is looked at; `kept`: what the station
    answered while it was so, by (language, theme).
    """

    who: str
    address: str
    press: tuple[str, ...] = ()
    kept: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass
class Stage:
    """The shop, its people, and what there is to be seen."""

    shop: Shop
    people: dict[str, Cashier]
    pages: dict[str, Shown] = field(default_factory=dict)

    def show(self, name: str, who: str, address: str = "", press: tuple[str, ...] = ()) -> None:
        """A page that stays as it is; without an address the one that is open."""
        self.pages[name] = Shown(who, address or self._here(who), press)

    def keep(self, name: str, who: str, press: tuple[str, ...] = (), choice: str = "") -> None:
        """The page that is open, as it is now; `choice`: as it is while this may be chosen on it."""
        cashier, address = self.people[who], self._here(who)
        kept = {}
        for language, theme in product(LANGUAGES, THEMES):
            cashier.look(language, theme)
            kept[language, theme] = self._fetched(cashier, address, choice)
        cashier.look()
        self.pages[name] = Shown(who, address, press, kept)

    def _fetched(self, cashier: Cashier, address: str, choice: str) -> str:
        """The text of a page. What may be chosen hangs on what the device said last, and that grows old."""
        closed = re.compile(rf'id="choice-{choice}"[^>]*\bdisabled')
        for _ in range(PATIENCE_MS // PAUSE_MS):
            text = cashier.context.request.get(self.shop.url + address).text()
            if not choice or not closed.search(text):
                return text
            cashier.page.wait_for_timeout(PAUSE_MS)
        raise AssertionError(f"{choice} may never be chosen")

    def keep_sent(self, name: str, who: str, address: str, form: Mapping[str, str], to: str = "") -> None:
        """The page that answers a form of another page, sent to that or `to`, in every language and theme."""
        cashier, kept = self.people[who], {}
        cashier.go(address)
        token = cashier.page.locator("main [name=csrfmiddlewaretoken]").first.input_value()
        for language, theme in product(LANGUAGES, THEMES):
            cashier.look(language, theme)
            sent: dict[str, str | float | bool] = {**form, "csrfmiddlewaretoken": token}
            headers = {"Referer": self.shop.url + address}
            answer = cashier.context.request.post(self.shop.url + (to or address), form=sent, headers=headers)
            kept[language, theme] = answer.text()
        cashier.look()
        self.pages[name] = Shown(who, address, (), kept)

    def _here(self, who: str) -> str:
        return self.people[who].page.url[len(self.shop.url) :]

    def leave(self) -> None:
        """All is well again, and everybody goes."""
        for cashier in self.people.values():
            cashier.well()
            cashier.context.close()


def stage_of(browser: Browser, shop: Shop) -> Stage:
    """Everybody signs in, and the day is played."""
    people = {name: _signed_in(browser, shop, till, number) for name, (till, number) in PEOPLE_AT.items()}
    stage = Stage(shop, people)
    for act in (
        _sell,
        _put_aside,
        _exchange,
        _lose,
        _refuse,
        _in_dong,
        _run_the_shop,
        _close,
        _payout,
        _find_causes,
    ):
        act(stage)
    return stage


def _signed_in(browser: Browser, shop: Shop, till: str, number: int) -> Cashier:
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    cashier = Cashier(shop, context, context.new_page(), till)
    cashier.sign_in(number)
    cashier.look()
    return cashier


# ── selling ──


def _sell(stage: Stage) -> None:
    first = stage.people["first"]
    first.sell("5")
    first.until("done")
    stage.show("operation-done", "first")
    done = stage.pages["operation-done"].address
    stage.show("receipt", "first", done + "/receipt")
    first.order("faults", fault="commit_drop_answer", next=1)
    first.sell()
    first.until("done")
    stage.show("operation-found", "first")
    stage.show("operations", "first", "/operations")
    stage.show("operations-to-take-back", "first", "/operations?for=refund")
    stage.show("take-back", "first", done + "/refund")
    stage.show("void", "first", done + "/void")
    stage.show("cash-in", "first", "/cash/in")
    stage.show("cash-out", "fourth", "/cash/out")


def _put_aside(stage: Stage) -> None:
    """Two baskets are parked, one of them with discounts; a third is open with discounts."""
    first = stage.people["first"]
    page = first.page
    first.go("/")
    first.press_goods(0, 1, 2, 5, 0)
    for note in ("Mrs Smith, back in five minutes", ""):
        page.wait_for_timeout(400)
        page.evaluate("document.querySelector('[data-opens=park-dialog]').click()")
        page.fill("#park-dialog [name=note]", note)
        page.click("#park-dialog [data-primary]")
        page.wait_for_selector("#basket a[href='/parked']")
        first.press_goods(2, 0)
        page.wait_for_timeout(400)
        page.evaluate("document.querySelector('[data-opens=discount-dialog]').click()")
        page.click("[data-quick='10']")
        page.wait_for_selector(".line-off")
        page.evaluate("document.querySelector('[data-opens=discount-dialog]').click()")
        page.check("#discount-dialog input[value=basket]", force=True)
        page.click("[data-quick='5']")
        page.wait_for_selector(".basket-off")
    stage.keep("sale", "first")
    stage.keep("sale-discount", "first", ("[data-opens=discount-dialog]",))
    stage.keep("sale-park", "first", ("[data-opens=park-dialog]",))
    stage.keep("sale-menu", "first", ("[data-opens=menu-dialog]",))
    stage.keep("sale-quantity", "first", ("[data-how-many]",))
    first.go("/pay")
    stage.keep("pay", "first")


def _exchange(stage: Stage) -> None:
    """Goods of the first receipt come back for others; the open basket is parked by that."""
    first = stage.people["first"]
    first.go(stage.pages["operation-done"].address + "/refund")
    first.page.locator("[data-step='1']").first.click()
    first.page.locator(".choice label").nth(1).click()
    first.page.keyboard.press("F8")
    first.page.wait_for_selector(".returned")
    stage.keep("exchange-begun", "first")
    first.press_goods(2)
    stage.show("exchange", "first")
    first.go("/pay")
    stage.show("exchange-pay", "first")
    stage.show("exchange-approval", "first", press=("[data-primary]",))
    stage.show("parked", "first", "/parked")


# ── what goes wrong ──


def _lose(stage: Stage) -> None:
    """A sale never arrives; the operator does not have it, and a senior cashier settles it."""
    second = stage.people["second"]
    second.order("faults", fault="answer_late", next=1, only=["register"], delay_ms=4_000)
    second.sell()
    second.until("open")
    stage.keep("operation-asking", "second")
    second.until("done", PATIENCE_MS)
    stage.shop.order("operator", "plug", {"plugged": False})
    second.order("faults", fault="silent", always=True)
    second.sell()
    second.until("red", PATIENCE_MS)
    stage.show("operation-red", "second")
    stage.show("operations-red", "second", "/operations")
    stage.show("sale-blocked", "second", "/")
    second.go(stage.pages["operation-red"].address + "/settle")
    second.page.wait_for_selector("#walk .asking")
    stage.keep("settle-asking", "second")
    second.page.wait_for_selector("#walk .says-fields", state="attached", timeout=PATIENCE_MS)
    stage.keep("settle-silent", "second", (".says-one:has(#choice-happened)",))
    stage.shop.order("operator", "plug", {"plugged": True})
    second.order("faults", fault="silent", always=True, only=ASKING)
    second.page.click("[hx-post$='/settle/ask']")
    second.page.wait_for_selector("text=The operator does not have it", timeout=PATIENCE_MS)
    # The device was silent to everything: until it is read again, nobody knows what is undelivered.
    second.page.wait_for_selector("#choice-returned:enabled", state="attached", timeout=2 * PATIENCE_MS)
    stage.keep("settle-absent", "second", (".says-one:has(#choice-returned)",), "returned")
    returned = (".says-one:has(#choice-returned)", "[data-confirm]")
    stage.keep("settle-approval", "second", returned, "returned")


def _refuse(stage: Stage) -> None:
    third = stage.people["third"]
    third.order("plug", plugged=False)
    third.sell()
    third.page.wait_for_selector("[data-left]", timeout=PATIENCE_MS)
    stage.keep("operation-question", "third")
    third.page.keyboard.press("F8")
    stage.keep("operation-give-up", "third", ("[data-opens=give-up-dialog]",))
    third.page.locator("#give-up-dialog .button-stop").click()
    third.until("refused")
    stage.show("operation-refused", "third")
    third.well()


def _in_dong(stage: Stage) -> None:
    """Sums of many digits."""
    fourth = stage.people["fourth"]
    fourth.go("/")
    fourth.page.keyboard.type("television", delay=60)
    fourth.page.wait_for_timeout(400)
    fourth.page.keyboard.press("Enter")
    fourth.page.wait_for_selector(".line")
    fourth.page.click("[data-how-many]")
    fourth.page.fill("#quantity-dialog [name=quantity]", "20")
    fourth.page.keyboard.press("Enter")
    fourth.page.wait_for_selector(".line-how:has-text('20')")
    fourth.take()
    fourth.until("done")
    stage.show("operation-large", "fourth")
    fourth.go("/")
    fourth.press_goods(0, 1)
    stage.show("sale-large", "fourth", "/")
    stage.show("pay-large", "fourth", "/pay")
    stage.show("data-large", "fourth", "/data")
    stage.show("x-report", "fourth", "/shift/report")


# ── running the shop ──


def _run_the_shop(stage: Stage) -> None:
    """What the administrator sees, and the pages of the simulation."""
    for name, address in {
        "settings": "/settings",
        "audit": "/settings/audit",
        "people": "/settings/people",
        "person": "/settings/people/9",
        "person-new": "/settings/people/new",
    }.items():
        stage.show(name, "administrator", address)
    stage.show("settings-of-a-cashier", "second", "/settings")
    stage.show("what-to-do", "first", "/what-to-do/people.locked")
    stage.show("switchboard", "first", "/switchboard/?till=till-2&open=SKO-1002")
    stage.show("practice", "first", "/switchboard/practice")
    stage.show("cabinet-operator", "first", "/switchboard/operator?till=till-1")
    stage.show("cabinet-licensing", "first", "/switchboard/licensing")
    administrator = stage.people["administrator"]
    administrator.order("miscount", amount_minor=-5_000)
    administrator.go("/settings/correction")
    stage.keep("correction-begun", "administrator")
    administrator.page.click("[data-primary]")
    administrator.page.wait_for_selector(".before-after")
    stage.keep("correction", "administrator")
    administrator.page.fill("[name=reason]", "Nothing explains it")
    administrator.page.click("[data-primary]")
    administrator.page.wait_for_url("**/operations/*")
    administrator.until("done")
    stage.show("operation-corrected", "administrator")


def _close(stage: Stage) -> None:
    """A shift is closed by a blind count, and the next one opened under the operator's warning."""
    third = stage.people["third"]
    page = third.page
    third.go("/shift/close")
    stage.keep("close-begin", "third")
    page.click("[data-primary]")
    page.wait_for_selector("#count-form")
    stage.keep("count", "third")
    third.go("/data")
    stage.keep("data-blind", "third")
    third.go("/shift/close")
    page.fill("#d1000", "99")
    page.click("[data-primary]")
    page.wait_for_selector("#explain-form")
    stage.keep("close-explain", "third")
    page.fill("[name=reason]", "Ten euros too little in the float")
    page.click("[data-primary]")
    page.wait_for_selector(".ends")
    stage.keep("close", "third")
    page.click("[data-primary][form=next-form]")
    page.wait_for_url("**/operations/*")
    third.until("done", PATIENCE_MS)
    stage.show("operation-closed", "third")
    stage.show("z-report", "third", stage.pages["operation-closed"].address + "/receipt")
    stage.show("shifts", "third", "/shifts")
    _open_again(stage)


def _open_again(stage: Stage) -> None:
    third = stage.people["third"]
    page = third.page
    third.go("/")
    stage.keep("sale-closed", "third")
    now_ms = int(page.evaluate("Date.now()"))
    warning = {"till": "till-3", "reason": "The fee is not paid", "date_ms": now_ms + 3 * DAY_MS}
    stage.shop.order("operator", "warn", warning)
    third.go("/shift/open")
    page.wait_for_selector("[data-wait-ms]", timeout=PATIENCE_MS)
    stage.keep("shift-open-warning", "third")
    third.go("/")  # the page of the check would load itself anew at what comes now
    stage.shop.order("operator", "block", {"till": "till-3", "reason": "The fee is not paid"})
    third.order("plug", plugged=False)
    third.go("/shift/open")
    page.wait_for_selector(".check-stopped", timeout=PATIENCE_MS)
    stage.keep("shift-open-stopped", "third")
    third.go("/")
    third.well()
    stage.shop.order("operator", "activate", {"till": "till-3"})
    third.go("/shift/open")
    page.wait_for_selector("[data-primary]:enabled:not([data-wait-ms])", timeout=PATIENCE_MS)
    stage.keep("shift-open", "third")
    page.click("[data-primary]")
    third.until("done", PATIENCE_MS)
    stage.show("operation-opened", "third")


def _payout(stage: Stage) -> None:
    """Goods come back and nobody answers, so the money stays in the drawer: owed, until it is handed out."""
    senior = stage.people["senior"]
    page = senior.page
    senior.order("faults", fault="commit_drop_answer", always=True, only=["register"])
    senior.order("faults", fault="silent", always=True, only=ASKING)
    senior.order("uplink", on=False)
    stage.shop.order("operator", "plug", {"plugged": False})
    senior.go(stage.pages["operation-asking"].address + "/refund")
    page.locator("[data-step='1']").first.click()
    page.locator(".choice label").nth(1).click()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/refund"))
    senior.until("red", PATIENCE_MS)
    stage.keep("refund-red", "senior")
    go(page, page.url + "/settle")
    page.wait_for_selector("#walk .says-fields", state="attached", timeout=PATIENCE_MS)
    stage.keep("settle-payout", "senior", (".says-one:has(#choice-owed)",))
    document = stage.shop.truth(senior.serial)["documents"][-1]
    page.click(".says-one:has(#choice-owed)")
    page.fill("#owed-number", str(document["number"]))
    page.fill("#owed-unique", document["unique_number"])
    page.click("[data-confirm]:enabled")
    senior.until("done", PATIENCE_MS)
    stage.keep("operation-owed", "senior")
    page.click("#hand-out-form button")
    page.wait_for_selector(".operation[data-state=done]:not(:has(#hand-out-form))")
    stage.show("operation-handed-out", "senior")
    senior.order("uplink", on=True)
    stage.shop.order("operator", "plug", {"plugged": True})
    stage.show("undelivered", "senior", "/undelivered")


# ── what goes wrong is found ──


def _find_causes(stage: Stage) -> None:
    """A device is unplugged: its diagnosis in all its stations, and all that stands around it."""
    first, administrator = stage.people["first"], stage.people["administrator"]
    page = first.page
    first.go("/faults")
    stage.keep_sent("search", "first", "/faults", {"said": "mat ket noi SKO"})
    stage.keep_sent("search-unknown", "first", "/faults", {"said": "the coffee machine leaks"})
    was = {"said": "the grey brick is dark", "code": "fiscal.sko-disconnected"}
    stage.keep_sent("it-was", "first", "/faults", was, "/faults/it-was")
    first.order("plug", plugged=False)
    first.go("/diagnoses/start?code=fiscal.sko-disconnected&till=till-1")
    if page.locator("form[action='/diagnoses/start']").count():
        page.click("[data-primary]")
    page.wait_for_selector(".step-card .step-title", timeout=PATIENCE_MS)
    stage.keep("diagnosis", "first", (".give summary",))
    stage.show("diagnosis-record", "first", stage.pages["diagnosis"].address + "/record")
    stage.show("diagnosis-hand-over", "first", stage.pages["diagnosis"].address + "/hand-over")
    stage.show("status", "first", "/status", (".part-row summary",))
    stage.show("status-part", "first", "/status/part/control?till=till-1")
    page.click("[data-primary]")
    page.wait_for_selector(".result-still >> nth=1", timeout=PATIENCE_MS)
    page.wait_for_selector(".step-card .step-title", timeout=PATIENCE_MS)
    stage.keep("diagnosis-next", "first")
    first.well()
    page.wait_for_selector(".case[data-state=mended]", timeout=PATIENCE_MS)
    stage.show("diagnosis-mended", "first")
    stage.show("diagnoses", "first", "/diagnoses")
    first.go("/diagnoses/start?code=printer.font-missing")
    page.click("[data-primary]")
    page.wait_for_selector(".case")
    page.wait_for_selector(".step-card .step-kind", timeout=PATIENCE_MS)
    stage.keep("diagnosis-question", "first")
    page.click("form[action$='/leave'] button")
    page.wait_for_url("**/diagnoses")
    page.go_back()
    stage.keep("diagnosis-left", "first")
    for name, address in {
        "runbook": "/runbooks/fiscal.sko-disconnected",
        "runbook-large": "/runbooks/fiscal.red-cheque-status-unknown",
        "runbook-none": "/runbooks/faults.stale",
        "runbook-edit": "/runbooks/fiscal.sko-disconnected/edit",
        "runbook-compare": "/runbooks/fiscal.sko-disconnected/versions/0",
        "words-review": "/faults/words",
    }.items():
        stage.show(name, "administrator", address)
    text = "- code: fiscal.sko-disconnected\n  part: control"
    stage.keep_sent("runbook-broken", "administrator", stage.pages["runbook-edit"].address, {"text": text})
    administrator.go("/")

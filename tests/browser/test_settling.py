"""Settling an unknown receipt before a real browser: how it is done, in how many presses and seconds.

The five commonest cases are played by a senior cashier, once each; `pytest -s` prints the figures. A press is
a click, or a key that is not typing; seconds count from the red receipt to its end on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.browser.cashiers import Cashier, open_till, street
from tillwright.demo.shop import Shop
from tillwright.machine.clocks import SystemClock

__all__ = ["street"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLOCK = SystemClock()
ASKING = ["inquire", "documents", "restore"]
SENIOR = 50
PATIENCE_MS = 30_000


@dataclass
class Settler:
    """A senior cashier who settles, and how many presses that took."""

    at: Cashier
    presses: int = 0
    begun_ns: int = 0

    def begin(self) -> None:
        """The receipt is red on the screen."""
        self.at.until("red", PATIENCE_MS)
        self.start()

    def start(self) -> None:
        """From here on presses and seconds count."""
        self.presses, self.begun_ns = 0, CLOCK.monotonic_ns()

    def press(self, selector: str) -> None:
        self.presses += 1
        self.at.page.locator(selector).first.click()

    def open_walk(self) -> None:
        self.press("a.red-count")
        self.at.page.wait_for_selector("#walk, .operation[data-ended]")

    def choose(self, choice: str) -> None:
        self.presses += 1
        chosen = self.at.page.locator(f".says-one:has(#choice-{choice}:enabled)")
        chosen.wait_for(timeout=PATIENCE_MS)
        chosen.click()

    def confirm(self) -> None:
        self.press("[data-confirm]:enabled")

    def seconds(self) -> float:
        return (CLOCK.monotonic_ns() - self.begun_ns) / 1e9


@pytest.fixture(scope="module")
def settler(chromium: Browser, street: Shop) -> Iterator[Settler]:
    cashier = open_till(chromium, street, "till-1", number=SENIOR)
    yield Settler(cashier)
    cashier.context.close()
    assert cashier.wrong == []


def _nobody_answers(at: Cashier) -> None:
    at.order("faults", fault="commit_drop_answer", always=True, only=["register"])
    at.order("faults", fault="silent", always=True, only=ASKING)


def _never_arrives(at: Cashier) -> None:
    at.order("faults", fault="drop_request_close", next=1, only=["register"])
    at.order("faults", fault="silent", always=True, only=ASKING)


def _listed(settler: Settler) -> str:
    """The device has it and does not say so, the operator lists it: the program asks there by itself, so soon
    that it need not have been seen in red.
    """
    _nobody_answers(settler.at)
    settler.at.sell()
    either = ".operation[data-state=red], .operation[data-state=done]"
    settler.at.page.wait_for_selector(either, timeout=PATIENCE_MS)
    settler.start()
    return "done"


def _register_now(settler: Settler) -> str:
    """It never arrived, and the customer has gone with the goods."""
    _never_arrives(settler.at)
    settler.at.sell()
    settler.begin()
    settler.open_walk()
    settler.choose("register-now")
    settler.confirm()
    return "done"


def _returned(settler: Settler) -> str:
    """It never arrived, and goods and money are back."""
    _never_arrives(settler.at)
    settler.at.sell()
    settler.begin()
    settler.open_walk()
    settler.choose("returned")
    settler.confirm()
    return "refused"


def _by_telephone(settler: Settler) -> str:
    """Nobody can be asked but on the telephone; the three fields are typed."""
    at, shop = settler.at, settler.at.shop
    _nobody_answers(at)
    shop.order(at.serial, "uplink", {"on": False})
    shop.order("operator", "plug", {"plugged": False})
    at.sell()
    settler.begin()
    settler.open_walk()
    at.page.wait_for_selector("text=The operator does not answer", timeout=PATIENCE_MS)
    document = at.documents()[-1]
    settler.choose("happened")
    at.page.fill("#happened-number", str(document["number"]))
    at.page.fill("#happened-unique", document["unique_number"])
    settler.confirm()
    return "done"


def _by_itself(settler: Settler) -> str:
    """The device comes back and is asked: nobody presses anything."""
    settler.at.order("faults", fault="crash", next=1, only=["register"], at="after", delay_ms=12_000)
    settler.at.sell()
    settler.begin()
    return "done"


CASES: tuple[Callable[[Settler], str], ...] = (
    _by_itself,
    _listed,
    _register_now,
    _returned,
    _by_telephone,
)
MOST_PRESSES = 3


@pytest.mark.parametrize("play", CASES, ids=lambda one: one.__name__.strip("_"))
def test_a_red_receipt_is_settled_in_three_presses_at_most(
    settler: Settler, play: Callable[[Settler], str], capsys: pytest.CaptureFixture[str]
) -> None:
    at = settler.at
    _well(at)
    ended = play(settler)
    at.page.wait_for_selector(f".operation[data-state={ended}]", timeout=PATIENCE_MS)
    with capsys.disabled():
        told = (play.__doc__ or "").partition(":")[0]
        print(f"\n  {settler.presses} presses, {settler.seconds():4.1f} s  {told}")
    assert settler.presses <= MOST_PRESSES


def _well(at: Cashier) -> None:
    """All is well again, and a sale shows that the line to the device stands."""
    at.well()
    at.shop.order(at.serial, "uplink", {"on": True})
    at.shop.order("operator", "plug", {"plugged": True})
    at.sell()
    at.until("done", PATIENCE_MS)


def test_a_cashier_has_somebody_confirm_with_number_and_pin(chromium: Browser, street: Shop) -> None:
    at = open_till(chromium, street, "till-2", number=9)
    settler = Settler(at)
    _well(at)
    _never_arrives(at)
    at.sell()
    settler.begin()
    settler.open_walk()
    settler.choose("returned")
    settler.confirm()
    dialog = at.page.locator("dialog[open]")
    dialog.locator("input[name=number]").fill("50")
    dialog.locator("input[name=pin]").fill("5656")
    at.page.keyboard.press("Enter")
    at.until("refused", PATIENCE_MS)
    assert "Ruth" in (at.page.locator(".picture-wide").text_content() or "")
    at.well()
    at.context.close()
    assert at.wrong == []

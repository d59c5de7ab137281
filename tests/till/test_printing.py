"""A stored receipt on its way to the printer: in the shop's language, with people by name, a copy said so."""

from __future__ import annotations

import re

from django.utils import translation

from tests.till.counter import Counter
from tillwright.parties.printer.machine import Printer
from tillwright.parties.printer.reader import CommandReader
from tillwright.parties.printer.slips import MemorySlips
from tillwright.till.printing import TEST_SLIP, bytes_of


def printed(data: bytes) -> str:
    """What can be read on the paper."""
    store = MemorySlips()
    printer = Printer("P", store)
    for command in CommandReader().feed(data):
        printer.take(command)
    printer.work(0)
    (slip,) = store.slips("P")
    return slip.text


def test_a_receipt_is_printed_in_the_shops_language_whoever_presses(counter: Counter) -> None:
    stored = counter.page.station.document(counter.sell().uid)
    assert stored is not None
    with translation.override("vi"):
        paper = printed(bytes_of(stored, copy=False))
    assert "TOTAL" in paper
    assert "Person 7" in paper
    assert "COPY" not in paper


def test_every_print_but_the_first_says_copy(counter: Counter) -> None:
    stored = counter.page.station.document(counter.sell().uid)
    assert stored is not None
    assert "*** COPY ***" in printed(bytes_of(stored, copy=True))


def test_a_printer_is_tested_with_a_slip_that_is_no_receipt(counter: Counter) -> None:
    paper = printed(bytes_of(TEST_SLIP, copy=False))
    assert re.fullmatch(r"\[\d+ × \d+\]\n", paper), "the shop's languages need letters that are drawn"

"""What goes to the printer: its own letters where they are exact, else a picture, never other letters."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.documents.voices import WORDS
from tillwright.documents.receipt import Receipt, ReceiptLine
from tillwright.documents.slip_text import WIDTH, Line
from tillwright.kernel.fault import FaultError
from tillwright.parties.printer.machine import Printer
from tillwright.parties.printer.paper import is_western, paper_bytes, print_bytes
from tillwright.parties.printer.reader import (
    Ask,
    Clear,
    Command,
    CommandReader,
    Confirm,
    Cut,
    Letters,
    Picture,
    Unknown,
)
from tillwright.parties.printer.slips import Dots, MemorySlips, Printed, Text, png
from tillwright.parties.printer.states import CLEAR, CONFIRM, QUESTIONS
from tillwright.parties.printer.typefaces import (
    CELL_HEIGHT,
    CELL_WIDTH,
    NARROW,
    WIDE,
    FontMissing,
    Typeface,
    find_fonts,
    system_typeface,
)

NO_FONTS = Typeface(())
NEEDS_FONTS = pytest.mark.skipif(
    not (find_fonts(NARROW) and find_fonts(WIDE)), reason="no fonts for other scripts on this machine"
)


def printed(data: bytes) -> Printed:
    """The one slip that comes out of it."""
    store = MemorySlips()
    printer = Printer("P", store)
    for command in CommandReader().feed(data):
        printer.take(command)
    printer.work(0)
    (slip,) = store.slips("P")
    return slip


def receipt(name: str) -> Receipt:
    return Receipt(
        uid="u",
        kind="cash-sale",
        till="2",
        number=118,
        shift=41,
        cashier="Minh",
        started_ms=0,
        ended_ms=0,
        currency="EUR",
        total_minor=568,
        lines=(ReceiptLine("milk", name, 1000, 568),),
        tenders=(),
        change_minor=0,
    )


# ── letters ──


@pytest.mark.parametrize("text", ["TOTAL 5.68", "Café, 2 × 1,89 €", "Größe ½ £", "5.68\N{NO-BREAK SPACE}EUR"])
def test_what_the_printers_letters_can_say_is_sent_as_letters(text):
    assert is_western(text)
    parts = printed(paper_bytes([Line(text, strong=True)], NO_FONTS)).parts
    assert parts == (Text(text.replace("\N{NO-BREAK SPACE}", " "), strong=True),)


@pytest.mark.parametrize("text", ["Sữa tươi", "Молоко", "牛奶", "₫"])
def test_what_they_cannot_say_is_not_western(text):
    assert not is_western(text)


@pytest.mark.parametrize("text", ["Sữa tươi", "Молоко", "牛奶"])
@NEEDS_FONTS
def test_other_scripts_go_as_one_picture_of_the_whole_slip(text):
    (part,) = printed(paper_bytes([Line("TOTAL 5.68"), Line(text)], system_typeface())).parts
    assert isinstance(part, Dots)
    assert (part.width, part.height) == (WIDTH * CELL_WIDTH, 2 * CELL_HEIGHT)
    drawn = system_typeface().draw([Line("TOTAL 5.68"), Line(text)], WIDTH)
    assert bytes(byte ^ 0xFF for byte in part.data) == drawn.tobytes()


@NEEDS_FONTS
def test_different_words_look_different_and_strong_ones_stronger():
    face = system_typeface()
    plain, other, strong = (
        face.draw([line], WIDTH).tobytes() for line in (Line("Молоко"), Line("Молако"), Line("Молоко", True))
    )
    assert plain != other
    assert ink(strong) > ink(plain)


def ink(dots: bytes) -> int:
    return sum((byte ^ 0xFF).bit_count() for byte in dots)


@pytest.mark.parametrize(("text", "letters"), [("Чай", "Ч а й"), ("牛奶 牛", "牛 奶")])
def test_without_a_font_nothing_is_printed_and_the_letters_are_named(text, letters):
    with pytest.raises(FaultError) as raised:
        paper_bytes([Line(text)], NO_FONTS)
    assert raised.value.fault.code == "printer.font-missing"
    assert raised.value.fault.facts["letters"] == letters


@NEEDS_FONTS
def test_letters_that_no_font_has_are_named_once_each():
    face = system_typeface()
    assert face.missing("A\U00012000\U00012000 B") == "\U00012000"
    with pytest.raises(FontMissing, match="no font for"):
        face.draw([Line("\U00012000")], WIDTH)


def test_a_folder_without_fonts_gives_none(tmp_path: Path):
    assert find_fonts(NARROW, (str(tmp_path), str(tmp_path / "gone"))) == ()


def test_fonts_are_found_in_the_order_of_their_names(tmp_path: Path):
    for name in ("b.ttf", "a.ttc"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in find_fonts(("a.ttc", "b.ttf", "c.ttf"), (str(tmp_path),))] == [
        "a.ttc",
        "b.ttf",
    ]


# ── documents ──


def test_a_receipt_comes_out_as_it_was_laid_out_and_is_cut():
    slip = printed(print_bytes(receipt("Milk"), WORDS, NO_FONTS))
    assert slip.whole
    assert "Receipt 118" in slip.text
    assert any(
        isinstance(part, Text) and part.strong and part.text.startswith("TOTAL") for part in slip.parts
    )


@NEEDS_FONTS
def test_a_receipt_in_chinese_can_be_looked_at():
    slip = printed(print_bytes(receipt("牛奶"), WORDS))
    assert slip.text.startswith("[504 × ")
    picture = Image.open(BytesIO(png(slip)))
    assert picture.format == "PNG"
    assert picture.width > WIDTH * CELL_WIDTH


@NEEDS_FONTS
def test_a_slip_of_letters_can_be_looked_at_too():
    blank, written = (Image.open(BytesIO(png(Printed(1, 0, (Text(text),))))) for text in ("", "TOTAL"))
    assert blank.size == written.size
    assert ink(written.tobytes()) > ink(blank.tobytes())


# ── the reader ──


def test_real_time_commands_and_the_rest_are_told_apart():
    data = b"".join(QUESTIONS) + b"\x1b@Hi\n" + CONFIRM + CLEAR + b"\x1bZ\x1dV\x42\x00"
    kinds = [type(command) for command in CommandReader().feed(data)]
    assert kinds.count(Ask) == 3
    assert (kinds.count(Confirm), kinds.count(Clear), kinds.count(Cut), kinds.count(Unknown)) == (1, 1, 1, 1)


def test_a_picture_may_hold_bytes_that_look_like_commands():
    data = b"\x1dv0\x00\x03\x00\x01\x00" + QUESTIONS[0]
    assert CommandReader().feed(data) == [Picture(3, 1, QUESTIONS[0])]


@given(st.lists(st.integers(1, 40), max_size=12), st.text(alphabet="abcé\n ", max_size=60))
def test_pieces_change_nothing(sizes, text):
    data = paper_bytes([Line(line) for line in text.split("\n")], NO_FONTS) + CONFIRM
    pieces, start = [], 0
    for size in sizes:
        pieces.append(data[start : start + size])
        start += size
    reader = CommandReader()
    in_pieces = [one for piece in [*pieces, data[start:]] for one in reader.feed(piece)]
    assert joined(in_pieces) == joined(CommandReader().feed(data))


def joined(commands: list[Command]) -> list[Command]:
    """Letters that stand together as one."""
    whole: list[Command] = []
    for command in commands:
        last = whole[-1] if whole else None
        if isinstance(command, Letters) and isinstance(last, Letters):
            whole[-1] = Letters(last.data + command.data)
        else:
            whole.append(command)
    return whole


@given(st.binary(max_size=200))
def test_rubbish_never_stops_the_reader(data):
    printer = Printer("P", MemorySlips())
    for command in CommandReader().feed(data):
        printer.take(command)
    printer.work(0)
    assert printer.waiting == 0

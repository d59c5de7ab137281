"""verify on the books of a whole fiscal till: honest ones agree, and whatever row is changed in any of the
journal, the device's and the operator's book is found and named.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.demo import honest_fiscal
from tests.demo.tampering import tamper
from tests.demo.tampering_fiscal import OPERATOR, TAMPERED, THIRD
from tillwright import cli
from tillwright.journal import shifts
from tillwright.operations.model import Content, Line


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["verify", *words])
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def honest_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("honest")
    honest_fiscal.fill(made)
    return made


@pytest.fixture
def folder(honest_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(honest_folder, tmp_path / "books"))


def found(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    status = run(str(folder), "--json")
    return status, json.loads(capsys.readouterr().out)


def test_honest_books_agree(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, report = found(folder, capsys)
    assert (status, report["differences"], report["unfinished"]) == (0, [], [])
    assert (report["lost"], report["doubled"], report["money_off_minor"]) == (0, 0, 0)
    books = report["books"]
    assert list(books) == ["operator", "journal", "device"]
    assert {book["operations"] for book in books.values()} == {14}
    assert len({book["sum_minor"] for book in books.values()}) == 1
    assert (report["ruled"], report["undelivered"]) == ({"happened": 1, "did_not": 0}, 0)
    assert report["ruled_checked"] == {"agrees": 1, "against": 0, "unchecked": 0}
    assert (report["reds"], report["reds_ended"]) == (1, 1)


@pytest.mark.parametrize("name", TAMPERED)
def test_a_changed_row_is_found_and_named(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    book, statement, what = TAMPERED[name]
    tamper(folder, book, "PRAGMA ignore_check_constraints=1", statement)
    status, report = found(folder, capsys)
    assert status == 1
    assert what in {one["what"] for one in report["differences"]}
    assert all(one["text"] for one in report["differences"])


def test_the_changed_row_is_named_by_its_number(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(folder, OPERATOR, f"UPDATE document SET total_minor = total_minor + 1 WHERE {THIRD}")
    assert run(str(folder)) == 1
    out = capsys.readouterr().out
    assert "Document 3 of device SKO-1: the operator has 569, the device 568" in out
    assert "money off 1 (minor units)" in out


def test_what_was_not_delivered_yet_is_counted_and_no_difference(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(folder, OPERATOR, "DELETE FROM document WHERE number > 12")
    tamper(folder, "station.db", "UPDATE outbox SET delivered_ms = NULL WHERE number > 12")
    status, report = found(folder, capsys)
    assert (status, report["undelivered"], report["lost"]) == (0, 2, 0)


def test_what_the_operator_has_lost_is_lost(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(folder, OPERATOR, f"DELETE FROM document WHERE {THIRD}")
    _, report = found(folder, capsys)
    assert (report["lost"], report["undelivered"], report["money_off_minor"]) == (1, 1, 568)


def test_a_shop_whose_operator_has_no_book_cannot_be_compared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "twins.toml").write_text('store = "twins.db"\n[operator]\nstore = "elsewhere.db"\n')
    assert run(str(folder)) == 2
    assert "elsewhere.db" in capsys.readouterr().err


def test_a_miscounting_device_is_found_until_the_book_is_corrected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = honest_fiscal.shop_at_work(tmp_path)
    shop.device.miscount(-5_00)
    shop.look()
    shop.deliver()
    status, report = found(tmp_path, capsys)
    assert (status, [one["what"] for one in report["differences"]]) == (1, ["cash-differs"])
    assert "9500 by the device, 10000 by the book; -500" in report["differences"][0]["text"]
    shop.write(lambda place: shifts.hold_for_correction(place, honest_fiscal.TILL, "90", shop.now_ms))
    shop.do("correction", Content("EUR", -5_00, (), (), reason="unexplained", after=2))
    status, report = found(tmp_path, capsys)
    assert (status, report["differences"]) == (0, [])


def test_a_line_of_nothing_comes_back_without_a_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = honest_fiscal.shop_at_work(tmp_path)
    nothing = Line("300", "Coupon", 0, 0)
    sold = shop.do("cash-sale", honest_fiscal.sale(honest_fiscal.TEA, nothing))
    lines = (replace(honest_fiscal.TEA, of=1), replace(nothing, of=2))
    shop.do("void", honest_fiscal.back(sold, *lines))
    shop.deliver()
    status, report = found(tmp_path, capsys)
    assert (status, report["differences"]) == (0, [])

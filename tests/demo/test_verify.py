"""verify: honest books agree, and whatever row somebody changes in either book is found and named."""

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.demo import honest_books
from tests.demo.tampering import DOCUMENT, TAMPERED, tamper
from tillwright import cli
from tillwright.demo.verify import Verdict, compare, report_of
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.parties.control.sqlite_store import SqliteStore


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["verify", *words])
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def honest_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("honest")
    honest_books.fill(made)
    return made


@pytest.fixture
def folder(honest_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(honest_folder, tmp_path / "books"))


def found(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    status = run(str(folder), "--json")
    return status, json.loads(capsys.readouterr().out)


# ── honest books ────────────────────────────────────────────────────────────────────────────────────────────


def test_honest_books_agree(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, report = found(folder, capsys)
    assert (status, report["differences"], report["unfinished"]) == (0, [], [])
    assert (report["baskets"], report["operations"]) == (8, 10)
    assert (report["lost"], report["doubled"], report["money_off_minor"]) == (0, 0, 0)
    total_minor = 2 * honest_books.FLOAT_MINOR + 3904
    assert report["books"] == {
        "journal": {"operations": 10, "sum_minor": total_minor},
        "device": {"operations": 10, "sum_minor": total_minor},
    }
    assert [row["device_minor"] - row["book_minor"] for row in report["cash"]] == [0, 0]


def test_the_report_has_the_keys_that_are_promised(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, report = found(folder, capsys)
    frame = {"command", "version", "git", "machine", "started", "seconds"}
    keys = {
        "baskets", "operations", "lost", "doubled", "money_off_minor", "reds", "reds_ended", "undelivered",
        "books", "excluded", "stores", "days", "ruled", "kills", "differences",
    }  # fmt: skip
    assert frame | keys <= set(report)
    assert report["command"] == "verify"
    assert (report["stores"], report["days"], report["ruled"]) == (1, 1, {"happened": 0, "did_not": 0})


def test_people_are_told_in_sentences(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(folder)) == 0
    out = capsys.readouterr().out
    assert "The books agree on 10 operations." in out
    assert not out.startswith("{")


# ── one row changed ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", TAMPERED)
def test_a_changed_row_is_found_and_named(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    book, statement, what = TAMPERED[name]
    tamper(folder, book, statement)
    status, report = found(folder, capsys)
    assert status == 1
    assert what in {one["what"] for one in report["differences"]}
    assert all(one["text"] for one in report["differences"])


def test_the_changed_row_is_named_by_its_number(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(folder, "twins.db", f"UPDATE document SET total_minor = total_minor + 1 WHERE {DOCUMENT}")
    assert run(str(folder)) == 1
    out = capsys.readouterr().out
    assert "Document 3 of device SKO-1, cash-sale 3 of till-1: the journal has 489, the device 490" in out
    assert "money off 1 (minor units)" in out


def test_what_is_lost_and_doubled_is_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(folder, "twins.db", f"DELETE FROM document WHERE {DOCUMENT}")
    _, report = found(folder, capsys)
    assert (report["lost"], report["doubled"], report["money_off_minor"]) == (1, 0, 489)
    assert [row["device_minor"] - row["book_minor"] for row in report["cash"]] == [-489, 0]


def test_two_errors_of_one_sum_do_not_hide_each_other(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(folder, "twins.db", f"UPDATE document SET total_minor = total_minor + 1 WHERE {DOCUMENT}")
    tamper(
        folder, "twins.db",
        "UPDATE document SET total_minor = total_minor - 1 WHERE serial = 'SKO-1' AND number = 4",
    )  # fmt: skip
    status, report = found(folder, capsys)
    assert (status, report["money_off_minor"]) == (1, 2)
    sums = {book["sum_minor"] for book in report["books"].values()}
    assert len(sums) == 1


# ── while work is under way ─────────────────────────────────────────────────────────────────────────────────


def test_what_has_not_ended_may_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = honest_books.open_shop(tmp_path)
    uid = shop.sell("till-1", 777, answered=False)
    status, report = found(tmp_path, capsys)  # the books are open and in use
    shop.close()
    assert (status, report["differences"]) == (0, [])
    (waiting,) = report["unfinished"]
    assert (waiting["uid"], waiting["state"], waiting["total_minor"]) == (uid, "open", 777)
    assert waiting["at_device"] is True
    assert report["cash"][0]["explained_minor"] == 777
    assert run(str(tmp_path)) == 0
    assert "receipt 2 of till-1, EUR 7.77, is open and stands at the device" in capsys.readouterr().out


def test_comparing_beside_a_station_at_work_finds_nothing(tmp_path: Path) -> None:
    """Sales go on while the books are read: whatever the moment, no difference is seen."""
    sold_one, stop = threading.Event(), threading.Event()
    sold: list[str] = []

    def work() -> None:
        shop = honest_books.open_shop(tmp_path)
        while not stop.is_set() and len(sold) < 2000:
            sold.append(shop.sell(f"till-{1 + len(sold) % 2}", 100 + len(sold)))
            sold_one.set()
        shop.close()

    def compared_after_a_sale() -> Verdict:
        while thread.is_alive() and not sold_one.wait(0.1):
            pass
        sold_one.clear()
        return compare(tmp_path)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        verdicts = [compared_after_a_sale() for _ in range(10)]
    finally:
        stop.set()
        thread.join()
    assert [verdict.differences for verdict in verdicts] == [[]] * 10
    counts = [report_of([verdict])["operations"] for verdict in verdicts]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


# ── wrong use ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_without_books_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path)) == 2
    assert "station.db) is missing" in capsys.readouterr().err


def test_a_folder_without_twins_is_wrong_use(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "twins.toml").write_text('store = "elsewhere.db"\n')
    assert run(str(folder)) == 2
    assert "elsewhere.db" in capsys.readouterr().err


def test_a_book_that_is_none_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "twins.db").write_bytes(b"no database at all" * 500)
    assert run(str(folder)) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_nothing_to_compare_proves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    SqliteStore(tmp_path / "twins.db").close()
    journal = SqliteJournal(tmp_path / "station.db")
    create(journal.connection)
    journal.close()
    assert run(str(tmp_path)) == 1
    assert "nothing has been compared" in capsys.readouterr().out


def test_several_folders_are_one_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        honest_books.fill(tmp_path / name)
    assert run(str(tmp_path / "north"), str(tmp_path / "south"), "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["stores"], report["operations"]) == (2, 20)

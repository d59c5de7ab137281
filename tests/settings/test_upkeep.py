"""What a technician does with a station from the command line: backups, goods, tokens."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.pages import SETTINGS, PageStation
from tillwright import cli
from tillwright.machine import sqlite
from tillwright.machine.locks import FileLock
from tillwright.people.tokens import hash_of
from tillwright.settings import backup
from tillwright.settings.station import StationSettings, load_station

HEADER = "sku;name;name.ru;unit;price.EUR;price.VND;barcodes;favourite\n"
ROWS = (
    "A1;Black tea;Чёрный чай;piece;1,89;32000;2000000099991 2000000099984;\n"
    "A2;Plums;;kg;2.4;;;7\n"
)  # fmt: skip
TABLE = HEADER + ROWS


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(word) for word in words])
    return int(ended.value.code or 0)


@pytest.fixture
def file(page_folder: Path) -> Path:
    """The settings of a station that is prepared and stopped."""
    file = page_folder / "station.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    return file


def rows(database: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite.connect(database)
    found = [tuple(row) for row in connection.execute(statement)]
    connection.close()
    return found


# ── backup ────────────────────────────────────────────────────────────────────────────────────────


def test_a_backup_is_a_folder_with_both_databases_and_the_settings(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("backup", file, tmp_path / "backups") == 0
    (made,) = (tmp_path / "backups").iterdir()
    assert made.name.startswith("corner-2")
    assert {one.name for one in made.iterdir()} == {"station.db", "sessions.db", "station.toml"}
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert f"{made}: 0 operations" in capsys.readouterr().out
    for name in ("station.db", "sessions.db"):
        wanted = rows(file.parent / name, "SELECT name, sql FROM sqlite_schema ORDER BY 1, 2")
        assert rows(made / name, "SELECT name, sql FROM sqlite_schema ORDER BY 1, 2") == wanted
    assert load_station(made / "station.toml").station == "corner"


def test_a_station_that_sells_is_copied_as_it_stands(page_station: PageStation, tmp_path: Path) -> None:
    file = page_station.settings.folder / "station.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    page_station.station.write(lambda db: db.execute("UPDATE account SET name = 'New' WHERE number = 7"))
    made = backup.back_up(page_station.settings, file, tmp_path, 0)
    assert made.folder.name == "corner-19700101-000000"
    assert rows(made.folder / "station.db", "SELECT name FROM account WHERE number = 7") == [("New",)]
    page_station.station.write(lambda db: db.execute("UPDATE account SET name = 'Newer' WHERE number = 7"))


def test_a_backup_does_not_take_the_place_of_another(file: Path, tmp_path: Path) -> None:
    station = load_station(file)
    made = backup.back_up(station, file, tmp_path, 0)
    (made.folder / "station.db").write_bytes(b"the first")
    with pytest.raises(backup.BackupFailed, match="is there already"):
        backup.back_up(station, file, tmp_path, 0)
    assert (made.folder / "station.db").read_bytes() == b"the first"


def damage(database: Path) -> None:
    """Overwrite a page in the middle."""
    with database.open("r+b") as opened:
        opened.seek(database.stat().st_size // 2 // 4096 * 4096)
        opened.write(b"\xa5" * 4096)


def test_a_copy_that_cannot_be_read_is_no_backup(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = backup._copy

    def damaged_copy(database: Path, target: Path) -> None:
        copy(database, target)
        damage(target)

    monkeypatch.setattr(backup, "_copy", damaged_copy)
    assert run("backup", file, tmp_path / "backups") == 1
    assert "there is no backup: station.db" in capsys.readouterr().err
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_copy_that_lacks_operations_is_no_backup(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter([5, 4])
    monkeypatch.setattr(backup, "count_operations", lambda *_, **__: next(counts))
    with pytest.raises(backup.BackupFailed, match="has 4 operations, the station had 5 before"):
        backup.back_up(load_station(file), file, tmp_path / "backups", 0)
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.parametrize("command", ["backup", "goods"])
def test_where_nothing_was_prepared_there_is_nothing_to_do(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "station.toml"
    assert run(command, file, tmp_path) == 2
    assert "cannot be read" in capsys.readouterr().err
    file.write_text(SETTINGS, encoding="utf-8")
    assert run(command, file, tmp_path) == 2
    assert "run `tillwright prepare` first" in capsys.readouterr().err
    assert {one.name for one in tmp_path.iterdir()} == {"station.toml"}


# ── goods ─────────────────────────────────────────────────────────────────────────────────────────


def test_goods_come_from_a_table_and_are_found(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "goods.csv"
    table.write_text("\ufeff" + TABLE, encoding="utf-8")
    assert run("goods", file, table) == 0
    assert "2 goods are in the station now" in capsys.readouterr().out
    database = load_station(file).database
    prices = "SELECT sku, currency, price_minor FROM price JOIN goods ON goods.id = goods WHERE sku LIKE 'A_'"
    assert sorted(rows(database, prices)) == [("A1", "EUR", 189), ("A1", "VND", 32_000), ("A2", "EUR", 240)]
    goods = "SELECT sku, names, unit, favourite FROM goods WHERE sku LIKE 'A_' ORDER BY sku"
    assert rows(database, goods) == [
        ("A1", '{"": "Black tea", "ru": "Чёрный чай"}', "piece", None),
        ("A2", '{"": "Plums"}', "kg", 7),
    ]
    assert rows(database, "SELECT count(*) FROM barcode WHERE code LIKE '20000000999__'") == [(2,)]


def test_goods_come_from_toml_and_the_same_file_twice_changes_nothing(file: Path, tmp_path: Path) -> None:
    text = '[[goods]]\nsku = "A1"\nnames = { en = "Tea" }\nprices_minor = { EUR = 189 }\n'
    (tmp_path / "goods.toml").write_text(text, encoding="utf-8")
    before = rows(load_station(file).database, "SELECT count(*) FROM goods")[0][0]
    assert isinstance(before, int)
    for _ in range(2):
        assert run("goods", file, tmp_path / "goods.toml") == 0
    assert rows(load_station(file).database, "SELECT count(*) FROM goods") == [(before + 1,)]


def test_to_check_a_file_writes_nothing(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "goods.csv").write_text(TABLE, encoding="utf-8")
    assert run("goods", file, tmp_path / "goods.csv", "--check") == 0
    assert "2 goods, nothing wrong; nothing was written" in capsys.readouterr().out
    assert rows(load_station(file).database, "SELECT count(*) FROM goods WHERE sku LIKE 'A_'") == [(0,)]


def test_a_station_that_runs_has_to_be_stopped_first(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    station: StationSettings = load_station(file)
    (tmp_path / "goods.csv").write_text(TABLE, encoding="utf-8")
    with FileLock(station.lock):
        assert run("goods", file, tmp_path / "goods.csv") == 2
    assert "stop the station first" in capsys.readouterr().err
    assert rows(station.database, "SELECT count(*) FROM goods WHERE sku LIKE 'A_'") == [(0,)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: the names of the columns are missing"),
        ("name\nTea\n", "line 1: the columns sku and name are needed"),
        ("sku,name,colour\n1,Tea,red\n", "line 1: there is no column 'colour'"),
        ("sku,name,price.XYZ\n1,Tea,1\n", "line 1: there is no column 'price.XYZ'"),
        ("sku,name,name\n1,Tea,Tea\n", "line 1: two columns have the same name"),
        ("sku,name\n1,Tea\n2\n", "line 3: there are more or fewer cells than columns"),
        ("sku,name\n1,Tea,red\n", "line 2: there are more or fewer cells than columns"),
        ('sku,name\n1,"Tea\n', ": unexpected end of data"),
        ("sku,name,price.EUR\n1,Tea,1.895\n", "line 2: not a sum in this currency"),
        ("sku,name,price.EUR\n1,Tea,-1\n", "line 2: not a sum"),
        ("sku,name,price.VND\n1,Tea,10.5\n", "line 2: not a sum in this currency"),
        ("sku,name,favourite\n1,Tea,first\n", "line 2: invalid literal"),
        ("sku,name,unit\n1,Tea,bag\n", "goods '1': no unit 'bag'"),
        ("sku,name\n1,\n", "goods '1' have no name"),
        ("sku,name\n1,Tea\n1,Tea\n", "goods '1' are there twice"),
        ("sku,name,barcodes\n1,Tea,7\n2,Milk,7\n", "goods '1' and '2' have the same code 7"),
    ],
)
def test_a_mistake_in_a_table_is_told_with_its_line_and_nothing_is_written(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    (tmp_path / "goods.csv").write_text(text, encoding="utf-8")
    before = rows(load_station(file).database, "SELECT sku, names FROM goods ORDER BY sku")
    assert run("goods", file, tmp_path / "goods.csv") == 2
    assert told in capsys.readouterr().err
    assert rows(load_station(file).database, "SELECT sku, names FROM goods ORDER BY sku") == before


def test_prices_in_a_currency_that_the_pack_lacks_are_refused(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '[[goods]]\nsku = "1"\nnames = { en = "Tea" }\nprices_minor = { XYZ = 1 }\n'
    (tmp_path / "goods.toml").write_text(text, encoding="utf-8")
    assert run("goods", file, tmp_path / "goods.toml") == 2
    assert "the pack has no currency 'XYZ'" in capsys.readouterr().err


# ── tokens ────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_is_shown_once_with_the_hash_for_the_settings(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("token", file, "1") == 0
    _, text, _, line, _ = (one.strip() for one in capsys.readouterr().out.splitlines())
    assert line == f'token = "{hash_of(text)}"'
    file.write_text(SETTINGS.replace('name = "Till 1"', f'name = "Till 1"\n{line}'), encoding="utf-8")
    till = load_station(file).till("1")
    assert till is not None
    assert till.token == hash_of(text)


def test_there_are_no_tokens_for_tills_that_are_not_there(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("token", file, "9") == 2
    told = capsys.readouterr()
    assert "there is no till '9'; there is 1, 2" in told.err
    assert told.out == ""

"""The journal's tables as Django makes and reads them: the same as the journal makes for itself."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from tests.journal.storages import UID
from tests.journal.worlds import LOST, Device, request
from tests.pages import PageStation, page_clock, page_folder, page_station, page_template, people
from tillwright.journal import models, schema_till
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.parties.wire import Noticed
from tillwright.settings.database.base import writable

__all__ = ["page_clock", "page_folder", "page_station", "page_template", "people"]

SCHEMA = "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? ORDER BY type, name"


def schema_of(execute: Any) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: [tuple(row) for row in execute(SCHEMA, (table,)).fetchall()]
        for table in schema_till.ALL_TABLE_NAMES
    }


def created(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    journal = SqliteJournal(folder / "created.db")
    create(journal.connection)
    found = schema_of(journal.connection.execute)
    journal.close()
    return found


def migrated() -> dict[str, list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        return schema_of(lambda statement, values: cursor.execute(statement.replace("?", "%s"), values))


def test_what_is_migrated_is_what_the_journal_creates(page_station: PageStation, tmp_path: Path) -> None:
    assert migrated() == created(tmp_path)
    assert all(migrated().values())


def test_a_migration_back_leaves_nothing(page_station: PageStation) -> None:
    page_station.station.stop()
    connection.close()
    with writable():
        call_command("migrate", "journal", "zero", verbosity=0)
        assert not any(migrated().values())
        call_command("migrate", "journal", verbosity=0)
        assert all(migrated().values())
        connection.close()


def test_no_change_of_the_models_waits_for_a_migration(page_station: PageStation) -> None:
    assert call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0) is None


ROWS = (
    (
        "INSERT INTO outbox (receiver, till, serial, number, total_minor, queued_ms, queued_tally_ms) "
        "VALUES ('centre', '1', 'SKO-1', 1, 568, 1, 0)"
    ),
    (
        "INSERT INTO shift (till, number, state, currency, opened_ms, opened_by, closed_by) "
        "VALUES ('1', 1, 'open', 'EUR', 1, '11', '')"
    ),
    "INSERT INTO cash_count VALUES ('c', '1', 1, '11', 1, 'EUR', x'5b5d', 5, 6, '')",
    (
        "INSERT INTO enquiry (operation, receiver, person, asked_ms, from_ms, to_ms) "
        "VALUES (1, 'operator', '11', 1, 0, 1)"
    ),
    (
        "INSERT INTO ruling (operation, leg, version, happened, person, second, reason, unique_number, "
        "at_ms, body) VALUES (1, 1, 2, 1, '11', '', '', '', 1, x'7b7d')"
    ),
    "INSERT INTO audit VALUES (1, 1, '11', 'ruling', '{}', 'x', 'y')",
)


@pytest.fixture
def sold(page_station: PageStation) -> PageStation:
    """A station that has sold once."""
    begun = page_station.station.start(request())
    page_station.station.deliver("1", Device().register(begun, begun.legs[0], 1))
    page_station.station.deliver("1", Noticed(LOST))
    page_station.station.write(lambda db: [db.execute(statement) for statement in ROWS])
    return page_station


def test_each_table_is_read_by_its_model(sold: PageStation) -> None:
    operation = models.Operation.objects.get(uid=UID)
    assert (operation.state, operation.total_minor, operation.version) == ("done", 568, 2)
    events = models.Event.objects.filter(operation=operation).order_by("version")
    assert [(event.pk, event.happening) for event in events] == [
        ((operation.pk, 1), "started"), ((operation.pk, 2), "accepted"),
    ]  # fmt: skip
    entries = models.Entry.objects.filter(operation__uid=UID)
    assert sum(entry.amount_minor for entry in entries) == 0
    assert models.Balance.objects.get(pk=("1", "EUR", "drawer")).amount_minor == 568
    assert models.Document.objects.get(operation=operation).kind == "receipt"
    assert models.DeviceDocument.objects.get(key=f"{UID}.1").pk == ("SKO-1", 1)
    assert models.Outbox.objects.get(serial="SKO-1", receiver="centre").delivered_ms is None
    assert models.Shift.objects.get(pk=("1", 1)).state == "open"
    assert models.CashCount.objects.get().expected_minor == 6
    assert models.Enquiry.objects.get(operation=operation).answered_ms is None
    assert models.Ruling.objects.get(operation__uid=UID).happened
    assert models.Audit.objects.get(number=1).what == "ruling"
    assert models.Fault.objects.get().code == "fiscal.sko-disconnected"


def test_models_cannot_write(sold: PageStation) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        models.Operation.objects.update(state="done")
    with pytest.raises(OperationalError, match="readonly"):
        models.Entry.objects.create(
            operation_id=1, till="1", shift=1, currency="EUR", account="drawer", amount_minor=1, at_ms=1
        )

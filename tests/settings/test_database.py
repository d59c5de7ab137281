"""Connections of the pages: safe, and unable to write the station's database."""

import threading

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import RequestFactory

from tests.pages import PageStation, People
from tillwright.people.models import Account, Attempt
from tillwright.settings.database.base import writable


def test_an_orm_write_from_a_request_thread_fails(page_station: PageStation, people: People) -> None:
    account = Account.objects.get(number=people.cashier)
    account.name = "Somebody else"
    with pytest.raises(OperationalError, match="readonly"):
        account.save()
    with pytest.raises(OperationalError, match="readonly"), transaction.atomic():
        Account.objects.filter(number=people.cashier).delete()
    assert Account.objects.get(number=people.cashier).name == "Person 7"


def test_that_holds_in_every_thread_that_serves(page_station: PageStation, django_db_blocker) -> None:
    errors: list[Exception] = []

    def serve() -> None:
        try:
            RequestFactory().get("/")
            Account.objects.all().update(name="x")
        except OperationalError as error:
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    thread.join()
    assert len(errors) == 1


def test_a_reader_in_a_transaction_does_not_hold_the_writer_up(page_station: PageStation) -> None:
    with transaction.atomic():
        assert Account.objects.count() == 4
        page_station.station.write(lambda db: db.execute("UPDATE account SET name = 'New' WHERE number = 7"))
        assert Account.objects.get(number=7).name == "Person 7"  # what this reader began with
    assert Account.objects.get(number=7).name == "New"


def test_sessions_have_a_file_of_their_own_that_pages_write(page_station: PageStation) -> None:
    Attempt.objects.create(number=1)
    tables = connections["sessions"].introspection.table_names()
    assert {"attempt", "live_session", "django_session"} <= set(tables)
    assert not {"account", "operation", "goods"} & set(tables)
    assert not {"attempt", "live_session", "django_session"} & set(connection.introspection.table_names())


@pytest.mark.parametrize("alias", ["default", "sessions"])
def test_every_pragma_is_the_safe_one(page_station: PageStation, alias: str) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5_000}
    wanted["query_only"] = 1 if alias == "default" else 0
    with connections[alias].cursor() as cursor:
        found = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
    assert found == wanted


def test_a_reader_does_not_make_the_file(page_station: PageStation) -> None:
    connection.close()
    page_station.settings.database.rename(page_station.settings.database.with_suffix(".away"))
    with pytest.raises(OperationalError, match="unable to open"):
        Account.objects.count()
    assert not page_station.settings.database.exists()


def test_only_what_says_so_may_write(page_station: PageStation) -> None:
    page_station.station.stop()
    connection.close()
    with writable():
        Account.objects.filter(number=7).update(name="Migrated")
        connection.close()
    assert Account.objects.get(number=7).name == "Migrated"
    with pytest.raises(OperationalError, match="readonly"):
        Account.objects.filter(number=7).update(name="x")

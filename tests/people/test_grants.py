"""A grant serves for what it was given for, where it was given, in its time, once."""

from __future__ import annotations

import pytest

from tests.pages import NOON_MS, PageStation, People
from tillwright.journal import approvals as journal_approvals
from tillwright.journal.port import Conflict
from tillwright.journal.records import Grant
from tillwright.kernel.fault import FaultError
from tillwright.people.approvals import Approved, Asked, approve, put_grant

UID = "7d1f4a52-0c3b-4e8e-9a57-2f6f0b9f1c11"


def given(station: PageStation, people: People, **change: str) -> Approved:
    values = {"operation": UID, "purpose": "refund", "till": "1", **change}
    asked = Asked(str(people.senior), people.pin(people.senior), **values)
    return approve(station.station, asked, station.station.rules, station.clock.at_ms)


def holds(
    station: PageStation, grant: Grant, *, uid: str = UID, till: str = "1", at_ms: int = NOON_MS
) -> bool:
    """Whether the journal takes the grant for this operation, there, then."""
    place = station.station._runner.place
    return journal_approvals.valid(place, grant.id, uid, till, at_ms) is not None


def use(station: PageStation, grant: Grant) -> None:
    place = station.station._runner.place
    station.station.write(lambda _connection: journal_approvals.use(place, (grant.id,), NOON_MS))


def test_a_grant_is_as_the_journal_reads_it(page_station: PageStation, people: People) -> None:
    grant = given(page_station, people).grant
    assert page_station.station._runner.journal.grant(grant.id) == grant
    assert holds(page_station, grant)


def test_it_serves_for_nothing_else(page_station: PageStation, people: People) -> None:
    grant = given(page_station, people).grant
    assert not holds(page_station, grant, uid=UID.replace("7d", "8d"))
    assert not holds(page_station, grant, till="2")


def test_it_serves_in_its_time_only(page_station: PageStation, people: People) -> None:
    grant = given(page_station, people).grant
    lasts_ms = page_station.station.rules.grant_ms
    assert holds(page_station, grant, at_ms=NOON_MS + lasts_ms - 1)
    assert not holds(page_station, grant, at_ms=NOON_MS + lasts_ms)
    assert not holds(page_station, grant, at_ms=NOON_MS - lasts_ms - 1)


def test_it_serves_once(page_station: PageStation, people: People) -> None:
    grant = given(page_station, people).grant
    use(page_station, grant)
    assert not holds(page_station, grant)
    with pytest.raises(FaultError, match=r"till\.approval-invalid"):
        use(page_station, grant)


def test_no_two_grants_are_alike(page_station: PageStation, people: People) -> None:
    names = {given(page_station, people).grant.id for _ in range(5)}
    assert len(names) == 5
    assert all(len(name) >= 24 for name in names)


def test_the_same_grant_cannot_be_put_twice(page_station: PageStation, people: People) -> None:
    grant = given(page_station, people).grant
    with pytest.raises(Exception, match="UNIQUE") as caught:
        page_station.station.write(lambda connection: put_grant(connection, grant))
    assert not isinstance(caught.value, Conflict)


def test_what_is_asked_does_not_print_the_pin(people: People) -> None:
    asked = Asked("50", "73195", UID, "refund", "1")
    assert "73195" not in repr(asked)

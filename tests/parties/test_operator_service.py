"""The operator itself: what it makes of requests that no adapter of ours would send, what its stores keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.parties.contract_operator import document
from tests.parties.worlds import START_MS
from tillwright.parties.http.exchange import HttpRequest
from tillwright.parties.operator.messages import Asked, Delivery, document_target
from tillwright.parties.operator.service import OperatorService
from tillwright.parties.operator.sqlite_store import SqliteStore
from tillwright.parties.operator.store import (
    MemoryStore,
    OperatorStore,
    StoredContact,
    StoredDocument,
    StoredRefusal,
    StoredTill,
)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OperatorStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    made = SqliteStore(tmp_path / "operator.db")
    yield made
    made.close()


def stored(number: int, moment: int, serial: str = "SKO-1", till: str = "T1") -> StoredDocument:
    one = document(number, serial)
    return StoredDocument(
        one.unique_number, serial, number, one.key, one.kind, till, one.currency, one.total_minor,
        one.registered_ms, START_MS, "till", one.text, moment,
    )  # fmt: skip


def ask(service: OperatorService, method: str, target: str, body: bytes = b"") -> tuple[int, Any]:
    answer = service.answer(HttpRequest(method, target, body), START_MS)
    return answer.status, msgspec.json.decode(answer.body)


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "code"),
    [
        ("GET", "/", b"", 404, "not-found"),
        ("POST", "/v1/documents", b"", 404, "not-found"),
        ("GET", "/v1/documents/ABC", b"", 404, "not-found"),
        ("GET", "/v1/documents", b"", 400, "malformed"),
        ("GET", "/v1/documents?till=", b"", 400, "malformed"),
        ("GET", "/v1/documents?till=T1&number=x", b"", 400, "malformed"),
        ("GET", "/v1/documents?till=T1&from_ms=-1", b"", 400, "malformed"),
        ("PUT", "/v1/documents/ABC", b"", 400, "malformed"),
        ("PUT", "/v1/documents/ABC", b'{"till":"T1","text":"{}"}', 400, "malformed"),
        ("PUT", "/v1/documents/ABC", b'{"till":"T1","text":"x","via":"post"}', 400, "malformed"),
        ("PUT", "/v1/documents/ABC", b"[" * 100_000, 400, "malformed"),
        ("PUT", "/v1/documents/ABC", b'{"till":"\xff"}', 400, "malformed"),
        ("PUT", "/v1/devices/SKO-1", b'{"till":"T1"}', 400, "malformed"),
    ],
)
def test_what_is_not_understood_is_said_so_and_changes_nothing(
    method: str, target: str, body: bytes, status: int, code: str
) -> None:
    service = OperatorService(MemoryStore())
    said, problem = ask(service, method, target, body)
    assert (said, problem["code"], service.wrote) == (status, code, 0)


def test_a_document_under_another_address_is_not_taken() -> None:
    service = OperatorService(MemoryStore())
    body = msgspec.json.encode(Delivery("T1", document(1).text))
    assert ask(service, "PUT", document_target(document(2).unique_number), body)[0] == 400
    assert service.store.documents(0, 10) == []


def test_the_same_unique_number_with_another_text_is_a_conflict(store: OperatorStore) -> None:
    store.add_document(replace(stored(1, 1), text="something else"))
    body = msgspec.json.encode(Delivery("T1", document(1).text))
    status, problem = ask(OperatorService(store), "PUT", document_target(document(1).unique_number), body)
    assert (status, problem["code"]) == (409, "conflict")


def test_both_ways_bring_the_same_document(store: OperatorStore) -> None:
    service = OperatorService(store)
    target = document_target(document(1).unique_number)
    taken = [
        ask(service, "PUT", target, msgspec.json.encode(Delivery("T1", document(1).text, way, 0)))[1]
        for way in ("device", "till")
    ]
    assert [one["merged"] for one in taken] == [False, True]
    (held,) = store.documents(0, 10)
    assert held.via == "device"


def test_what_the_device_says_of_itself_outweighs_what_the_till_says(store: OperatorStore) -> None:
    service = OperatorService(store)

    def contact(way: str, queued: int) -> Any:
        body = msgspec.json.encode({"till": "T1", "last_number": 9, "queued": queued, "via": way})
        return ask(service, "PUT", "/v1/devices/SKO-1", body)[1]["device"]["queued"]

    assert [contact("till", 3), contact("device", 2), contact("till", 0), contact("device", 1)] == [
        3,
        2,
        2,
        1,
    ]


def test_how_far_a_device_has_got_outlives_a_restart(store: OperatorStore) -> None:
    first = OperatorService(store)
    for number in (1, 2, 4):
        store.add_document(stored(number, number))
    first.load()
    first.refuse("SKO-1", 3, "rate", seen=True)
    assert first.last_numbers() == OperatorService(store).last_numbers() == {"SKO-1": 2}
    store.add_document(stored(3, 9))
    assert OperatorService(store).last_numbers() == {"SKO-1": 4}


def test_a_till_that_it_does_not_know_is_blocked_and_listed_nowhere(store: OperatorStore) -> None:
    service = OperatorService(store)
    store.add_document(stored(1, 1))
    service.load()
    body = msgspec.json.encode(Delivery("T1", document(2).text))
    service.strangers.add("T1")
    assert ask(service, "GET", "/v1/tills/T1")[1]["state"] == "blocked"
    assert ask(service, "GET", "/v1/documents?till=T1")[0] == 404
    assert ask(service, "GET", "/v1/documents?till=T2")[0] == 200
    assert ask(service, "PUT", document_target(document(2).unique_number), body)[1]["code"] == "till-blocked"
    service.strangers.clear()
    assert ask(service, "GET", "/v1/tills/T1")[1]["state"] == "active"
    assert ask(service, "GET", "/v1/documents?till=T1")[0] == 200


def test_its_list_may_have_other_sums_than_the_documents(store: OperatorStore) -> None:
    service = OperatorService(store)
    store.add_document(stored(1, 1))
    service.load()
    service.misstates["T1"] = 100
    (wrong,) = ask(service, "GET", "/v1/documents?till=T1")[1]["documents"]
    service.misstates.clear()
    (right,) = ask(service, "GET", "/v1/documents?till=T1")[1]["documents"]
    assert wrong == {**right, "total_minor": right["total_minor"] + 100}
    assert right["total_minor"] == stored(1, 1).total_minor


# ── stores ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_written_is_read(store: OperatorStore) -> None:
    assert (store.last_moment(), store.till("T1"), store.contact("SKO-1")) == (0, StoredTill("T1"), None)
    first, second = stored(1, 1), stored(2, 3)
    store.add_document(first)
    store.set_refusal(StoredRefusal("SKO-1", 7, "rate", False, 2))
    store.add_document(second)
    store.set_contact(StoredContact("SKO-1", "T1", 5, "till", None))
    store.set_contact(StoredContact("SKO-2", "T1", 6, "device", 2))
    store.set_till(StoredTill("T1", "blocked", "fee"))
    assert store.last_moment() == 3
    assert store.document(first.unique_number) == first
    assert store.numbered("SKO-1", 2) == second
    assert sorted(store.numbers()) == [("SKO-1", 1), ("SKO-1", 2)]
    assert list(store.documents(1, 10)) == [second]
    assert list(store.find(Asked(till="T1"), 1)) == [first]
    assert list(store.find(Asked(till="T2"), 10)) == []
    assert [one.number for one in store.refusals()] == [7]
    assert store.contact("SKO-1") == StoredContact("SKO-1", "T1", 5, "till", None)
    assert store.newest_contact("T1") == StoredContact("SKO-2", "T1", 6, "device", 2)
    assert list(store.tills()) == [StoredTill("T1", "blocked", "fee")]


def test_after_an_old_backup_contacts_are_unknown(store: OperatorStore) -> None:
    for number in (1, 2, 3):
        store.add_document(stored(number, number))
    store.set_refusal(StoredRefusal("SKO-1", 9, "rate", False, 4))
    store.set_contact(StoredContact("SKO-1", "T1", 5, "till", 0))
    store.forget_after(2)
    assert [one.number for one in store.documents(0, 10)] == [1, 2]
    assert (store.refusals(), store.contact("SKO-1"), store.last_moment()) == ([], None, 2)


def test_a_refusal_is_lifted(store: OperatorStore) -> None:
    store.set_refusal(StoredRefusal("SKO-1", 1, "rate", True, 1))
    store.lift_refusal("SKO-1", 1)
    assert store.refusals() == []


def test_a_group_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "operator.db")

    def fail() -> None:
        with store.group():
            store.add_document(stored(1, 1))
            raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        fail()
    assert store.documents(0, 10) == []
    with store.group():
        store.add_document(stored(1, 1))
    store.close()
    again = SqliteStore(tmp_path / "operator.db")
    assert [one.number for one in again.documents(0, 10)] == [1]
    again.close()

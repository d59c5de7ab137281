"""The receipt as data: what it takes from an operation, and that storage gives it back unchanged."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec
import pytest

from tillwright.documents.receipt import (
    DEVICE_AT_MS,
    DOCUMENT_NUMBER,
    SERIAL,
    UNIQUE_NUMBER,
    UnknownSchema,
    copy_of,
    decode,
    encode,
    receipt_of,
)
from tillwright.kernel.evidence import Evidence, Source
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.operations.states import LegState, OperationState

UID = "3f2b8c1e-0d4a-4b6e-9a77-2f1c5d8e9b10"
FACTS: Mapping[str, str | int] = {
    DOCUMENT_NUMBER: 7041,
    UNIQUE_NUMBER: "A1B2C3",
    SERIAL: "SKO-1",
    DEVICE_AT_MS: 1_700_000_000_500,
}


def sale(legs=None, **changes) -> Operation:
    content = Content(
        "EUR",
        568,
        (Line("milk", "Milk 3.2 % 1 l", 2000, 378, 189), Line("bread", "Bread, rye", 1000, 190)),
        (Tender("cash", 1000),),
    )
    operation = Operation(
        UID, "till-2", 118, "cash-sale", "Minh", 41, content, "hash", 1_700_000_000_000, 1_700_000_001_000,
        legs or planned_legs(UID, KINDS["cash-sale"]),
    )  # fmt: skip
    return replace(operation, **changes)


def registered(number: int = 1, facts: Mapping[str, str | int] = FACTS):
    leg = planned_legs(UID, KINDS["cash-sale"])[0]
    evidence = Evidence(Source.REPLY, 1_700_000_000_900, facts)
    return replace(leg, number=number, state=LegState.DONE, evidence=evidence)


def test_takes_sums_lines_and_the_device_s_registration():
    receipt = receipt_of(
        sale((registered(),), state=OperationState.DONE, ended_ms=1_700_000_001_000), ("Shop", "Street 1")
    )
    assert (receipt.total_minor, receipt.change_minor, receipt.ended_ms) == (568, 432, 1_700_000_001_000)
    assert [line.total_minor for line in receipt.lines] == [378, 190]
    assert receipt.heading == ("Shop", "Street 1")
    assert receipt.registration is not None
    assert receipt.registration.document_number == "7041"
    assert receipt.registration.at_ms == 1_700_000_000_500
    assert receipt.registration.source == "reply"


def test_without_a_registered_document_there_is_no_registration():
    assert receipt_of(sale()).registration is None
    assert receipt_of(sale()).ended_ms == 1_700_000_001_000


def test_the_attempt_that_happened_counts():
    first = replace(registered(), state=LegState.REFUSED)
    second = registered(2, {DOCUMENT_NUMBER: 7042})
    receipt = receipt_of(sale((first, second)))
    assert receipt.registration is not None
    assert receipt.registration.document_number == "7042"


def test_without_the_device_s_time_the_evidence_s_own_stands():
    leg = registered(facts={DEVICE_AT_MS: "not a time"})
    receipt = receipt_of(sale((leg,)))
    assert receipt.registration is not None
    assert receipt.registration.at_ms == 1_700_000_000_900


def test_storage_gives_back_the_same():
    receipt = receipt_of(sale((registered(),)))
    assert decode(encode(receipt)) == receipt


def test_a_copy_differs_only_in_saying_so():
    receipt = receipt_of(sale((registered(),)))
    assert copy_of(receipt).copy
    assert msgspec.structs.replace(copy_of(receipt), copy=False) == receipt


def test_a_newer_schema_is_refused_by_name_and_rubbish_as_rubbish():
    with pytest.raises(UnknownSchema, match="schema 3"):
        decode(b'{"schema":3}')
    with pytest.raises(msgspec.DecodeError):
        decode(b"%PDF")

"""What an open diagnosis forbids, the station refuses to begin: on evidence, and as long as that holds."""

from __future__ import annotations

import pytest

from tests.faults.scenes import TILL, at_rest, diagnoses
from tests.till.api_shop import Shop
from tests.till.api_world import uid
from tillwright.faults.forbidding import KIND, bans_of, kinds_of
from tillwright.faults.store import StoredDiagnosis
from tillwright.journal.place import Ban
from tillwright.kernel.fault import Fault
from tillwright.machine.resources import shipped_catalogue
from tillwright.operations.kinds import KINDS

STOP = "process.system-failure"
RED_REFUND = "fiscal.red-document-return-annulment-cash"
LATER = {"card-sale"}
"""Kinds of parties that no till has yet."""


def stored(code: str, till: str, source: str, operation: str = "") -> StoredDiagnosis:
    return StoredDiagnosis("u", Fault(code), till, operation, 0, source, 0, "", "", "open", 0, None)


def bans(one: StoredDiagnosis) -> object:
    return bans_of([one], lambda found: shipped_catalogue().entry(found.fault.code))


def test_what_runbooks_forbid_are_kinds_of_operations() -> None:
    named = {kind for entry in shipped_catalogue().entries.values() for kind in kinds_of(entry)}
    assert named - LATER <= set(KINDS)
    assert "refund" in named
    assert all(not kind.startswith(KIND) for kind in named)


def test_what_a_person_says_forbids_at_that_till() -> None:
    found = bans(stored(STOP, "1", "person"))
    assert isinstance(found, dict)
    assert found["1", "cash-sale"] == [Ban(STOP)]


def test_what_is_about_an_operation_forbids_whoever_began_it() -> None:
    found = bans(stored(RED_REFUND, "1", "fault", "o"))
    assert isinstance(found, dict)
    assert set(found) == {("1", "refund"), ("1", "void"), ("1", "payout")}
    assert found["1", "refund"] == [Ban(RED_REFUND, "o")]


@pytest.mark.parametrize(("till", "source"), [("", "person"), ("1", "probe"), ("1", "fault")])
def test_without_evidence_nothing_is_forbidden(till: str, source: str) -> None:
    assert bans(stored(STOP, till, source)) == {}


def test_a_sale_is_refused_until_the_diagnosis_is_closed(shop: Shop) -> None:
    found = diagnoses().start(Fault(STOP), TILL, "", "7")
    refused = shop.sell(uid(1))
    assert (refused.status, refused.json["code"]) == (409, "till.forbidden-now")
    assert refused.json["facts"] == {"fault": STOP}
    diagnoses().close(found, "7", at_rest(shop, found).seen)
    assert shop.sell(uid(1)).status == 201


def test_handing_it_over_does_not_allow_it_again(shop: Shop) -> None:
    found = diagnoses().start(Fault(STOP), TILL, "", "7")
    diagnoses().escalate(found, "7", at_rest(shop, found).seen)
    assert shop.sell(uid(1)).json["code"] == "till.forbidden-now"


def test_other_kinds_go_on(shop: Shop) -> None:
    shop.sold(1)
    shop.station.forbid({(TILL, "refund"): [Ban(RED_REFUND)]})
    shop.sold(2)
    back = [{"goods": "1001", "quantity_milli": 1000, "total_minor": 189, "of": 1}]
    approval = shop.approve(3, "refund")
    more = {"parent": uid(1), "lines": back, "reason": "defective", "approvals": [approval]}
    assert shop.begin(3, "refund", **more).json["code"] == "till.forbidden-now"
    shop.station.forbid({})
    assert shop.begin(3, "refund", **more).status == 201, "the approval is still good"


def test_what_is_about_an_operation_ends_with_it(shop: Shop) -> None:
    shop.sold(1)
    shop.station.forbid({(TILL, "cash-sale"): [Ban(RED_REFUND, uid(1))]})
    assert shop.sell(uid(2)).status == 201, "that operation has ended"
    shop.station.forbid({(TILL, "cash-sale"): [Ban(RED_REFUND, uid(9))]})
    assert shop.sell(uid(3)).json["code"] == "till.forbidden-now"


def test_it_holds_after_a_restart(shop: Shop) -> None:
    diagnoses().start(Fault(STOP), TILL, "", "7")
    shop.station.forbid({})
    diagnoses().resume()
    assert shop.sell(uid(1)).json["code"] == "till.forbidden-now"

"""Whatever can be generated from the API's description, at a till at work: sold, refunded, red; with
approvals that hold, of each role that can give one.
"""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.till.api_shop import TILL, Shop
from tests.till.api_world import uid
from tests.till.test_api_document import DESCRIBED, TRUTHS
from tillwright.journal.records import Grant
from tillwright.people.rules import APPROVABLE

pytestmark = pytest.mark.slow

DONE, REFUND, RED, FRESH = 1, 2, 3, 4
ROLES = ("senior", "administrator")
NEEDED = {"rulings": "ruling", "cancel": "ruling", "hold": "correction"}


@pytest.fixture
def at_work(shop: Shop) -> Shop:
    """A sale that is done, a refund of a part of it, and a sale that is red."""
    shop.sold(DONE)
    lines = [{"goods": "1001", "quantity_milli": 1000, "total_minor": 189, "of": 1}]
    approval = shop.approve(REFUND, "refund")
    done = shop.begin(
        REFUND, "refund", parent=uid(DONE), lines=lines, reason="defective", approvals=[approval]
    )
    assert done.status == 201, done.body
    shop.lose(RED)
    return shop


def granted(shop: Shop, operation: str, purpose: str, role: str, serial: int) -> str:
    """An approval as a person of this role gives it."""
    now_ms = shop.clock.ms
    grant = Grant(f"g{serial}", operation, purpose, TILL, "50", role, now_ms, now_ms + shop.rules.grant_ms)
    return shop.station.grant(grant).id


@pytest.mark.parametrize(("method", "path"), DESCRIBED)
def test_a_till_at_work_answers_as_described(at_work: Shop, method: str, path: str) -> None:
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", at_work.application)
    headers = {"Authorization": f"Bearer {at_work.tokens[TILL].text}"}
    answered: list[int] = []
    purpose = next((name for part, name in NEEDED.items() if path.endswith(part)), "")

    @hypothesis.settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @hypothesis.given(
        case=described[path][method].as_strategy(generation_mode=GenerationMode.POSITIVE),
        number=st.sampled_from((DONE, REFUND, RED, FRESH)),
        role=st.sampled_from(ROLES),
        other=st.sampled_from(APPROVABLE),
    )
    def checked(case: Any, number: int, role: str, other: str) -> None:
        place(case, number)
        if isinstance(case.body, dict):
            operation = case.body.get("uid", uid(number))
            approval = granted(at_work, str(operation).lower(), purpose or other, role, len(answered))
            if "approvals" in case.body:
                case.body["approvals"] = [approval]
            if "approval" in case.body:
                case.body |= {"operation": uid(number), "approval": approval}
        response = case.call_and_validate(headers=headers, checks=TRUTHS)
        answered.append(response.status_code)
        at_work.settle()

    checked()
    assert answered
    held = at_work.get("/till")["hold"]
    assert held is None or held["person"] in ("program", "50")


def place(case: Any, number: int) -> None:
    """Let the call be about something that there is."""
    if "uid" in case.path_parameters:
        case.path_parameters["uid"] = uid(number)
    if "number" in case.path_parameters:
        case.path_parameters["number"] = number

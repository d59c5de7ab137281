"""Who may do what through the API: a till's token alone, or with an approval of each role.

One table, every cell tried: what a token may do alone it may do with anything; what needs a role is refused
below it, and journals nothing then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.settings.access import ROWS
from tests.till.api_shop import TILL, Shop, running_shop
from tests.till.api_world import OPERATIONS, Answer, sale, uid
from tillwright.journal.records import Grant
from tillwright.people.rules import LOWEST_ROLE

BARE, CASHIER, SENIOR, ADMINISTRATOR = "nobody", "cashier", "senior", "administrator"
LADDER = (BARE, CASHIER, SENIOR, ADMINISTRATOR)
SUBJECT, EARLIER = 5, 1
Act = Callable[[Shop, list[str]], Answer]


def approval(shop: Shop, role: str, purpose: str) -> list[str]:
    """An approval for the subject by somebody of this role; the door gives none to a cashier."""
    if role == BARE:
        return []
    now_ms = shop.clock.ms
    grant = Grant(f"by-{role}", uid(SUBJECT), purpose, TILL, "50", role, now_ms, now_ms + 60_000)
    return [shop.station.grant(grant).id]


def beginning(kind: str, **body: Any) -> Act:
    def act(shop: Shop, approvals: list[str]) -> Answer:
        return shop.begin(SUBJECT, kind, **body, **({"approvals": approvals} if approvals else {}))

    return act


def posting(path: str, body: object = b"") -> Act:
    def act(shop: Shop, approvals: list[str]) -> Answer:
        sent = body | {"approvals": approvals} if isinstance(body, dict) else body
        return shop.post(path, sent)

    return act


def rule(shop: Shop, approvals: list[str]) -> Answer:
    version = shop.get(f"/operations/{uid(SUBJECT)}")["version"]
    body = {"leg": 1, "version": version, "happened": False, "then": "returned", "reason": "other"}
    return shop.post(f"/operations/{uid(SUBJECT)}/rulings", body | {"approvals": approvals or ["none"]})


def take_back(shop: Shop, approvals: list[str]) -> Answer:
    return shop.post(f"/operations/{uid(SUBJECT)}/cancel", {"approvals": approvals or ["none"]})


def hold(shop: Shop, approvals: list[str]) -> Answer:
    body = {"operation": uid(SUBJECT), "approval": (approvals or ["none"])[0]}
    return shop.post("/till/correction/hold", body)


def correct(shop: Shop, approvals: list[str]) -> Answer:
    shop.station.hold_for_correction(TILL, "90")
    shop.device.strange_minor = 500
    return beginning("correction", total_minor=500, after=shop.get("/till/cash")["device_number"])(
        shop, approvals
    )


LINES = [{"goods": "1001", "quantity_milli": 2000, "total_minor": 378, "of": 1}]
PAID = [{"kind": "cash", "amount_minor": 100}]
EXCHANGED = [{"kind": "exchange", "amount_minor": 378}]

WHO: dict[str, tuple[str, str, Act]] = {
    # what → (the lowest that may, the purpose of the approval, how)
    "cash sale": (BARE, "discount", lambda shop, _: shop.sell(uid(SUBJECT))),
    "cash in": (BARE, "cash-out", beginning("cash-in", tenders=PAID, reason="float")),
    "cash out": (BARE, "cash-out", beginning("cash-out", tenders=PAID, reason="bank")),
    "refund": (
        SENIOR, "refund", beginning("refund", parent=uid(EARLIER), lines=LINES, reason="defective")),
    "void": (SENIOR, "void", beginning("void", parent=uid(EARLIER), lines=LINES, reason="mistake")),
    "exchange": (
        SENIOR, "exchange",
        beginning("cash-sale", exchange=uid(6), lines=sale("")["lines"], tenders=EXCHANGED)),
    "correction": (ADMINISTRATOR, "correction", correct),
    "hold for a correction": (ADMINISTRATOR, "correction", hold),
    "ruling": (SENIOR, "ruling", rule),
    "take back what stands twice": (SENIOR, "ruling", take_back),
    "enquiry": (BARE, "ruling", posting(f"/operations/{uid(EARLIER)}/enquiries")),
    "print again": (BARE, "ruling", posting(f"/operations/{uid(EARLIER)}/print")),
    "count": (BARE, "cash-out", posting("/till/count/open")),
    "release": (BARE, "correction", posting("/till/release")),
    "check the parties": (BARE, "correction", posting("/till/parties/check")),
    "show the warning": (BARE, "correction", posting("/till/warning")),
}  # fmt: skip
RED = ("ruling", "take back what stands twice")


@pytest.mark.parametrize("role", LADDER)
@pytest.mark.parametrize("what", WHO)
def test_each_may_do_what_the_table_says_and_nothing_more(shop: Shop, what: str, role: str) -> None:
    lowest, purpose, act = WHO[what]
    shop.sold(EARLIER)
    if what in RED:
        shop.lose(SUBJECT, "swallow")
    approvals = approval(shop, role, purpose)
    before = shop.rows()
    answer = act(shop, approvals)
    may = LADDER.index(role) >= LADDER.index(lowest)
    assert (answer.status != 403) == may, answer.body
    assert answer.status in (200, 201, 202, 403) or what == RED[1], answer.body
    if not may:
        kept = {name: count for name, count in shop.rows().items() if name not in ("hold", "audit")}
        assert kept == {name: before[name] for name in kept}


@pytest.mark.parametrize("what", ["refund", "void", "exchange"])
def test_a_pack_that_is_silent_leaves_nothing_to_a_token(
    shop_template: Any, tmp_path: Any, django_db_blocker: Any, what: str
) -> None:
    with django_db_blocker.unblock(), running_shop(shop_template, tmp_path, approvals=()) as shop:
        shop.open_shift()
        shop.sold(EARLIER)
        lowest, purpose, act = WHO[what]
        answer = act(shop, [])
        assert (answer.status, answer.json["code"]) == (403, "till.approval-needed")
        assert answer.json["facts"] == {"purpose": purpose, "role": lowest}
        assert act(shop, approval(shop, SENIOR, purpose)).status == 201


def test_the_table_speaks_of_all_that_a_role_may(shop: Shop) -> None:
    purposes = {purpose for lowest, purpose, _ in WHO.values() if lowest != BARE}
    guarded = {name for name, role in LOWEST_ROLE.items() if role != CASHIER}
    assert purposes == guarded - {"people", "audit", "runbooks"}
    assert shop.rules.role_for("correction") == ADMINISTRATOR


def test_every_address_of_the_api_is_for_tokens_or_for_everybody() -> None:
    rows = {address: row.who for address, row in ROWS.items() if address.startswith("api/v1/")}
    assert all(who == {"program"} or "stranger" in who for who in rows.values())
    assert len(rows) > 25
    assert OPERATIONS.lstrip("/") in rows

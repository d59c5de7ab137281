"""Cash: the device counts more or less than the documents say, or holds back a document."""

from __future__ import annotations

from tillwright.demo.drills.model import Act, Scenario
from tillwright.demo.drills.world import NotSo, World
from tillwright.kernel.keys import uid_from_text

MISMATCH = "fiscal.cash-mismatch-at-shift-close"
NEGATIVE = "fiscal.negative-shift-balance"
_OFF_MINOR = 5_00
_CORRECTION = "correction"


def miscount(amount_minor: int) -> Act:
    """The device counts so much more than its documents say."""

    def bring(world: World) -> None:
        world.strike()
        world.device("miscount", amount_minor=amount_minor)

    return bring


def deposit(world: World) -> None:
    """A float is put in at the device itself, of which the till knows nothing yet."""
    world.strike()
    world.device("deposit", currency=world.till.currency, amount_minor=_OFF_MINOR)


def correct(world: World) -> None:
    """An administrator does the emergency correction."""
    request = world.cash(_CORRECTION, 0)
    uid = uid_from_text(request["uid"])
    approval = world.careful.approvals(uid, _CORRECTION, 2)[-1]
    status, cash = world.post("/api/v1/till/correction/hold", {"operation": uid, "approval": approval})
    if status != 200:
        raise NotSo(f"no correction: {status} {cash.get('code')}")
    body = {
        "uid": uid,
        "kind": _CORRECTION,
        "currency": world.till.currency,
        "total_minor": cash["difference_minor"],
        "after": cash["device_number"],
        "approvals": [approval],
        "reason": "other",
    }
    status, told = world.post("/api/v1/operations", body, 8)
    world.seen["correction"] = f"{status} {told.get('state')} {told.get('code')} {told.get('detail')}"


def agrees(world: World) -> bool:
    """The till's book says what the device counts."""
    cash = world.get("/api/v1/till/cash")
    device_minor = world.truth()["counters"]["cash_till_minor"]
    return bool(cash["book_minor"] == device_minor)


def too_much(world: World) -> None:
    """More is to go out than the device holds."""
    world.strike()
    device_minor = world.truth()["counters"]["cash_till_minor"]
    body = {**world.cash("cash-out", device_minor + 1_00), "reason": "bank"}
    world.begin(body)


SCENARIOS = (
    Scenario(MISMATCH, "counted-wrong", miscount(_OFF_MINOR), agrees, mends={"correct": correct}),
    Scenario(NEGATIVE, "counted-wrong", miscount(-_OFF_MINOR), agrees, mends={"correct": correct}),
    Scenario(
        NEGATIVE, "asked-too-much", too_much, agrees, asked=True, mends={"smaller-amount": lambda world: None}
    ),
)

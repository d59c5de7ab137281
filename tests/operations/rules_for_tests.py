"""A pack for tests, with everything that a pack can demand; and a sale to take back."""

from dataclasses import replace

from tests.operations.plans import UID
from tillwright.kernel.rules import (
    ApprovalRules,
    CurrencyRules,
    KindRules,
    LegRules,
    LicenceRules,
    OfflineRules,
    PackRules,
    ReasonRules,
)
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.operations.states import OperationState

BLOCKING = "fiscal.billing-sn-not-found"
PLAIN = PackRules(
    name="test",
    currencies=(CurrencyRules("EUR", 2, 10_000, (500, 100)), CurrencyRules("VND", 0, 90_000, (1_000,))),
    languages=("en",),
    kinds=tuple(
        KindRules(kind.name, tuple(LegRules(leg.party, leg.action, leg.commit_point) for leg in kind.legs))
        for kind in KINDS.values()
    ),
    receivers=(),
    red_blocks=("cash-sale", "refund"),
    maximum_lines=3,
    red_after_ms=5_000,
    connect_within_ms=2_000,
    answer_within_ms=3_000,
    resend_delays_ms=(200,),
    inquire_delays_ms=(0, 1_000),
    question_ms=60_000,
    device_clock_tolerance_ms=1_000,
    wait_cap_ms=25_000,
    reserve_bytes=1,
)
"""No shifts, no approvals, no caps."""
STRICT = replace(
    PLAIN,
    currencies=(replace(PLAIN.currencies[0], second_person_above_minor=1_000), PLAIN.currencies[1]),
    shifts=True,
    approvals=(
        *(ApprovalRules(purpose, "senior") for purpose in ("refund", "void", "exchange", "discount")),
        ApprovalRules("ruling", "senior"),
        ApprovalRules("correction", "administrator"),
    ),
    enquiry_required=True,
    withdraw_before_close=True,
    reasons=(ReasonRules("refund", ("defective",)), ReasonRules("ruling", ("operator-said-so",))),
    offline=OfflineRules(age_ms=1_000, count=5, sum_minor=2_000, sale_minor=800, warn_before_ms=300),
    licence=LicenceRules((BLOCKING,), 500),
)
"""Everything at once."""

SALE_UID = "00000000-0000-4000-8000-00000000000a"
LINES = (Line("milk", "Milk", 3_000, 100, 33), Line("tea", "Tea", 1_000, 468))
SALE_CONTENT = Content("EUR", 568, LINES, (Tender("cash", 600),))


def operation(
    uid: str, kind: str, content: Content, state: OperationState = OperationState.DONE
) -> Operation:
    """An operation of till 1 in shift 4, receipt 7."""
    legs = planned_legs(uid, KINDS[kind])
    return Operation(
        uid, "1", 7, kind, "11", 4, content, "hash", 10_000, 10_000, legs, state=state, version=3
    )


SALE = operation(SALE_UID, "cash-sale", SALE_CONTENT)


def refund_content(*lines: Line) -> Content:
    """These lines of the sale come back, for cash."""
    total_minor = sum(line.total_minor for line in lines)
    tenders = (Tender("cash", total_minor),)
    return Content("EUR", total_minor, lines, tenders, parent=SALE_UID, reason="defective")


WHOLE = tuple(replace(line, of=number) for number, line in enumerate(LINES, start=1))
"""All that was sold, as lines of a refund."""
OTHER_UID = UID

"""Plans to try everything on: the shipped kinds, and plans of two or three legs that no kind has yet."""

from dataclasses import dataclass, field, replace

from tillwright.kernel.keys import leg_key
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Leg, Line, Operation, Tender
from tillwright.operations.policy import Policy
from tillwright.operations.ports import REQUESTS, RequestTraits
from tillwright.operations.states import Happening

UID = "00000000-0000-4000-8000-000000000001"
CONTENT = Content("EUR", 568, (Line("4006381333931", "Tea", 2000, 568),), (Tender("cash", 1000),), shift=3)

BANK = RequestTraits(idempotent=False, inquirable=False, fences=False, reversal="reverse")
ASKED_BANK = replace(BANK, inquirable=True, fences=True)
REVERSAL = RequestTraits(idempotent=True, inquirable=False, fences=True, repeatable=True)
VOUCHER = RequestTraits(idempotent=False, inquirable=False, fences=False)

TRAITS = {
    **REQUESTS,
    ("bank", "authorise"): BANK,
    ("bank", "reverse"): REVERSAL,
    ("centre", "hold"): ASKED_BANK,
    ("centre", "reverse"): REVERSAL,
    ("centre", "capture"): replace(ASKED_BANK, reversal=None),
    ("voucher", "redeem"): VOUCHER,
}

#: Short lists of delays: fewer states, and the last one serves for all later, as always.
POLICY = Policy(
    resend_delays_ms=(200,), inquire_delays_ms=(0, 1_000), reverse_delays_ms=(1_000,), requests=TRAITS
)


@dataclass(frozen=True)
class Plan:
    """Legs as (party, action), and which of them is the commit point. Trying begins after the `opening` (what
    has happened, to which leg; 0 for the whole), and ends at more legs than `legs_max`, and after more than
    `clashes_max` contradictions or `depth_max` steps.
    """

    name: str
    legs: tuple[tuple[str, str], ...]
    commit: int
    legs_max: int
    clashes_max: int = 0
    depth_max: int = 1_000
    opening: tuple[tuple[Happening, int], ...] = ()
    kind: str = "cash-sale"
    policy: Policy = field(default=POLICY, compare=False)

    def start(self) -> Operation:
        """The operation before its first event; what it books is what its kind books."""
        legs = tuple(
            Leg(number, party, action, leg_key(UID, number), commit_point=number == self.commit)
            for number, (party, action) in enumerate(self.legs, start=1)
        )
        return replace(operation_of(legs), kind=self.kind)


def operation_of(legs: tuple[Leg, ...]) -> Operation:
    """An operation that has just been asked for."""
    return Operation(UID, "1", 7, "cash-sale", "11", 1, CONTENT, "hash", 0, 0, legs)


def shipped(kind: str) -> Operation:
    """The beginning of a shipped kind."""
    return replace(operation_of(planned_legs(UID, KINDS[kind])), kind=kind)


REGISTER, AUTHORISE, HOLD = ("control", "register"), ("bank", "authorise"), ("centre", "hold")
CAPTURE, REDEEM = ("centre", "capture"), ("voucher", "redeem")
REFUND, OPEN, CLOSE = ("control", "refund"), ("control", "open"), ("control", "close")
BEGUN = (Happening.STARTED, 0)
FIRST_DONE, SECOND_LOST = (BEGUN, (Happening.ACCEPTED, 1)), ((Happening.NO_ANSWER, 2),)
FIRST_DONE_THEN_GIVEN_UP = (*FIRST_DONE, (Happening.GIVE_UP, 0))

PLANS = (
    Plan("cash sale", (REGISTER,), 1, legs_max=2, clashes_max=1),
    Plan("cash sale, tried again", (REGISTER,), 1, legs_max=3),
    Plan("refund", (REFUND,), 1, legs_max=2, clashes_max=1, kind="refund"),
    Plan("shift opened", (OPEN,), 1, legs_max=2, clashes_max=1, kind="shift-open"),
    Plan("shift closed", (CLOSE,), 1, legs_max=2, clashes_max=1, kind="shift-close"),
    Plan("correction", (), 0, legs_max=1, kind="correction"),
    Plan("card sale", (AUTHORISE, REGISTER), 2, legs_max=3),
    Plan("card sale, contradicted", (AUTHORISE, REGISTER), 2, legs_max=2, clashes_max=1),
    Plan("card sale, asked", (HOLD, REGISTER), 2, legs_max=2, clashes_max=1),
    Plan("pre-authorisation", (AUTHORISE,), 1, legs_max=2, clashes_max=1),
    Plan("voucher first", (REDEEM, REGISTER), 2, legs_max=2, clashes_max=1),
    Plan("voucher after", (REGISTER, REDEEM), 1, legs_max=2, clashes_max=1),
    Plan("capture after", (AUTHORISE, REGISTER, CAPTURE), 2, legs_max=3),
    Plan("two cards given up", (AUTHORISE, HOLD, REGISTER), 3, legs_max=4, opening=FIRST_DONE_THEN_GIVEN_UP),
    Plan(
        "two cards, one lost",
        (AUTHORISE, AUTHORISE, REGISTER),
        3,
        legs_max=5,
        depth_max=7,
        opening=FIRST_DONE + SECOND_LOST,
    ),
    Plan(
        "voucher, card lost", (REDEEM, AUTHORISE, REGISTER), 3, legs_max=4, opening=FIRST_DONE + SECOND_LOST
    ),
)

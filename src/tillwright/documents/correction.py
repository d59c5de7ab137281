"""The slip of an emergency correction: what the book said, what it says now, who did it and why.

It is no fiscal document and says so first: the control device knows nothing of it. What it carries of the
device is the number of its last document at that moment, because anything that turns up later with a number
up to that one is already inside the correction.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tillwright.operations.model import Operation

CORRECTION_SLIP = "correction-slip"


class CorrectionSlip(msgspec.Struct, frozen=True, kw_only=True):
    """A correction; sums in minor units of `currency`, times in ms UTC.

    `device_number`: the device's last.
    """

    schema: int = 1
    document: str = CORRECTION_SLIP
    uid: str
    till: str
    number: int
    shift: int
    person: str
    made_ms: int
    currency: str
    before_minor: int
    after_minor: int
    reason: str
    device_number: int = 0
    approved_by: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()
    copy: bool = False

    @property
    def difference_minor(self) -> int:
        """What the correction added; below nought: took away."""
        return self.after_minor - self.before_minor


def correction_slip_of(
    operation: Operation, before_minor: int, heading: Sequence[str] = ()
) -> CorrectionSlip:
    """The slip of a correction; `before_minor`: what lay in the drawer by the book before it."""
    content = operation.content
    return CorrectionSlip(
        uid=operation.uid,
        till=operation.till,
        number=operation.number,
        shift=operation.shift,
        person=operation.cashier,
        made_ms=operation.changed_ms if operation.ended_ms is None else operation.ended_ms,
        currency=content.currency,
        before_minor=before_minor,
        after_minor=before_minor + content.total_minor,
        reason=content.reason,
        device_number=content.after,
        approved_by=operation.approved_by,
        heading=tuple(heading),
    )

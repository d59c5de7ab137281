"""The codes with which the rules of a till refuse: what the document lists for each operation of the API.

A test reads the rules' own text and compares.
"""

from __future__ import annotations

OF_CONTENTS = (
    "till.kind-not-supported", "till.wrong-currency", "till.basket-empty", "till.lines-out-of-bounds",
    "till.line-invalid", "till.unknown-goods", "till.total-mismatch", "till.total-out-of-bounds",
    "till.tender-mismatch", "till.tender-too-small", "till.parent-unknown", "till.shift-closed",
    "till.correction-nothing", "till.reason-missing",
)  # fmt: skip
"""What may be wrong with an operation in itself."""

OF_THE_MOMENT = (
    "till.red-blocks", "till.operation-open", "till.held", "till.forbidden-now", "till.catching-up",
    "till.shift-already-open", "till.shift-closed",
    "fiscal.register-blocked", "fiscal.licence-unreachable", "fiscal.block-warning", "fiscal.offline-limit",
    "fiscal.billing-contract-not-concluded", "fiscal.billing-update-required", "fiscal.billing-sn-not-found",
    "fiscal.billing-unp-mismatch", "fiscal.billing-subscription-missing", "till.change-exceeds-drawer",
    "till.not-enough-cash", "fiscal.negative-shift-balance", "fiscal.sko-disconnected", "till.parent-unknown",
    "till.parent-not-done", "till.successor-unfinished", "till.refund-exceeds-sale", "till.void-other-shift",
    "till.exchange-invalid", "till.count-missing", "till.cash-not-withdrawn",
    "fiscal.cash-mismatch-at-shift-close", "till.documents-differ", "till.too-late",
    "till.correction-nothing", "till.correction-not-equal", "till.correction-explained",
    "till.approval-invalid", "till.approval-needed", "till.second-person-needed",
)  # fmt: skip
"""What may stand against an operation now."""

OF_RULINGS = (
    "till.ruling-not-possible", "till.ruling-stale", "till.ruling-field", "till.ruling-enquiry-needed",
    "till.ruling-against-record", "till.ruling-undelivered", "till.ruling-undelivered-unknown",
    "fiscal.wrong-red-cheque-data", "till.approval-needed", "till.approval-invalid",
    "till.second-person-needed",
)  # fmt: skip
"""What may stand against a ruling."""

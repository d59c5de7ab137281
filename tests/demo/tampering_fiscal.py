"""Ways to change one row of a fiscal till's books behind the program's back; see `tampering`.

Operations and documents 1 to 14 are those of `honest_fiscal.fill`.
"""

from __future__ import annotations

from tests.demo.tampering import DEVICE, JOURNAL, Tampering

OPERATOR = "operator.db"
THIRD = "serial = 'SKO-1' AND number = 3"
"""A sale of 568."""
_COLUMNS = (
    "serial", "number", "key", "kind", "till", "currency", "total_minor", "registered_ms", "received_ms",
    "via", "text",
)  # fmt: skip
_TWICE = (
    f"INSERT INTO document (unique_number, moment, {', '.join(_COLUMNS)}) SELECT unique_number || 'X', 99, "
    f"serial, 99, {', '.join(_COLUMNS[2:])} FROM document WHERE {THIRD}"
)


def _swapped(column: str, table: str = "document", numbers: tuple[int, int] = (3, 4)) -> str:
    """Exchange a column between two documents."""
    one, other = numbers
    return (
        f"UPDATE {table} SET {column} = other.value FROM (SELECT number, {column} AS value FROM {table}) "
        f"AS other WHERE other.number = {one + other} - {table}.number AND {table}.number IN ({one}, {other})"
    )


def _in_content(number: int, what: str, other: str) -> str:
    """Change a text inside an operation's content."""
    return (
        f"UPDATE operation SET content = CAST(replace(CAST(content AS TEXT), '{what}', '{other}') AS BLOB) "
        f"WHERE number = {number}"
    )


def _in_z(what: str, other: str) -> str:
    """Change a text inside the first Z."""
    return (
        f"UPDATE document SET body = CAST(replace(CAST(body AS TEXT), '{what}', '{other}') AS BLOB) "
        "WHERE kind = 'z-report' AND operation = 8"
    )


TAMPERED: dict[str, Tampering] = {
    # the operator's book
    "operator's document deleted": Tampering(
        OPERATOR, f"DELETE FROM document WHERE {THIRD}", "missing-at-operator"
    ),
    "operator's document one more": Tampering(
        OPERATOR,
        f"UPDATE document SET total_minor = total_minor + 1 WHERE {THIRD}",
        "operator-sum-differs",
    ),
    "operator's document one less": Tampering(
        OPERATOR,
        f"UPDATE document SET total_minor = total_minor - 1 WHERE {THIRD}",
        "operator-sum-differs",
    ),
    "operator's document twice": Tampering(OPERATOR, _TWICE, "doubled-at-operator"),
    "two of the operator's sums swapped": Tampering(
        OPERATOR, _swapped("total_minor"), "operator-sum-differs"
    ),
    "two of the operator's texts swapped": Tampering(OPERATOR, _swapped("text"), "operator-altered"),
    "operator's document of another key": Tampering(
        OPERATOR, f"UPDATE document SET key = key || '0' WHERE {THIRD}", "operator-copy-differs"
    ),
    "operator's document of another till": Tampering(
        OPERATOR, f"UPDATE document SET till = 'till-9' WHERE {THIRD}", "operator-altered"
    ),
    "operator's document of another device": Tampering(
        OPERATOR, f"UPDATE document SET serial = 'SKO-9' WHERE {THIRD}", "operator-surplus"
    ),
    # the device's book
    "refund's document deleted": Tampering(
        DEVICE, "DELETE FROM document WHERE number = 5", "missing-at-device"
    ),
    "refund's document one more": Tampering(
        DEVICE, "UPDATE document SET total_minor = total_minor + 1 WHERE number = 5", "sum-differs"
    ),
    "withdrawal one less": Tampering(
        DEVICE, "UPDATE document SET total_minor = total_minor - 1 WHERE number = 7", "sum-differs"
    ),
    "two documents' cash swapped": Tampering(DEVICE, _swapped("cash_minor"), "document-altered"),
    "void of another original": Tampering(
        DEVICE, "UPDATE document SET \"of\" = 'X' WHERE number = 6", "origin-differs"
    ),
    "document of another shift": Tampering(
        DEVICE, "UPDATE document SET shift = 2 WHERE number = 8", "document-altered"
    ),
    "document of another kind": Tampering(
        DEVICE, "UPDATE document SET kind = 'annulment' WHERE number = 5", "kind-differs"
    ),
    # the journal
    "refund deleted": Tampering(JOURNAL, "DELETE FROM operation WHERE number = 5", "missing-in-journal"),
    "refund above its sale": Tampering(
        JOURNAL, "UPDATE operation SET total_minor = 401 WHERE number = 5", "refund-exceeds-sale"
    ),
    "refund of nothing": Tampering(
        JOURNAL,
        "UPDATE operation SET parent = '00000000-0000-4000-8000-999999999999' WHERE number = 5",
        "parent-unknown",
    ),
    "refund of another sale": Tampering(
        JOURNAL,
        "UPDATE operation SET parent = (SELECT uid FROM operation WHERE number = 10) WHERE number = 5",
        "origin-differs",
    ),
    "what was taken one less": Tampering(
        JOURNAL, "UPDATE refundable SET taken_minor = taken_minor - 1 WHERE parent = 3", "taken-differs"
    ),
    "what was taken deleted": Tampering(JOURNAL, "DELETE FROM refundable WHERE parent = 3", "taken-differs"),
    "line taken one less": Tampering(
        JOURNAL,
        "UPDATE refundable_line SET taken_milli = taken_milli - 1 WHERE parent = 3 AND line = 1",
        "taken-differs",
    ),
    "lines taken swapped": Tampering(JOURNAL, _in_content(11, '"of":2', '"of":1'), "taken-differs"),
    "payment of an exchange in cash": Tampering(
        JOURNAL, _in_content(11, '"exchange","amount', '"cash","amount'), "entries-differ"
    ),
    "cash-out's entries deleted": Tampering(
        JOURNAL, "DELETE FROM entry WHERE operation = 7", "entries-missing"
    ),
    "void booked as a deposit": Tampering(
        JOURNAL,
        "UPDATE entry SET account = 'deposits' WHERE operation = 6 AND account = 'refunds'",
        "entries-differ",
    ),
    # deliveries
    "outbox row deleted": Tampering(JOURNAL, "DELETE FROM outbox WHERE number = 3", "not-queued"),
    "outbox row one more": Tampering(
        JOURNAL, "UPDATE outbox SET total_minor = total_minor + 1 WHERE number = 3", "queued-sum-differs"
    ),
    "outbox row of no document": Tampering(
        JOURNAL,
        "INSERT INTO outbox (receiver, till, serial, number, total_minor, queued_ms, queued_tally_ms) "
        "SELECT receiver, till, serial, 99, total_minor, queued_ms, 0 FROM outbox WHERE number = 3",
        "queued-unknown",
    ),
    "two outbox sums swapped": Tampering(JOURNAL, _swapped("total_minor", "outbox"), "queued-sum-differs"),
    # shifts and their Z
    "shift deleted": Tampering(JOURNAL, "DELETE FROM shift WHERE number = 1", "shift-differs"),
    "closed shift open": Tampering(
        JOURNAL,
        "UPDATE shift SET state = 'open', closed_ms = NULL, till = 'till-9' WHERE number = 2",
        "shift-differs",
    ),
    "open shift closed": Tampering(
        JOURNAL, "UPDATE shift SET state = 'closed', closed_ms = 1 WHERE number = 3", "shift-differs"
    ),
    "Z deleted": Tampering(
        JOURNAL, "DELETE FROM document WHERE kind = 'z-report' AND operation = 8", "z-missing"
    ),
    "Z's sum one more": Tampering(JOURNAL, _in_z('"amount_minor":736', '"amount_minor":737'), "z-differs"),
    "Z's drawer one less": Tampering(
        JOURNAL, _in_z('"cash_sales_minor":736', '"cash_sales_minor":735'), "z-differs"
    ),
    "Z's drawer shifted": Tampering(
        JOURNAL, _in_z('"cash_end_minor":5368', '"cash_end_minor":5369'), "z-differs"
    ),
    "entries in another shift": Tampering(
        JOURNAL, "UPDATE entry SET shift = 2 WHERE operation = 4", "z-differs"
    ),
    "count one more": Tampering(
        JOURNAL, "UPDATE cash_count SET counted_minor = counted_minor + 1 WHERE shift = 1", "count-differs"
    ),
    # rulings
    "ruled document deleted": Tampering(DEVICE, "DELETE FROM document WHERE number = 12", "ruled-wrongly"),
    # the audit chain
    "audit entry deleted": Tampering(JOURNAL, "DELETE FROM audit WHERE number = 2", "audit-broken"),
    "newest audit entry deleted": Tampering(
        JOURNAL, "DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)", "audit-broken"
    ),
    "audit entry changed": Tampering(JOURNAL, "UPDATE audit SET who = '8' WHERE number = 1", "audit-broken"),
    "audit entry added": Tampering(
        JOURNAL,
        "INSERT INTO audit SELECT number + 1, at_ms, who, what, facts, hash, hash FROM audit "
        "ORDER BY number DESC LIMIT 1",
        "audit-broken",
    ),
    "audit head deleted": Tampering(JOURNAL, "DELETE FROM station WHERE name = 'audit-head'", "audit-broken"),
    "audit head forged": Tampering(
        JOURNAL,
        "UPDATE station SET value = substr(value, 1, length(value) - 1) || 'x' WHERE name = 'audit-head'",
        "audit-broken",
    ),
}

"""The names of all probes and actions, with what a runbook has to know of them.

What they do stands far above, where the parties and the journal can be reached; their names stand here, so
that the catalogue can be checked without any of it: a runbook that asks for a probe which nobody has written
is refused by the lint. A test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tillwright.kernel.finding import UNKNOWN


class Condition(Enum):
    """How the part is that a probe looked at, as far as its value tells."""

    HEALTHY = "healthy"
    WARNING = "warning"
    SICK = "sick"
    UNKNOWN = "unknown"


class Scope(Enum):
    """What a probe looks at, and an action works on: the station, one till, or one operation."""

    STATION = "station"
    TILL = "till"
    OPERATION = "operation"


class Consent(Enum):
    """Who must agree before an action is done: nobody, or a person of at least this role."""

    NOBODY = "nobody"
    CASHIER = "cashier"
    SENIOR = "senior"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """One probe. `part`: the node of the topology that it looks at. `values`: each value that it can find,
    with what that says of the part. `limit_ms`: after so long it has found nothing. `every_ms`: how often it
    looks by itself, 0 never.
    """

    name: str
    part: str
    scope: Scope
    values: Mapping[str, Condition]
    limit_ms: int = 5_000
    every_ms: int = 0

    def condition(self, value: str) -> Condition:
        """What a value says of the part. Raises KeyError for a value that the probe does not have."""
        return Condition.UNKNOWN if value == UNKNOWN else self.values[value]

    @property
    def healthy(self) -> frozenset[str]:
        """The values that say that nothing is wrong: what a verification has to find."""
        return frozenset(value for value, found in self.values.items() if found is Condition.HEALTHY)


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action. `consent`: who must agree. `changes`: whether it can change money, goods or documents; one
    that does is never done without a person. `again`: whether it may be done once more where nobody knows if
    it was done: not what leaves paper behind, and not what ends the process itself.
    """

    name: str
    part: str
    scope: Scope
    consent: Consent = Consent.NOBODY
    limit_ms: int = 15_000
    changes: bool = False
    again: bool = True


def _probe(name: str, part: str, scope: Scope, values: str, every_ms: int = 0) -> ProbeSpec:
    """`values`: 'healthy, healthy | warning | sick, sick'."""
    groups = [[value.strip() for value in group.split(",") if value.strip()] for group in values.split("|")]
    conditions = (Condition.HEALTHY, Condition.WARNING, Condition.SICK)
    told = {
        value: condition
        for condition, group in zip(conditions, groups, strict=True)
        for value in group
    }  # fmt: skip
    return ProbeSpec(name, part, scope, told, every_ms=every_ms)


_S, _T, _O = Scope.STATION, Scope.TILL, Scope.OPERATION
_MINUTE_MS = 60_000
_LINK = "answers | not-set | no-line, no-name, no-trust, no-answer"

PROBES: Mapping[str, ProbeSpec] = {
    spec.name: spec
    for spec in (
        # the control device
        _probe("control_link", "control", _T, "answers | | no-line, no-answer, nonsense", 30_000),
        _probe("control_identity", "control", _T, "same | | other-serial, none", 5 * _MINUTE_MS),
        _probe("control_clock", "control", _T, "agrees | | off", 5 * _MINUTE_MS),
        _probe("control_shift", "control", _T, "agrees | | differs", 5 * _MINUTE_MS),
        _probe("control_counters", "control", _T, "agree | | explained, till-more, device-more", _MINUTE_MS),
        _probe("control_numbers", "control", _T, "level | | device-ahead, device-behind", 5 * _MINUTE_MS),
        # the operator, the licence, and the way to them
        _probe("operator_link", "operator", _T, _LINK, 30_000),
        _probe("operator_status", "operator", _T, "active | warned | blocked", _MINUTE_MS),
        _probe("undelivered_documents", "operator", _T, "none | some, old | refused", 30_000),
        _probe("offline_limit", "operator", _T, "within | | near, reached", _MINUTE_MS),
        _probe("licensing_link", "licensing", _T, _LINK, _MINUTE_MS),
        _probe(
            "licence_state", "licensing", _T,
            "active | ending, ending-without-funds | too-old, no-subscription, no-contract, serial-unknown, "
            "taxpayer-differs, update-required",
            _MINUTE_MS,
        ),
        _probe("outside_link", "network", _S, "up | partly | down", 30_000),
        # the printer
        _probe(
            "printer_status", "printer", _T,
            "ready | not-set, paper-low | "
            "no-line, no-answer, paper-out, cover-open, switched-off-line, broken",
            30_000,
        ),
        _probe("slips_waiting", "printer", _T, "none | some | failed", _MINUTE_MS),
        # what is red, and the evidence on it
        _probe("red_operations", "till", _T, "none | | some", 30_000),
        _probe("operation_state", "till", _O, "ended | | going-on, asks, red"),
        _probe("operation_at_device", "control", _O, "registered, absent | | silent"),
        _probe("operation_at_operator", "operator", _O, "listed, not-listed | differs | silent"),
        _probe("rulings_checked", "till", _T, "agree | open | contradicted", _MINUTE_MS),
        # the till and its people
        _probe("shift_state", "till", _T, "open, closed, just-closed | too-long | ", _MINUTE_MS),
        _probe("till_hold", "till", _T, "free | held | ", 30_000),
        _probe("sign_in", "people", _S, "free | | locked", 15_000),
        _probe("session_place", "people", _S, "here | elsewhere, ended | "),
        _probe(
            "roles_present", "people", _S, "enough | no-senior, no-administrator | no-cashier",
            5 * _MINUTE_MS,
        ),
        # the station itself
        _probe("station_alive", "station", _S, "serves | starting | hung, dead"),
        _probe("station_load", "station", _S, "calm | busy | ", _MINUTE_MS),
        _probe("settings_fit", "station", _S, "fit | | broken"),
        _probe("program_version", "station", _S, "current | | outdated", 5 * _MINUTE_MS),
        _probe("journal_writes", "journal", _S, "writes | | refuses", 30_000),
        _probe("database_sound", "journal", _S, "sound | | damaged, unsafe-library", 60 * _MINUTE_MS),
        _probe("database_schema", "journal", _S, "fits | | behind, ahead"),
        _probe("audit_chain", "journal", _S, "whole | | broken", 60 * _MINUTE_MS),
        _probe("backup_age", "journal", _S, "fresh | old, none | ", 60 * _MINUTE_MS),
        _probe("disk_room", "disk", _S, "enough | low | full", _MINUTE_MS),
        _probe("station_clock", "clock", _S, "steady | | jumped", _MINUTE_MS),
    )
}  # fmt: skip
"""Every probe by name."""

ACTIONS: Mapping[str, ActionSpec] = {
    spec.name: spec
    for spec in (
        ActionSpec("reconnect_control", "control", _T),
        ActionSpec("read_device", "control", _T),
        ActionSpec("ask_device_again", "control", _O),
        ActionSpec("ask_operator", "operator", _O),
        ActionSpec("check_rulings", "operator", _T),
        ActionSpec("reconnect_operator", "operator", _T),
        ActionSpec("deliver_now", "operator", _T, limit_ms=30_000),
        ActionSpec("ask_licensing", "licensing", _T),
        ActionSpec("reconnect_printer", "printer", _T),
        ActionSpec("print_waiting", "printer", _T, again=False),
        ActionSpec("print_test_slip", "printer", _T, Consent.CASHIER, again=False),
        ActionSpec("unlock_sign_in", "people", _S, Consent.ADMINISTRATOR),
        ActionSpec("end_other_session", "people", _S, Consent.CASHIER),
        ActionSpec("back_up_now", "journal", _S),
        ActionSpec("free_disk_room", "disk", _S, Consent.ADMINISTRATOR),
        ActionSpec("restart_station", "station", _S, Consent.SENIOR, limit_ms=60_000, again=False),
    )
}
"""Every action by name."""

BY_HAND_S: Mapping[str, int] = {
    # the control device: its lamp, its label, its own slips, and "Get data" at the till
    "control_link": 30, "control_identity": 60, "control_clock": 45, "control_shift": 60,
    "control_counters": 90, "control_numbers": 120,
    # the operator and the licence: a sign-in to the cabinet, or a call
    "operator_link": 60, "operator_status": 300, "undelivered_documents": 30, "offline_limit": 30,
    "licensing_link": 60, "licence_state": 180, "outside_link": 45,
    # the printer
    "printer_status": 15, "slips_waiting": 30,
    # operations: the list at the till, the device's own list, the enquiry to the operator
    "red_operations": 10, "operation_state": 10, "operation_at_device": 120, "operation_at_operator": 300,
    "rulings_checked": 300, "shift_state": 5, "till_hold": 5,
    # people: ask around
    "sign_in": 30, "session_place": 60, "roles_present": 60,
    # the station: somebody who knows computers looks
    "station_alive": 20, "station_load": 60, "settings_fit": 300, "program_version": 60,
    "journal_writes": 300, "database_sound": 900, "database_schema": 600, "audit_chain": 600,
    "backup_age": 120, "disk_room": 120, "station_clock": 30,
    # what the program does by itself
    "reconnect_control": 20, "read_device": 30, "ask_device_again": 20, "ask_operator": 300,
    "check_rulings": 300, "reconnect_operator": 20, "deliver_now": 30, "ask_licensing": 60,
    "reconnect_printer": 15, "print_waiting": 40, "print_test_slip": 15, "unlock_sign_in": 60,
    "end_other_session": 60, "back_up_now": 180, "free_disk_room": 300, "restart_station": 60,
}  # fmt: skip
"""What each of them would take a person who knows where to look, in seconds: with this the program's way is
compared with a printed list, which has no probes. Estimates of ours, not the sources'.
"""

"""What people call probes, what probes find, actions, parts and roles; in the language of the page.

The registry names them for programs. A name without a word here shows as itself; a test sees that none does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.languages import Wording, ours
from tillwright.catalogue.runbook_entry import Check
from tillwright.diagnosis.runbook import CANNOT_LOOK, CANNOT_TELL, NONE_OF_THESE
from tillwright.kernel.finding import UNKNOWN
from tillwright.kernel.registry import Condition
from tillwright.web import looks

Words = Mapping[str, Any]

PARTS: Words = {
    "station": _("Station"),
    "journal": _("Journal"),
    "disk": _("Disk"),
    "clock": _("Clock"),
    "people": _("People"),
    "network": _("Network"),
    "till": _("Till"),
    "control": _("Control device"),
    "printer": _("Printer"),
    "operator": _("Operator"),
    "licensing": _("Licensing"),
    "api": _("Programs"),
    "process": _("Way of working"),
    "twin": _("Simulation"),
    "pos": _("Sales program"),
    "agas": _("Pump controller"),
    "ktms": _("Tank system"),
    "egas": _("Station accounts"),
    "plxid": _("Customer accounts"),
    "portal": _("Customer portal"),
    "credit": _("Credit centre"),
    "terminal": _("Card terminal"),
    "sim": _("SIM card"),
    "bank": _("Bank"),
    "account": _("Account"),
    "telephony": _("Telephony"),
    "carrier": _("Carrier"),
    "recording": _("Recording"),
    "quota": _("Quota"),
}
"""Part of the topology → its name."""

PROBES: Words = {
    "control_link": _("Line to the control device"),
    "control_identity": _("Which control device answers"),
    "control_clock": _("Clock of the control device"),
    "control_shift": _("Shift at the control device"),
    "control_counters": _("Cash by the control device"),
    "control_numbers": _("Document numbers of the control device"),
    "operator_link": _("Line to the operator"),
    "operator_status": _("What the operator says of the till"),
    "undelivered_documents": _("Documents that wait for the operator"),
    "offline_limit": _("How long the till may work off line"),
    "licensing_link": _("Line to the licensing"),
    "licence_state": _("Licence of the till"),
    "outside_link": _("Connection to the outside"),
    "printer_status": _("What the printer says"),
    "slips_waiting": _("Slips that have not come out"),
    "red_operations": _("Unknown receipts"),
    "operation_state": _("State of the receipt"),
    "operation_at_device": _("The receipt at the control device"),
    "operation_at_operator": _("The receipt at the operator"),
    "rulings_checked": _("What people have said of receipts"),
    "shift_state": _("Shift of the till"),
    "till_hold": _("Whether the till is held"),
    "sign_in": _("Signing in"),
    "session_place": _("Where the person is signed in"),
    "roles_present": _("Who works here"),
    "station_alive": _("Whether the station works"),
    "station_load": _("How busy the station is"),
    "settings_fit": _("Settings of the station"),
    "program_version": _("Version of the program"),
    "journal_writes": _("Writing to the journal"),
    "database_sound": _("Soundness of the database"),
    "database_schema": _("Tables of the database"),
    "audit_chain": _("Record of who did what"),
    "backup_age": _("Newest backup"),
    "disk_room": _("Room on the disk"),
    "station_clock": _("Clock of the station"),
}
"""Probe → what it looks at."""

VALUES: Words = {
    "answers": _("answers"),
    "no-line": _("no connection"),
    "no-answer": _("no answer"),
    "no-name": _("its name is not known on the network"),
    "no-trust": _("its certificate is not trusted"),
    "nonsense": _("answers with nonsense"),
    "not-set": _("not set up"),
    "same": _("the same as before"),
    "other-serial": _("another device than before"),
    "agrees": _("agrees"),
    "agree": _("agree"),
    "off": _("is off"),
    "differs": _("differs"),
    "explained": _("differs, and the reason is known"),
    "till-more": _("the till has more"),
    "device-more": _("the device has more"),
    "level": _("level with the till"),
    "device-ahead": _("the device is ahead"),
    "device-behind": _("the device is behind"),
    "active": _("in order"),
    "warned": _("a warning"),
    "blocked": _("has blocked this till"),
    "none": _("none"),
    "some": _("some"),
    "old": _("some for a long time"),
    "refused": _("refused"),
    "within": _("within the limits"),
    "near": _("near the limits"),
    "reached": _("the limit is reached"),
    "too-old": _("the limit is reached"),
    "ending": _("ends soon"),
    "ending-without-funds": _("ends soon, and is not paid on"),
    "no-subscription": _("no subscription"),
    "no-contract": _("no contract"),
    "serial-unknown": _("the serial number is not known there"),
    "taxpayer-differs": _("another taxpayer than in the contract"),
    "update-required": _("the program must be updated"),
    "up": _("works"),
    "partly": _("works in part"),
    "down": _("does not work"),
    "ready": _("ready"),
    "paper-low": _("paper is running low"),
    "paper-out": _("paper is out"),
    "cover-open": _("cover is open"),
    "switched-off-line": _("switched off line"),
    "broken": _("broken"),
    "failed": _("did not come out"),
    "ended": _("ended"),
    "going-on": _("in progress"),
    "asks": _("waits for a press"),
    "red": _("unknown"),
    "registered": _("registered"),
    "absent": _("not there"),
    "silent": _("does not answer"),
    "listed": _("listed"),
    "not-listed": _("not listed"),
    "open": _("open"),
    "closed": _("closed"),
    "just-closed": _("closed a short while ago"),
    "contradicted": _("contradicted"),
    "too-long": _("open for too long"),
    "free": _("free"),
    "held": _("held"),
    "locked": _("locked"),
    "here": _("here"),
    "elsewhere": _("at another place"),
    "enough": _("enough"),
    "no-senior": _("no senior cashier"),
    "no-administrator": _("no administrator"),
    "no-cashier": _("no cashier"),
    "serves": _("works"),
    "starting": _("is starting"),
    "hung": _("hangs"),
    "dead": _("does not run"),
    "calm": _("calm"),
    "busy": _("busy"),
    "fit": _("fit"),
    "current": _("current"),
    "outdated": _("outdated"),
    "writes": _("works"),
    "refuses": _("does not work"),
    "sound": _("sound"),
    "damaged": _("damaged"),
    "unsafe-library": _("a library that is not safe"),
    "fits": _("fits"),
    "behind": _("older than the program"),
    "ahead": _("newer than the program"),
    "whole": _("whole"),
    "fresh": _("fresh"),
    "low": _("getting low"),
    "full": _("full"),
    "steady": _("steady"),
    "jumped": _("has jumped"),
    UNKNOWN: _("could not look"),
}
"""What a probe finds → how it reads behind the probe's name."""

OTHER_VALUES: Mapping[tuple[str, str], Any] = {
    ("rulings_checked", "open"): _("not checked yet"),
    ("control_identity", "none"): _("no device"),
    ("backup_age", "none"): _("there is none"),
    ("backup_age", "old"): _("too old"),
    ("sign_in", "free"): _("open to everybody"),
    ("session_place", "ended"): _("signed out"),
    ("audit_chain", "broken"): _("broken off"),
}
"""(probe, value) → words, where the value means something else there."""

ACTIONS: Words = {
    "reconnect_control": _("Connect to the control device again"),
    "read_device": _("Read the control device"),
    "ask_device_again": _("Ask the control device about the receipt"),
    "ask_operator": _("Ask the operator about the receipt"),
    "check_rulings": _("Ask everybody who can bear out what people said"),
    "reconnect_operator": _("Connect to the operator again"),
    "deliver_now": _("Deliver what waits"),
    "ask_licensing": _("Ask the licensing again"),
    "reconnect_printer": _("Connect to the printer again"),
    "print_waiting": _("Print what has not come out"),
    "print_test_slip": _("Print a test slip"),
    "unlock_sign_in": _("Unlock signing in"),
    "end_other_session": _("Sign the person out at the other place"),
    "back_up_now": _("Make a backup"),
    "free_disk_room": _("Remove all backups but the newest"),
    "restart_station": _("Restart the station"),
}
"""Action → what the program does."""

ROLES: Words = {
    "cashier": pgettext_lazy("who does a step", "a cashier"),
    "senior": pgettext_lazy("who does a step", "a senior cashier"),
    "administrator": pgettext_lazy("who does a step", "an administrator"),
    "customer": pgettext_lazy("who does a step", "the customer"),
    "support": pgettext_lazy("who does a step", "support"),
    "operator": pgettext_lazy("who does a step", "the operator"),
    "vendor": pgettext_lazy("who does a step", "the maker of the program"),
    "supplier": pgettext_lazy("who does a step", "the supplier"),
    "bank": pgettext_lazy("who does a step", "the bank"),
    "carrier": pgettext_lazy("who does a step", "the carrier"),
    "manager": pgettext_lazy("who does a step", "the manager"),
}
"""Who does a step, or is called."""

EVIDENCE: Words = {
    "facts": _("What the fault said"),
    "findings": _("What the program found"),
    "answers": _("What people answered"),
    "operation": _("The receipt with its record"),
    "events": _("What happened, step by step"),
    "document": _("The document"),
    "counters": _("The counters of till and device"),
    "versions": _("Versions of program and runbook"),
    "log": _("The log of the station"),
    "photo": _("A photo of what can be seen"),
}
"""What is handed over with a diagnosis."""

STATES: Mapping[str, tuple[str, str, Any]] = {
    "open": ("progress", "blue", _("open")),
    "mended": ("done", "green", _("mended")),
    "unverified": ("unknown", "red", _("not verified")),
    "escalated": ("refused", "amber", _("handed to others")),
    "left": ("planned", "neutral", _("ended without a result")),
}
"""State of a diagnosis → shape, tone, word; red only where nobody knows."""

CONDITIONS: Mapping[Condition, tuple[str, Any]] = {
    Condition.HEALTHY: ("shape-done", pgettext_lazy("a part of the station", "healthy")),
    Condition.WARNING: ("attention", pgettext_lazy("a part of the station", "warning")),
    Condition.SICK: ("shape-refused", pgettext_lazy("a part of the station", "sick")),
    Condition.UNKNOWN: ("shape-unknown", pgettext_lazy("a part of the station", "not known")),
}
"""How a part is → shape and word."""

REASONS: Words = {
    "free-look": _("The program looks first: that costs nobody anything."),
    "free-remedy": _("The program tries this by itself: it costs nobody anything and cannot do harm."),
    "best-remedy": _("It is the quickest way on: to try it costs less than to find out more."),
    "best-check": _("One answer tells the likely causes apart, and saves work that would be in vain."),
    "not-worth-it": _("What is left to try costs more than it promises. Somebody else is quicker now."),
    "nothing-left": _("There is nothing left to try here."),
}
"""Why a step is the one to take now."""

_ANSWERS: Words = {
    "yes": pgettext_lazy("answer", "Yes"),
    "no": pgettext_lazy("answer", "No"),
    CANNOT_TELL: _("Cannot tell"),
    CANNOT_LOOK: _("could not look"),
}
SOMETHING_ELSE = _("Something else, that nobody has thought of yet.")


def spoken(wording: Wording) -> str:
    """A wording of the catalogue in the language of the page."""
    return wording.text(ours(looks.language()))


def probe_word(name: str) -> Any:
    """What a probe looks at."""
    return PROBES.get(name, name)


def value_word(probe: str, value: str) -> Any:
    """What a probe found."""
    return OTHER_VALUES.get((probe, value)) or VALUES.get(value, value)


def part_word(part: str) -> Any:
    """What a part of the topology is called."""
    return PARTS.get(part, part)


def role_word(role: str) -> Any:
    """Who does a step, or is called."""
    return ROLES.get(role, role)


def check_word(check: Check) -> Any:
    """What a check is about: its question, else what its probe looks at."""
    return spoken(check.asks) if check.asks is not None else probe_word(check.probe)


def answer_word(check: Check, answer: str) -> Any:
    """The words of an answer: the author's, else those of the value, each of several."""
    if answer in (CANNOT_TELL, CANNOT_LOOK):
        return VALUES[UNKNOWN] if check.asks is None else _ANSWERS[answer]
    own = next((one.says for one in check.answers if one.id == answer), None)
    if own is not None:
        return spoken(own)
    if answer in _ANSWERS:
        return _ANSWERS[answer]
    return " / ".join(str(value_word(check.probe, value)) for value in answer.split("|"))


def cause_word(entry: Entry, cause: str) -> Any:
    """A cause, as its author has put it."""
    if cause == NONE_OF_THESE:
        return SOMETHING_ELSE
    return next((spoken(one.says) for one in entry.causes if one.id == cause), cause)


def step_word(entry: Entry, step: str) -> Any:
    """A check or a remedy by its id."""
    check = next((one for one in entry.checks if one.id == step), None)
    if check is not None:
        return check_word(check)
    return next((spoken(one.says) for one in entry.remedies if one.id == step), step)

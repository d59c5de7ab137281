"""Every drill there is, and why there is none for the rest of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from tillwright.catalogue.catalogue import Catalogue
from tillwright.demo.drills import (
    scenes_cash,
    scenes_correction,
    scenes_device,
    scenes_differs,
    scenes_fiscal,
    scenes_goods,
    scenes_licence,
    scenes_machine,
    scenes_outside,
    scenes_people,
    scenes_printer,
    scenes_process,
    scenes_red,
    scenes_restored,
    scenes_ruling,
    scenes_shop,
    scenes_starting,
    scenes_station,
    scenes_till,
)
from tillwright.demo.drills.model import Row, Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *scenes_device.SCENARIOS,
    *scenes_fiscal.SCENARIOS,
    *scenes_differs.SCENARIOS,
    *scenes_red.SCENARIOS,
    *scenes_outside.SCENARIOS,
    *scenes_licence.SCENARIOS,
    *scenes_cash.SCENARIOS,
    *scenes_printer.SCENARIOS,
    *scenes_people.SCENARIOS,
    *scenes_process.SCENARIOS,
    *scenes_machine.SCENARIOS,
    *scenes_starting.SCENARIOS,
    *scenes_station.SCENARIOS,
    *scenes_till.SCENARIOS,
    *scenes_ruling.SCENARIOS,
    *scenes_goods.SCENARIOS,
    *scenes_restored.SCENARIOS,
    *scenes_correction.SCENARIOS,
    *scenes_shop.SCENARIOS,
)
"""In the order in which they are done."""

PARTS_TO_COME: Mapping[str, str] = {
    "fuel.": "stations and credit of fuel do not exist yet",
    "terminal.": "card terminals do not exist yet",
    "calls.": "calls do not exist yet",
    "fiscal.red-cheque-cashless": "cards and the bank do not exist yet",
    "fiscal.red-document-return-annulment-cashless": "cards and the bank do not exist yet",
    "process.terminal-replacement": "card terminals do not exist yet",
    "process.category-external": "it strikes the shop and no process: nothing here could show it",
}
"""Beginning of a code → why nothing of it can be brought about."""

_NO_WRONG_BOOK = "no device of ours writes another sum than it was told"
_UNTOLD = (
    "what the device keeps from the till counts as undelivered, and the list is not asked while that is so; "
    "see fiscal.wrong-red-cheque-data/operator-differs"
)
_BY_ITSELF = "it ends before anybody could be led here; see fiscal.red-cheque-status-unknown"
_ONE_WITH_ITS_SHIFT = (
    "a device counts as there once both hold the same documents, and the shift is in them: without its own "
    "device a till has no shift open"
)
_READ_FIRST = "what an old copy lacks is read before the two can be compared; see till.catching-up"
_READ_BEFORE = "before both hold the same the device counts as away: fiscal.sko-disconnected is said"
WITHOUT: Mapping[str, str] = {
    "fiscal.device-garbled/other-program": "it looks as a bad cable does, and the operator is called first",
    "fiscal.device-garbled/broken": "from outside it looks as with a bad cable or program of the device",
    "fiscal.device-behind/device-refuses": "while a device takes nothing back it counts as away",
    "fiscal.device-behind/wrong-device": "numbers are held by serial: another one is fiscal.device-replaced",
    "fiscal.register-refused/shift-differs": "the till follows its device's shift before it asks",
    "fiscal.key-conflict/program-error": "the program would need an error that it does not have",
    "fiscal.sko-operation-refused/still-unknown": "what was sent is never given up: it turns red instead",
    "fiscal.sko-operation-refused/counters-differ": "two faults at once; see the mismatch itself",
    "fiscal.red-cheque-cash-success/answer-lost": _BY_ITSELF,
    "fiscal.red-cheque-cash-success/documents-waiting": _BY_ITSELF,
    "fiscal.red-cheque-cash-success/other-sum": _UNTOLD,
    "fiscal.red-cheque-cash-unsuccessful/listed-after-all": _BY_ITSELF,
    "fiscal.red-cheque-cash-unsuccessful/documents-waiting": _BY_ITSELF,
    "fiscal.contradiction/answer-late": "it takes a wrong ruling too; see fiscal.contradiction/ruled-wrong",
    "fiscal.contradiction/device-wrong": _NO_WRONG_BOOK,
    "fiscal.wrong-red-cheque-data/typed-wrong": "once the operator lists it the program ends it by that",
    "fiscal.wrong-red-cheque-data/other-receipt": "it is refused as till.ruling-against-record",
    "fiscal.cash-mismatch-at-shift-close/ruled-wrong": "see fiscal.wrong-red-cheque-data/ruled-wrong-before",
    "fiscal.cash-mismatch-at-shift-close/document-missing": "the till reads it by itself at its next contact",
    "fiscal.negative-shift-balance/payout-unknown": "see fiscal.red-document-cash-in-out",
    "till.parent-unknown/restored": _READ_FIRST,
    "till.documents-differ/till-behind": _READ_BEFORE,
    "till.documents-differ/line": _READ_BEFORE,
    "till.documents-differ/device-behind": _READ_BEFORE,
    "till.documents-differ/replaced": _READ_BEFORE,
    "till.correction-not-equal/device-unread": _READ_BEFORE,
    "till.shift-already-open/differs": _ONE_WITH_ITS_SHIFT,
    "fiscal.billing-subscription-ending/no-money": "see fiscal.billing-subscription-ending-no-funds",
    "process.category-network/names": "processes here ask this machine's resolver, which no drill may change",
    "process.category-software/database": "while the station is down the doctor leads from one runbook to no "
    "other; see journal.unsafe-database/damaged",
    "process.category-software/schema": "a station brings its tables up to date as it starts, and there "
    "is no second version of the program here",
    "process.data-error/restored": "what it lacks is read as it starts, and nothing differs; see "
    "till.restored",
    "process.data-error/damaged": "the copy that mends it is older than the diagnosis; see "
    "journal.unsafe-database/damaged",
    "process.system-failure/journal-refuses": "a station that cannot write ends, and the doctor that is "
    "left writes nothing; see journal.write-failed",
    "journal.unsafe-database/option": "the station sets every option itself whenever it opens the file",
    "journal.write-failed/damaged": "then the station does not start: see journal.unsafe-database/damaged",
    "api.internal/known-bug": "a bug that is known is mended: none is left that could be brought about",
    "api.internal/database": "its record lies in the database that is put aside: see journal.unsafe-database",
    "api.internal/disk": "what cannot be written is told as journal.write-failed instead",
    "api.unavailable/starting": "it is over before the doctor could be asked; the page goes on by itself",
}
"""Cause → why it has no drill, where others of its code have."""
_NONE_YET = "nothing brings it about yet"


def not_built(catalogue: Catalogue) -> list[Row]:
    """A row for every cause without a drill, with the reason; a code without any has one row."""
    have = {one.name for one in SCENARIOS}
    codes = {one.code for one in SCENARIOS}
    rows = []
    for entry in catalogue.entries.values():
        if entry.causes and entry.code not in codes:
            rows.append(Row(entry.code, built=False, why=_why(entry.code)))
            continue
        for cause in entry.causes:
            name = f"{entry.code}/{cause.id}"
            if name not in have:
                rows.append(Row(entry.code, cause.id, built=False, why=WITHOUT.get(name, _why(entry.code))))
    return rows


def _why(code: str) -> str:
    return next((why for start, why in PARTS_TO_COME.items() if code.startswith(start)), _NONE_YET)


def chosen(name: str) -> tuple[Scenario, ...]:
    """The drills of a code, or the one of a code and a cause with '/' between them."""
    return tuple(one for one in SCENARIOS if name in (one.code, one.name))

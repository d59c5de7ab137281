"""The licensing service itself, without wires and without faults: it knows licences, and says what is wrong.

A serial that asks for the first time is given a licence for a year. What was ordered for all (the serial
'*') holds for those that come later too.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from tillwright.parties.http.exchange import (
    Garbled,
    HttpAnswer,
    HttpRequest,
    decode,
    decode_query,
    encode,
)
from tillwright.parties.licensing.licence import Licence, messages_of, new_licence, showing, without
from tillwright.parties.licensing.messages import CODES, LICENCES, Asked, Code, LicenceList, Problem
from tillwright.parties.licensing.store import LicenceStore, StoredLicence

ALL = "*"


class LicensingService:
    """One licensing service over its store."""

    def __init__(self, store: LicenceStore) -> None:
        self.store = store
        self.wrote = 0
        self.load()

    def load(self) -> None:
        """Take everything up from the store, as after a start."""
        self.moment = 0
        self._licences: dict[str, Licence] = {}
        for row in self.store.rows():
            self._licences[row.serial] = decode(row.body, Licence)
            self.moment = row.moment

    def restore_backup(self, writes: int) -> None:
        """The last so many writes never were."""
        self.store.forget_after(max(0, self.moment - writes))
        self.load()

    def reset(self) -> None:
        """Nothing was ever written."""
        self.store.forget_after(-1)
        self.load()

    # ── requests ────────────────────────────────────────────────────────────────────────────────────────────

    def name_of(self, request: HttpRequest) -> str:
        """'licence', or 'other'."""
        return "licence" if urlsplit(request.target).path.startswith(LICENCES) else "other"

    def answer(self, request: HttpRequest, clock_ms: int) -> HttpAnswer:
        """Say what is wrong with the licence that is asked about."""
        target = urlsplit(request.target)
        serial = unquote(target.path.removeprefix(LICENCES))
        if request.method != "GET" or self.name_of(request) != "licence" or not serial:
            return HttpAnswer(404, encode(Problem("not-found")))
        try:
            asked = decode_query(target.query, Asked)
        except Garbled as error:
            return HttpAnswer(400, encode(Problem("malformed", str(error)[:200])))
        licence = self._licence(serial, clock_ms)
        messages = messages_of(licence, asked, clock_ms)
        return HttpAnswer(200, encode(LicenceList(serial, asked, licence.account, messages, clock_ms)))

    def _licence(self, serial: str, now_ms: int) -> Licence:
        known = self._licences.get(serial)
        if known is not None:
            return known
        licence = new_licence(serial, now_ms)
        pattern = self._licences.get(ALL)
        if pattern is not None:
            licence = replace(pattern, serial=serial, account=licence.account)
        self._write(licence)
        return licence

    def _write(self, licence: Licence) -> None:
        self.moment += 1
        self.wrote += 1
        self.store.add(StoredLicence(self.moment, licence.serial, encode(licence)))
        self._licences[licence.serial] = licence

    # ── orders ──────────────────────────────────────────────────────────────────────────────────────────────

    def switch(self, serial: str, code: Code, on: bool, now_ms: int) -> None:
        """Have the licence of a serial lead to this message, or not; '*' means all, also later ones."""
        change = showing if on else without
        for each in sorted({serial, *(self._licences if serial == ALL else ())}):
            licence = self._licences.get(each) or new_licence(each, now_ms)
            self._write(change(licence, code, now_ms))

    def well(self, now_ms: int) -> None:
        """All licences lead to no message at all."""
        for serial in sorted(self._licences):
            licence = self._licences[serial]
            for code in CODES:
                licence = without(licence, code, now_ms)
            self._write(licence)

    def licences(self) -> list[Licence]:
        """All licences as they are now; the one of '*' is the pattern of those to come."""
        return [self._licences[serial] for serial in sorted(self._licences)]

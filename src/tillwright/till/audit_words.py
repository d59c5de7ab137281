"""The record of who did what in the reader's words: each entry's deed, and its facts in a line.

What has no words here stands as it is stored: an entry of a later version must not vanish from the list.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from tillwright.documents.sentence import kind_name
from tillwright.documents.slip_parts import reason_name
from tillwright.till.document_words import PageWords
from tillwright.web import current, looks
from tillwright.web.people_pages import ROLE_WORDS
from tillwright.web.words import money

DEEDS: Mapping[str, Any] = {
    "sign-in": _("Signed in"),
    "sign-out": _("Signed out"),
    "sign-in-failed": _("Was not let in: wrong number or PIN"),
    "locked": _("Locked out for a while"),
    "session-taken-over": _("Signed in here, which signed them out elsewhere"),
    "approval": _("Approved"),
    "approval-failed": _("Did not approve: wrong number or PIN"),
    "approval-not-allowed": _("May not approve this"),
    "operation-begun": _("Began what has to be approved"),
    "ruling": _("Settled an unknown receipt"),
    "cancelled": _("Cancelled"),
    "count-opened": _("Began to count the cash"),
    "count-stored": _("Stored the count"),
    "count-explained": _("Explained the difference"),
    "hold-released": _("Let the till go"),
    "shift-ended-with-device": _("The device had closed the shift"),
    "shift-back-with-device": _("The device still has the shift open"),
    "restored": _("The station was restored from an older copy"),
    "account-made": _("Added a person"),
    "account-changed": _("Changed a role"),
    "account-off": _("Switched a person off"),
    "account-on": _("Switched a person on"),
    "pin-changed": _("Set a new PIN"),
    "runbook-published": _("Published a runbook"),
    "words-accepted": _("Accepted words for a fault"),
    "words-refused": _("Refused words for a fault"),
}
"""What was done → its words."""

_QUIET = frozenset({"currency", "leg", "enquiry", "second", "approved_by", "happened", "then"})
"""Facts that say nothing to a reader by themselves; a second person is named with the first."""


def deed(what: str) -> str:
    """What was done, in words."""
    return str(DEEDS.get(what, what))


def people_in(who: str, facts: str) -> set[str]:
    """Everybody whom an entry names."""
    told = json.loads(facts)
    return {who, str(told.get("second", "")), *str(told.get("approved_by", "")).split()} - {""}


def told(facts: str, words: PageWords) -> str:
    """The facts of an entry in a line."""
    found = json.loads(facts)
    till = current.place().till(found.get("till"))
    currency = str(found.get("currency") or (till.currency if till else ""))
    parts = [_happened(found), _part("till", found, words, currency)]
    parts += [_part(name, found, words, currency) for name in sorted(found) if name != "till"]
    seconds = f"{found.get('second', '')} {found.get('approved_by', '')}".split()
    parts += [f"+ {words.names.get(one, one)}" for one in seconds]
    return " · ".join(part for part in parts if part)


def _happened(facts: Mapping[str, Any]) -> str:
    words = {"yes": _("It happened."), "no": _("It did not happen.")}
    return str(words.get(facts.get("happened", ""), ""))


def _part(name: str, facts: Mapping[str, Any], words: PageWords, currency: str) -> str:
    value = facts.get(name)
    if value in ("", None) or name in _QUIET:
        return ""
    if name.endswith("_minor") and currency:
        label = _SUMS.get(name)
        sum_of = money(int(value), currency, looks.language())
        return f"{label} {sum_of}" if label else sum_of
    spell = _SPELT.get(name)
    return spell(str(value), words) if spell else f"{name} {value}"


_SUMS: Mapping[str, Any] = {"counted_minor": _("Counted"), "expected_minor": _("Expected")}
_SPELT: Mapping[str, Callable[[str, PageWords], str]] = {
    "till": lambda value, _words: getattr(current.place().till(value), "name", value),
    "kind": lambda value, words: kind_name(value, words),
    "reason": lambda value, words: reason_name(value, words),
    "role": lambda value, _words: str(ROLE_WORDS.get(value, value)),
    "before": lambda value, _words: str(ROLE_WORDS.get(value, value)),
    "number": lambda value, _words: f"№ {value}",
    "failures": lambda value, _words: _("failures forgotten: %(count)s") % {"count": value},
    "shift": lambda value, _words: _("Shift %(number)s") % {"number": value},
    "spoke_with": lambda value, _words: value,
    "unique_number": lambda value, _words: value,
}

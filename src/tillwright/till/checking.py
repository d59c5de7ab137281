"""The check before a shift opens: what is asked of whom, what was found, what it means.

Each row is well, wanting (it works, but somebody should know), stopped (the shift cannot open) or still being
asked. Only what the station itself would refuse stops; everything else is said and left to the people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from tillwright.kernel.fault import Fault

WELL, WANTING, STOPPED, ASKING = "well", "wanting", "stopped", "asking"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at. `text`: what was found; `fault`: what is wrong, said by the catalogue
    unless `text` says it here; `party`: who it is about.
    """

    name: Any
    state: str
    text: Any = ""
    fault: Fault | None = None
    party: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the parties: names of states as they were told; None for one that the till does not
    have. `clock`: what is wrong with it; `stands`: what the operator has against the till; `blocking`: codes
    of the licence that forbid work.
    """

    device: str | None
    clock: Fault | None
    printer: str | None
    operator: str | None
    operator_status: str | None
    stands: Fault | None
    licence: tuple[Fault, ...] | None
    blocking: tuple[str, ...]


def rows(seen: Seen) -> list[Row]:
    """The check, from what is nearest to what is farthest."""
    found = [_of("control", _power(seen), _device(seen), _clock(seen))]
    found += [_of("printer", _printer(seen), _paper(seen))] if seen.printer is not None else []
    found += [_of("operator", _link(seen), _operator(seen))] if seen.operator is not None else []
    found += [_of("licensing", *_licence(seen))]
    return [row for part in found for row in part]


def _of(party: str, *found: Row) -> list[Row]:
    return [replace(row, party=party) for row in found]


def urgent_first(found: Sequence[Row]) -> list[Row]:
    """What stops the shift, then what somebody should know, then the rest as it comes: a warning that has to
    be read must not stand below the edge of a small screen.
    """
    return sorted(found, key=lambda row: _URGENCY.get(row.state, len(_URGENCY)))


_URGENCY = {STOPPED: 0, WANTING: 1}


def anchors(found: Sequence[Row]) -> list[str]:
    """For each row the name by which the strip leads to it: of each party the first row that is not well,
    else its first; the others have none.
    """
    chosen: dict[str, int] = {}
    for index, row in enumerate(found):
        known = chosen.get(row.party)
        if known is None or (found[known].state == WELL and row.state != WELL):
            chosen[row.party] = index
    return [f"party-{row.party}" if chosen[row.party] == index else "" for index, row in enumerate(found)]


def may_open(found: Sequence[Row]) -> bool:
    """Whether nothing stops the shift from being opened."""
    return all(row.state not in (STOPPED, ASKING) for row in found)


def _power(seen: Seen) -> Row:
    if seen.device == "ready":
        return Row(_("Power"), WELL, _("The device and this till have power."))
    return Row(_("Power"), WANTING if seen.device == "lost" else ASKING, _("Is the device switched on?"))


def _device(seen: Seen) -> Row:
    if seen.device == "ready":
        return Row(_("Control device"), WELL, _("It answers."))
    if seen.device == "lost":
        text = _("No answer. Check its power and its cable; without it no shift is opened.")
        return Row(_("Control device"), STOPPED, text, Fault("fiscal.sko-disconnected"))
    return Row(_("Control device"), ASKING, _("Asking …"))


def _clock(seen: Seen) -> Row:
    if seen.clock is not None:
        return Row(_("Clock"), WANTING, fault=seen.clock)
    asking = seen.device not in ("ready", "lost")
    return Row(_("Clock"), ASKING if asking else WELL, _("Nothing speaks against it."))


_PAPER = {
    "paper-out": (WANTING, Fault("printer.paper-out")),
    "paper-low": (WANTING, Fault("printer.paper-low")),
    "cover-open": (WANTING, Fault("printer.cover-open")),
}
_PRINTER = {
    "lost": Fault("printer.unreachable"),
    "offline": Fault("printer.offline"),
}


def _printer(seen: Seen) -> Row:
    state = seen.printer or ""
    if state in _PRINTER:
        return Row(_("Printer"), WANTING, fault=_PRINTER[state])
    if state in ("ready", *_PAPER):
        return Row(_("Printer"), WELL, _("It answers."))
    return Row(_("Printer"), ASKING, _("Asking …"))


def _paper(seen: Seen) -> Row:
    state = seen.printer or ""
    if state in _PAPER:
        return Row(_("Paper"), _PAPER[state][0], fault=_PAPER[state][1])
    if state == "ready":
        return Row(_("Paper"), WELL, _("There is enough."))
    return Row(_("Paper"), WANTING if state in _PRINTER else ASKING, _("The printer cannot tell."))


def _link(seen: Seen) -> Row:
    if seen.operator == "ready":
        return Row(_("Link to the operator"), WELL, _("The operator answers."))
    if seen.operator == "lost":
        return Row(
            _("Link to the operator"), WANTING, _("No answer. Documents wait here and are sent later.")
        )
    return Row(_("Link to the operator"), ASKING, _("Asking …"))


def _operator(seen: Seen) -> Row:
    name = _("What the operator says of this till")
    if seen.stands is not None:
        blocked = seen.operator_status == "blocked"
        return Row(name, STOPPED if blocked else WANTING, fault=seen.stands)
    if seen.operator_status == "active":
        return Row(name, WELL, _("It may work."))
    lost = seen.operator == "lost"
    return Row(name, WANTING if lost else ASKING, _("Not known today.") if lost else _("Asking …"))


def _licence(seen: Seen) -> list[Row]:
    if seen.licence is None:
        return []
    if not seen.licence:
        return [Row(_("Licence"), WELL, _("It is in order."))]
    return [
        Row(_("Licence"), STOPPED if fault.code in seen.blocking else WANTING, fault=fault)
        for fault in seen.licence
    ]

"""Pages of the parties: the table of their ports, the wire of the control device, the twins."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from tillwright.operations.ports import BESIDES, REQUESTS, RequestTraits
from tillwright.parties import control_endpoint, faulting, frames, twins_command
from tillwright.parties.control import messages
from tillwright.parties.control.doors import DepositOrder, UplinkOrder
from tillwright.parties.doors import (
    BackupOrder,
    ClockOrder,
    CrashOrder,
    FaultOrder,
    PlugOrder,
    ResetOrder,
)
from tillwright.parties.faulting import FAULTS, Arming, delay_ms
from tillwright.parties.frames import MAXIMUM_BYTES
from tillwright.parties.http import exchange
from tillwright.parties.licensing import messages as licensing_messages
from tillwright.parties.licensing.doors import SwitchOrder, WellOrder
from tillwright.parties.operator import messages as operator_messages
from tillwright.parties.operator.doors import (
    AcceptOrder,
    ActivateOrder,
    BlockOrder,
    GapsOrder,
    RefuseOrder,
    WarnOrder,
)
from tools.reference_parts.markdown import anchor, cell, code, codes, fenced, page, prose, table
from tools.reference_parts.schemas import object_table, schemas_of
from tools.reference_parts.sources import blocks, docstring, fields_told, first_sentence, paragraphs

ORDERS: dict[str, type] = {
    "faults": FaultOrder,
    "reset": ResetOrder,
    "clock": ClockOrder,
    "deposit": DepositOrder,
    "plug": PlugOrder,
    "uplink": UplinkOrder,
    "crash": CrashOrder,
    "backup": BackupOrder,
    "warn": WarnOrder,
    "block": BlockOrder,
    "activate": ActivateOrder,
    "refuse": RefuseOrder,
    "accept": AcceptOrder,
    "gaps": GapsOrder,
    "switch": SwitchOrder,
    "well": WellOrder,
}


# ── ports ───────────────────────────────────────────────────────────────────────────────────────────────────


def ports() -> str:
    """What each party promises for each request."""
    told = fields_told(RequestTraits)
    return page(
        "Ports of the parties",
        "A party is somebody else who must agree before an operation has happened. The operations know it "
        "only through its port; the adapter behind the port speaks the party's own protocol. What `decide`"
        " may do after a silence hangs on what the party promises for the request, and that stands in one "
        "table, in `src/tillwright/operations/ports.py`. An adapter must keep to it and a twin must show "
        "it.",
        table(
            (
                "Party",
                "Request",
                "Idempotent",
                "Can be asked",
                "Fences",
                "Taken back by",
                "Window",
                "Repeated",
            ),
            (
                (
                    code(party),
                    code(action),
                    _yes(traits.idempotent),
                    _yes(traits.inquirable),
                    _yes(traits.fences),
                    code(traits.reversal) if traits.reversal else "nothing",
                    f"{traits.window_ms} ms" if traits.window_ms else "none",
                    _yes(traits.repeatable),
                )
                for (party, action), traits in {**REQUESTS, **BESIDES}.items()
            ),
        ),
        "## What the columns mean",
        table(("Field", "What it says"), ((code(name), cell(text)) for name, text in told.items())),
        "## The four answers",
        "Whatever the wire does, an adapter says one of four things of a request. The line between the "
        "third and the fourth is the most important one in the product: a failure while connecting is *not"
        " sent*; once one byte may have left, it is *no answer*.",
        table(("Answer", "What it means"), _answers()),
    )


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _answers() -> list[tuple[str, str]]:
    from tillwright.kernel import outcome

    kinds = (
        outcome.Accepted,
        outcome.Refused,
        outcome.NotSent,
        outcome.NoAnswer,
        outcome.Found,
        outcome.Absent,
    )
    asked = (outcome.Found, outcome.Absent)
    return [
        (code(one.__name__) + (" (to an inquiry)" if one in asked else ""), prose(first_sentence(one)))
        for one in kinds
    ]


# ── the wire of the control device ──────────────────────────────────────────────────────────────────────────


def control_protocol() -> str:
    """The messages between a till and its control device."""
    requests = (
        messages.Hello, messages.Register, messages.Inquire, messages.Documents, messages.Restore,
        messages.Status,
    )  # fmt: skip
    others = (
        messages.ReplyMessage,
        messages.Document,
        messages.Counters,
        messages.Shift,
        messages.ToldProfile,
    )
    schemas = schemas_of(*requests, *others)
    own = [one.__name__ for one in (*requests, *others)]
    more = [name for name in schemas if name not in own]
    return page(
        "Protocol of the control device",
        "The adapter and the twin of the control device speak this over TCP. A message is JSON in UTF-8, at "
        f"most {MAXIMUM_BYTES >> 20} MiB, and stands in a frame.",
        prose(docstring(frames).partition("\n\n")[0]),
        *(prose(text) for text in paragraphs(messages)[1:] if not text.startswith("    ")),
        table(("Code", "What it means"), _spaced(blocks(messages)[0])),
        "## Requests",
        *(part for one in requests for part in _message(one.__name__, one, schemas)),
        "## Replies and documents",
        *(part for one in others for part in _message(one.__name__, one, schemas)),
        *(part for name in more for part in (f"### {name}", prose(schemas[name].get("description", "")),
                                             object_table(schemas[name], _link))),
    )  # fmt: skip


# ── the parties over HTTP ───────────────────────────────────────────────────────────────────────────────────


def operator_protocol() -> str:
    """The messages between a till or a device and the operator."""
    forms = (
        operator_messages.Delivery, operator_messages.Taken, operator_messages.Contact,
        operator_messages.ContactTaken, operator_messages.Asked, operator_messages.DocumentList,
        operator_messages.TillTold, operator_messages.Problem,
    )  # fmt: skip
    return _over_http("Protocol of the operator", operator_messages, forms)


def licensing_protocol() -> str:
    """The messages between a till and the licensing service."""
    forms = (licensing_messages.Asked, licensing_messages.LicenceList, licensing_messages.Problem)
    return _over_http("Protocol of the licensing service", licensing_messages, forms)


def _over_http(title: str, module: ModuleType, forms: tuple[type, ...]) -> str:
    schemas = schemas_of(*forms)
    own = [one.__name__ for one in forms]
    return page(
        title,
        *_told(module),
        "## On the line",
        *(prose(text) for text in paragraphs(exchange)[1:]),
        "## Messages",
        *(part for one in forms for part in _message(one.__name__, one, schemas)),
        *(
            part
            for name in schemas
            if name not in own
            for part in (
                f"### {name}",
                prose(schemas[name].get("description", "")),
                object_table(schemas[name], _link),
            )
        ),
    )


def _message(name: str, structure: type, schemas: dict[str, Any]) -> tuple[str, str, str]:
    return f"### {name}", prose(first_sentence(structure)), object_table(schemas[name], _link)


def _link(name: str) -> str:
    return f"[{name}](#{anchor(name)})"


def _spaced(block: str) -> list[tuple[str, str]]:
    """Lines of 'name   text' as rows; a line that begins with blanks goes on with the one above."""
    rows: list[tuple[str, str]] = []
    for line in block.splitlines():
        name, _, text = line.partition("  ")
        if line.startswith(" ") and rows:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {prose(line)}")
        elif line:
            rows.append((codes(name.split(", ")), cell(text)))
    return rows


# ── twins ───────────────────────────────────────────────────────────────────────────────────────────────────


def twins() -> str:
    """The twins: their file, their faults, their control endpoint."""
    schemas = schemas_of(*ORDERS.values())
    return page(
        "Twins and their faults",
        "A twin is a simulated party: a real server on a real socket, in a process of its own, that keeps "
        "its own truth and can be told to misbehave. `tillwright twins FILE` serves them; the demo does it"
        " too, and the same twins run on virtual time in the simulation.",
        "## Faults",
        *(prose(text) for text in paragraphs(faulting)[1:2]),
        table(("Fault", "What the twin does", "Usual delay"), _fault_rows()),
        *(prose(text) for text in paragraphs(faulting)[3:]),
        "### How a fault is armed",
        prose(" ".join(paragraphs(Arming)[1:])),
        "## Control endpoint",
        *_told(control_endpoint),
        *(part for name, one in ORDERS.items() for part in _order(name, one, schemas)),
        "## The twins' file",
        *(prose(text) for text in paragraphs(twins_command)[1:] if not text.startswith("    ")),
        fenced(blocks(twins_command)[0], "toml"),
    )


def _told(thing: object) -> Iterator[str]:
    """A docstring as it stands: prose, and what is indented as a block."""
    indented = iter(blocks(thing))
    for text in paragraphs(thing):
        yield fenced(next(indented)) if text.startswith("    ") else prose(text)


def _fault_rows() -> list[tuple[str, str, str]]:
    told = dict(_spaced(blocks(faulting)[0]))
    missing = [name for name in FAULTS if code(name) not in told]
    if missing:
        raise LookupError(f"parties/faulting.py does not tell of {', '.join(missing)}")
    return [(code(name), told[code(name)], _delay(name)) for name in FAULTS]


def _delay(name: str) -> str:
    usual_ms = delay_ms(name, Arming(always=True))
    return f"{usual_ms:,} ms".replace(",", " ") if usual_ms else ""


def _order(name: str, structure: type, schemas: dict[str, Any]) -> tuple[str, str]:
    fields = object_table(schemas[structure.__name__])
    return f"### POST /twins/NAME/{name}", fields or "An empty object."

"""The OpenAPI document: what each operation of the API takes, gives, and may refuse with which codes.

Schemas are made from the structures that requests are read into and answers are written from, and the status
of a code comes from the catalogue; so the document cannot say anything else than the program does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from tillwright.catalogue.catalogue import Catalogue
from tillwright.documents.correction import CorrectionSlip
from tillwright.documents.receipt import Receipt
from tillwright.documents.report import ShiftReport
from tillwright.kernel.fault import CODE_FORM
from tillwright.machine.resources import shipped_catalogue
from tillwright.till import api_wire as wire
from tillwright.till import api_wire_rulings as rulings
from tillwright.till import api_wire_till as tills
from tillwright.till.api_problems import MEDIA_TYPE
from tillwright.till.api_wire_detail import OperationDetail
from tillwright.till.api_wire_people import Approval, NewApproval

Json = dict[str, Any]

_STRUCTURES: list[type] = [
    wire.NewOperation, wire.Operation, OperationDetail, wire.OperationPage, wire.Change,
    wire.Snapshot, wire.Problem, wire.ProblemType, Receipt, ShiftReport, CorrectionSlip, NewApproval,
    Approval, tills.Till, tills.Parties, tills.Warned, tills.Cash, tills.Hold, tills.NewCount,
    tills.NewReason, tills.Count, tills.NewCorrection, tills.ShiftPage, tills.ShiftDetail, tills.Documents,
    tills.Printing, tills.Refundable, rulings.NewRuling, rulings.NewCancel, rulings.Enquiry,
]  # fmt: skip
_REFERENCE = "#/components/schemas/{name}"

INTRODUCTION = """
For programs that sell at a till: self-checkouts, kiosks, other systems.

**Whose till.** Send the till's token as `Authorization: Bearer TOKEN`. It stands for one till, and sees and
does nothing of another.

**One intent, one operation.** Make a UUID when the customer begins, and send it as `uid`. The same uid with
the same content is the same operation, however often it is sent; with other content it is refused. So after a
lost answer, a crash or a restart the right thing to do is always the same: send the same request again.

**How it stands.** `201`: the operation has ended, whatever its end; see `state` and `fault`. `202`: it is
open, being undone, or red (nobody knows yet whether a party did it; a person is told, and it may still turn
out by itself). `4xx`: nothing was written. `5xx`: not known; the uid tells.

**Who acts.** A token is a program's, nobody's. It sells, moves cash, counts, opens and closes shifts. What
gives money or certainty away is done in somebody's name: who has the right types number and PIN
(`POST /approvals`) for one uid and one purpose, and what comes of it is sent along as `approvals`. Who gave
the first one acts, any other one stands behind it as the second person. No field of a call names a person.

**What is wrong.** Every refusal, and every fault that the station sees by itself, can be diagnosed: `POST
/diagnoses` begins with its code, and each answer tells the one thing to do now. Looks and harmless actions
the program does itself; what only a person can see or do is asked for, one step at a time, with the words
to ask it. An action that needs more than a cashier's consent takes an approval of the purpose `consent` for
the uid of the diagnosis.

**What is not known is `null`.** A device that cannot be read tells no sums and no undelivered documents;
while cash is counted blind nobody is told what should be in the drawer.

**Numbers.** Sums are whole minor units of the currency (`_minor`), quantities whole thousandths (`_milli`),
times milliseconds since 1970-01-01T00:00:00 UTC (`_ms`). All are within ±2^53.

**Refusals** are problem details (RFC 9457) with a `code` that does not change, its facts, and a sentence and
one next step for a person in the language of `Accept-Language`. Below `/api` an unknown address answers with
`api.not-found` and a wrong method with `api.method-not-allowed`.
"""

ANYWHERE = ("api.internal", "api.unavailable")
"""What every operation may be refused with."""
OF_A_TILL = ("api.token-invalid",)


def also_know(*structures: type) -> None:
    """Structures of a room above this one; to be told before the document is made."""
    _STRUCTURES.extend(one for one in structures if one not in _STRUCTURES)
    components.cache_clear()


@cache
def components() -> Json:
    """Every structure of the wire as a schema, by name."""
    _, found = msgspec.json.schema_components(_STRUCTURES, ref_template=_REFERENCE)
    for schema in found.values():
        _tighten(schema)
    return found


def _tighten(schema: Any) -> None:
    """Put the bound that the rules set in the place of the one within which a number can be read."""
    if isinstance(schema, dict):
        if wire.LEAST in schema:
            schema["minimum"] = schema.pop(wire.LEAST)
        for part in schema.values():
            _tighten(part)
    elif isinstance(schema, list):
        for part in schema:
            _tighten(part)


def reference(structure: type) -> Json:
    """A reference to a structure's schema."""
    return {"$ref": _REFERENCE.format(name=structure.__name__)}


def answer(description: str, *structures: type, **headers: str) -> Json:
    """A response with a JSON body of one of these structures, and headers (underscores stand for dashes)."""
    forms = [reference(structure) for structure in structures]
    described = {
        "description": description,
        "content": {"application/json": {"schema": forms[0] if len(forms) == 1 else {"anyOf": forms}}},
    }
    return {**described, "headers": _headers(headers)} if headers else described


def _headers(texts: Mapping[str, str]) -> Json:
    return {
        name.replace("_", "-"): {"description": text, "schema": {"type": "string"}}
        for name, text in texts.items()
    }


def problems(catalogue: Catalogue, codes: Iterable[str]) -> Json:
    """The responses that refuse, by status; each names its codes."""
    by_status: dict[int, list[str]] = {}
    for code in sorted({*codes, *ANYWHERE}):
        by_status.setdefault(_status(catalogue, code), []).append(code)
    return {str(status): _refusal(catalogue, found) for status, found in sorted(by_status.items())}


def described(responses: Json, codes: Iterable[str], **more: Any) -> Json:
    """What ninja is told of an operation of a till: its answers, and the codes that refuse it."""
    refusals = problems(shipped_catalogue(), (*codes, *OF_A_TILL))
    parameters = [*more.pop("parameters", ()), ACCEPT_LANGUAGE]
    return {"responses": {**responses, **refusals}, "parameters": parameters, **more}


def _status(catalogue: Catalogue, code: str) -> int:
    status = catalogue.entry(code).http_status
    if status is None:
        raise LookupError(f"the code {code} has no status, so no call can be refused with it")
    return status


def _refusal(catalogue: Catalogue, codes: list[str]) -> Json:
    lines = [f"- `{code}`: {catalogue.entry(code).words('en', 'program')[0]}" for code in codes]
    schema = {"allOf": [reference(wire.Problem), {"properties": {"code": {"enum": codes}}}]}
    return {"description": "\n".join(lines), "content": {MEDIA_TYPE: {"schema": schema}}}


# ── parameters ────────────────────────────────────────────────────────────────────────────────────


def header(name: str, description: str, **schema: object) -> Json:
    """A request header that may be left out."""
    return {
        "in": "header", "name": name, "required": False, "description": description,
        "schema": {"type": "string", **schema},
    }  # fmt: skip


PREFER = header(
    "Prefer",
    "`wait=SECONDS` (RFC 7240): hold the answer until it has ended or needs a person, at most so long.",
    examples=["wait=10"],
)
ACCEPT_LANGUAGE = header(
    "Accept-Language", "The language of sentences: en, vi, ru or zh; English for any other.", examples=["vi"]
)
LAST_EVENT_ID = header("Last-Event-ID", "The `id` of the last event that was seen.", pattern="^[0-9]{1,18}$")

STREAM = {
    "description": "Events of type `snapshot` (see Snapshot) and `operation` (see Change), each with an id.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


def body(structure: type, example: Json) -> Json:
    """A JSON body that must be sent."""
    content = {"application/json": {"schema": reference(structure), "example": example}}
    return {"required": True, "content": content}


PATH_PARAMETERS: Mapping[str, Json] = {
    "uid": {"type": "string", "format": "uuid"},
    "code": {"type": "string", "pattern": CODE_FORM.pattern},
    "number": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
}


def finish(document: Json) -> None:
    """Put our schemas into the document that ninja has made."""
    schemas = {**document["components"].get("schemas", {}), **components()}
    document["components"] = {**document["components"], "schemas": schemas}
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop(200, None)  # ninja's own, which knows nothing of ours
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["schema"] = PATH_PARAMETERS[parameter["name"]]

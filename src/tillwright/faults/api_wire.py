"""What goes over the wire of the API about diagnoses: each message as a typed structure.

A program that stands in for a person has to know all that the page shows: the one thing to do now and why,
what is known, what remains possible, what must not be done. Words are in the language of Accept-Language;
everything that a program decides by is an id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from tillwright.diagnosis.course import Phase, Stage
from tillwright.diagnosis.events import Outcome
from tillwright.kernel.fault import CODE_FORM
from tillwright.kernel.registry import Condition, Consent
from tillwright.till.api_wire import LARGEST, LONGEST_WORD, PRINTABLE_FORM, UID_FORM, Facts, Moment

LONGEST_ID = 64
LONGEST_CODE = 80
LONGEST_SAID = 240
LONGEST_APPROVAL = 64
MOST_FACTS = 20
MOST_PROBES = 60
LONGEST_STEP_MS = 24 * 3_600_000
STATES = ("open", "mended", "unverified", "escalated", "left")


def _about(text: str, **schema: object) -> Meta:
    return Meta(description=text, extra_json_schema=schema or None)


Seen = Annotated[
    int,
    Meta(ge=0, le=LARGEST),
    _about("How many events the caller has seen; refused with `faults.stale` if there are others by now."),
]
Step = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
Seconds = Annotated[float, Meta(description="Seconds of a person's time.")]
Share = Annotated[float, Meta(description="A probability, 0 to 1.")]


# ── what a program sends ───────────────────────────────────────────────────────────────────────────────────


class NewDiagnosis(Struct, frozen=True, forbid_unknown_fields=True):
    """A fault that somebody has in front of them."""

    code: Annotated[
        str,
        Meta(max_length=LONGEST_CODE),
        _about("A code of the catalogue.", pattern=f"^{CODE_FORM.pattern}$"),
    ]
    till: Annotated[
        Annotated[str, Meta(max_length=LONGEST_WORD)] | UnsetType,
        _about("The token's till, or '' for the station; the token's till where it is left out."),
    ] = UNSET
    operation: Annotated[
        Annotated[str, Meta(max_length=64)] | UnsetType,
        _about("The uid of the operation that it is about.", format="uuid", pattern=UID_FORM),
    ] = UNSET
    facts: Annotated[
        Annotated[Mapping[str, str | int], Meta(max_length=MOST_FACTS)] | UnsetType,
        _about("Facts that the sentences of the code name; see `GET /faults/{code}`."),
    ] = UNSET


class NewAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person sees."""

    check: Step
    seen: Seen
    answer: Annotated[
        Annotated[str, Meta(max_length=LONGEST_ID)] | None,
        Meta(description="The id of an answer; null: the person cannot tell."),
    ]


class NewRemedy(Struct, frozen=True, forbid_unknown_fields=True):
    """A person has done a remedy; one with an action: a person agrees that the program does it."""

    remedy: Step
    seen: Seen
    took_ms: Annotated[
        Annotated[int, Meta(ge=0, le=LONGEST_STEP_MS)] | UnsetType, _about("How long it took the person.")
    ] = UNSET
    approval: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_APPROVAL)] | UnsetType,
        _about("An approval of the purpose 'consent' for the uid of this diagnosis: who gave it agrees."),
    ] = UNSET


class NewVerification(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the fault is gone; without an outcome the program looks itself once more."""

    seen: Seen
    outcome: Annotated[
        Annotated[str, Meta(max_length=LONGEST_WORD)] | UnsetType,
        _about("What a person sees.", enum=[one.value for one in Outcome]),
    ] = UNSET


class NewUndo(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer, or a remedy, was not so."""

    step: Step
    seen: Seen


class NewHandOver(Struct, frozen=True, forbid_unknown_fields=True):
    """Another person goes on."""

    to: Annotated[
        str, Meta(max_length=8), _about("The number of somebody who works here.", pattern="^[1-9][0-9]{0,7}$")
    ]
    seen: Seen


class NewPress(Struct, frozen=True, forbid_unknown_fields=True):
    """A press that says nothing but that it was pressed."""

    seen: Seen


class NewClose(Struct, frozen=True, forbid_unknown_fields=True):
    """It is ended, whatever it was."""

    seen: Seen
    cause: Annotated[
        Annotated[str, Meta(max_length=LONGEST_ID)] | UnsetType,
        _about("The id of the cause, where somebody knows it for certain."),
    ] = UNSET


class NewWords(Struct, frozen=True, forbid_unknown_fields=True):
    """Words that people use for a fault; they count once somebody has reviewed them."""

    code: Annotated[
        str,
        Meta(max_length=LONGEST_CODE),
        _about("A code of the catalogue.", pattern=f"^{CODE_FORM.pattern}$"),
    ]
    says: Annotated[
        str, Meta(min_length=1, max_length=LONGEST_SAID), _about("What they say.", pattern=PRINTABLE_FORM)
    ]


class NewLook(Struct, frozen=True, forbid_unknown_fields=True):
    """Which probes are to look now."""

    probes: Annotated[
        Annotated[Sequence[Annotated[str, Meta(max_length=LONGEST_ID)]], Meta(max_length=MOST_PROBES)]
        | UnsetType,
        _about("By name; all that need no operation where it is left out."),
    ] = UNSET


# ── a diagnosis ────────────────────────────────────────────────────────────────────────────────────────────


class Diagnosis(Struct, frozen=True, kw_only=True):
    """One run of a runbook."""

    uid: str
    code: str
    facts: Facts
    sentence: Annotated[str, Meta(description="What is wrong, in the language of Accept-Language.")]
    next_step: str
    severity: str
    part: str
    till: Annotated[str, Meta(description="Empty for the station itself.")]
    operation: Annotated[str, Meta(description="Empty where it is about none.")]
    parent: Annotated[str, Meta(description="The diagnosis that has led to this one; empty for none.")]
    state: Annotated[str, _about("How it is listed.", enum=list(STATES))]
    source: Annotated[str, _about("What began it.", enum=["fault", "probe", "person", "cause"])]
    opened_ms: Moment
    opened_by: Annotated[str, Meta(description="The person's number; empty for the program.")]
    holder: Annotated[str, Meta(description="Who is at it; empty for nobody.")]
    changed_ms: Moment
    closed_ms: Moment | None


class DiagnosisPage(Struct, frozen=True):
    """The newest first."""

    items: Sequence[Diagnosis]


class AnswerChoice(Struct, frozen=True, kw_only=True):
    """One answer that a person may give, and how probable it is."""

    id: Annotated[str | None, Meta(description="null: cannot tell.")]
    says: str
    probability: Share


class Todo(Struct, frozen=True, kw_only=True):
    """One thing to do."""

    kind: Annotated[str, _about("What it is.", enum=["check", "remedy", "escalate", "verify"])]
    id: Annotated[str, Meta(description="Of the check or the remedy; empty for escalating and verifying.")]
    says: Annotated[str, Meta(description="What a person is told or asked.")]
    where: Annotated[str, Meta(description="Where to look for it.")]
    who: Annotated[str, Meta(description="Whose thing it is to do; empty for the program.")]
    seconds: Seconds
    expected_seconds: Annotated[Seconds, _about("To the end, on average, if this is done now.")]
    answers: Sequence[AnswerChoice]
    probe: Annotated[str, Meta(description="The probe that the program looks with; empty for none.")]
    action: Annotated[str, Meta(description="What the program does itself; empty where a person does it.")]
    consent: Annotated[
        str, _about("Who must agree to the action.", enum=["", *(one.value for one in Consent)])
    ]
    page: Annotated[str, Meta(description="The page of the till where it is done; empty for none.")]
    ends: Annotated[float, Meta(description="How probable it is that this remedy ends the fault.")]


class Known(Struct, frozen=True, kw_only=True):
    """What is known by a check."""

    check: str
    says: str
    answer: Annotated[str, Meta(description="An answer's id, 'cannot-tell' or 'cannot-look'.")]
    answer_says: str
    at_ms: Moment
    by: Annotated[str, Meta(description="The person's number; empty for the program.")]
    how: str


class Tried(Struct, frozen=True, kw_only=True):
    """A remedy that was done, and what was found afterwards."""

    remedy: str
    says: str
    at_ms: Moment
    by: str
    took_ms: int
    result: Annotated[str | None, _about("null: nobody has looked yet.")]


class CauseShare(Struct, frozen=True, kw_only=True):
    """A cause, and how probable it is now."""

    id: str
    says: str
    share: Share
    leads_to: Annotated[str, Meta(description="The code whose runbook goes on from here; empty for none.")]


class Never(Struct, frozen=True):
    """What must not be done meanwhile."""

    says: str
    forbids: Annotated[
        Sequence[str], Meta(description="Actions, remedies, and `kind:NAME` operations that are refused.")
    ]


class Escalation(Struct, frozen=True):
    """Whom to call, and with what in hand."""

    to: str
    says: str
    evidence: Sequence[str]


class Verification(Struct, frozen=True):
    """How it is found out whether the fault is gone."""

    kind: Annotated[str, _about("Who looks.", enum=["probe", "operation", "asked"])]
    probe: Annotated[str, Meta(description="The probe that looks; empty where a person is asked.")]
    says: Annotated[str, Meta(description="What a person is asked; empty where the program looks.")]


class DiagnosisDetail(Diagnosis, frozen=True, kw_only=True):
    """A diagnosis as it stands."""

    phase: Annotated[str, _about("What is going on.", enum=[one.value for one in Phase])]
    stage: Annotated[str, _about("Where it stands.", enum=[one.value for one in Stage])]
    seen: Annotated[int, Meta(description="How many events there are; send it along with each press.")]
    busy: Annotated[bool, Meta(description="The program is at work on it: wait before pressing.")]
    away: Annotated[bool, Meta(description="The person at it has left.")]
    step: Annotated[Todo | None, Meta(description="The one thing to do now; null: nothing.")]
    reason: Annotated[str, Meta(description="Why this step is the one.")]
    others: Annotated[Sequence[Todo], Meta(description="The next candidates.")]
    looks: Annotated[Sequence[str], Meta(description="Probes that the program is about to look with.")]
    known: Sequence[Known]
    tried: Sequence[Tried]
    causes: Annotated[Sequence[CauseShare], Meta(description="The likeliest first.")]
    never: Sequence[Never]
    escalate: Escalation | None
    verify: Verification
    cause: Annotated[str, Meta(description="What it was, where somebody knows for certain.")]
    led_to: Annotated[
        Sequence[str], Meta(description="Diagnoses of its likeliest cause, by uid; go on there.")
    ]
    reopened: Annotated[int, Meta(description="How often it came back.")]
    spent_seconds: Seconds


class DiagnosisEvent(Struct, frozen=True, kw_only=True):
    """Something that happened in it; what else there is depends on the type."""

    number: int
    type: str
    at_ms: Moment
    by: Annotated[str, Meta(description="The person's number; empty for the program.")]
    details: Mapping[str, Any]


class DiagnosisRecord(Struct, frozen=True):
    """Everything that happened, oldest first."""

    events: Sequence[DiagnosisEvent]


# ── faults, and how the station is ─────────────────────────────────────────────────────────────────────────


class FaultCandidate(Struct, frozen=True, kw_only=True):
    """A fault that may be meant, or a group of them that words cannot tell apart."""

    code: Annotated[str, Meta(description="The likeliest of its codes.")]
    codes: Sequence[str]
    group: Annotated[str, Meta(description="Empty for a single fault.")]
    score: Annotated[float, Meta(description="0 to 1.")]
    wording: Annotated[str, Meta(description="The wording that is nearest to the words.")]
    sentence: str
    next_step: str
    runbook: Annotated[bool, Meta(description="Whether a diagnosis can begin with it.")]


class FoundFaults(Struct, frozen=True):
    """The likeliest first; 'none of these' is always the last choice and not among them."""

    known: Annotated[bool, Meta(description="false: these are guesses, the words are those of no fault.")]
    candidates: Sequence[FaultCandidate]


class ProposedWords(Struct, frozen=True):
    """Words that wait for their review."""

    code: str
    says: str
    language: str


class EntryCause(Struct, frozen=True, kw_only=True):
    """A cause of an entry."""

    id: str
    says: str
    weight: float
    leads_to: str


class FaultEntry(Struct, frozen=True, kw_only=True):
    """A code of the catalogue."""

    code: str
    part: str
    severity: str
    category: str
    facts: Sequence[str]
    sentence: Annotated[str, Meta(description="With the names of facts in braces.")]
    next_step: str
    known_as: Sequence[str]
    causes: Sequence[EntryCause]
    never: Sequence[Never]
    escalate: Escalation | None
    verify: str
    group: str
    runbook: Annotated[bool, Meta(description="Whether a diagnosis can begin with it.")]


class ProbeFinding(Struct, frozen=True, kw_only=True):
    """What a probe found last."""

    probe: str
    value: Annotated[str, Meta(description="'unknown': it could not look.")]
    condition: Annotated[str, _about("What that says.", enum=[one.value for one in Condition])]
    at_ms: Moment
    took_ms: int
    how: str
    facts: Facts


class Part(Struct, frozen=True, kw_only=True):
    """How a part of the station is, or of a till."""

    part: str
    till: Annotated[str, Meta(description="Empty for the station's.")]
    condition: Annotated[str, _about("The gravest.", enum=[one.value for one in Condition])]
    follows: Annotated[str, Meta(description="The sick part that explains it; empty for none.")]
    findings: Sequence[ProbeFinding]


class Status(Struct, frozen=True):
    """How the station and the token's till are."""

    condition: Annotated[str, _about("The gravest.", enum=[one.value for one in Condition])]
    parts: Sequence[Part]

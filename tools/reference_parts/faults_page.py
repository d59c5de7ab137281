"""The page of faults: every code of the catalogue, and what each reader is told in each language."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tillwright.catalogue.entry import NO_WORDS, Entry
from tillwright.catalogue.languages import LANGUAGES
from tillwright.catalogue.runbook_entry import Cause, Check
from tillwright.machine.resources import shipped_catalogue
from tools.reference_parts.markdown import anchor, code, codes, page, prose, table

NAMES = {"en": "English", "vi": "Tiếng Việt", "ru": "Русский", "zh": "中文"}
AREAS = {
    "api": "Calls of programs",
    "calls": "Calling customers",
    "clock": "The station's clock",
    "faults": "Diagnoses",
    "fiscal": "The control device, and what is not known because of it",
    "fuel": "Fuel on credit",
    "journal": "The journal and its disk",
    "people": "Signing in, and who may do what",
    "printer": "The receipt printer",
    "process": "When nobody knows yet what is wrong",
    "terminal": "Card terminals",
    "till": "What a till refuses, and why",
    "twin": "The simulated parties",
}
WHAT = (
    "A fault is something that is wrong now: a code and the facts. The code stands small at the end of a "
    "sentence on a page, in API problems, in the log, and in the journal: it is the same everywhere. What a "
    "person reads is made from code and facts, in that person's language."
)
FACTS = (
    "Names in braces are facts. Money ends in `_minor`, a length of time in `_ms`, a moment in `at_ms`, a "
    "quantity in `_count` or `_bytes`; any other number is shown digit by digit."
)
WHERE = (
    "There are {count} codes. `GET /api/v1/problems/CODE` tells each of them to programs. "
    "[Add a fault](../how-to/add-a-fault.md) says how to write one more."
)
SEVERITIES = {"stop": "work stops", "warn": "work goes on, with care", "notice": "good to know"}


def faults() -> str:
    """Every code."""
    entries = list(shipped_catalogue().entries.values())
    parts = [WHAT, FACTS, WHERE.format(count=len(entries)), _overview(entries)]
    for area, found in groupby(entries, key=lambda entry: entry.area):
        parts.append(f"## {area}: {AREAS[area]}")
        for entry in found:
            parts += _entry(entry)
    return page("Faults", *parts)


def _overview(entries: list[Entry]) -> str:
    return table(
        ("Code", "Severity", "HTTP", "What the cashier reads"),
        (
            (
                f"[`{entry.code}`](#{anchor(entry.code)})",
                entry.severity,
                str(entry.http_status or ""),
                prose(entry.says.en),
            )
            for entry in entries
        ),
    )


def _entry(entry: Entry) -> Iterator[str]:
    yield f"### {entry.code}"
    status = f", HTTP {entry.http_status}" if entry.http_status else ""
    facts = f" Facts: {codes(entry.facts)}." if entry.facts else ""
    yield (
        f"**{entry.severity}** ({SEVERITIES[entry.severity]}), part {code(entry.part)}, {entry.category}"
        f"{status}.{facts}"
    )
    yield table(("", "Says", "Next step", "Known as"), _rows(entry))
    if entry.program is not None:
        yield f"For programs: {prose(entry.program.says)} {prose(entry.program.next)}"
    if entry.causes:
        yield from _runbook(entry)


def _runbook(entry: Entry) -> Iterator[str]:
    """The runbook in English: whatever the page of a diagnosis may show."""
    for never in entry.never:
        yield f"Never: {prose(never.says.en)}"
    causes = [(code(one.id), f"{one.weight:g}", prose(one.says.en), _leads(one)) for one in entry.causes]
    yield table(("Cause", "Cases", "What it is", "Goes on in"), causes)
    checks = [
        (code(one.id), _look(one), ", ".join(answer.id for answer in one.answers)) for one in entry.checks
    ]
    if checks:
        yield table(("Check", "How", "Answers"), checks)
    remedies = [
        (code(one.id), prose(one.says.en), "the program" if one.action else one.who, ", ".join(one.helps))
        for one in entry.remedies
    ]
    if remedies:
        yield table(("Remedy", "What is done", "By", "Ends"), remedies)
    if entry.escalate is not None:
        yield f"Else call: {entry.escalate.to}. {prose(entry.escalate.says.en)}"
    if entry.note:
        yield f"Note: {prose(entry.note)}"


def _leads(cause: Cause) -> str:
    return f"[{code(cause.leads_to)}](#{anchor(cause.leads_to)})" if cause.leads_to else ""


def _look(check: Check) -> str:
    asks = prose(check.asks.en) if check.asks is not None else ""
    return f"{code(check.probe)} {asks}".strip() if check.probe else asks


def _rows(entry: Entry) -> Iterator[tuple[str, str, str, str]]:
    for language in LANGUAGES:
        says, step = entry.words(language, "cashier")
        known = "; ".join(entry.known_as.texts(language))
        yield NAMES[language], prose(says), prose(step), prose(known)
    for audience in ("customer", "support"):
        if entry.audiences.own_words(audience) != NO_WORDS:
            for language in LANGUAGES:
                says, step = entry.words(language, audience)
                yield f"{NAMES[language]}, {audience}", prose(says), prose(step), ""

"""What `tillwright catalogue check|list|show` answers, as values and lines; printing is the caller's."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import NO_WORDS, Entry
from tillwright.catalogue.languages import FALLBACK, LANGUAGES, ours
from tillwright.catalogue.lint import read_entries


def check(texts: Mapping[str, str]) -> dict[str, Any]:
    """The report of `check`: `entries`, `by_pack` (pack → entries), `problems`.

    The pack of a file is the first part of its name (fiscal-by/faults/fiscal.yaml).
    """
    placed, problems = read_entries(texts)
    by_pack = Counter(one.file.partition("/")[0] for one in placed)
    return {
        "entries": len(placed),
        "by_pack": dict(sorted(by_pack.items())),
        "problems": [dataclasses.asdict(problem) for problem in problems],
    }


def listing(catalogue: Catalogue, language: str = "en") -> Iterator[tuple[str, str, str, str]]:
    """The rows of `list`: code, severity, part and the sentence with its facts unfilled."""
    for entry in catalogue.entries.values():
        yield entry.code, entry.severity, entry.part, entry.words(language, "cashier")[0]


def show(catalogue: Catalogue, code: str, language: str | None = None) -> Iterator[str]:
    """The lines of `show`: everything about one code, in one language or in all. Raises UnknownCode."""
    entry = catalogue.entry(code)
    yield entry.code
    yield f"  part {entry.part}, severity {entry.severity}, category {entry.category}"
    if entry.http_status is not None:
        yield f"  HTTP status {entry.http_status}"
    if entry.facts:
        yield "  facts " + ", ".join(entry.facts)
    for one in (ours(language),) if language else LANGUAGES:
        yield from _in_language(entry, one)
    if entry.program:
        yield f"  program: {entry.program.says} {entry.program.next}"
    if entry.causes:
        yield from _runbook(entry, ours(language) if language else FALLBACK)


def _runbook(entry: Entry, language: str) -> Iterator[str]:
    """The runbook in one language."""
    yield "  runbook"
    for never in entry.never:
        yield f"    never: {never.says.text(language)}"
    for cause in entry.causes:
        leads = f" → {cause.leads_to}" if cause.leads_to else ""
        yield f"    cause {cause.id} ({cause.weight:g}): {cause.says.text(language)}{leads}"
    for check in entry.checks:
        asks = check.asks.text(language) if check.asks else ""
        answers = ", ".join(answer.id for answer in check.answers)
        yield f"    check {check.id} [{check.probe or check.who}]: {asks or 'the program looks'} ({answers})"
    for remedy in entry.remedies:
        by = remedy.action or remedy.who
        yield f"    remedy {remedy.id} [{by}]: {remedy.says.text(language)} (ends {', '.join(remedy.helps)})"
    if entry.escalate:
        yield f"    escalate to {entry.escalate.to}: {entry.escalate.says.text(language)}"
    yield f"    verified by {entry.verify}"
    if entry.note:
        yield f"    note: {entry.note}"


def _in_language(entry: Entry, language: str) -> Iterator[str]:
    yield f"  {language}"
    for audience in ("cashier", "customer", "support"):
        if audience != "cashier" and entry.audiences.own_words(audience) == NO_WORDS:
            continue
        says, step = entry.words(language, audience)
        yield f"    {audience}: {says}"
        yield f"    {' ' * len(audience)}→ {step}"
    yield "    known as: " + "; ".join(entry.known_as.texts(language))

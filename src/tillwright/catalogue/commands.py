"""What `tillwright catalogue check|list|show` answers, as values and lines; printing is the caller's."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import NO_WORDS, Entry
from tillwright.catalogue.languages import LANGUAGES, ours
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


def _in_language(entry: Entry, language: str) -> Iterator[str]:
    yield f"  {language}"
    for audience in ("cashier", "customer", "support"):
        if audience != "cashier" and entry.audiences.own_words(audience) == NO_WORDS:
            continue
        says, step = entry.words(language, audience)
        yield f"    {audience}: {says}"
        yield f"    {' ' * len(audience)}→ {step}"
    yield "    known as: " + "; ".join(entry.known_as.texts(language))

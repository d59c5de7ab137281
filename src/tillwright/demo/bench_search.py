"""How often the search finds the fault that people mean, how often it rightly says that it knows none, and
how long it takes, beside SQLite's own full text search (FTS5, trigrams) over the same texts.

The queries are held back: whoever writes the catalogue does not read them. See their README.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.folding import fold
from tillwright.catalogue.languages import LANGUAGES
from tillwright.catalogue.search import Candidate, Found, Index
from tillwright.machine import sqlite
from tillwright.machine.resources import shipped_catalogue
from tillwright.machine.search_command import Case, figures, judge, report_of, times
from tillwright.machine.search_command import sentences as search_sentences

QUERIES = Path(__file__).resolve().parents[3] / "tests" / "catalogue" / "queries"
TOP1_AIM, TOP3_AIM, MS_AIM = 0.95, 0.99, 5.0


def read_queries(folder: Path) -> list[Case]:
    """The held-back queries: a file a language, a list of {says, is}."""
    return [
        Case(str(query["says"]), tuple(query["is"]), language)
        for language in LANGUAGES
        for query in yaml.safe_load((folder / f"{language}.yaml").read_text(encoding="utf-8"))
    ]


def measure(folder: Path) -> dict[str, object]:
    """All figures of the queries in this folder; `reference` are those of the full text search."""
    catalogue = shipped_catalogue()
    cases = read_queries(folder)
    random.Random(1).shuffle(cases)  # nosec B311  # an order that comes again; no secret hangs on it
    index = Index(catalogue)
    index.find("warm up")
    judged = judge(index.find, cases)
    with tempfile.TemporaryDirectory(prefix="tillwright-bench-") as scratch:
        reference = judge(FullText(catalogue, Path(scratch) / "texts.db").find, cases)
    own, other = times(judged), times(reference)
    report = report_of(judged)
    return {
        "entries": len(catalogue.entries),
        **report,
        "reference": {**figures(reference), **other},
        "ratio_median": round(own["ms_median"] / other["ms_median"], 2),
        "ratio_p99": round(own["ms_p99"] / other["ms_p99"], 2),
        "aims": {"top1": TOP1_AIM, "top3": TOP3_AIM, "ms_p99": MS_AIM},
    }


def sentences(report: Mapping[str, Any]) -> Iterator[str]:
    """The figures for people."""
    yield f"{report['entries']} entries."
    yield from search_sentences(report)
    other = report["reference"]
    yield (
        f"SQLite's full text search by trigrams, same texts: right first {other['top1'] * 100:.1f} %, among "
        f"three {other['top3'] * 100:.1f} %; {other['ms_median']} ms, 99 in 100 at most {other['ms_p99']} ms "
        f"(ratio {report['ratio_median']}, {report['ratio_p99']})."
    )


class FullText:
    """The reference: every entry a row, found by the trigrams of the folded query, ranked by `bm25`."""

    def __init__(self, catalogue: Catalogue, path: Path) -> None:
        self._connection = sqlite.connect(path)
        self._connection.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(code UNINDEXED, body, tokenize=trigram)"
        )
        for code, entry in catalogue.entries.items():
            known = [text for language in LANGUAGES for text in entry.known_as.texts(language)]
            body = "\n".join(fold(text) for text in (code, *known, *(text for *_, text in entry.wordings())))
            self._connection.execute("INSERT INTO texts VALUES (?, ?)", (code, body))

    def find(self, text: str) -> Found:
        """The three best rows; it never says that it knows none."""
        folded = fold(text)
        wanted = dict.fromkeys(folded[at : at + 3] for at in range(len(folded) - 2))
        match = " OR ".join(f'"{trigram}"' for trigram in wanted)
        rows = match and self._connection.execute(
            "SELECT code FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT 3", (match,)
        )
        return Found(tuple(Candidate((code,), "", 0.0, "") for (code,) in rows or ()), known=True)

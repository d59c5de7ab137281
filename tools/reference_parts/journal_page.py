"""The page of the journal's tables: made in an empty database, and read back from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import django

from tillwright.journal import schema
from tillwright.journal.sqlite_journal import create
from tillwright.machine import sqlite
from tools.reference_parts.markdown import bullets, cell, code, codes, page, prose, table
from tools.reference_parts.sources import first_sentence, paragraphs

TABLES = {
    "operation": "One current row an operation. `content`: what the till was asked to do, written once. "
    "`body`: what has become of it, written at each step. Both are JSON.",
    "leg_key": "The key of every leg, kept for ever. That it is unique here is what makes one intent one.",
    "event": "Everything that has happened to an operation, in order. The current row follows from it.",
    "entry": "Lines of the cash book. Those of one posting add up to nothing.",
    "balance": "The running sum of each account, written with its entries.",
    "document": "Receipts and slips as stored with the end; a reprint prints this, and asks nobody.",
    "device_document": "The control device's documents in its own signed words, read from it.",
    "outbox": "Documents for receivers, in order; undelivered ones have no `delivered_ms`.",
    "fault": "Every fault that was raised: the code, and the facts as JSON.",
    "shift": "A till's shifts: when each was opened and closed, by whom, and from which entry on it books.",
    "hold": "A till that is held: its cash is being counted, it is being closed, or it is being corrected.",
    "cash_count": "Blind counts, note by note, with what was expected at that moment, and the reason of a "
    "difference.",
    "refundable": "What has been taken back of a sale. The check is the last word on 'never more than was "
    "sold'; `beyond_minor` is what turned out to have happened above that.",
    "refundable_line": "The same, line by line.",
    "approval": "Grants: who approved what, for which operation, until when, and when it was used.",
    "enquiry": "Questions to the operator about an operation, and what it listed.",
    "ruling": "What people ruled, and what the later check against the records made of it.",
    "party_state": "What the operator, the licence and the printer said last.",
    "warning": "When a warning was first shown: its minute is counted from there.",
    "audit": "The audit chain: each entry names the hash of the one before it.",
    "station": "Single values: how far a device's documents are held, which device a till hears from.",
}


def journal() -> str:
    """The tables of the journal, with their rules."""
    with TemporaryDirectory() as folder:
        connection = sqlite.connect(Path(folder) / "journal.db")
        create(connection)
        parts = [part for name in _names(connection) for part in _table(connection, name)]
        triggers = _triggers(connection)
        connection.close()
    return page(
        "Tables of the journal",
        prose(paragraphs(schema)[0]),
        prose(paragraphs(schema)[1]),
        "The journal is the file `station.db` in a station's data folder: SQLite in WAL mode with "
        "`synchronous=FULL`, so that a commit that has returned is on the disk. One thread writes it. Names "
        "ending in `_ms` are milliseconds UTC, names ending in `_minor` are minor units.",
        *parts,
        "## What triggers refuse",
        bullets(prose(text) for text in triggers),
        "## Beside the journal",
        "The same file keeps what the pages need; who is signed in stands in a file of its own, "
        "`sessions.db`. These tables are written through the journal's writer too.",
        table(("Table", "What it holds"), _beside()),
    )


def _names(connection: sqlite.Connection) -> list[str]:
    found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
    names = [str(row[0]) for row in found]
    if sorted(names) != sorted(TABLES):
        raise LookupError(f"tables without words, or words without a table: {set(names) ^ set(TABLES)}")
    return names


def _table(connection: sqlite.Connection, name: str) -> Iterator[str]:
    yield f"## {name}"
    yield prose(TABLES[name])
    references = {str(row[3]): str(row[2]) for row in connection.execute(f"PRAGMA foreign_key_list({name})")}
    columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
    yield table(
        ("Column", "Kind", "May be empty", "Key"),
        (
            (
                code(column[1]),
                str(column[2]).lower(),
                "no" if column[3] or column[5] else "yes",
                ", ".join(_marks(int(column[5]), references.get(str(column[1])))),
            )
            for column in columns
        ),
    )
    rules = list(_rules(connection, name))
    if rules:
        yield bullets(rules)


def _marks(place: int, referred: str | None) -> Iterator[str]:
    if place:
        yield "primary"
    if referred:
        yield f"of {code(referred)}"


def _rules(connection: sqlite.Connection, name: str) -> Iterator[str]:
    for _, index, unique, origin, partial in connection.execute(f"PRAGMA index_list({name})").fetchall():
        columns = codes(str(row[2]) for row in connection.execute(f"PRAGMA index_info({index})"))
        if origin == "pk" or not (unique or partial or origin == "c"):
            continue
        text = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (index,)).fetchone()[0]
        where = f" where {code(str(text).partition(' WHERE ')[2])}" if partial else ""
        yield f"{columns} {'unique' if unique else 'indexed'}{where}"


def _triggers(connection: sqlite.Connection) -> list[str]:
    """What the triggers say when they refuse, each once."""
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid")
    said = [str(row[0]).partition("RAISE(ABORT, '")[2].partition("'")[0] for row in rows]
    return list(dict.fromkeys(said))


def _beside() -> list[tuple[str, str]]:
    django.setup()
    from django.apps import apps

    ours = [
        model
        for model in apps.get_models()
        if model.__module__.startswith("tillwright.") and model._meta.managed  # the journal's own stand above
    ]
    return [(code(model._meta.db_table), cell(first_sentence(model))) for model in ours]

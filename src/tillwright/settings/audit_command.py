"""`tillwright audit verify|list`: whether anybody has been at the audit chain, and what stands in it.

Both only read, also while the station runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from tillwright.journal import audit_log
from tillwright.journal.audit_log import NoKey
from tillwright.kernel.audit import AuditEntry, Break, Verdict
from tillwright.machine import sqlite
from tillwright.machine.reports import open_report, show
from tillwright.settings.opening import SettingsFile, end, open_prepared

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

app = typer.Typer(no_args_is_help=True, help="The audit chain of a station.")

AsJson = Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")]

_MEANING = {
    Break.MISSING: "it is missing, though a later one is there",
    Break.CHANGED: "somebody has changed it after it was written",
    Break.MOVED: "it does not belong in this place",
    Break.UNLINKED: "the entry before it was rewritten",
    Break.CUT_OFF: "the chain ends before it, though a signed head names it or a later one",
    Break.REWRITTEN: "it, or one before it, was written anew",
    Break.UNSIGNED: "it was added without the station's key",
    Break.FORGED: "the head that names it is not signed with the station's key",
    Break.NO_HEAD: "no signed head names it",
}


@app.command()
def verify(settings: SettingsFile, json: AsJson = False) -> None:
    """Check every link, and both signed heads; ends with 1 and the first broken entry when one is."""
    opened = open_report("audit verify")
    database = open_prepared(settings).database
    try:
        verdict = audit_log.verify(database)
    except (NoKey, sqlite.Error) as error:
        end(f"the audit chain cannot be checked: {error}")
    report = opened.close(_values(verdict), database.parent)
    show(report, json, [_sentence(verdict)])
    if not verdict.whole:
        raise typer.Exit(1)


def _values(verdict: Verdict) -> dict[str, Any]:
    broken = verdict.broken
    return {
        "whole": verdict.whole,
        "entries": verdict.count,
        "head": verdict.head_hash,
        "broken": None if broken is None else broken.value,
        "number": verdict.number,
        "told_by": verdict.place or None,
    }


def _sentence(verdict: Verdict) -> str:
    if verdict.broken is None:
        return f"{verdict.count} entries, whole; the newest has the hash {verdict.head_hash}."
    place = {"": "", "database": " The head in the database says so.", "file": " The head file says so."}
    return f"Entry {verdict.number} is broken: {_MEANING[verdict.broken]}.{place[verdict.place]}"


@app.command("list")
def list_entries(
    settings: SettingsFile,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many of the newest.")] = 20,
    json: AsJson = False,
) -> None:
    """The newest entries, the oldest of them first."""
    opened = open_report("audit list")
    database = open_prepared(settings).database
    try:
        connection = sqlite.connect(database, read_only=True)
        found = audit_log.newest(connection, limit)[::-1]
        connection.close()
    except sqlite.Error as error:
        end(f"the audit chain cannot be read: {error}")
    show(opened.close({"entries": [_row(one) for one in found]}), json, _lines(found))


def _row(one: AuditEntry) -> dict[str, Any]:
    return {"number": one.number, "at_ms": one.at_ms, "who": one.who, "what": one.what, "facts": one.facts}


def _lines(found: list[AuditEntry]) -> Iterator[str]:
    for one in found:
        at = f"{_EPOCH + timedelta(milliseconds=one.at_ms):%Y-%m-%d %H:%M:%S} UTC"
        yield f"{one.number:>8}  {at}  {one.who or '-':>8}  {one.what}  {one.facts}"

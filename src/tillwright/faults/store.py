"""Diagnoses, findings and what was learnt, in the station's database.

Whatever writes takes the writer's connection and runs inside its transaction:
`station.write(lambda connection: store.append(connection, ...))`. Whatever reads takes a connection that
reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tillwright.kernel.fault import Fact, Fault
from tillwright.kernel.finding import Finding
from tillwright.machine.sqlite import Connection

HOUR_MS = 3_600_000
MILLION = 1_000_000
ALL = -1
"""As a limit: none."""
OPEN, MENDED, UNVERIFIED, ESCALATED, LEFT = "open", "mended", "unverified", "escalated", "left"


@dataclass(frozen=True, slots=True)
class StoredDiagnosis:
    """A diagnosis as it is kept; see models.Diagnosis."""

    uid: str
    fault: Fault
    till: str
    operation: str
    version: int
    source: str
    opened_ms: int
    opened_by: str
    holder: str
    state: str
    changed_ms: int
    closed_ms: int | None
    parent: str = ""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event of a diagnosis; `body` has its `type` and its fields."""

    number: int
    at_ms: int
    person: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A probe found another value than before."""

    probe: str
    scope: str
    value: str
    at_ms: int
    took_ms: int
    how: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class StoredHour:
    """An hour of a probe; see models.Hour."""

    probe: str
    scope: str
    hour: int
    looks: int
    sick: int
    unknown: int
    slowest_ms: int
    figure: int | None


@dataclass(frozen=True, slots=True)
class StoredRunbook:
    """A version of a runbook that people have published."""

    code: str
    version: int
    text: str
    person: str
    note: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class StoredAlias:
    """Words that somebody used for a fault."""

    id: int
    code: str
    said: str
    language: str
    person: str
    at_ms: int
    state: str
    decided_by: str


# ── diagnoses ─────────────────────────────────────────────────────────────────────────────────────────────

_DIAGNOSIS = (
    "uid, code, facts, till, operation, version, source, opened_ms, opened_by, holder, state, changed_ms, "
    "closed_ms, parent"
)


def begin(connection: Connection, one: StoredDiagnosis) -> None:
    """Keep a new diagnosis."""
    connection.execute(
        f"INSERT INTO diagnosis ({_DIAGNOSIS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # nosec B608  # constants
        (
            one.uid, one.fault.code, _text(one.fault.facts), one.till, one.operation, one.version, one.source,
            one.opened_ms, one.opened_by, one.holder, one.state, one.changed_ms, one.closed_ms,
            one.parent,
        ),
    )  # fmt: skip


def append(
    connection: Connection,
    uid: str,
    expected: int,
    events: Sequence[Mapping[str, Any]],
    person: str,
    at_ms: int,
) -> bool:
    """Append events behind the first `expected` ones; False, and nothing is written, if there are more: then
    somebody else was quicker.
    """
    row = connection.execute(
        "SELECT COALESCE(max(number), 0) FROM diagnosis_event WHERE diagnosis = ?", (uid,)
    ).fetchone()
    if int(row[0]) != expected:
        return False
    connection.executemany(
        "INSERT INTO diagnosis_event (diagnosis, number, at_ms, person, body) VALUES (?, ?, ?, ?, ?)",
        [(uid, expected + place, at_ms, person, _text(body)) for place, body in enumerate(events, 1)],
    )
    connection.execute("UPDATE diagnosis SET changed_ms = ? WHERE uid = ?", (at_ms, uid))
    return True


def turn(connection: Connection, uid: str, state: str, at_ms: int) -> None:
    """The diagnosis is in this state from now on."""
    closed_ms = None if state == OPEN else at_ms
    connection.execute("UPDATE diagnosis SET state = ?, closed_ms = ? WHERE uid = ?", (state, closed_ms, uid))


def children(connection: Connection, uid: str) -> list[StoredDiagnosis]:
    """The diagnoses to which this one has led, oldest first."""
    rows = connection.execute(
        f"SELECT {_DIAGNOSIS} FROM diagnosis WHERE parent = ? ORDER BY opened_ms",  # nosec B608  # constants
        (uid,),
    )
    return [_diagnosis(row) for row in rows]


def hand_over(connection: Connection, uid: str, person: str) -> None:
    """Somebody else goes on with it."""
    connection.execute("UPDATE diagnosis SET holder = ? WHERE uid = ?", (person, uid))


def diagnosis(connection: Connection, uid: str) -> StoredDiagnosis | None:
    """One diagnosis."""
    row = connection.execute(f"SELECT {_DIAGNOSIS} FROM diagnosis WHERE uid = ?", (uid,)).fetchone()  # nosec B608  # constants
    return _diagnosis(row) if row else None


def diagnoses(
    connection: Connection,
    *,
    till: str = "",
    state: str = "",
    code: str = "",
    limit: int = 100,
    with_station: bool = False,
) -> list[StoredDiagnosis]:
    """The newest first. `with_station`: beside those of the till, the station's own."""
    rows = connection.execute(
        f"SELECT {_DIAGNOSIS} FROM diagnosis WHERE (? IN ('', till) OR (? AND till = ''))"  # nosec B608  # constants
        " AND ? IN ('', state) AND ? IN ('', code) ORDER BY opened_ms DESC, uid LIMIT ?",
        (till, with_station, state, code, limit),
    )
    return [_diagnosis(row) for row in rows]


def open_one(connection: Connection, code: str, till: str, operation: str) -> StoredDiagnosis | None:
    """The open diagnosis of the same fault at the same place."""
    row = connection.execute(
        f"SELECT {_DIAGNOSIS} FROM diagnosis WHERE state = 'open' AND code = ? AND till = ? AND operation = ?"  # nosec B608  # constants
        " ORDER BY opened_ms DESC LIMIT 1",
        (code, till, operation),
    ).fetchone()
    return _diagnosis(row) if row else None


def newest_of(connection: Connection, code: str, till: str, operation: str) -> StoredDiagnosis | None:
    """The newest diagnosis of the same fault at the same place."""
    row = connection.execute(
        f"SELECT {_DIAGNOSIS} FROM diagnosis WHERE code = ? AND till = ? AND operation = ?"  # nosec B608  # constants
        " ORDER BY opened_ms DESC LIMIT 1",
        (code, till, operation),
    ).fetchone()
    return _diagnosis(row) if row else None


def closed_lately(
    connection: Connection, code: str, till: str, operation: str, since_ms: int
) -> StoredDiagnosis | None:
    """The newest diagnosis of the same fault at the same place that was mended since then."""
    row = connection.execute(
        f"SELECT {_DIAGNOSIS} FROM diagnosis WHERE state = 'mended' AND code = ? AND till = ?"  # nosec B608  # constants
        " AND operation = ? AND closed_ms >= ? ORDER BY closed_ms DESC LIMIT 1",
        (code, till, operation, since_ms),
    ).fetchone()
    return _diagnosis(row) if row else None


def events(connection: Connection, uid: str) -> list[StoredEvent]:
    """What happened in a diagnosis, oldest first."""
    rows = connection.execute(
        "SELECT number, at_ms, person, body FROM diagnosis_event WHERE diagnosis = ? ORDER BY number", (uid,)
    )
    return [StoredEvent(number, at_ms, person, json.loads(body)) for number, at_ms, person, body in rows]


def records(connection: Connection, code: str, limit: int = 200) -> dict[str, list[StoredEvent]]:
    """What happened in the newest diagnoses of a code: uid → events, oldest first."""
    rows = connection.execute(
        "SELECT e.diagnosis, e.number, e.at_ms, e.person, e.body FROM diagnosis_event e WHERE e.diagnosis IN"
        " (SELECT uid FROM diagnosis WHERE code = ? ORDER BY opened_ms DESC, uid LIMIT ?)"
        " ORDER BY e.diagnosis, e.number",
        (code, limit),
    )
    found: dict[str, list[StoredEvent]] = {}
    for uid, number, at_ms, person, body in rows:
        found.setdefault(uid, []).append(StoredEvent(number, at_ms, person, json.loads(body)))
    return found


def _diagnosis(row: Sequence[Any]) -> StoredDiagnosis:
    uid, code, facts, *rest = row
    return StoredDiagnosis(uid, Fault(code, **json.loads(facts)), *rest)


# ── findings ──────────────────────────────────────────────────────────────────────────────────────────────


def keep_change(connection: Connection, finding: Finding) -> None:
    """Keep a finding that differs from the one before."""
    connection.execute(
        "INSERT INTO probe_change (probe, scope, value, at_ms, took_ms, how, facts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            finding.probe, finding.scope, finding.value, finding.at_ms, finding.took_ms, finding.how,
            _text(finding.facts),
        ),
    )  # fmt: skip


def count_hours(connection: Connection, hours: Iterable[StoredHour]) -> None:
    """Add looks to their hours."""
    connection.executemany(
        "INSERT INTO probe_hour (probe, scope, hour, looks, sick, unknown, slowest_ms, figure)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (probe, scope, hour) DO UPDATE SET"
        " looks = looks + excluded.looks, sick = sick + excluded.sick, unknown = unknown + excluded.unknown,"
        " slowest_ms = max(slowest_ms, excluded.slowest_ms), figure = COALESCE(excluded.figure, figure)",
        [
            (one.probe, one.scope, one.hour, one.looks, one.sick, one.unknown, one.slowest_ms, one.figure)
            for one in hours
        ],
    )


def last_changes(connection: Connection) -> list[StoredChange]:
    """What each probe found last, by what was kept."""
    rows = connection.execute(
        "SELECT probe, scope, value, at_ms, took_ms, how, facts FROM probe_change WHERE id IN"
        " (SELECT max(id) FROM probe_change GROUP BY probe, scope) ORDER BY probe, scope"
    )
    return [_change(row) for row in rows]


def changes(connection: Connection, probe: str, scope: str, since_ms: int) -> list[StoredChange]:
    """What a probe found since then, oldest first; the first one is what held at that moment."""
    rows = connection.execute(
        "SELECT probe, scope, value, at_ms, took_ms, how, facts FROM probe_change"
        " WHERE probe = :probe AND scope = :scope AND at_ms >= COALESCE((SELECT max(at_ms) FROM probe_change"
        " WHERE probe = :probe AND scope = :scope AND at_ms <= :since), 0) ORDER BY id",
        {"probe": probe, "scope": scope, "since": since_ms},
    )
    return [_change(row) for row in rows]


def hours(connection: Connection, probe: str, scope: str, since_ms: int) -> list[StoredHour]:
    """The hours of a probe, oldest first."""
    rows = connection.execute(
        "SELECT probe, scope, hour, looks, sick, unknown, slowest_ms, figure FROM probe_hour"
        " WHERE probe = ? AND scope = ? AND hour >= ? ORDER BY hour",
        (probe, scope, since_ms // HOUR_MS),
    )
    return [StoredHour(*row) for row in rows]


def _change(row: Sequence[Any]) -> StoredChange:
    probe, scope, value, at_ms, took_ms, how, facts = row
    return StoredChange(probe, scope, value, at_ms, took_ms, how, json.loads(facts))


# ── what was learnt ───────────────────────────────────────────────────────────────────────────────────────


def learn(connection: Connection, uid: str, code: str, shares: Mapping[str, float], at_ms: int) -> None:
    """Keep how much of a case each cause was; negative shares take it back."""
    connection.executemany(
        "INSERT INTO learnt (diagnosis, code, cause, share_millionths, at_ms) VALUES (?, ?, ?, ?, ?)",
        [(uid, code, cause, round(share * MILLION), at_ms) for cause, share in sorted(shares.items())],
    )


def learnt(connection: Connection, code: str, until_ms: int) -> dict[str, float]:
    """Cause → cases, over all diagnoses of a code, as it stood at a moment."""
    rows = connection.execute(
        "SELECT cause, sum(share_millionths) FROM learnt WHERE code = ? AND at_ms < ? GROUP BY cause",
        (code, until_ms),
    )
    return {cause: max(0, millionths) / MILLION for cause, millionths in rows}


def measured(connection: Connection, code: str, until_ms: int) -> dict[str, list[float]]:
    """Remedy → how long people needed for it, in seconds, each time up to a moment."""
    rows = connection.execute(
        "SELECT json_extract(e.body, '$.remedy'), json_extract(e.body, '$.took_ms') FROM diagnosis_event e"
        " JOIN diagnosis d ON d.uid = e.diagnosis WHERE d.code = ? AND e.at_ms < ?"
        " AND json_extract(e.body, '$.type') = 'did' AND json_extract(e.body, '$.took_ms') > 0"
        " ORDER BY e.at_ms DESC LIMIT 500",
        (code, until_ms),
    )
    found: dict[str, list[float]] = {}
    for remedy, took_ms in rows:
        found.setdefault(remedy, []).append(took_ms / 1000)
    return found


def learnt_of(connection: Connection, uid: str) -> dict[str, float]:
    """Cause → share of a case, from one diagnosis."""
    rows = connection.execute(
        "SELECT cause, sum(share_millionths) FROM learnt WHERE diagnosis = ? GROUP BY cause", (uid,)
    )
    return {cause: millionths / MILLION for cause, millionths in rows}


def publish(connection: Connection, one: StoredRunbook) -> None:
    """Keep a version of a runbook. Raises IntegrityError if somebody else has published the same version."""
    connection.execute(
        "INSERT INTO runbook (code, version, text, person, note, at_ms) VALUES (?, ?, ?, ?, ?, ?)",
        (one.code, one.version, one.text, one.person, one.note, one.at_ms),
    )


def runbooks(connection: Connection, code: str = "") -> list[StoredRunbook]:
    """Published versions, of one code or of all; the newest of each first."""
    rows = connection.execute(
        "SELECT code, version, text, person, note, at_ms FROM runbook WHERE ? IN ('', code)"
        " ORDER BY code, version DESC",
        (code,),
    )
    return [StoredRunbook(*row) for row in rows]


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────


def propose(connection: Connection, code: str, said: str, language: str, person: str, at_ms: int) -> None:
    """Keep words that somebody meant this fault by, until they are reviewed; the same words only once."""
    connection.execute(
        "INSERT INTO alias (code, said, language, person, at_ms, state) VALUES (?, ?, ?, ?, ?, 'proposed')"
        " ON CONFLICT (code, said) DO NOTHING",
        (code, said, language, person, at_ms),
    )


def decide(connection: Connection, identity: int, state: str, person: str, at_ms: int) -> None:
    """Accept or refuse proposed words."""
    connection.execute(
        "UPDATE alias SET state = ?, decided_by = ?, decided_ms = ? WHERE id = ?",
        (state, person, at_ms, identity),
    )


def aliases(connection: Connection, state: str) -> list[StoredAlias]:
    """Words in this state, oldest first."""
    rows = connection.execute(
        "SELECT id, code, said, language, person, at_ms, state, decided_by FROM alias WHERE state = ?"
        " ORDER BY id",
        (state,),
    )
    return [StoredAlias(*row) for row in rows]


def accepted(found: Iterable[StoredAlias]) -> dict[str, tuple[str, ...]]:
    """Code → the words that were accepted for it."""
    by_code: dict[str, list[str]] = {}
    for one in found:
        by_code.setdefault(one.code, []).append(one.said)
    return {code: tuple(said) for code, said in sorted(by_code.items())}


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

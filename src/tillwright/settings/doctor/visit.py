"""One visit of the doctor: looks at the station, says what is wrong, goes on with a diagnosis if asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.utils import translation
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.search import LONGEST_QUERY, Index
from tillwright.faults import words
from tillwright.faults.probes.own import schema_state
from tillwright.faults.rules import PARTS_OF_STATION, PartState
from tillwright.kernel.clock import Clock
from tillwright.kernel.fault import CODE_FORM, Fault
from tillwright.kernel.finding import Finding
from tillwright.machine.clocks import SystemClock
from tillwright.machine.resources import pack_names, shipped_catalogue
from tillwright.settings.composition import addresses_of
from tillwright.settings.doctor import outside, reporting
from tillwright.settings.doctor.alone import NOT_KEPT, alone
from tillwright.settings.doctor.asking import Ask
from tillwright.settings.doctor.calling import Calls, NotThere, Refused
from tillwright.settings.doctor.outside import Look, Outside
from tillwright.settings.doctor.reporting import HEALTHY, NOT_KNOWN, SICK, Suspect
from tillwright.settings.doctor.talking import Answers, AtTerminal, Case, FromFile, FromLines, Told, Walk
from tillwright.settings.doctor.words import word
from tillwright.settings.lines import party_lines
from tillwright.settings.places import clock_of, rules_of
from tillwright.settings.secret import FILE_NAME as SECRET
from tillwright.settings.station import SettingsError, load_station
from tillwright.web import looks

Answering = Mapping[str, Any]

FAULT = "fault"
"""In a file of answers: the code that words mean."""
_ENDS = {"mended": HEALTHY, "unverified": NOT_KNOWN}
_TONES = {"healthy": "green", "warning": "yellow", "sick": "red", "unknown": "magenta"}


class WrongUse(Exception):
    """The command was called in a way that means nothing; the message says why."""


@dataclass(slots=True)
class Found:
    """What the visit has come to."""

    verdict: str
    parts: Sequence[PartState]
    faults: Sequence[Suspect]
    language: str
    catalogue: Catalogue
    diagnosis: Told | None = None
    candidates: Sequence[str] = ()

    @property
    def exit_status(self) -> int:
        """Healthy 0, sick 1, not known 3."""
        return reporting.EXITS[self.verdict]

    def report(self) -> dict[str, object]:
        """As `--json` prints it."""
        values: dict[str, object] = {
            "verdict": self.verdict,
            "parts": reporting.told_parts(self.parts),
            "faults": [one.told() for one in self.faults],
        }
        if self.diagnosis is not None:
            values["diagnosis"] = self.diagnosis
        if self.candidates:
            values["candidates"] = list(self.candidates)
        return values

    def sentences(self) -> Iterator[str]:
        """What is printed for people, when all is over."""
        if self.diagnosis is not None:
            yield self._end(self.diagnosis)
            return
        if self.candidates:
            yield word("which", self.language)
            yield from (f"  {says_of(self.catalogue, code, self.language)}" for code in self.candidates)
            return
        for part in self.parts:
            if part.condition.value != HEALTHY:
                yield _line(part, self.language)
        if self.faults:
            yield word("faults", self.language)
            for one in self.faults:
                yield f"  {round(100 * one.likely)} %  {one.says(self.catalogue, self.language)}"
        ends = {HEALTHY: "all-healthy", SICK: "something-sick", NOT_KNOWN: "something-unknown"}
        open_ones = self.verdict == HEALTHY and self.faults
        yield word("open-diagnosis" if open_ones else ends[self.verdict], self.language)

    def _end(self, told: Told) -> str:
        state = told["state"]
        if state in ("mended", "escalated"):
            return word(state, self.language)
        step = told["step"]
        return f"{word('open', self.language)} {step['says'] if step else ''}".strip()


def _line(part: PartState, language: str) -> str:
    where, name, condition, finding = _cells(part, language)
    return f"{where}: {name}: {condition}: {finding} ({part.findings[0].how})"


def _cells(part: PartState, language: str) -> tuple[str, str, str, str]:
    """Where, which part, how it is, and what speaks for that, in words."""
    first = part.findings[0]
    with translation.override(looks.language_or_default(language)):
        name, follows = str(words.part_word(part.part)), str(words.part_word(part.follows))
        found = f"{words.probe_word(first.probe)}: {words.value_word(first.probe, first.value)}"
    condition = word(part.condition.value, language)
    if part.follows:
        condition = f"{condition} ({word('follows', language)}: {follows})"
    return part.scope or word("station", language), name, condition, found


def says_of(catalogue: Catalogue, code: str, language: str) -> str:
    """What a fault says, with its code."""
    return f"{catalogue.say(Fault(code), language).sentence} [{code}]"


@dataclass(slots=True)
class Visit:
    """A visit at one station. `calls`: its API, None where it does not answer; `why`: why not."""

    at: Outside
    file: Path
    calls: Calls | None
    why: str
    language: str
    till: str
    operation: str
    catalogue: Catalogue
    seen: list[Finding] = field(default_factory=list)
    lines: FromLines | None = None
    """Another program, where one answers."""

    def run(self, what: str, table: Answering | None, console: Console, ask: Ask | None) -> Found:
        """Look everywhere, or go straight into the diagnosis of a code or of words."""
        if self.till and self.at.tills and self.till not in self.at.tills:
            raise WrongUse(f"there is no till {self.till!r}; there is {', '.join(self.at.tills)}")
        if self.calls is None:
            console.print(word("down", self.language).format(why=self.why), style="yellow", markup=False)
        if what:
            return self._one(what, table, console, ask)
        return self._everything(table, console, ask)

    # ── looking everywhere ──

    def _everything(self, table: Answering | None, console: Console, ask: Ask | None) -> Found:
        with Live(console=console, transient=not console.is_terminal, auto_refresh=False) as live:
            for findings in self._looks():
                self.seen.extend(findings)
                if console.is_terminal:
                    live.update(self._table(), refresh=True)
        found = self._found()
        if ask is None or not found.faults:
            return found
        titles = [one.says(self.catalogue, self.language) for one in found.faults]
        place = ask(word("begin", self.language), [*titles, word("no", self.language)])
        if place is None or place == len(titles):
            return found
        suspect = found.faults[place]
        return self._walk(suspect.code, suspect.till, table, console, ask)

    def _looks(self) -> Iterator[list[Finding]]:
        if self.calls is None:
            yield from ([one] for one in self._from_outside())
            return
        yield from self.calls.look()

    def _from_outside(self) -> Iterator[Finding]:
        readable = not self.at.broken and self.at.database.is_file()
        return outside.look(self.at, _schema if readable else None)

    def _look_again(self, name: str, till: str) -> Finding | None:
        """What a probe finds by now: settings may have been mended meanwhile."""
        self.at = outside_of(self.file)
        return outside.look_once(self.at, name, till, _schema)

    def _states(self) -> list[PartState]:
        return reporting.states(self.seen, self.at.tills)

    def _found(self) -> Found:
        of = self._states()
        diagnoses = self.calls.open_diagnoses() if self.calls is not None else []
        faults = reporting.suspects(of, diagnoses, self.catalogue)
        return Found(reporting.verdict(of), of, faults, self.language, self.catalogue)

    def _table(self) -> Table:
        table = Table(box=None, show_header=False, pad_edge=False)
        for part in self._states():
            where, name, condition, found = _cells(part, self.language)
            table.add_row(where, name, Text(condition, _TONES[part.condition.value]), Text(found))
        return table

    # ── one fault ──

    def _one(self, what: str, table: Answering | None, console: Console, ask: Ask | None) -> Found:
        code = what if CODE_FORM.fullmatch(what) and what in self.catalogue.entries else ""
        candidates: list[str] = []
        known = True
        if not code:
            candidates, known = self._search(what)
            code = self._chosen(candidates, known, table, ask)
        if not code:
            if not known:
                console.print(word("not-found", self.language), markup=False)
            self.seen.extend(self._last())
            return Found(NOT_KNOWN, self._states(), (), self.language, self.catalogue, None, candidates)
        return self._walk(code, self.till, table, console, ask)

    def _search(self, said: str) -> tuple[list[str], bool]:
        """The codes that words may mean, and whether they are those of a fault at all."""
        if self.calls is None:
            found = Index(self.catalogue).find(said)
            return [one.code for one in found.candidates], found.known
        told = self.calls.get(f"/faults?says={quote(said[:LONGEST_QUERY])}")
        return [one["code"] for one in told["candidates"]], told["known"]

    def _chosen(self, codes: Sequence[str], known: bool, table: Answering | None, ask: Ask | None) -> str:
        if ask is not None and codes:
            choices = [*(self._says(one) for one in codes), word("none-of-these", self.language)]
            place = ask(word("which", self.language), choices)
            return codes[place] if place is not None and place < len(codes) else ""
        if table is not None and str(table.get(FAULT, "")) in self.catalogue.entries:
            return str(table[FAULT])
        return codes[0] if codes and known and table is not None else ""

    def _says(self, code: str) -> str:
        return says_of(self.catalogue, code, self.language)

    def _last(self) -> Iterable[Finding]:
        return self.calls.last() if self.calls is not None else list(self._from_outside())

    def _walk(
        self, code: str, till: str, table: Answering | None, console: Console, ask: Ask | None
    ) -> Found:
        entry = self.catalogue.entries[code]
        case = self._case(entry, self._place(entry, till, ask))
        if ask is not None:
            told = self._through(case, AtTerminal(ask, lambda name: word(name, self.language)), console)
        elif self.lines is not None:
            told = self._through(case, self.lines, console)
        elif table is not None:
            told = self._through(case, FromFile(table), console)
        else:
            told = case.now()
        self.seen[:] = self._last()
        verdict = _ENDS.get(told["state"], SICK)
        suspect = Suspect(code, told["till"], told["facts"], 1.0, told["uid"].replace(NOT_KEPT, ""))
        faults = [] if verdict == HEALTHY else [suspect]
        return Found(verdict, self._states(), faults, self.language, self.catalogue, told)

    def _through(self, case: Case, answers: Answers, console: Console) -> Told:
        """Through the diagnosis, and through those to which it leads."""

        def looks() -> None:
            console.print(word("looking", self.language), style="dim", markup=False)

        case = _Telling(case, looks)
        shown: set[str] = set()
        told = Walk(case, answers, lambda one: self._show(one, console, shown)).go()
        while told["led_to"] and told["state"] == "open" and self.calls is not None:
            console.print(word("led-to", self.language), style="bold", markup=False)
            child = _Telling(_Called(self.calls, told["till"], told["led_to"][-1]), looks)
            after = Walk(child, answers, lambda one: self._show(one, console, shown)).go()
            told = case.now()
            if after["state"] != "mended":
                break
        return told

    def _show(self, told: Told, console: Console, shown: set[str]) -> None:
        """Before each step how likely each cause is; before the first one what is wrong, and what must not be
        done.
        """
        console.rule()
        if told["code"] not in shown:
            shown.add(told["code"])
            console.print(told["sentence"], markup=False, style="bold")
            for never in told["never"]:
                console.print(f"{word('never', self.language)} {never['says']}", markup=False, style="red")
        for cause in told["causes"][:4]:
            share = round(100 * cause["share"])
            if share:
                console.print(f"  {share:3d} %  {cause['says']}", markup=False)

    def _place(self, entry: Entry, till: str, ask: Ask | None) -> str:
        """The till that it is about; '' for what is the station's."""
        tills = self.at.tills
        if entry.part in PARTS_OF_STATION and not till:
            return ""
        if till or len(tills) <= 1:
            return till or next(iter(tills), "")
        place = ask(word("which", self.language), tills) if ask is not None else None
        if place is None:
            raise WrongUse(f"which till? name it with --till: {', '.join(tills)}")
        return tills[place]

    def _case(self, entry: Entry, till: str) -> Case:
        if self.calls is not None:
            body = {"code": entry.code, "till": till}
            if self.operation:
                body["operation"] = self.operation
            try:
                told = self.calls.post("/diagnoses", body, till)
            except Refused as refused:
                raise WrongUse(f"{entry.code}: {refused}") from refused
            return _Called(self.calls, till, told["uid"])
        looked = {(one.probe, one.scope): one for one in self._from_outside() if one.known}
        life = looked.get(("station_alive", ""))
        hung = life is not None and life.value == "hung"
        case = alone(
            entry,
            till,
            self.at.clock,
            self.language,
            lambda name, scope: looked.get((name, scope)) or looked.get((name, "")),
            self._look_again,
            (lambda: outside.end_hung(self.at)) if hung else None,
        )
        if case is None:
            said = self.catalogue.say(Fault(entry.code), self.language)
            raise WrongUse(f"{entry.code} has no runbook: {said.next_step}")
        return case


@dataclass(frozen=True, slots=True)
class _Telling:
    """A case before a person: says that the program is at work, which may take it some seconds."""

    case: Case
    say: Callable[[], None]

    def now(self) -> Told:
        """As it stands."""
        self.say()
        return self.case.now()

    def press(self, what: str, body: Mapping[str, object]) -> Told:
        """See talking.Case."""
        self.say()
        return self.case.press(what, body)


@dataclass(frozen=True, slots=True)
class _Called:
    """A diagnosis of the running station."""

    calls: Calls
    till: str
    uid: str

    def now(self) -> Told:
        """As it stands, once the program has done what it can."""
        return self.calls.get(f"/diagnoses/{self.uid}", self.till)

    def press(self, what: str, body: Mapping[str, object]) -> Told:
        """See talking.Case."""
        return self.calls.post(f"/diagnoses/{self.uid}/{what}", body, self.till)


def _schema() -> Look:
    found = schema_state()
    return found.value, found.how, dict(found.facts)


# ── arriving ──────────────────────────────────────────────────────────────────────────────────────


def visit_of(file: Path, language: str, till: str, operation: str) -> Visit:
    """Find out who can be asked."""
    at = outside_of(file)
    first = at.settings.languages[0] if at.settings is not None else "en"
    spoken, catalogue = language or first, shipped_catalogue()
    calls: Calls | None = None
    why = ""
    try:
        calls = _calls(at, spoken)
    except NotThere as error:
        why = str(error)
    return Visit(at, file, calls, why, spoken, till, operation, catalogue)


def outside_of(file: Path) -> Outside:
    """The station that a file of settings is about, as it can be seen from outside."""
    clock: Clock = SystemClock()
    try:
        settings = load_station(file)
    except SettingsError as error:
        return Outside(file.parent, clock, broken=str(error))
    if settings.pack not in pack_names():
        return Outside(file.parent, clock, settings, broken=f"no pack {settings.pack!r}")
    rules = rules_of(settings)
    try:
        addresses = addresses_of(settings, list(party_lines(settings, rules)))
    except OSError as error:
        return Outside(file.parent, clock_of(settings), settings, rules, f"certificates: {error}")
    return Outside(file.parent, clock_of(settings), settings, rules, "", addresses)


def _calls(at: Outside, language: str) -> Calls:
    """The station's API. Raises NotThere."""
    if at.settings is None:
        raise NotThere(at.broken)
    try:
        secret = (at.folder / SECRET).read_text(encoding="ascii").strip()
    except OSError as error:
        raise NotThere(f"its secret cannot be read: {error.strerror}") from error
    calls = Calls(at.settings, secret, at.clock, language)
    calls.require()
    return calls

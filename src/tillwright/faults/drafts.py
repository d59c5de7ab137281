"""The text of a runbook while somebody changes it: what it may change, and what is wrong with it.

A published runbook is the whole entry in YAML, as the files of the packs have it. Only how a fault is found
and mended may be changed here: its code, its facts and what people are told are the program's.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.lint import Problem, read_entries
from tillwright.faults import store
from tillwright.machine.resources import catalogue_texts
from tillwright.till.queries import reader

MAY_CHANGE = (
    "causes", "checks", "remedies", "never", "escalate", "verify", "verify_asks", "places",
    "watch_hours", "note",
)  # fmt: skip
LONGEST_TEXT = 60_000
_FIRST = "- code:"


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that was read: the entry, None where it cannot be read, and what is wrong, with lines."""

    text: str
    entry: Entry | None
    problems: tuple[Problem, ...]


def shipped_text(code: str) -> str:
    """The entry of a code as its pack has it; '' for a code that there is not."""
    for name, text in sorted(catalogue_texts().items()):
        if name.rpartition("/")[2] != f"{code.partition('.')[0]}.yaml":
            continue
        found = _cut_out(text, code)
        if found:
            return found
    return ""


def _cut_out(text: str, code: str) -> str:
    lines, kept, inside = text.splitlines(), list[str](), False
    for line in lines:
        if line.startswith(_FIRST):
            inside = line.partition(":")[2].strip() == code
        if inside:
            kept.append(line)
    return "\n".join(kept).rstrip() + "\n" if kept else ""


def text_of(code: str, version: int) -> str:
    """The text of a version; 0 is the one that ships."""
    found = next((one for one in store.runbooks(reader(), code) if one.version == version), None)
    return found.text if found is not None else shipped_text(code)


def read(code: str, text: str, catalogue: Catalogue) -> Draft:
    """Read a text, and say what is wrong with it."""
    text = text.replace("\r\n", "\n")
    file = f"{code.partition('.')[0]}.yaml"
    if len(text) > LONGEST_TEXT:
        return Draft(text, None, (Problem(file, 1, code, f"is longer than {LONGEST_TEXT} characters"),))
    placed, problems = read_entries({file: text}, catalogue.entries)
    if not placed:
        return Draft(text, None, tuple(problems))
    one = placed[0]
    if len(placed) > 1:
        problems.append(placed[1].problem(("code",), "only one entry can stand here"))
    problems += [
        one.problem((name,), f"{name} cannot be changed here")
        for name in _changed(one.entry, code, catalogue)
    ]
    if not one.entry.causes:
        problems.append(one.problem(("code",), "a runbook needs causes"))
    return Draft(text, one.entry, tuple(sorted(problems)))


def _changed(entry: Entry, code: str, catalogue: Catalogue) -> list[str]:
    """The fields that differ from the shipped entry and must not."""
    shipped = catalogue.entries[code]
    return [
        name
        for name in Entry.__struct_fields__
        if name not in MAY_CHANGE and getattr(entry, name) != getattr(shipped, name)
    ]

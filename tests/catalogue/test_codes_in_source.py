"""Every fault that the program makes is in the catalogue, and brings the facts that its sentences name."""

import ast
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from tillwright.catalogue.entry import Entry
from tillwright.machine.resources import shipped_catalogue

SOURCE = Path(str(files("tillwright")))


def faults_made(tree: ast.AST) -> Iterator[tuple[int, str, set[str], bool]]:
    """Each call of Fault with its code in plain text: line, code, names of facts, whether `**` adds more."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        code = node.args[0]
        if name == "Fault" and isinstance(code, ast.Constant):
            names = {word.arg for word in node.keywords if word.arg}
            yield node.lineno, str(code.value), names, any(word.arg is None for word in node.keywords)


def complaint(entry: Entry | None, names: set[str], more: bool) -> str | None:
    """What is wrong with one call, if anything."""
    if entry is None:
        return "is not in the catalogue"
    if names - set(entry.facts):
        return f"has facts that its entry does not declare: {sorted(names - set(entry.facts))}"
    if set(entry.facts) - names and not more:
        return f"lacks facts that its entry declares: {sorted(set(entry.facts) - names)}"
    return None


def test_every_fault_in_the_source_is_in_the_catalogue() -> None:
    entries = shipped_catalogue().entries
    found, wrong = 0, []
    for path in sorted(SOURCE.rglob("*.py")):
        for line, code, names, more in faults_made(ast.parse(path.read_text(encoding="utf-8"))):
            found += 1
            said = complaint(entries.get(code), names, more)
            if said:
                wrong.append(f"{path.relative_to(SOURCE)}:{line}: {code} {said}")
    assert wrong == []
    assert found > 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("Fault('till.unheard-of')", "is not in the catalogue"),
        ("fault.Fault('till.red-blocks', number=1, mood='bad')", "does not declare: ['mood']"),
        ("Fault('till.red-blocks')", "lacks facts that its entry declares: ['number']"),
        ("Fault('till.red-blocks', **facts)", None),
        ("Fault('till.red-blocks', number=1)", None),
    ],
)
def test_the_walk_notices(call: str, said: str | None) -> None:
    [(_, code, names, more)] = faults_made(ast.parse(call))
    found = complaint(shipped_catalogue().entries.get(code), names, more)
    assert (said in found) if said and found else found == said

"""The documentation keeps up with the code: what there is stands in the reference, what it names is there.

The pages are read as they are kept, not as they would be made: these rules find what is missing even if the
makers of the pages should be wrong.
"""

import ast
import re
import tomllib
from dataclasses import fields
from functools import cache
from pathlib import Path

import django
import msgspec
import pytest
import yaml

from tests.house.source import ROOT, expect_none
from tillwright.catalogue.catalogue import Catalogue
from tillwright.cli import COMMANDS
from tillwright.kernel.rules import CurrencyRules, KindRules, LegRules, PackRules
from tillwright.machine.resources import shipped_catalogue
from tillwright.operations.ports import REQUESTS
from tillwright.operations.states import Happening, LegState, OperationState
from tillwright.parties.faulting import FAULTS
from tillwright.settings.station import StationSettings, TillSettings, parse_station
from tillwright.simulation.planted import BUGS

DOCS = ROOT / "docs"
PROMISES = (
    "Nothing is forgotten", "Nothing is guessed", "Nothing is doubled", "All or nothing", "Books agree",
    "Limits hold", "Everything is delivered", "Everything is explained",
)  # fmt: skip


@cache
def text(name: str) -> str:
    """A page as it is kept."""
    return (DOCS / name).read_text("utf-8")


@cache
def pages() -> dict[str, str]:
    """Every page below docs/ that the site shows, and the README."""
    names = [path.relative_to(DOCS).as_posix() for path in sorted(DOCS.rglob("*.md"))]
    found = {f"docs/{name}": text(name) for name in names if not name.startswith("changes/")}
    return {**found, "README.md": (ROOT / "README.md").read_text("utf-8")}


def by_hand() -> dict[str, str]:
    """The pages that people write."""
    return {name: page for name, page in pages().items() if not page.startswith("<!-- Made from the code")}


def missing(page: str, wanted: list[str]) -> list[str]:
    """What does not stand in a page."""
    return [f"docs/{page}: {one}" for one in wanted if one not in text(page)]


# ── what there is stands in the reference ───────────────────────────────────────────────────────────────────


def test_every_fault_has_its_entry_with_its_sentences() -> None:
    entries = shipped_catalogue().entries.values()
    expect_none(missing("reference/faults.md", [f"\n### {entry.code}\n" for entry in entries]))
    flat = re.sub(r"\\([*_\[])", r"\1", text("reference/faults.md"))
    silent = [entry.code for entry in entries for _, says in entry.says.items() if says not in flat]
    assert silent == []


def test_every_setting_has_its_row() -> None:
    for shape in (StationSettings, TillSettings):
        named = [f"| `{one.name}` |" for one in fields(shape) if one.metadata.get("from_file", True)]
        expect_none(missing("reference/settings.md", named))


def test_every_rule_of_a_pack_has_its_row() -> None:
    for shape in (PackRules, CurrencyRules, KindRules, LegRules):
        expect_none(missing("reference/packs.md", [f"| `{one.name}` |" for one in fields(shape)]))


def test_every_command_has_its_section() -> None:
    expect_none(missing("reference/commands.md", [f"\n## tillwright {one.name}\n" for one in COMMANDS]))


def test_every_promise_has_its_section_and_its_place_in_front() -> None:
    headings = [f"## {number}. {name}\n" for number, name in enumerate(PROMISES, start=1)]
    expect_none(missing("reference/promises.md", headings))
    expect_none(missing("index.md", [f"**[{name}.](reference/promises.md#" for name in PROMISES]))


def test_every_address_of_the_api_has_its_section() -> None:
    django.setup()
    from tillwright.till.api import document

    described = msgspec.json.decode(document())
    addresses = [(path, method) for path, methods in described["paths"].items() for method in methods]
    assert addresses
    expect_none(missing("reference/api.md", [f"\n### {m.upper()} {path}\n" for path, m in addresses]))
    expect_none(
        missing("reference/api.md", [f"\n### {name}\n" for name in described["components"]["schemas"]])
    )


def test_every_state_event_request_fault_and_bug_is_told() -> None:
    for names in (LegState, OperationState, Happening):
        expect_none(missing("reference/states.md", [f"`{one.value}`" for one in names]))
    expect_none(missing("reference/ports.md", [f"| `{party}` | `{what}` |" for party, what in REQUESTS]))
    expect_none(missing("reference/twins.md", [f"| `{fault}` |" for fault in FAULTS]))
    expect_none(missing("reference/simulation.md", [f"| `{bug.name}` |" for bug in BUGS]))


# ── what is named is there ──────────────────────────────────────────────────────────────────────────────────

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"`((?:src|tests|tools|docs|requirements)/[\w./-]*)`")
OPTION = re.compile(r"tillwright ([a-z]+)((?: [^\s`]+)*)")


def without_code(page: str) -> str:
    return FENCED.sub("", page)


def anchors(page: str) -> set[str]:
    """The names of a page's headings, as the site makes them."""
    found = re.findall(r"^#+ (.+)$", without_code(page), re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", one)).strip() for one in found]
    return {re.sub(r"[-\s]+", "-", one.lower()) for one in plain}


def broken_links(name: str, page: str) -> list[str]:
    """Links of a page that lead nowhere; addresses of the world are left alone."""
    folder, broken = (ROOT / name).parent, []
    for link in LINK.findall(without_code(page)):
        path, _, heading = link.partition("#")
        target = (folder / path).resolve() if path else ROOT / name
        if "://" in link:
            continue
        if not target.is_file() or (heading and heading not in anchors(target.read_text("utf-8"))):
            broken.append(f"{name}: {link}")
    return broken


def test_every_link_leads_somewhere() -> None:
    expect_none([broken for name, page in pages().items() for broken in broken_links(name, page)])


@pytest.mark.parametrize("link", ["no-such-page.md", "index.md#no-such-heading", "pictures/no-such.svg"])
def test_a_planted_link_is_found(link: str) -> None:
    assert broken_links("docs/index.md", f"see [there]({link})") == [f"docs/index.md: {link}"]


def test_every_picture_says_in_words_what_it_shows() -> None:
    bare = [name for name, page in pages().items() if re.search(r"!\[\s*\]\(", page)]
    assert bare == []


def test_every_page_has_its_place_in_the_site() -> None:
    order = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    placed = set(re.findall(r"[\w/-]+\.md", str(order)))
    assert placed == {name.removeprefix("docs/") for name in pages() if name.startswith("docs/")}


def test_every_decision_is_in_the_list() -> None:
    numbered = [path.name for path in sorted((DOCS / "decisions").glob("[0-9]*.md"))]
    expect_none(missing("decisions/index.md", [f"]({name})" for name in numbered]))
    titles = [re.sub(r"^# \d+\. ", "", text(f"decisions/{name}").splitlines()[0]) for name in numbered]
    expect_none(missing("decisions/index.md", [f"[{title}](" for title in titles]))


def test_every_file_that_is_named_is_there() -> None:
    made_up = re.compile(r"NAME|AREA|parties/operator|locale/pl|docs/changes/\+?NAME")
    named = [(name, place) for name, page in by_hand().items() for place in PLACE.findall(page)]
    gone = [
        f"{name}: {place}"
        for name, place in named
        if not made_up.search(place) and not (ROOT / place).exists() and not list(ROOT.glob(place))
    ]
    assert len(named) > 50
    expect_none(gone)


def options(command: str) -> set[str]:
    """The options of a command, as the reference has them."""
    section = text("reference/commands.md").partition(f"\n## tillwright {command}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"--[a-z-]+", section))


def test_every_option_that_is_named_exists() -> None:
    named = [
        (name, command, option)
        for name, page in by_hand().items()
        for command, words in OPTION.findall(page)
        for option in re.findall(r"--[a-z-]+", words)
    ]
    assert named
    expect_none([f"{name}: {c} {o}" for name, c, o in named if o not in options(c) and o != "--help"])


def test_the_demo_s_folder_is_the_one_that_the_pages_name() -> None:
    told = re.search(r"`--data PATH` \| `([^`]+)`", text("reference/commands.md"))
    assert told is not None
    assert f"kill -9 $(cat {told[1]}/station.lock)" in text("tutorial/first-sale.md")
    assert f"tillwright verify {told[1]}" in text("tutorial/first-sale.md")


# ── what can be copied works ────────────────────────────────────────────────────────────────────────────────


def blocks(name: str, language: str) -> list[str]:
    """The blocks of a page in one language, without their margin."""
    found = FENCED.findall(text(name))
    return ["\n".join(line[len(margin) :] for line in block.splitlines()) for margin, lang, block in found
            if lang == language]  # fmt: skip


def test_the_settings_that_are_shown_can_be_read() -> None:
    told = [block for block in blocks("how-to/run-a-station.md", "toml") if "[[goods]]" not in block]
    shown = [*told, blocks("reference/settings.md", "toml")[0]]
    assert len(shown) == 2
    assert [parse_station(one, Path("shop")).pack for one in shown] == ["fiscal-by", "fiscal-by"]


def test_the_entry_that_is_shown_is_a_good_one() -> None:
    (entry,) = blocks("how-to/add-a-fault.md", "yaml")
    assert list(Catalogue.load({"demo/faults/till.yaml": entry}).entries) == ["till.drawer-open"]


def test_python_that_is_shown_can_be_read_and_imports_what_is_there() -> None:
    names = [name.removeprefix("docs/") for name in by_hand() if name.startswith("docs/how-to")]
    shown = [(name, block) for name in names for block in blocks(name, "python")]
    assert shown
    for name, block in shown:
        if block.startswith(("import", "from")):
            for node in ast.walk(ast.parse(block)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tillwright"):
                    expect_none(
                        [f"{name}: {node.module}.{one.name}" for one in node.names if not found(node, one)]
                    )


def found(node: ast.ImportFrom, one: ast.alias) -> bool:
    """Whether a module has what is imported from it, without importing it."""
    path = ROOT / "src" / (node.module or "").replace(".", "/")
    if (path / f"{one.name}.py").is_file():
        return True
    source = path.with_suffix(".py").read_text("utf-8")
    return re.search(rf"^(class|def) {one.name}\b", source, re.MULTILINE) is not None


def test_the_changelog_s_lines_are_of_known_kinds() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["towncrier"]
    kinds = {one["directory"] for one in tool["type"]}
    lines = sorted((DOCS / "changes").glob("*.md"))
    assert lines
    assert [path.name for path in lines if path.name.split(".")[1] not in kinds] == []

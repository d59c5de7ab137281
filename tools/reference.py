"""Makes the reference pages and the pictures of the documentation from the code.

    python -m tools.reference           write what has changed
    python -m tools.reference check     say what would change, and fail if anything would

The pages are kept in the repository, so that they can be read there and a change of the program shows what it
changes for its readers. `make check` holds them against the code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tillwright.settings.django")
os.environ.pop("TILLWRIGHT_STATION", None)

from tools.reference_parts import (
    api_page,
    commands_page,
    faults_page,
    journal_page,
    parties_pages,
    pictures,
    probes_page,
    promises_page,
    reports_page,
    rooms_page,
    settings_pages,
    simulation_page,
    states_page,
)

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"

PAGES: Mapping[str, Callable[[], str]] = {
    "reference/promises.md": promises_page.promises,
    "reference/states.md": states_page.states,
    "reference/ports.md": parties_pages.ports,
    "reference/faults.md": faults_page.faults,
    "reference/probes.md": probes_page.probes,
    "reference/api.md": api_page.api,
    "reference/commands.md": commands_page.commands,
    "reference/settings.md": settings_pages.settings,
    "reference/packs.md": settings_pages.packs,
    "reference/journal.md": journal_page.journal,
    "reference/reports.md": reports_page.reports_page,
    "reference/simulation.md": simulation_page.simulation,
    "reference/twins.md": parties_pages.twins,
    "reference/control-protocol.md": parties_pages.control_protocol,
    "reference/operator-protocol.md": parties_pages.operator_protocol,
    "reference/licensing-protocol.md": parties_pages.licensing_protocol,
    "reference/rooms.md": rooms_page.rooms,
    **pictures.PICTURES,
}
"""File below docs/ → what makes its text."""

BY_HAND = ("reference/index.md",)
"""What stands beside the pages that are made."""


def made() -> Iterator[tuple[str, str]]:
    """Every file that is made, with its text."""
    return ((name, make()) for name, make in PAGES.items())


def strays(docs: Path = DOCS) -> list[str]:
    """Files in the made folders that nothing makes (any more)."""
    folders = (docs / "reference", docs / "pictures")
    there = [path.relative_to(docs).as_posix() for folder in folders for path in sorted(folder.rglob("*.*"))]
    return [name for name in there if name not in PAGES and name not in BY_HAND]


def differing(docs: Path = DOCS) -> dict[str, str]:
    """The files that are not as the code says, with the text that they should have."""
    return {name: text for name, text in made() if _read(docs / name) != text}


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def write(docs: Path = DOCS) -> list[str]:
    """Bring all files up to date; the names of those that have changed."""
    changed = differing(docs)
    for name, text in changed.items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(text, "utf-8")
    gone = strays(docs)
    for name in gone:
        (docs / name).unlink()
    return [*changed, *gone]


def main(words: Sequence[str]) -> int:
    """Write, or check; the exit status."""
    if list(words) not in ([], ["check"]):
        print(__doc__)
        return 2
    if not words:
        print("\n".join(f"docs/{name}" for name in write()) or "nothing has changed")
        return 0
    wrong = [*differing(), *strays()]
    if wrong:
        print("not as the code says: " + ", ".join(f"docs/{name}" for name in wrong))
        print("run `make reference`, look at what has changed, and commit it")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

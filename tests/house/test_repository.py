"""The repository as a whole: nothing of one machine in it, no asset from elsewhere, no card number."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, ROOT, SOURCE, expect_none, modules

TEXT_SUFFIXES = {
    "", ".py", ".md", ".toml", ".txt", ".html", ".css", ".js", ".yaml", ".yml", ".json", ".po", ".svg", ".sh",
}  # fmt: skip

#: What a file must not hold: folders of one machine, addresses of package indexes.
OF_ONE_MACHINE = re.compile(
    r"/(?:home|root|Users)/\w+|/(?:mnt|work)/\w+/|index-url\s*[= ]\s*http|/simple/[\w-]+/"
)
FOREIGN_ASSET = re.compile(
    r"""(?:src|href)=["'](?:https?:)?//|url\(["']?(?:https?:)?//|@import\s+["'](?:https?:)?//"""
)
CARD_NUMBER = re.compile(r"(?<![\d.])[3-6]\d{14,15}(?![\d.])")


@cache
def tracked() -> tuple[Path, ...]:
    """Files that git keeps, or would keep."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for line in listed.splitlines() if (path := ROOT / line).is_file())


def texts(*folders: str) -> Iterator[tuple[str, str]]:
    """(name, content) of every text file that git keeps, within the folders if any are named."""
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        inside = not folders or name.split("/")[0] in folders
        if inside and path.suffix in TEXT_SUFFIXES and not name.startswith("tests/house/"):
            yield name, path.read_text("utf-8")


def found(pattern: re.Pattern[str], *folders: str) -> list[str]:
    return [f"{name}: {hit}" for name, text in texts(*folders) for hit in pattern.findall(text)]


def passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def test_nothing_is_of_one_machine() -> None:
    expect_none(found(OF_ONE_MACHINE))


def test_lock_files_name_no_host() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert [lock.name for lock in locks] == ["dev.txt", "replay.txt", "run.txt", "uv.txt"]
    assert [lock.name for lock in locks if "://" in lock.read_text()] == []


def test_every_locked_package_has_hashes() -> None:
    bare = []
    for lock in (ROOT / "requirements").glob("*.txt"):
        entries = re.split(r"\n(?=\S)", lock.read_text())
        bare += [f"{lock.name}: {entry.split()[0]}" for entry in entries if "--hash=sha256:" not in entry]
    expect_none(bare)


def test_no_asset_comes_from_elsewhere() -> None:
    """Tills have no internet: every style, script, face and picture is served by the program itself."""
    expect_none(found(FOREIGN_ASSET, "src"))


def test_no_card_number_is_kept() -> None:
    cards = [hit for hit in found(CARD_NUMBER, "src", "docs", "bench") if passes_luhn(hit.split(": ")[-1])]
    expect_none(cards)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (OF_ONE_MACHINE, "see /home/anna/tillwright"),
        (OF_ONE_MACHINE, "--index-url https://packages.example"),
        (FOREIGN_ASSET, '<script src="//cdn.example/x.js">'),
        (FOREIGN_ASSET, '<link href="https://fonts.example/x.css">'),
        (FOREIGN_ASSET, "background: url(https://pictures.example/x.png)"),
        (CARD_NUMBER, "4111111111111111"),
    ],
)
def test_planted_texts_are_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_luhn_tells_card_numbers_from_others() -> None:
    assert passes_luhn("4111111111111111")
    assert not passes_luhn("4111111111111112")


# --- configuration that has to follow the source ----------------------------------------------------------


def test_the_tools_know_django_once_there_are_settings() -> None:
    """With settings there, pytest, the type checker and `make check` must use them, not pass them by."""
    if not any(module.room == "settings" for module in modules()):
        pytest.skip("no settings yet")
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    named = tool["pytest"]["ini_options"].get("DJANGO_SETTINGS_MODULE", "")
    assert named.startswith(f"{PACKAGE}.settings")
    assert tool["django-stubs"]["django_settings_module"] == named
    assert "mypy_django_plugin.main" in tool["mypy"]["plugins"]


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f'__version__ = "{project["version"]}"' in (SOURCE / PACKAGE / "__init__.py").read_text()

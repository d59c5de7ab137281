"""Everything that can be said about the program without running it, in one list: `make check`.

Two steps run at a time; a step that fails shows its output, and all the others run too, so that one run
names everything that is wrong. A step whose object does not exist yet says so by name; once the object is
there it is checked, and nothing has to be switched on.

    python tools/check.py [STEP...]     without names: all
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tillwright"
BIN = ROOT / ".venv" / "bin"
STEPS_AT_A_TIME = 2


class NotYet(Exception):
    """There is nothing to check, and why."""


class NotChecked(Exception):
    """It could not be checked here, and why; said loudly, but no failure."""


class Wrong(Exception):
    """What the step found."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the report: a name, and the function that raises when something is wrong."""

    name: str
    run: Callable[[], None]


def tool(*words: str, env: dict[str, str] | None = None) -> str:
    """Run a program of the environment; its output, or Wrong with it."""
    result = subprocess.run(
        [str(BIN / words[0]), *words[1:]],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(env or {})},
    )
    if result.returncode != 0:
        raise Wrong(result.stdout or f"{words[0]} ended with {result.returncode}")
    return result.stdout


def style() -> None:
    tool("ruff", "check", "--quiet")


def form() -> None:
    tool("ruff", "format", "--check", "--quiet", "--diff")


def types() -> None:
    tool("mypy", "--no-error-summary")


def house_rules() -> None:
    tool("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/house")


def import_contract() -> None:
    tool("lint-imports", "--no-cache")


def dependencies() -> None:
    tool("deptry", "src", "--no-ansi")


def dangerous_calls() -> None:
    tool("bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml", "src", "tools")


def django_settings() -> str:
    """The name of Django's settings module, which pytest's configuration holds."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    name = options.get("DJANGO_SETTINGS_MODULE")
    if name:
        return str(name)
    if any(SOURCE.glob("settings/*.py")):
        raise Wrong("there are settings, but DJANGO_SETTINGS_MODULE is missing in pyproject.toml")
    raise NotYet("no settings")


def django(*words: str) -> str:
    """A command of Django's, on the program's settings."""
    start = (
        "import tillwright; from django.core.management import execute_from_command_line as run; import sys;"
    )
    return tool(
        "python", "-c", f"{start} run(sys.argv)", *words, env={"DJANGO_SETTINGS_MODULE": django_settings()}
    )


def pure_coverage() -> None:
    """Every branch of the pure is taken by the tests of the pure; `make coverage` shows where it is not."""
    tool("python", "tools/coverage.py")


def migrations() -> None:
    django("makemigrations", "--check", "--dry-run")


def framework() -> None:
    django("check", "--fail-level", "WARNING")


def translations() -> None:
    if not any(SOURCE.rglob("templates/**/*.html")) and not any(SOURCE.rglob("*.po")):
        raise NotYet("no templates and no catalogues")
    tool("python", "tools/translations.py", "check")


def reference() -> None:
    """The pages of the reference say what the code says."""
    tool("python", "-m", "tools.reference", "check")


def documentation() -> None:
    tool("zensical", "build", "--strict", "--config-file", "mkdocs.yml")


def news() -> None:
    """The changelog's snippets can be put together."""
    tool("towncrier", "build", "--draft", "--version", "next")


def known_holes() -> None:
    """Locked packages against the published advisories; needs the internet."""
    for lock in ("run.txt", "dev.txt"):
        _audit(lock)


def _audit(lock: str) -> None:
    command = ["pip-audit", "--requirement", f"requirements/{lock}", "--disable-pip", "--require-hashes"]
    result = subprocess.run(
        [
            str(BIN / command[0]),
            *command[1:],
            "--format",
            "json",
            "--progress-spinner",
            "off",
            "--timeout",
            "10",
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    try:
        packages = json.loads(result.stdout)["dependencies"]
    except ValueError:
        last_line = (result.stderr.strip().splitlines() or ["no answer"])[-1]
        raise NotChecked(f"not audited: {last_line[:100]}") from None
    holes = [f"{p['name']} {p['version']}: {hole['id']}" for p in packages for hole in p.get("vulns", ())]
    if holes:
        raise Wrong("\n".join(holes))
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if unknown:
        raise NotChecked(
            f"not audited: the advisories of {len(unknown)} of {len(packages)} packages do not answer"
        )


STEPS = (
    Step("types", types),
    Step("house-rules", house_rules),
    Step("pure-coverage", pure_coverage),
    Step("style", style),
    Step("form", form),
    Step("import-contract", import_contract),
    Step("migrations", migrations),
    Step("framework", framework),
    Step("translations", translations),
    Step("dependencies", dependencies),
    Step("dangerous-calls", dangerous_calls),
    Step("reference", reference),
    Step("documentation", documentation),
    Step("news", news),
    Step("known-holes", known_holes),
)


def perform(step: Step) -> bool:
    """Run one step and print its line; False when something is wrong."""
    began = time.monotonic()
    mark, text, held = "ok", "", True
    try:
        step.run()
    except NotYet as nothing:
        mark, text = "--", f"nothing to check yet: {nothing}"
    except NotChecked as missed:
        mark, text = "??", str(missed)
    except Wrong as wrong:
        mark, text, held = "NO", f"\n{wrong}", False
    print(f"{mark:>3} {step.name:<16} {time.monotonic() - began:5.1f} s  {text}".rstrip(), flush=True)
    return held


def main(names: Sequence[str]) -> int:
    chosen = [step for step in STEPS if not names or step.name in names]
    if len(chosen) < len(set(names)):
        print(f"steps: {' '.join(step.name for step in STEPS)}")
        return 2
    with ThreadPoolExecutor(STEPS_AT_A_TIME) as pool:
        work = {pool.submit(perform, step): step.name for step in chosen}
        failed = sorted(work[future] for future in as_completed(work) if not future.result())
    print(
        f"check: {len(chosen) - len(failed)} of {len(chosen)} hold"
        + (f"; not: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

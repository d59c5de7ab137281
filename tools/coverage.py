"""Branch coverage of the pure: what decides about money is tested line by line and branch by branch.

Runs the tests of the pure rooms and of every `rules.py`, prints what they do not reach, and fails below
100 %. The long exhaustive runs are left out: what only they would reach deserves a test of its own.

    python tools/coverage.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tillwright"
TESTS = ROOT / "tests"
PYTHON = ROOT / ".venv" / "bin" / "python"
PURE_ROOMS = ("kernel", "books", "operations", "diagnosis", "catalogue", "documents")
LEAST_PER_CENT = 100


def pure_files() -> list[str]:
    """The files whose coverage counts, as patterns."""
    rules = sorted(path for path in SOURCE.glob("*/rules.py") if path.parent.name not in PURE_ROOMS)
    return [*(f"{SOURCE / room}/*" for room in PURE_ROOMS), *map(str, rules)]


def tests_of_the_pure() -> list[str]:
    """Where their tests are."""
    rooms = [TESTS / room for room in (*PURE_ROOMS, "packs")]
    rules = [path for path in sorted(TESTS.glob("*/test_rules*.py")) if path.parent.name not in PURE_ROOMS]
    return [str(path) for path in (*rooms, *rules) if path.exists()]


def main() -> int:
    """Run and report; 0 if everything is reached."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "COVERAGE_FILE": str(Path(folder) / "coverage")}
        run = ["-m", "pytest", "-q", "-n", "2", "-m", "not slow", "-p", "no:cacheprovider"]
        run += ["--cov=tillwright", "--cov-branch", "--cov-report=", *tests_of_the_pure()]
        tested = subprocess.run([str(PYTHON), *run], cwd=ROOT, env=env)
        if tested.returncode != 0:
            return tested.returncode
        report = ["-m", "coverage", "report", "--show-missing", f"--fail-under={LEAST_PER_CENT}"]
        report += ["--include=" + ",".join(pure_files())]
        return subprocess.run([str(PYTHON), *report], cwd=ROOT, env=env).returncode


if __name__ == "__main__":
    sys.exit(main())

"""Prepare a checkout: a private uv, the locked dependencies, the program itself, system packages.

Intuition: each part leaves a stamp that holds the hash of what it was made from. A part whose stamp still
fits is not touched, so the second run costs one interpreter start. The script needs only a Python of 3.11
or newer, because it runs before anything is installed.

    python3 tools/setup.py PART...      parts: run dev replay system lock
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
LOCKS = ROOT / "requirements"
OLDEST_PYTHON = (3, 11)

#: Debian packages that the browser tests, the pages in Chinese and Vietnamese, and the crash tests need.
SYSTEM_PACKAGES = ("chromium", "fonts-noto-cjk", "fonts-noto-core", "fonts-noto-mono", "strace")

LOCK_OPTIONS = (
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--no-annotate",
    "--python-version=3.11",
)


class SetupFailed(Exception):
    """Something that the person at the terminal has to mend; its text is the one next step."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def run(*command: str | Path, quiet: bool = False) -> None:
    """Run one command in the checkout; its failure ends the set-up with its own output."""
    words = [str(word) for word in command]
    result = subprocess.run(words, cwd=ROOT, capture_output=quiet, text=True)
    if result.returncode != 0:
        output = f"\n{result.stdout}{result.stderr}" if quiet else ""
        raise SetupFailed(f"`{' '.join(words)}` ended with {result.returncode}{output}")


def fingerprint(*paths: Path) -> str:
    """Hash of the files and of the interpreter: what a stamp is compared with."""
    digest = hashlib.sha256(sys.version.encode())
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def stamped(folder: Path, name: str, wanted: str, make: Callable[[], None]) -> None:
    """Call `make` unless the stamp `name` in `folder` already says `wanted`."""
    stamp = folder / f".made-{name}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    began = time.monotonic()
    make()
    stamp.write_text(wanted)
    say(f"{name} ready ({time.monotonic() - began:.1f} s)")


# --- Python packages -------------------------------------------------------------------------------------


def uv() -> Path:
    """The private uv of the locked version; made when it is missing or another one."""
    lock = LOCKS / "uv.txt"
    program = TOOLS / "bin" / "uv"

    def make() -> None:
        new_environment(TOOLS)
        pip = (TOOLS / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet")
        run(*pip, "install", "--require-hashes", "--only-binary=:all:", "-r", lock)

    TOOLS.mkdir(exist_ok=True)
    stamped(TOOLS, "uv", fingerprint(lock), make)
    return program


def new_environment(folder: Path) -> None:
    """A virtual environment with pip, on Debian also where `python3-venv` is a package of its own."""
    try:
        run(sys.executable, "-m", "venv", "--clear", folder, quiet=True)
    except SetupFailed:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if not install_with_apt([package]):
            raise SetupFailed(
                f"Python cannot make environments; run: sudo apt-get install -y {package}"
            ) from None
        run(sys.executable, "-m", "venv", "--clear", folder, quiet=True)


def environment() -> None:
    """`.venv`, empty, on this interpreter."""

    def make() -> None:
        run(uv(), "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, VENV)

    VENV.mkdir(exist_ok=True)
    stamped(VENV, "environment", fingerprint(), make)


def install_lock(part: str) -> None:
    """Install one lock file, hashes checked, bytecode compiled."""
    environment()
    lock = LOCKS / f"{part}.txt"

    def make() -> None:
        run(*pip_install(), "--require-hashes", "--no-deps", "-r", lock)

    stamped(VENV, part, fingerprint(lock), make)


def pip_install() -> Sequence[str | Path]:
    return (uv(), "pip", "install", "--quiet", "--python", VENV, "--compile-bytecode")


def install_program() -> None:
    """Tillwright itself, editable, so that a changed source counts at once."""

    def make() -> None:
        run(*pip_install(), "--no-deps", "--reinstall-package", "tillwright", "--editable", ".")

    stamped(VENV, "tillwright", fingerprint(ROOT / "pyproject.toml"), make)


def compile_languages() -> None:
    """The catalogues of sentences in the form that the program reads, when one has changed."""
    catalogues = sorted(ROOT.glob("src/tillwright/**/locale/*/LC_MESSAGES/*.po"))
    if not all(path.with_suffix(".mo").exists() for path in catalogues):
        (VENV / ".made-languages").unlink(missing_ok=True)

    def make() -> None:
        run(VENV / "bin" / "python", "tools/translations.py", "compile")

    if catalogues:
        stamped(VENV, "languages", fingerprint(*catalogues), make)


def part_run() -> None:
    install_lock("run")
    install_program()
    compile_languages()


def part_dev() -> None:
    part_run()
    install_lock("dev")


def part_replay() -> None:
    part_run()
    install_lock("replay")


def part_lock() -> None:
    """Write the lock files anew: the newest versions that the lists in pyproject.toml allow."""
    compile_lock = (uv(), "pip", "compile", "--quiet", "--upgrade", *LOCK_OPTIONS)
    run(*compile_lock, "pyproject.toml", "--output-file", "requirements/run.txt")
    within_run = ("--constraints", "requirements/run.txt")
    run(*compile_lock, *within_run, "--group", "dev", "--output-file", "requirements/dev.txt")
    run(*compile_lock, "--no-deps", "--group", "replay", "--output-file", "requirements/replay.txt")
    run(*compile_lock, "--group", "uv", "--output-file", "requirements/uv.txt")


# --- system packages -------------------------------------------------------------------------------------


def missing_packages() -> list[str]:
    """Those of SYSTEM_PACKAGES that dpkg does not know as installed; on other systems none is asked for."""
    if not shutil.which("dpkg-query"):
        return []
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *SYSTEM_PACKAGES]
    answer = subprocess.run(query, capture_output=True, text=True).stdout
    present = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return [package for package in SYSTEM_PACKAGES if package not in present]


def install_with_apt(packages: Sequence[str]) -> bool:
    """Install Debian packages if this account may; False when it may not, or when it failed."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if lists_present() and succeeds(install, quiet):
        return True
    return succeeds(["apt-get", "update", "-qq"], quiet) and succeeds(install, quiet)


def lists_present() -> bool:
    folder = Path("/var/lib/apt/lists")
    return folder.is_dir() and any(folder.glob("*Packages*"))


def succeeds(command: Sequence[str], env: dict[str, str]) -> bool:
    return subprocess.run(command, env=env, stdout=subprocess.DEVNULL).returncode == 0


def part_system() -> None:
    """The named system packages; without the right to install them, the one line to run is printed."""
    missing = missing_packages()
    if not missing:
        return
    say(f"installing system packages for the tests: {' '.join(missing)}")
    began = time.monotonic()
    if install_with_apt(missing):
        say(f"system packages ready ({time.monotonic() - began:.1f} s)")
    else:
        say(f"some tests need more; run: sudo apt-get update && sudo apt-get install -y {' '.join(missing)}")


PARTS = {"run": part_run, "dev": part_dev, "replay": part_replay, "system": part_system, "lock": part_lock}


def main(names: Sequence[str]) -> int:
    if sys.version_info < OLDEST_PYTHON:
        print(
            f"setup: Python 3.11 or newer is needed, this is {sys.version.split()[0]}; "
            "try: make setup PYTHON=python3.11"
        )
        return 1
    unknown = [name for name in names if name not in PARTS]
    if unknown or not names:
        print(f"usage: setup.py {' '.join(PARTS)}")
        return 2
    try:
        for name in names:
            PARTS[name]()
    except SetupFailed as failure:
        print(f"setup: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

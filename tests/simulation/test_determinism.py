"""The same seeds give the same worlds, in every process, however it orders its sets."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

COMMAND = "import tillwright; from tillwright.cli import main; main()"


def digest(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    asked = ["simulate", "--seeds", "3", "--from", "20", "--operations", "8", "--swarm", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *asked], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["digest"])


@pytest.mark.slow
def test_the_digest_does_not_depend_on_the_order_of_sets() -> None:
    assert len({digest("0"), digest("1"), digest("4711")}) == 1

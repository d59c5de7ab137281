"""The page of rooms: which packages there are, in which order they may import, and what each is for."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module

from tools.reference_parts.markdown import cell, code, page, table
from tools.reference_parts.sources import ROOT, first_sentence

PURE = ("kernel", "books", "operations", "diagnosis", "catalogue", "documents")


def rooms() -> str:
    """Every room, the lowest first."""
    return page(
        "Rooms",
        "The program is a package ('room') for each noun of the field. A room imports only from rooms that"
        " stand before it in this list; a test proves it, and finds lazy imports and names in strings too."
        " Pure rooms know neither clock, nor chance, nor network, nor storage: they take time and chance "
        "as arguments.",
        table(("Room", "", "What it is for"), (_row(name) for name in _names())),
        "A pack is data, in `src/tillwright/packs/`. Why the rooms are cut like this stands under "
        "[Rooms and drivers](../explanation/rooms-and-drivers.md).",
    )


def _names() -> list[str]:
    """The rooms of the import contract that exist, the lowest first."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    layers = tool["importlinter"]["contracts"][0]["layers"]
    named = [re.sub(r"[()]", "", layer) for layer in reversed(layers)]
    source = ROOT / "src" / "tillwright"
    return [name for name in named if (source / name).is_dir() or (source / f"{name}.py").is_file()]


def _row(name: str) -> tuple[str, str, str]:
    told = first_sentence(import_module(f"tillwright.{name}"))
    return code(name), "pure" if name in PURE else "", cell(told)

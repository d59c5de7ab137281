"""The data that the program brings along: packs and their catalogue entries.

They are read from the installed package, wherever that is, once per process.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.packs import BrokenPack, rules_from_toml
from tillwright.kernel.rules import PackRules
from tillwright.machine.keeping import kept

RULES_FILE = "pack.toml"
READERS = ("kernel", "diagnosis", "catalogue")
"""Rooms: the catalogue, and those that it imports."""


def catalogue_texts() -> dict[str, str]:
    """Every file of entries of every pack: 'fiscal-by/faults/fiscal.yaml' → its text."""
    folders = [(pack.name, pack / "faults") for pack in _folders()]
    found = [(name, file) for name, folder in folders if folder.is_dir() for file in folder.iterdir()]
    return {
        f"{name}/faults/{file.name}": file.read_text(encoding="utf-8")
        for name, file in sorted(found, key=lambda item: (item[0], item[1].name))
        if file.name.endswith(".yaml")
    }


def pack_names() -> tuple[str, ...]:
    """The packs that a till can be set up with."""
    return tuple(pack.name for pack in _folders() if (pack / RULES_FILE).is_file())


@cache
def shipped_catalogue() -> Catalogue:
    """The catalogue of all packs, checked when it was first read. Raises BrokenCatalogue."""
    texts = catalogue_texts()

    def read() -> tuple[Entry, ...]:
        return tuple(Catalogue.load(texts).entries.values())

    made_of = (*_readers(), *(text.encode() for item in texts.items() for text in item))
    entries = kept("catalogue", made_of, tuple[Entry, ...], read)
    return Catalogue({entry.code: entry for entry in entries})


def _readers() -> Iterator[bytes]:
    """The code that reads and checks entries, and all that it builds upon."""
    yield from (sys.version.encode(), msgspec.__version__.encode())
    for room in READERS:
        found = [one for one in (files("tillwright") / room).iterdir() if one.name.endswith(".py")]
        for file in sorted(found, key=lambda one: one.name):
            yield file.name.encode()
            yield file.read_bytes()


@cache
def shipped_rules(pack: str) -> PackRules:
    """The rules of a pack by its name. Raises BrokenPack; LookupError for a name that is none."""
    if pack not in pack_names():
        raise LookupError(f"no pack {pack!r}; there are {', '.join(pack_names())}")
    rules = rules_from_toml((files("tillwright") / "packs" / pack / RULES_FILE).read_text(encoding="utf-8"))
    if rules.name != pack:
        raise BrokenPack(f"the pack in folder {pack!r} calls itself {rules.name!r}")
    return rules


def _folders() -> list[Traversable]:
    packs = files("tillwright") / "packs"
    return sorted((item for item in packs.iterdir() if item.is_dir()), key=lambda item: item.name)

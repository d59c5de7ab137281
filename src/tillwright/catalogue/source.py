"""Reads a YAML text into plain values, and remembers on which line each of them stands.

Whoever writes an entry gets every mistake named with its file and line; so the values come
with a map from their place (('0', 'says', 'vi')) to their line. A key that is given twice, an
alias that leads back into itself and values deeper than any entry are refused here, because
YAML itself would take them silently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

Place = tuple[str, ...]

DEEPEST = 16
STEP = re.compile(r"\.?([A-Za-z_][A-Za-z0-9_]*)|\[(\d+|\.\.\.)\]")


class BrokenText(Exception):
    """A text that is not YAML, or YAML that cannot be an entry."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says, and the line (from 1) of each place in it."""

    value: Any
    lines: Mapping[Place, int] = field(default_factory=dict)

    def line(self, *place: str) -> int:
        """The line of a place, or of the nearest one around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_source(text: str) -> Source:
    """Parse one file. Raises BrokenText with the line where it stops making sense."""
    lines: dict[Place, int] = {}
    try:
        loader = yaml.CSafeLoader(text)
        try:
            node = loader.get_single_node()
            value = _plain(loader, node, (), lines) if node else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BrokenText(mark.line + 1 if mark else 1, error.problem or "not YAML") from error
    except yaml.YAMLError as error:
        raise BrokenText(1, str(error).splitlines()[0]) from error
    return Source(value, lines)


def _plain(loader: Any, node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
    line = lines[place] = node.start_mark.line + 1
    if len(place) > DEEPEST:
        raise BrokenText(line, "nested too deeply")
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*place, str(at)), lines) for at, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(loader, node, place, lines)
    try:
        return loader.construct_object(node)
    except ValueError as error:
        raise BrokenText(line, str(error)) from error


def _plain_mapping(
    loader: Any, node: yaml.MappingNode, place: Place, lines: dict[Place, int]
) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = key_node.value, key_node.start_mark.line + 1
        if not isinstance(key, str) or key == "<<":
            raise BrokenText(line, "a key must be a plain word")
        if key in mapping:
            raise BrokenText(line, f"{key!r} is given twice")
        mapping[key] = _plain(loader, value_node, (*place, key), lines)
        lines[(*place, key)] = line
    return mapping


def place_of(message: str) -> tuple[str, Place]:
    """Split a validation message ('Expected `str` - at `$.says.en`') into its text and place."""
    text, _, path = message.partition(" - at `$")
    return text, tuple(name or index for name, index in STEP.findall(path))

"""JSON schemas as tables: what an object holds, of which kind, within which bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from tools.reference_parts.markdown import cell, code, codes, table

Json = dict[str, Any]
Link = Callable[[str], str]

EXACT = 2**53
"""A bound of this size says only what a number can be read as."""

KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
}


def schemas_of(*structures: type) -> dict[str, Json]:
    """The schemas of structures, and of those inside them, by name."""
    _, found = msgspec.json.schema_components(structures, ref_template="#/components/schemas/{name}")
    return found


def object_table(schema: Json, link: Link = code) -> str:
    """The fields of an object; `link` writes the name of another structure."""
    must = set(schema.get("required", ()))
    rows = (
        (code(name), _kind(one, link), _default(name, one, must), cell(one.get("description", "")))
        for name, one in schema.get("properties", {}).items()
    )
    return table(("Field", "Kind", "If left out", "What it is"), rows)


def _default(name: str, schema: Json, must: set[str]) -> str:
    if name in must:
        return "must be there"
    default = schema.get("default")
    return "" if default is None or default in ("", [], {}) else code(msgspec.json.encode(default).decode())


def kind(schema: Json, link: Link = code) -> str:
    """What a value may be, in words."""
    return _kind(schema, link)


def _kind(schema: Json, link: Link) -> str:
    if "$ref" in schema:
        return link(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema or "allOf" in schema:
        parts = [_kind(one, link) for one in schema.get("anyOf") or schema["allOf"]]
        return " or ".join(part for part in dict.fromkeys(parts) if part)
    if "enum" in schema:
        return codes(schema["enum"], " or ")
    if "const" in schema:
        return code(schema["const"])
    if "prefixItems" in schema:
        return "list of exactly: " + ", ".join(_kind(one, link) for one in schema["prefixItems"])
    if schema.get("type") == "array":
        return " ".join(("list of", _kind(schema.get("items", {}), link), *_bounds(schema)))
    words = KINDS.get(str(schema.get("type", "")), "anything")
    return " ".join((words, *_bounds(schema)))


def _bounds(schema: Json) -> Iterator[str]:
    least, most = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    if above is not None:
        yield f"above {above}"
    if least is not None and abs(least) < EXACT - 1:
        yield f"from {least}"
    if most is not None and abs(most) < EXACT - 1:
        yield f"up to {most}"
    if "maxLength" in schema:
        yield f"of up to {schema['maxLength']} characters"
    if "maxItems" in schema:
        yield f"(at most {schema['maxItems']})"
    if "pattern" in schema:
        yield f"like {code(schema['pattern'])}"

"""The page of the API, from the OpenAPI document that a station serves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import django
import msgspec

from tools.reference_parts.markdown import anchor, cell, code, fenced, page, prose, table
from tools.reference_parts.schemas import Json, kind, object_table

CODE_LINE = re.compile(r"^- `([a-z0-9.-]+)`: (.*)$", re.MULTILINE)


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    django.setup()
    from tillwright.till.api import document as served

    return dict(msgspec.json.decode(served()))


def api() -> str:
    """Every address, what it takes, what it answers, and every structure."""
    found = document()
    root = found["servers"][0]["url"]
    addresses = [(path, method, one) for path, by in found["paths"].items() for method, one in by.items()]
    return page(
        "API for programs",
        prose(found["info"]["description"]),
        f"All addresses stand below {code(root)}. A station serves this description as "
        f"{code(root + '/openapi.json')}, and as a page to read and try at {code(root + '/docs')}.",
        "A program shows the token of one till, and acts for that till: `Authorization: Bearer TOKEN`. Money "
        "is a whole number of minor units (`_minor`), a moment is milliseconds since 1970 in UTC (`_ms`).",
        "**An answer of 4xx means that nothing was journaled.** 201 means that the operation has ended, "
        "whatever its end; 202 that it has not. After any other answer, or none, send the same request with "
        "the same `uid` again: it is the same operation, however often it arrives.",
        table(
            ("", "Address", "What it does"),
            (
                (method.upper(), f"[{code(path)}](#{anchor(_title(method, path))})", cell(one["summary"]))
                for path, method, one in addresses
            ),
        ),
        "## An example",
        "A demo keeps the tokens of its tills in `tokens.json`, beside its data. With one of them:",
        fenced(_example(found, root), "sh"),
        "## Addresses",
        *(part for path, method, one in addresses for part in _address(path, method, one)),
        "## Structures",
        *(
            part
            for name, schema in found["components"]["schemas"].items()
            for part in _structure(name, schema)
        ),
    )


def _title(method: str, path: str) -> str:
    return f"{method.upper()} {path}"


def _example(found: Json, root: str) -> str:
    body = found["paths"]["/operations"]["post"]["requestBody"]["content"]["application/json"]["example"]
    return (
        f"curl -i http://127.0.0.1:8000{root}/operations \\\n"
        '     -H "Authorization: Bearer $TOKEN" -H "Prefer: wait=10" \\\n'
        f"     -H \"Content-Type: application/json\" -d '{json.dumps(body, indent=1)}'"
    )


def _address(path: str, method: str, one: Json) -> Iterator[str]:
    yield f"### {_title(method, path)}"
    yield f"**{one['summary']}.** {prose(one.get('description', ''))}"
    if not one.get("security"):
        yield "Needs no token."
    yield table(
        ("Parameter", "Where", "Kind", "What it is"),
        (
            (code(each["name"]), each["in"], kind(each["schema"], _link), cell(each.get("description", "")))
            for each in one.get("parameters", ())
        ),
    )
    if "requestBody" in one:
        schema = one["requestBody"]["content"]["application/json"]["schema"]
        yield f"Body: {kind(schema, _link)}."
    yield table(("Status", "Body", "What it means"), (_answer(*pair) for pair in one["responses"].items()))


def _answer(status: str, answer: Json) -> tuple[str, str, str]:
    bodies = [f"{kind(body['schema'], _link)}" for body in answer.get("content", {}).values()]
    refused = CODE_LINE.findall(answer["description"])
    if refused:
        told = "<br>".join(f"[`{name}`](faults.md#{anchor(name)}): {prose(text)}" for name, text in refused)
        return status, _link("Problem"), told
    headers = ", ".join(code(name) for name in answer.get("headers", {}))
    return (
        status,
        ", ".join(bodies),
        prose(answer["description"]) + (f" Headers: {headers}." if headers else ""),
    )


def _structure(name: str, schema: Json) -> Iterator[str]:
    yield f"### {name}"
    yield prose(schema.get("description", ""))
    if "properties" in schema:
        yield object_table(schema, _link)
    else:
        yield kind(schema, _link)


def _link(name: str) -> str:
    return f"[{name}](#{anchor(name)})"

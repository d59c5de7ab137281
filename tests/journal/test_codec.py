"""How contents are written down: what is already on disk keeps its hash, whatever is added to it later."""

import hashlib
from dataclasses import fields, replace

from tillwright.journal import codec
from tillwright.operations.model import Content, Line, Tender

FIRST = Content(
    "EUR", 568, (Line("40063", "Tea", 2_000, 568, 284), Line("1", "Ö", 1, 0)), (Tender("cash", 600),)
)
FIRST_BYTES = (
    '{"currency":"EUR","total_minor":568,"lines":['
    '{"goods":"40063","name":"Tea","quantity_milli":2000,"total_minor":568,"price_minor":284},'
    '{"goods":"1","name":"Ö","quantity_milli":1,"total_minor":0,"price_minor":null}],'
    '"tenders":[{"kind":"cash","amount_minor":600}]}'
)
"""As the first program wrote a sale."""


def test_a_sale_is_written_as_it_always_was() -> None:
    assert codec.encode_content(FIRST).decode() == FIRST_BYTES
    expected = hashlib.sha256(b"cash-sale\n" + FIRST_BYTES.encode()).hexdigest()
    assert codec.content_hash("cash-sale", FIRST) == expected


def test_what_was_added_tells_contents_apart_and_comes_back() -> None:
    seen = {codec.encode_content(FIRST)}
    names = [field.name for field in fields(Content)][4:]
    assert names == ["parent", "exchange", "shift", "reason", "count", "after"]
    for name in names:
        value = 1 if isinstance(getattr(FIRST, name), int) else "x"
        changed = replace(FIRST, **{name: value})  # type: ignore[arg-type]
        seen.add(codec.encode_content(changed))
        assert codec.decode_content(codec.encode_content(changed)) == changed
    for name in ("of", "discount_minor"):
        line = replace(FIRST.lines[0], **{name: 1})  # type: ignore[arg-type]
        changed = replace(FIRST, lines=(line, FIRST.lines[1]))
        seen.add(codec.encode_content(changed))
        assert codec.decode_content(codec.encode_content(changed)) == changed
    assert len(seen) == 9

"""How drawings look in the documentation: the pages' own style, put into each file.

A picture in the documentation is a file of its own, so it brings its style along. It is the style of the
till's pages, read from their style sheets: a picture looks the same on a till and in a book. It follows the
reader's choice of light or dark.
"""

from __future__ import annotations

import re
from functools import cache

from tillwright.documents.drawing import Drawing, svg
from tools.reference_parts.sources import ROOT

_STATIC = ROOT / "src" / "tillwright"
_TOKENS = _STATIC / "web/static/web/tokens.css"
_DARK = _STATIC / "web/static/web/dark.css"
_PICTURE = _STATIC / "till/static/till/picture.css"
_VARIABLE = re.compile(r"(--[\w-]+):\s*([^;]+);")
_USED = re.compile(r"var\((--[\w-]+)\)")

PAPER = ".paper { fill: var(--surface); stroke: var(--line); stroke-width: 1; }"
PADDING = 16


def standalone(drawing: Drawing, look: str, style: str) -> str:
    """The drawing as a file: on paper of its own, with the style that its names need."""
    text = svg(drawing, look)
    head, mark, rest = text.partition("</desc>")
    width, height = drawing.width + 2 * PADDING, drawing.height + 2 * PADDING
    head = head.replace(
        f'width="{drawing.width}" height="{drawing.height}" viewBox="0 0 {drawing.width} {drawing.height}"',
        f'width="{width}" height="{height}" viewBox="{-PADDING} {-PADDING} {width} {height}"',
    )
    paper = (
        f'<rect class="paper" x="{0.5 - PADDING}" y="{0.5 - PADDING}" width="{width - 1}" '
        f'height="{height - 1}" rx="12"/>'
    )
    body = f"{head}{mark}<style>{_with_tokens(style)}</style>{paper}{rest}"
    return body.replace("><", ">\n<") + "\n"


@cache
def picture_style() -> str:
    """The style of an operation's picture; what concerns the page around it is left out."""
    text = re.sub(r"/\*.*?\*/", "", _PICTURE.read_text("utf-8"), flags=re.DOTALL)
    rules = re.findall(r"^[^{}@]+\{[^{}]*\}", text, re.MULTILINE)
    return "\n".join(rule.strip() for rule in rules if ".picture-" not in rule)


def _with_tokens(style: str) -> str:
    whole = f"{PAPER}\n{style}"
    used = set(_USED.findall(whole))
    light, dark = _chosen(_TOKENS.read_text("utf-8"), used), _chosen(_DARK.read_text("utf-8"), used)
    return f":root {{{light}}}\n@media (prefers-color-scheme: dark) {{ :root {{{dark}}} }}\n{whole}"


def _chosen(text: str, used: set[str]) -> str:
    found = dict(_VARIABLE.findall(text))
    return " ".join(f"{name}: {' '.join(found[name].split())};" for name in sorted(used) if name in found)

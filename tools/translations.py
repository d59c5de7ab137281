"""The sentences of the pages in all their languages: collected from the source, compiled, and checked.

English is the source: a sentence stands in the code and the templates as people read it. Each other language
has one catalogue for the whole program, `src/tillwright/web/locale/<language>/LC_MESSAGES/django.po`.

    python tools/translations.py update     take new sentences into the catalogues, drop those that are gone
    python tools/translations.py compile    write the form that the program reads (needs no msgfmt)
    python tools/translations.py check      everything translated, every placeholder kept, nothing left over

(What a fault says is not here: those sentences live in the packs, in four languages side by side.)
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template.base import Lexer, Token, TokenType

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tillwright"
LOCALE = SOURCE / "web" / "locale"
LANGUAGES = ("vi", "ru", "zh_Hans")
SCRIPTS = {"ru": re.compile(r"[\u0400-\u04ff]"), "zh_Hans": re.compile(r"[\u4e00-\u9fff]")}
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip

Text = str | tuple[str, str]
Found = tuple[str, Text, str | None]
"""Where (file), what (a text, or singular and plural), in which context."""

TRANSLATE = re.compile(r"""^trans(?:late)?\s+("[^"]+"|'[^']+')(?:.*?\bcontext\s+("[^"]+"|'[^']+'))?""")
BLOCK = re.compile(r"""^blocktrans(?:late)?\b(?:.*?\bcontext\s+("[^"]+"|'[^']+'))?""")
CONSTANT = re.compile(r"""_\(("[^"]+"|'[^']+')\)""")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


# --- collecting ---------------------------------------------------------------


def collect() -> Catalog:
    """Every sentence of the program, as a catalogue without a language."""
    catalog = Catalog(domain="django", fuzzy=False)
    for file, text, context in sorted(_found(), key=repr):
        catalog.add(text, locations=[(file, 0)], context=context)
    return catalog


def _found() -> Iterator[Found]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield from _in_python(path)
    for path in sorted(SOURCE.rglob("templates/**/*.html")):
        yield from in_template(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def _in_python(path: Path) -> Iterator[Found]:
    file = path.relative_to(ROOT).as_posix()
    for _, text, _, context in extract("python", io.BytesIO(path.read_bytes()), KEYWORDS):
        yield file, text, context  # type: ignore[misc]  # a text or a pair of them


def in_template(file: str, text: str) -> Iterator[Found]:
    """The sentences of a template: `translate` tags, `blocktranslate` blocks, constants in `_("…")`."""
    tokens = iter(Lexer(text).tokenize())
    for token in tokens:
        if token.token_type is TokenType.TEXT:
            continue
        for quoted in CONSTANT.findall(token.contents):
            yield file, quoted[1:-1], None
        inline, block = TRANSLATE.match(token.contents), BLOCK.match(token.contents)
        if token.token_type is TokenType.BLOCK and block:
            yield file, _block(tokens), _unquoted(block[1])
        elif token.token_type is TokenType.BLOCK and inline:
            yield file, inline[1][1:-1].replace("%", "%%"), _unquoted(inline[2])


def _block(tokens: Iterator[Token]) -> Text:
    """The text up to the end of a `blocktranslate`: variables become %(name)s, as Django asks for them."""
    parts = [""]
    for token in tokens:
        if token.token_type is TokenType.TEXT:
            parts[-1] += token.contents.replace("%", "%%")
        elif token.token_type is TokenType.VAR:
            parts[-1] += f"%({token.contents})s"
        elif token.contents == "plural":
            parts.append("")
        else:
            break
    return (parts[0], parts[1]) if len(parts) > 1 else parts[0]


def _unquoted(text: str | None) -> str | None:
    return text[1:-1] if text else None


# --- the catalogues ---------------------------------------------------------------


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, domain="django", fuzzy=False)
    return read_po(io.BytesIO(path.read_bytes()), locale=language, domain="django")


def written(catalog: Catalog) -> bytes:
    """A catalogue as its file holds it: sorted, without dates and line numbers, so that it changes with
    its words.
    """
    plain = Catalog(locale=catalog.locale, domain="django", fuzzy=False, header_comment="")
    for message in catalog:
        if message.id:
            places = [(file, 0) for file, _ in message.locations]
            plain.add(message.id, message.string, locations=places, context=message.context)
    output = io.BytesIO()
    write_po(output, plain, width=110, sort_output=True, include_lineno=False, omit_header=True)
    header = f'msgid ""\nmsgstr ""\n"Language: {catalog.locale}\\n"\n"MIME-Version: 1.0\\n"\n'
    header += '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    header += f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    return header.encode() + output.getvalue()


def updated(language: str) -> Catalog:
    """The catalogue with today's sentences: known translations kept, gone ones dropped, nothing guessed."""
    catalog, known = collect(), read(language)
    catalog.locale = known.locale
    for message in catalog:
        old = known.get(message.id, message.context) if message.id else None
        message.string = old.string if old else ("",) * catalog.num_plurals if message.pluralizable else ""
    return catalog


def update() -> int:
    for language in LANGUAGES:
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_bytes(written(updated(language)))
    return 0


def compile_all() -> int:
    for path in sorted(SOURCE.glob("**/locale/*/LC_MESSAGES/*.po")):
        with path.open("rb") as source, path.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source, locale=path.parts[-3], domain="django"))
    return 0


# --- checking ---------------------------------------------------------------


def check() -> int:
    problems = [problem for language in LANGUAGES for problem in _problems(language)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _problems(language: str) -> Iterator[str]:
    catalog = updated(language)
    for message in catalog:
        if message.id:
            yield from (f"{language}: {wrong}: {message.id!r}" for wrong in faults_of(message, language))
    if path_of(language).read_bytes() != written(catalog):
        yield f"{language}: the catalogue is not up to date; run: python tools/translations.py update"


def faults_of(message: Message, language: str) -> Iterator[str]:
    """What is wrong with one translation."""
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    source = message.id if isinstance(message.id, str) else message.id[1]
    wanted = sorted(PLACEHOLDER.findall(source))
    for text in strings:
        if not text:
            yield "not translated"
        elif sorted(PLACEHOLDER.findall(text)) != wanted:
            yield f"other placeholders in {text!r}"
        elif text != text.strip() or "  " in text:
            yield f"loose spaces in {text!r}"
        elif _wrong_script(source, text, language):
            yield f"in other letters: {text!r}"


def _wrong_script(source: str, text: str, language: str) -> bool:
    letters = SCRIPTS.get(language)
    says_something = re.search(r"[a-z]{3}", PLACEHOLDER.sub("", source))
    return bool(letters and says_something and not letters.search(text))


ACTIONS = {"update": update, "compile": compile_all, "check": check}


def main(words: Sequence[str]) -> int:
    if len(words) != 1 or words[0] not in ACTIONS:
        print(f"usage: translations.py {'|'.join(ACTIONS)}")
        return 2
    return ACTIONS[words[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

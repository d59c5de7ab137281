"""Sentences in four languages: find them in the source, keep the catalogues complete, compile them.

Django's own tool needs gettext's programs; this one needs only Babel. The source language is English; every
other language has its catalogues in `locale/` folders below src/tillwright.

    python tools/translations.py update      put new sentences into the catalogues, take gone ones out
    python tools/translations.py check       fail unless each sentence is there in each language
    python tools/translations.py compile     write the .mo files that the program reads
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tillwright"
#: The languages beside English. A folder's name may say more: `zh_Hans` serves zh.
LANGUAGES = ("vi", "ru", "zh")
#: Where `update` makes a catalogue that is not there yet.
HOME = SOURCE / "web" / "locale"

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

#: What a translation has to carry over unchanged: %(name)s and {name}.
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")

Key = tuple[str | None, str]


def sentences() -> Catalog:
    """Every sentence of the source, Python and templates, with the places where it stands."""
    found = Catalog(project="Tillwright", charset="utf-8")
    for path in sorted(SOURCE.rglob("*.py")):
        _collect(found, path, path.read_text("utf-8"))
    for path in sorted([*SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt")]):
        _collect(found, path, _as_python(path))
    return found


def _collect(found: Catalog, path: Path, text: str) -> None:
    source = io.BytesIO(text.encode())
    place = path.relative_to(SOURCE).as_posix()
    for line, message, comments, context in extract("python", source, KEYWORDS, ("Translators:",)):
        if message and (not isinstance(message, tuple) or message[0]):
            found.add(message, locations=[(place, line)], auto_comments=comments, context=context)


def _as_python(path: Path) -> str:
    """A template as calls of gettext: Django's own reading of its tags, without the indentation."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    return "\n".join(line.strip() for line in templatize(path.read_text("utf-8")).splitlines())


def catalogues(language: str) -> list[Path]:
    """The .po files of a language."""
    return sorted(path for path in SOURCE.rglob("locale/*/LC_MESSAGES/*.po") if _language(path) == language)


def _language(path: Path) -> str:
    return path.parent.parent.name.split("_")[0].lower()


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def key(message: Message) -> Key:
    return (message.context, _texts(message.id)[0])


# --- check ------------------------------------------------------------------------------------------------


def problems() -> Iterator[str]:
    """What is missing or wrong in the catalogues, a line each."""
    wanted = {key(message): message for message in sentences() if message.id}
    for language in LANGUAGES:
        translated = {key(m): m for path in catalogues(language) for m in read(path) if m.id}
        for name, message in wanted.items():
            place = ":".join(str(part) for part in message.locations[0])
            if name not in translated:
                yield f"{language}: missing: {name[1]!r} ({place}); run tools/translations.py update"
            else:
                yield from (f"{language}: {text}: {name[1]!r} ({place})" for text in faults(translated[name]))
        for name in translated.keys() - wanted.keys():
            yield f"{language}: no longer used: {name[1]!r}; run tools/translations.py update"


def faults(message: Message) -> Iterator[str]:
    """What is wrong with one translation."""
    originals, strings = _texts(message.id), _texts(message.string)
    if message.fuzzy:
        yield "not confirmed (fuzzy)"
    if not strings or not all(strings):
        yield "not translated"
        return
    allowed = {place for original in originals for place in PLACE.findall(original)}
    needed = set(PLACE.findall(originals[-1])) if len(originals) == 1 else set()
    for string in strings:
        places = set(PLACE.findall(string))
        if places - allowed or needed - places:
            yield f"places differ: {sorted(places)} for {sorted(allowed)}"


def _texts(value: str | Sequence[str] | None) -> list[str]:
    """One text, or the singular and the plurals."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def check() -> int:
    found = sorted(problems())
    print("\n".join(found))
    return 1 if found else 0


# --- update and compile -----------------------------------------------------------------------------------


def update() -> int:
    """Put the sentences of the source into the catalogues; what is new waits there untranslated."""
    template = sentences()
    for language in LANGUAGES:
        paths = catalogues(language)
        if len(paths) > 1:
            print(f"{language}: more than one catalogue; keep one, in {HOME.relative_to(ROOT)}")
            return 1
        path = paths[0] if paths else HOME / language / "LC_MESSAGES" / "django.po"
        catalogue = read(path) if paths else Catalog(locale=language, project="Tillwright")
        catalogue.update(template, no_fuzzy_matching=True, keep_user_comments=True)
        _write(path, catalogue)
        missing = sum(
            not all(m.string if isinstance(m.string, tuple) else (m.string,)) for m in catalogue if m.id
        )
        print(f"{language}: {len(catalogue)} sentences, {missing} to translate")
    return 0


def _write(path: Path, catalogue: Catalog) -> None:
    """Sorted, without dates and line numbers: the file changes when its sentences do, and only then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = {"Language": str(catalogue.locale), "Content-Type": "text/plain; charset=utf-8"}
    header["Plural-Forms"] = catalogue.plural_forms
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in header.items())
    save = partial(write_po, catalog=catalogue, width=110, ignore_obsolete=True, omit_header=True)
    with path.open("wb") as file:
        file.write(f'msgid ""\nmsgstr ""\n{lines}\n'.encode())
        save(file, include_lineno=False, sort_output=True)


def compile_all() -> int:
    """Write the .mo beside each .po that is newer."""
    for path in SOURCE.rglob("locale/*/LC_MESSAGES/*.po"):
        compiled = path.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            continue
        with compiled.open("wb") as file:
            write_mo(file, read(path))
    return 0


COMMANDS = {"update": update, "check": check, "compile": compile_all}


def main(words: Sequence[str]) -> int:
    if len(words) != 1 or words[0] not in COMMANDS:
        print(f"usage: translations.py {'|'.join(COMMANDS)}")
        return 2
    return COMMANDS[words[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

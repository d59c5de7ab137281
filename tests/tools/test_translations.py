"""The translations' tool: it finds every sentence, and says which are missing or wrong."""

from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tools import translations

TEMPLATE = """
{% load i18n %}
<h1>{% translate "Pay" %}</h1>
    {% if change %}
        <p title="{% trans 'The change' context "money" %}">{{ _("Notes") }}</p>
  {% blocktranslate count n=goods|length trimmed %}
      One thing
    {% plural %}
      {{ n }} things
  {% endblocktranslate %}
    {% endif %}
{% blocktranslate with who=name %}Sold by {{ who }}{% endblocktranslate %}
it's a "quote, and (a bracket
"""

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext
_("Open the shift")
ngettext("%(n)s receipt", "%(n)s receipts", n)
pgettext("a person", "Till")
"""

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Open the shift"
msgstr "Mở ca"

msgid "%(n)s receipt"
msgid_plural "%(n)s receipts"
msgstr[0] "%(n)s biên lai"

msgctxt "a person"
msgid "Till"
msgstr "Quầy"
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "SOURCE", tmp_path)
    monkeypatch.setattr(translations, "HOME", tmp_path / "web" / "locale")
    return tmp_path


def write_catalogues(source: Path, text: str = CATALOGUE) -> None:
    for folder in ("vi", "ru", "zh_Hans"):
        path = source / "web" / "locale" / folder / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True)
        path.write_text(text)


def test_sentences_of_templates_are_found(source: Path) -> None:
    (source / "templates" / "till").mkdir(parents=True)
    (source / "templates" / "till" / "pay.html").write_text(TEMPLATE)
    found = {translations.key(message) for message in translations.sentences() if message.id}
    assert found == {
        (None, "Pay"),
        ("money", "The change"),
        (None, "Notes"),
        (None, "One thing"),
        (None, "Sold by %(who)s"),
    }


def test_sentences_of_python_are_found(source: Path) -> None:
    (source / "views.py").write_text(PYTHON)
    found = {translations.key(message) for message in translations.sentences() if message.id}
    assert found == {(None, "Open the shift"), (None, "%(n)s receipt"), ("a person", "Till")}


def test_complete_catalogues_hold(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source / "views.py").write_text(PYTHON)
    write_catalogues(source)
    assert translations.check() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('msgstr "Mở ca"', 'msgstr ""', "not translated"),
        ('msgid "Open the shift"\nmsgstr "Mở ca"', "", "missing: 'Open the shift' (views.py:3)"),
        ('msgid "Open the shift"', '#, fuzzy\nmsgid "Open the shift"', "not confirmed"),
        ("%(n)s biên lai", "%(m)s biên lai", "places differ"),
        ('msgctxt "a person"\n', "", "no longer used: 'Till'"),
    ],
)
def test_what_is_wrong_is_told(
    source: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    (source / "views.py").write_text(PYTHON)
    write_catalogues(source, CATALOGUE.replace(old, new))
    assert translations.check() == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(
        any(line.startswith(f"{language}: ") and told in line for line in lines)
        for language in ("vi", "ru", "zh")
    )


def test_a_language_without_a_catalogue_is_told(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source / "views.py").write_text(PYTHON)
    assert translations.check() == 1
    assert len(capsys.readouterr().out.splitlines()) == 3 * 3


def test_update_makes_what_check_asks_for(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source / "views.py").write_text(PYTHON)
    assert translations.update() == 0
    assert translations.check() == 1
    assert "missing" not in capsys.readouterr().out
    before = (source / "web/locale/ru/LC_MESSAGES/django.po").read_text()
    translations.update()
    assert (source / "web/locale/ru/LC_MESSAGES/django.po").read_text() == before


def test_update_keeps_translations(source: Path) -> None:
    (source / "views.py").write_text(PYTHON + '_("Close the shift")\n')
    write_catalogues(source)
    translations.update()
    text = (source / "web/locale/zh_Hans/LC_MESSAGES/django.po").read_text()
    assert "Mở ca" in text
    assert 'msgid "Close the shift"\nmsgstr ""' in text


def test_compiled_catalogues_can_be_read(source: Path) -> None:
    import gettext

    write_catalogues(source)
    assert translations.compile_all() == 0
    with (source / "web/locale/vi/LC_MESSAGES/django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Open the shift") == "Mở ca"


def test_a_plain_translation_may_not_lose_a_place() -> None:
    assert list(translations.faults(Message("Sold by {who}", "Продал"))) == [
        "places differ: [] for ['{who}']"
    ]
    assert list(translations.faults(Message("Sold by {who}", "Продал: {who}"))) == []

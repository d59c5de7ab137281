"""The design system held to its own rules: one place for colours, readable text, red for one thing."""

import re
from pathlib import Path

import pytest

import tillwright
from tillwright.web.templatetags.tillwright import STATES

STATIC = Path(tillwright.__file__).parent
SHEETS = sorted(path for path in STATIC.rglob("static/**/*.css"))
THEMES = {"light": (), "dark": ("dark",), "contrast": ("contrast",)}
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
NAMED = re.compile(r"--([\w-]+):\s*([^;]+);")
MAY_NAME_COLOURS = {"tokens.css", "dark.css", "contrast.css", "print.css"}

TEXT_ON = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "sunken"), ("ink", "red-soft"), ("ink-soft", "paper"),
    ("ink-soft", "surface"), ("ink-soft", "sunken"), ("accent", "surface"), ("accent", "paper"),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-chosen", "chosen"), ("on-red", "red-solid"),
    ("on-stop", "stop"), ("green", "green-soft"), ("amber", "amber-soft"), ("blue", "blue-soft"),
    ("red", "red-soft"), ("amber", "surface"), ("blue", "surface"),
]  # fmt: skip


def tokens(theme: str) -> dict[str, str]:
    folder = STATIC / "web" / "static" / "web"
    found: dict[str, str] = {}
    for sheet in ("tokens", *THEMES[theme]):
        text = (folder / f"{sheet}.css").read_text().split("@media")[0]
        found |= dict(NAMED.findall(text))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    colours = tokens(theme)
    wanted = 7 if theme == "contrast" else 4.5
    assert contrast(colours[text], colours[ground]) >= wanted


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_what_is_typed_into_can_be_seen(theme: str) -> None:
    colours = tokens(theme)
    assert contrast(colours["line-strong"], colours["surface"]) >= 3


def test_contrast_is_reckoned_as_it_is_defined() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["dark", "contrast"])
def test_every_theme_sets_every_colour(theme: str) -> None:
    folder = STATIC / "web" / "static" / "web"
    own = dict(NAMED.findall((folder / f"{theme}.css").read_text()))
    light = {name for name, value in tokens("light").items() if COLOUR.search(value)}
    assert light - own.keys() == set()
    assert own.keys() - tokens("light").keys() == set()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_colours_are_named_in_one_place(sheet: Path) -> None:
    found = [] if sheet.name in MAY_NAME_COLOURS else COLOUR.findall(sheet.read_text())
    assert found == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_name_that_is_used_exists(sheet: Path) -> None:
    text = sheet.read_text()
    own = {name for name, _ in NAMED.findall(text)}
    used = set(re.findall(r"var\(--([\w-]+)", text))
    assert used - tokens("light").keys() - own == set()


def test_red_means_one_thing() -> None:
    assert {state for state, (_, tone, _) in STATES.items() if tone == "red"} == {"unknown", "red"}


def test_no_two_tones_share_a_shape_but_not_done() -> None:
    """Seen without colour, a state is still told by its shape."""
    shapes: dict[str, set[str]] = {}
    for shape, tone, _ in STATES.values():
        shapes.setdefault(shape, set()).add(tone)
    assert {shape: tones for shape, tones in shapes.items() if len(tones) > 1} == {}

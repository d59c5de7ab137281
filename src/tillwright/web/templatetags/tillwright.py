"""Money, moments, quantities, faults, states and icons in templates.

    {% money total_minor 'EUR' %}   {{ line.quantity_milli|quantity }}   {{ operation.started_ms|moment }}
    {% state operation.state %}     {% icon 'tick' %}                    {% notice said 'amber' %}

They write in the reader's language, which is the one that the page is drawn in.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from tillwright.catalogue.catalogue import Said
from tillwright.kernel.fault import Fault
from tillwright.web import approving, current, looks, words

register = template.Library()

STATES: dict[str, tuple[str, str, Any]] = {
    "planned": ("planned", "neutral", _("not started")),
    "sent": ("progress", "blue", _("asked")),
    "open": ("progress", "blue", _("in progress")),
    "done": ("done", "green", _("done")),
    "refused": ("refused", "amber", _("refused")),
    "undoing": ("undoing", "blue", _("being undone")),
    "undone": ("undone", "neutral", _("undone")),
    "unknown": ("unknown", "red", _("unknown")),
    "red": ("unknown", "red", _("unknown")),
}
"""State of an operation or a leg → shape, tone, word. Red is for what nobody knows, and for nothing else."""

PARTIES: dict[str, Any] = {
    "control": _("device"),
    "bank": _("bank"),
    "operator": _("operator"),
    "printer": _("printer"),
    "licensing": _("licence"),
    "till": _("till"),
}
HEALTH: dict[str, tuple[str, Any]] = {
    "well": ("shape-done", _("well")),
    "wanting": ("shape-refused", _("needs attention")),
    "sick": ("shape-refused", _("does not answer")),
    "stopped": ("stop", _("forbids work")),
    "unknown": ("shape-planned", _("not heard of yet")),
}
TOLD: dict[str, Any] = {
    "paper-low": _("paper is running low"),
    "paper-out": _("paper is out"),
    "cover-open": _("cover is open"),
    "offline": _("switched off line"),
    "warning": _("a warning"),
    "blocked": _("has blocked this till"),
}
"""What a party says of itself, where that is more than how it looks."""
TONE_ICONS = {"amber": "attention", "red": "question", "green": "tick", "blue": "information"}


@register.simple_tag
def money(amount_minor: int, currency: str) -> str:
    """A sum with its currency."""
    return words.money(amount_minor, currency, looks.language())


@register.simple_tag
def figure(amount_minor: int, currency: str) -> str:
    """A sum without its currency."""
    return words.figure(amount_minor, currency, looks.language())


@register.filter
def quantity(quantity_milli: int) -> str:
    """A quantity in thousandths."""
    return words.quantity(quantity_milli, looks.language())


@register.filter
def count(number: int) -> str:
    """A number of things."""
    return words.count(number, looks.language())


@register.filter
def moment(at_ms: int) -> str:
    """A moment, with its zone; with its day unless it is today."""
    return words.moment(at_ms, looks.language())


@register.filter
def clock_time(at_ms: int) -> str:
    """The time of day, with its zone."""
    return words.clock_time(at_ms, looks.language())


@register.filter
def said(fault: Fault) -> Said:
    """What the reader is told about a fault: `sentence`, `next_step`, `code`."""
    return words.say(fault, looks.language())


@register.filter
def party(name: str) -> str:
    """What people call a party."""
    return str(PARTIES.get(name, name))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture from the sprite; without a label it is decoration beside a word."""
    address = static("web/icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, address, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', address, name)


@register.simple_tag
def state(value: str | Enum) -> SafeString:
    """The badge of a state: shape, word and colour. A state that is not known here shows as its own name."""
    name = str(value.value if isinstance(value, Enum) else value)
    shape, tone, word = STATES.get(name, ("planned", "neutral", name))
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, icon(f"shape-{shape}"), word)


@register.simple_tag
def party_health(name: str, health: str, told: str = "", page: str = "") -> SafeString:
    """A party on the strip: shape and name, and its health in words for those who do not see the shape. What
    is more than silence is said beside the name. `page`: where more is told of it, and what to do next.
    """
    picture, word = HEALTH[health]
    said = TOLD.get(told, word)
    beside = format_html(" <small>{}</small>", said) if told in TOLD else ""
    words_of_it = format_html(
        '{}{}{}<span class="aside">: {}</span>', icon(picture), party(name), beside, said
    )
    if not page:
        return format_html('<span class="party party-{}">{}</span>', health, words_of_it)
    return format_html('<a class="party party-{}" href="{}#party-{}">{}</a>', health, page, name, words_of_it)


@register.inclusion_tag("web/parts/notice.html")
def notice(told: Said, tone: str = "amber") -> dict[str, Any]:
    """What happened, the next step, the code."""
    return {"said": told, "tone": tone, "picture": TONE_ICONS.get(tone, "information")}


@register.inclusion_tag("web/parts/pad.html")
def pad(comma: bool = False) -> dict[str, Any]:
    """The numeric pad; it types into the field of its form that had the focus last."""
    return {"comma": comma, "digits": "123456789"}


@register.inclusion_tag("web/parts/empty.html")
def empty(title: str, text: str = "", picture: str = "basket") -> dict[str, Any]:
    """Nothing here yet, and what to do."""
    return {"title": title, "text": text, "picture": picture}


@register.inclusion_tag("web/parts/approval.html", takes_context=True)
def approval(
    context: template.Context, operation: str, purpose: str, form: str, key: str = "", grant: str = ""
) -> dict[str, Any]:
    """Somebody approves with number and PIN, for the form with this id (see web/approving.py); `grant`: one
    that was given already and has not been used.
    """
    request = context["request"]
    part = approving.Part(operation, purpose, key or purpose)
    return {"request": request, "form": form, "grant": grant, **approving.content(request, part)}


@register.inclusion_tag("web/parts/find_cause.html", takes_context=True)
def find_cause(
    context: template.Context, code: str, till: str = "", operation: str = ""
) -> dict[str, str | bool]:
    """A small link 'Find the cause' beside a fault: one press begins its diagnosis, or opens the one that
    there is. Who has not signed in reads what to do, as a diagnosis is kept under a name. Nothing for a code
    without a runbook.
    """
    entry = current.place().catalogue.entries.get(code)
    if entry is None or not entry.causes:
        return {}
    request = context.get("request")
    if request is not None and not getattr(getattr(request, "user", None), "is_authenticated", False):
        wanted = context.get("next") or ""
        query = {"next": wanted} if isinstance(wanted, str) and wanted not in ("", "/") else {}
        return {"address": _page("faults:what-to-do", query, code), "reads": True}
    about = {name: value for name, value in (("till", till), ("operation", operation)) if value}
    return {"address": _page("faults:start", {"code": code, **about})}


def _page(name: str, query: dict[str, str], *arguments: str) -> str:
    """The address of a page of another room; '' where nothing serves it."""
    try:
        address = reverse(name, args=arguments)
        return f"{address}?{urlencode(query)}" if query else address
    except NoReverseMatch:
        return ""

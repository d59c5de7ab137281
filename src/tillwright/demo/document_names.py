"""What people call the documents that a device registers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

DOCUMENTS: Mapping[str, Any] = {
    "sale": _("Sale"),
    "refund": _("Refund"),
    "annulment": _("Annulment"),
    "deposit": _("Cash in"),
    "withdrawal": _("Cash out"),
    "shift-open": _("Shift opened"),
    "shift-close": _("Shift closed"),
}

"""The pages of the till."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def sale(request: HttpRequest) -> HttpResponse:
    """The selling page."""
    return render(request, "till/sale.html")

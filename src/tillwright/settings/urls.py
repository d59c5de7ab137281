"""Every address of the station: the pages' own, then each room's."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from tillwright.faults.api_joining import joined

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", joined().urls),
    path("", include("tillwright.web.urls")),
    path("", include("tillwright.till.urls")),
    path("", include("tillwright.faults.urls")),
    path("switchboard/", include("tillwright.demo.switchboard_urls")),
]

handler400 = "tillwright.web.errors.bad_request"
handler403 = "tillwright.web.errors.forbidden"
handler404 = "tillwright.web.errors.not_found"
handler500 = "tillwright.web.errors.broken"

"""Hands the station's settings down to the rooms that serve pages, once, when Django has loaded them all."""

from __future__ import annotations

from django.apps import AppConfig


class SettingsConfig(AppConfig):
    """The last of the apps: everything below is loaded by then."""

    name = "tillwright.settings"
    label = "settings"

    def ready(self) -> None:
        """Tell the pages where they are, and the API whose token is whose."""
        from django.conf import settings

        from tillwright.people import passes, tokens
        from tillwright.settings.places import clock_of, place_of
        from tillwright.settings.secret import station_secret
        from tillwright.settings.station import NO_STATION
        from tillwright.web import current

        station = settings.TILLWRIGHT
        current.set_place(place_of(station))
        current.set_clock(clock_of(station))
        if station is not NO_STATION:
            passes.set_secret(station_secret(station.folder), (station.host,))
        tokens.set_tokens({till.id: till.token for till in station.tills if till.token})

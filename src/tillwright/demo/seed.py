"""Fills a new shop: tables, people, goods. Run as a program of its own: `python -m tillwright.demo.seed
station.toml`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def seed(station_file: Path) -> None:
    """Bring the shop's databases up to date; people and goods are put in, or given these values again."""
    from tillwright.settings.station import VARIABLE, load_station

    settings = load_station(station_file)
    os.environ[VARIABLE] = str(station_file)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tillwright.settings.django"
    from tillwright.settings.prepare import prepare

    prepare()
    from tillwright.demo.people import PEOPLE
    from tillwright.machine import sqlite
    from tillwright.people.accounts import NewAccount, put_account
    from tillwright.till.assortment import shipped_assortment
    from tillwright.till.goods import put_goods

    connection = sqlite.connect(settings.database)
    connection.execute("BEGIN IMMEDIATE")
    for person in PEOPLE:
        put_account(
            connection, NewAccount(person.number, person.name, person.role, person.pin, person.language)
        )
    put_goods(connection, shipped_assortment(settings.pack))
    connection.execute("COMMIT")
    connection.close()


if __name__ == "__main__":
    seed(Path(sys.argv[1]).absolute())

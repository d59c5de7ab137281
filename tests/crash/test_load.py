"""kill -9 at random moments while four tills sell; and two stations on one folder."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from tests.crash.selling import Standing, new_sale, standing, talking
from tests.processes import running_shop
from tillwright.demo.shop import Shop
from tillwright.demo.trouble import Profile, Trouble
from tillwright.demo.verify import compare

pytestmark = [pytest.mark.crash, pytest.mark.slow]

TILLS, SALES_A_TILL, KILLS = 4, 60, 8
ONLY_KILLS = Profile("only kills", {}, sales_a_kill=10_000, least_kills=KILLS, sales_a_twins_kill=10_000)


def sell_all(shop: Shop, till: str, trouble: Trouble) -> list[str]:
    """Sell one after the other, each until it has ended; the uids of those that are done."""
    chance, done = Random(till), []
    with talking(shop, till) as careful:
        for _ in range(SALES_A_TILL):
            trouble.sale_begins()
            sale = new_sale(chance)
            if careful.sell(sale)["state"] == "done":
                done.append(str(sale["uid"]))
            trouble.keep_up()
    return done


def test_no_sale_is_lost_or_doubled_under_kills(tmp_path: Path) -> None:
    with running_shop(tmp_path, tills=TILLS, open_goods=True) as shop:
        trouble = Trouble(shop, ONLY_KILLS, TILLS * SALES_A_TILL, Random(7), threading.Event())
        trouble.start()
        try:
            with ThreadPoolExecutor(TILLS) as pool:
                rows = list(pool.map(lambda till: sell_all(shop, till, trouble), shop.tokens))
            trouble.calm_down()
        finally:
            shop.stop()
            trouble.close()
    assert (trouble.done.station_kills, trouble.done.twins_kills) == (KILLS, 2)
    sold = [uid for row in rows for uid in row]
    assert len(sold) == TILLS * SALES_A_TILL
    verdict = compare(tmp_path)
    assert (verdict.differences, verdict.unfinished) == ([], [])
    documents = [one for one in verdict.books.device.documents if one.kind == "sale"]
    assert sorted(one.key.partition(".")[0] for one in documents) == sorted(sold)
    assert {standing(tmp_path, uid) for uid in sold[:20]} == {Standing("done", 1)}


def test_a_second_station_on_one_folder_does_not_start(shop: Shop) -> None:
    words = [sys.executable, "-m", "tillwright", "station", str(shop.station_file), "--port", "0"]
    second = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert second.returncode == 2
    assert "journal.locked-elsewhere" in second.stderr
    assert "Another station program already works with this shop's data." in second.stderr
    assert "Use the station that is running, or stop it first." in second.stderr
    assert "Traceback" not in second.stderr
    with talking(shop) as till:
        status, _ = till.call("GET", "/api/v1/till")
    assert status == 200, "the first station has suffered"

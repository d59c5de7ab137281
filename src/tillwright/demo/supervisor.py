"""`tillwright demo`: a whole shop on this machine, under one supervisor.

Two processes are started and watched: the twins (the control devices, with their switchboard's door) and the
station. One that dies, or is killed, is started again by itself: that is the point of trying it. All data
lies in one folder, and stays there.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tillwright.demo.people import PEOPLE
from tillwright.demo.processes import Child, NotReady
from tillwright.demo.shop import Shop, ShopOptions, ShopTill, shop_tills
from tillwright.kernel.rules import PackRules
from tillwright.machine.clocks import SystemClock
from tillwright.machine.resources import pack_names, shipped_rules

CLOCK = SystemClock()

TILLS = (
    ShopTill("till-1", "Till 1", "EUR", "SKO-1001", 200_00),
    ShopTill("till-2", "Till 2", "EUR", "SKO-1002", 200_00),
    ShopTill("till-3", "Till 3", "VND", "SKO-1003", 2_000_000),
)
"""Of the demo's own pack: two currencies, one of them without decimals."""
DATA = Path("var/demo")
_FLOAT_NOTES = 1
"""So many of the largest note lie in each drawer of another pack's shop."""
_LOOK_S = 0.3
_PAUSE_S = 2.0


def demo(
    data: Annotated[
        Path, typer.Option(help="The folder that keeps the demo's data; another pack has its own beside it.")
    ] = DATA,
    pack: Annotated[str, typer.Option(help="The rules that the shop works by, such as fiscal-by.")] = "demo",
    port: Annotated[
        int, typer.Option(help="The port of the pages; another one is taken if it is busy.")
    ] = 8000,
    restart: Annotated[bool, typer.Option(help="Start a process again when it has died.")] = True,
) -> None:
    """Start a shop with three tills and its simulated devices, and print how to sign in."""
    begun_ns = CLOCK.monotonic_ns()
    console = Console(stderr=False)
    if pack not in pack_names():
        raise typer.BadParameter(f"there is {', '.join(pack_names())}", param_hint="--pack")
    tills = TILLS if pack == "demo" else tills_of(shipped_rules(pack))
    folder = data if pack == "demo" or data != DATA else DATA.with_name(pack)
    with console.status("Preparing the shop …"):
        shop = Shop(folder, ShopOptions(tills=tills, pack=pack, port=port, demo=True))
        shop.seed()
    supervisor = Supervisor(shop, console, restart=restart)
    try:
        with console.status("Starting the devices and the station …"):
            shop.start()
    except NotReady as error:
        shop.stop()
        console.print(f"[bold]The demo did not come up.[/bold] {error}")
        raise typer.Exit(1) from error
    _introduce(console, shop, supervisor, (CLOCK.monotonic_ns() - begun_ns) / 1e9)
    supervisor.watch()


def tills_of(rules: PackRules) -> tuple[ShopTill, ...]:
    """Three tills of a shop that works by these rules."""
    currency = rules.currencies[0]
    return shop_tills(3, currency=currency.code, float_minor=_FLOAT_NOTES * currency.denominations_minor[0])


class Supervisor:
    """Watches the shop's processes until it is asked to close."""

    def __init__(self, shop: Shop, console: Console, *, restart: bool) -> None:
        self.shop = shop
        self.console = console
        self.restart = restart
        self._end = threading.Event()

    def watch(self) -> None:
        """Stay until asked to end; start again what has died."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._end.set())
        while not self._end.wait(_LOOK_S):
            if self.shop.twins.ended():
                self._died(self.shop.twins, self.shop.start_twins)
            if self.shop.station.ended():
                self._died(self.shop.station, self.shop.start_station)
        self.console.print("\nClosing the shop …")
        self.shop.stop()

    def _died(self, child: Child, start: Callable[[], float]) -> None:
        if not self.restart:
            return
        self._say(f"The {child.name} has gone. It is started again in {_PAUSE_S:.0f} seconds.")
        if self._end.wait(_PAUSE_S):
            return
        try:
            self._say(f"The {child.name} is back after {start():.1f} s.   {self.kill_line()}")
        except NotReady as error:
            self._say(str(error))

    def _say(self, text: str) -> None:
        self.console.print(f"{_clock_time()}  {text}", highlight=False)

    def kill_line(self) -> str:
        """How to kill the station, for those who want to see what happens."""
        return f"kill -9 $(cat {os.path.relpath(self.shop.lock_file)})"


def _clock_time() -> str:
    """The time of day, in this machine's zone."""
    return datetime.fromtimestamp(CLOCK.now_ms() / 1000, UTC).astimezone().strftime("%H:%M:%S")


def _introduce(console: Console, shop: Shop, supervisor: Supervisor, seconds: float) -> None:
    """The addresses, the sign-ins, and some things to try."""
    say = partial(console.print, soft_wrap=True, highlight=False)
    say(f"\n[bold]The shop is open[/bold] (ready after {seconds:.1f} s). Everything here is simulated.\n")
    say(f"  Till            {shop.url}/")
    say(f"  Switchboard     {shop.url}/switchboard/    make the control device misbehave")
    say(f"  For programs    {shop.url}/api/v1/docs\n")
    for person in PEOPLE:
        say(
            f"  Sign in as      number [bold]{person.number}[/bold], PIN [bold]{person.pin}[/bold]"
            f"   {person.name}, {person.role}"
        )
    say("\nTry this:")
    say("  1. Sell something for cash.")
    say("  2. On the switchboard press 'Plug pulled in the middle of a sale', and sell: red, then green.")
    say(f"  3. In mid-sale, in another terminal:  [bold]{supervisor.kill_line()}[/bold]")
    say(f"  4. Compare the books:  [bold]{_program()} verify {shop.root}[/bold]")
    say(f"\nData, tokens and logs are in {shop.root}. Press Ctrl+C to close the shop.\n", highlight=False)


def _program() -> str:
    return os.path.relpath(sys.argv[0]) if sys.argv[0].endswith("tillwright") else "tillwright"

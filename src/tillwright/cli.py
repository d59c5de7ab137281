"""The command `tillwright`: a table of commands, each of which is imported only when it is the one called.

The till must start fast, and `tillwright simulate` has no use for Django. So a command is a row with a name,
where its function lives, and one line of help; the rows that were not asked for are known by their help
alone. To add a command, add a row: its target is a function with typed parameters, or a `typer.Typer` for a
command that has commands of its own.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated

import typer

from tillwright import __version__


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    Attributes:
        name: the word after `tillwright`.
        target: "tillwright.room.module:name" of a function or of a typer.Typer.
        help: one line for the list of commands.
    """

    name: str
    target: str
    help: str

    def load(self) -> Callable[..., object] | typer.Typer:
        """Import the module and return what the target names there."""
        module, _, name = self.target.partition(":")
        found: Callable[..., object] | typer.Typer = getattr(import_module(module), name)
        if not callable(found):
            raise TypeError(f"{self.target} is neither a function nor a typer.Typer")
        return found


#: Every command, in the order in which a new user meets them.
COMMANDS: tuple[Command, ...] = (
    Command("demo", "tillwright.demo.supervisor:demo", "A whole shop on this machine, to try."),
    Command(
        "replay", "tillwright.demo.replay:replay", "Sell real baskets at a shop in trouble, and compare."
    ),
    Command("verify", "tillwright.demo.verify:verify", "Compare the devices' books with the journal."),
    Command(
        "catalogue", "tillwright.machine.catalogue_command:app", "The codes of faults, and what they say."
    ),
    Command(
        "drill", "tillwright.demo.drills.command:drill", "Bring faults about; see each explained and mended."
    ),
    Command(
        "search", "tillwright.machine.search_command:search", "Find a fault by the words people use for it."
    ),
    Command("bench", "tillwright.demo.bench:app", "Measure what things cost, beside a named reference."),
    Command("twins", "tillwright.parties.twins_command:twins", "Serve simulated control devices."),
    Command("prepare", "tillwright.settings.prepare_command:prepare_folder", "Make or update a data folder."),
    Command(
        "simulate", "tillwright.simulation.commands:simulate", "Prove the promises in worlds where all fails."
    ),
    Command("people", "tillwright.settings.people_command:app", "Who works at a station."),
    Command("audit", "tillwright.settings.audit_command:app", "The audit chain: check it, look at it."),
    Command(
        "backup", "tillwright.settings.upkeep_commands:backup", "Copy a station's databases, and check them."
    ),
    Command("goods", "tillwright.settings.upkeep_commands:goods", "Take goods and prices from a file."),
    Command("token", "tillwright.settings.upkeep_commands:token", "Make a token for programs of a till."),
    Command("doctor", "tillwright.settings.doctor.command:doctor", "What is wrong here, and what to do."),
    Command("station", "tillwright.settings.serve:serve", "Serve a station: its pages, its API, its tills."),
)


def build(loaded: Sequence[str]) -> typer.Typer:
    """The command line in which the commands in `loaded` are real and the others only show their help."""
    app = typer.Typer(
        name="tillwright", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback(invoke_without_command=True)(_start)
    for command in COMMANDS:
        _register(app, command, command.load() if command.name in loaded else _only_help)
    return app


def _register(app: typer.Typer, command: Command, target: Callable[..., object] | typer.Typer) -> None:
    if isinstance(target, typer.Typer):
        app.add_typer(target, name=command.name, help=command.help)
    else:
        app.command(command.name, help=command.help)(target)


def _only_help() -> None:
    raise AssertionError("a command that was not loaded has been called")


def _start(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """A point-of-sale runtime that loses no sale, doubles none, and says what to do next."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; `arguments` are those of the process when none are given."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    wanted = [word for word in words if not word.startswith("-")][:1]
    build(wanted)(args=words, prog_name="tillwright")

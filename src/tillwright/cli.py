"""The command `tillwright`."""

import typer

from tillwright import __version__

app = typer.Typer()


@app.callback(invoke_without_command=True)
def show_version(version: bool = False) -> None:
    if version:
        print(__version__)


def main() -> None:
    app()

"""`tillwright bench`: what things cost, as ratios to a named reference in the same run on the same disk."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tillwright.demo import bench_diagnosis, bench_operations, bench_pages, bench_search
from tillwright.machine.reports import open_report, show

app = typer.Typer(no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure; each figure stands beside what it is compared with."""


@app.command()
def operations(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    sales: Annotated[int, typer.Option(help="Sales in each of the measurements.")] = 2_000,
    finished: Annotated[int, typer.Option(help="Sales in the large journal.")] = 1_000_000,
    data: Annotated[Path | None, typer.Option(help="Where to work; its disk is measured.")] = None,
) -> None:
    """A cash sale: commits, time, processor; through HTTP; the start with few and with many sales."""
    opened = open_report("bench operations")
    with tempfile.TemporaryDirectory(dir=data, prefix="tillwright-bench-") as folder:
        figures = bench_operations.measure(Path(folder), sales=sales, finished=finished)
        report = opened.close(figures, Path(folder))
    show(report, as_json, bench_operations.sentences(report))
    if bench_operations.wrong(figures):
        raise typer.Exit(1)


@app.command()
def pages(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    data: Annotated[Path | None, typer.Option(help="Where to work; its disk is measured.")] = None,
) -> None:
    """The till's pages: bytes, requests, server time; and the server time of a press."""
    opened = open_report("bench pages")
    with tempfile.TemporaryDirectory(dir=data, prefix="tillwright-bench-") as folder:
        report = opened.close(bench_pages.measure(Path(folder)), Path(folder))
    show(report, as_json, bench_pages.sentences(report))


@app.command()
def diagnosis(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    models: Annotated[int, typer.Option(min=1, help="Random runbooks besides those of the catalogue.")] = 500,
) -> None:
    """Runbooks: the program's steps against the optimum and the printed order; the time of a decision."""
    opened = open_report("bench diagnosis")
    figures = bench_diagnosis.measure(models)
    report = opened.close(figures)
    show(report, as_json, bench_diagnosis.sentences(report))
    if bench_diagnosis.wrong(figures):
        raise typer.Exit(1)


@app.command()
def search(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    queries: Annotated[
        Path | None,
        typer.Option(
            help="A folder with a file a language: what people say and which codes are right;"
            " the repository's own where it is left out."
        ),
    ] = None,
) -> None:
    """Faults found by people's words: right first, among three, rightly unknown; and the time of a query."""
    opened = open_report("bench search")
    folder = queries or bench_search.QUERIES
    if not folder.is_dir():
        typer.echo(f"There are no queries at {folder}; say where they are with --queries.", err=True)
        raise typer.Exit(2)
    report = opened.close(bench_search.measure(folder))
    show(report, as_json, bench_search.sentences(report))

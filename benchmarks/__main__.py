"""Runs the benchmarks, prints their table and keeps it in `.bench/results.json`.

    .venv/bin/python -m benchmarks [--quick] [--hour] [NAME ...]

A name is that of a benchmark, or `parts`: everything in which the parts of a server and the number of cores matter.

Machines differ and are noisy. So what counts is the ratio to a ceiling, measured in turns with the product. A missed
target is only printed: the exit code is 0 unless a benchmark fails.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks import (
    beside_reports,
    collect,
    connections,
    forget,
    identify,
    imports,
    known_timing,
    lasting,
    leaving,
    live,
    loader,
    memory,
    moving,
    node,
    pageviews,
    reports,
    resolve,
    script_cost,
    sign_ins,
    start,
    strangers,
    two_doors,
    two_nodes,
    users,
    views,
)
from benchmarks.line import Line
from benchmarks.stage import FULL, QUICK, Stage
from benchmarks.world import BENCH

BENCHMARKS: dict[str, Callable[[Stage], Iterator[Line]]] = {
    "start": start.measure,
    "pageviews": pageviews.measure,
    "connections": connections.measure,
    "two-doors": two_doors.measure,
    "node": node.measure,
    "two-nodes": two_nodes.measure,
    "collect": collect.measure,
    "known": known_timing.measure,
    "live": live.measure,
    "strangers": strangers.measure,
    "sign-ins": sign_ins.measure,
    "loader": loader.measure,
    "memory": memory.measure,  # of the server that all benchmarks above have used
    "lasting": lasting.measure,
    "import": imports.measure,
    "resolve": resolve.measure,
    "identify": identify.measure,
    "users": users.measure,
    "forget": forget.measure,
    "beside-reports": beside_reports.measure,
    "reports": reports.measure,
    "views": views.measure,
    "script": script_cost.measure,
    "leaving": leaving.measure,
    "moving": moving.measure,
}

SELECTIONS: dict[str, set[str]] = {
    "parts": {
        "start",
        "pageviews",
        "connections",
        "two-doors",
        "collect",
        "memory",
        "resolve",
        "forget",
        "beside-reports",
    },
}

WIDTH = 140  # of the table where there is no terminal to ask

console = Console(width=None if sys.stdout.isatty() else WIDTH)


def main() -> None:
    """Run the benchmarks that are named, or all, and print the table."""
    arguments = _arguments()
    names = _named(arguments.names)
    lines: list[Line] = []
    try:
        scale = QUICK if arguments.quick else FULL
        with Stage(scale._replace(lasting=lasting.HOUR) if arguments.hour else scale) as stage:
            for name in names:
                lines += _run(name, stage)
    finally:
        _show(lines)
        _keep(lines, quick=arguments.quick)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure heropixel against its ceilings.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*SELECTIONS, *BENCHMARKS]))
    parser.add_argument("--quick", action="store_true", help="smaller worlds and shorter rounds")
    parser.add_argument("--hour", action="store_true", help="run `lasting` for an hour instead of some minutes")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(BENCHMARKS) - set(SELECTIONS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    return arguments


def _named(names: Sequence[str]) -> list[str]:
    """The benchmarks of these names, in the order in which they run. No name: all."""
    chosen = {one for name in names or BENCHMARKS for one in SELECTIONS.get(name, {name})}
    return [name for name in BENCHMARKS if name in chosen]


def _run(name: str, stage: Stage) -> Iterator[Line]:
    console.rule(name)
    began = time.monotonic()
    for line in BENCHMARKS[name](stage):
        console.print(f"{line.what}: {line.shown} ({line.target_shown}, [bold]{line.verdict}[/])", highlight=False)
        if line.note:
            console.print(f"  [dim]{line.note}[/]", highlight=False)
        yield line
    console.print(f"[dim]{time.monotonic() - began:.0f} s[/]", highlight=False)


def _show(lines: list[Line]) -> None:
    table = Table(title="heropixel compared with its ceilings")
    for heading in ("what", "measured", "beside", "ratio", "target", ""):
        table.add_column(heading, justify="right" if heading in ("measured", "ratio") else "left")
    for line in lines:
        colour = {"met": "green", "missed": "red"}.get(line.verdict, "dim")
        table.add_row(
            line.what,
            line.shown,
            line.beside_shown,
            line.ratio_shown,
            line.target_shown,
            f"[{colour}]{line.verdict}[/]",
        )
    console.print(table)


def _keep(lines: list[Line], *, quick: bool) -> None:
    BENCH.mkdir(exist_ok=True)
    results = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "quick": quick,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "lines": [line.as_json() for line in lines],
    }
    path = BENCH / "results.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results)))
    console.print(f"kept in {path}", highlight=False)


if __name__ == "__main__":
    main()

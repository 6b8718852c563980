"""Measure speed and memory beside other tools: `python benchmarks/speed.py` writes docs/benchmarks.md and results.csv.

Every case runs in a fresh process on the same data; see README.md here for the options.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from processes import HERE, Timing, Tool, find_tool, machine, run_cases
from work import CASES, OWN, QUICK, TITLES, TOOLS
from writing import number, table

# Seconds that the repetitions of one case may take, and how many of them there are at most.
SECONDS, RUNS = 6.0, 5


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, then write the two files."""
    options = _options(arguments)
    about = machine(options.threads)
    tools = [find_tool(name, options.peers) for name in TOOLS if name in (OWN, *options.beside)]
    with tempfile.TemporaryDirectory() as folder:
        timings = measure(tools, Path(folder), options)
    frame = to_frame(timings, tools)
    frame.to_csv(_parent(options.csv), index=False, float_format="%.4g", lineterminator="\n")
    _parent(options.page).write_text(page(frame, about, tools), "utf-8", newline="\n")
    print(f"{options.page} and {options.csv} are written.")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    parser.add_argument("--threads", type=int, default=1, help="threads of the linear algebra (default 1)")
    parser.add_argument("--beside", nargs="*", choices=TOOLS[1:], default=TOOLS[1:], help="other tools (default all)")
    parser.add_argument("--peers", default=sys.executable, help="a Python that has PyMARE and statsmodels")
    parser.add_argument("--csv", type=Path, default=HERE / "results.csv")
    parser.add_argument("--page", type=Path, default=HERE.parent / "docs" / "benchmarks.md")
    return parser.parse_args(arguments)


def _parent(path: Path) -> Path:
    """The path, its folder made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def measure(tools: Sequence[Tool], folder: Path, options: argparse.Namespace) -> list[Timing]:
    """All cases by all tools that take part in them."""
    timings: list[Timing] = []
    for tool in tools:
        cases = [c for c in (QUICK if options.quick else CASES) if tool.name == OWN or tool.name in c.tools]
        # The quick run shares one process a tool: it looks at neither time nor memory.
        batches = [cases] if options.quick else [[c] for c in cases]
        seconds, runs = (0.0, 0) if options.quick else (SECONDS, RUNS)
        for batch in batches:
            print(f"{tool.name}: {', '.join(f'{c.job} {c.size:,}' for c in batch)}", file=sys.stderr, flush=True)
            timings += run_cases(tool, batch, folder, threads=options.threads, seconds=seconds, runs=runs)
    return timings


def to_frame(timings: Sequence[Timing], tools: Sequence[Tool]) -> pd.DataFrame:
    """One row a case and tool, with the ratio to metacircuit's CPU time and the distance from its result."""
    own = {t.case: t for t in timings if t.tool == OWN}
    versions = {t.name: t.version for t in tools}
    order = {case: i for i, case in enumerate(own)}
    rows = [
        {
            "job": t.case.job,
            "size": t.case.size,
            "unit": t.case.unit,
            "subsets": t.case.subsets,
            "tool": t.tool,
            "version": versions[t.tool],
            "cpu_seconds": t.cpu,
            "wall_seconds": t.wall,
            "memory_mib": t.memory,
            "runs": t.runs,
            "cpu_ratio": t.cpu / own[t.case].cpu,
            "difference": abs(t.value / own[t.case].value - 1),
            "goal_seconds": t.case.goal if t.tool == OWN else None,
            "status": t.status,
        }
        for t in sorted(timings, key=lambda t: (order[t.case], TOOLS.index(t.tool)))
    ]
    return pd.DataFrame(rows)


def page(frame: pd.DataFrame, about: dict[str, str], tools: Sequence[Tool]) -> str:
    """The page of the documentation."""
    own, peers = frame[frame.tool == OWN], frame[frame.tool != OWN]
    goals = own[own.goal_seconds.notna()]
    facts = [*about.items(), *((tool.name, tool.version or tool.missing) for tool in tools)]
    parts = [
        "# Speed and memory",
        "Written by `python benchmarks/speed.py`; do not edit. Every case ran in a fresh process, all tools on the "
        "same synthetic data, in one run of this command.",
        table(["machine and versions", ""], facts),
        "CPU and wall seconds are medians over the runs after a first one, which warms up; a case whose first run "
        f"takes longer than {SECONDS:g} seconds is timed once, cold. The machine may have had other work to do: CPU "
        "time is what an idle core needs, wall time is what passed. Memory is the peak of the process during the first "
        "run, above what libraries and data take.",
        "## What the design allows",
        table(
            ["what", "size", "CPU s", "wall s", "allowed s", "kept in CPU time"],
            [_goal_cells(row) for row in goals.itertuples()],
            right=[1, 2, 3, 4],
        ),
        "## Beside other tools",
        "The ratio is the tool's CPU time over metacircuit's for the same case: above 1, metacircuit is faster. The "
        "difference is relative, between one number of the two results (a tau2, a standard error, a p-value, a mean "
        "of estimates): iterations end at each tool's own threshold, metafor's permutation test and GOSH leave out "
        "fits whose REML iterations did not converge, and each tool draws its own million subsets.",
        "The tools do not do the same beside that number. metafor's V is made before its clock starts, metacircuit's "
        "within its time. `fit` in PyMARE gives coefficients and tau2, and `effectsize_smd` in statsmodels yi and vi "
        "with an approximate correction; metacircuit's times include checks of the input, tests, Q, I2 and H2.",
        table(
            ["what", "size", "tool", "CPU s", "wall s", "MiB", "ratio", "difference"],
            [_peer_cells(row) for row in peers.itertuples()],
            right=[1, 3, 4, 5, 6, 7],
        ),
        "## metacircuit at every size",
        table(
            ["what", "size", "CPU s", "wall s", "MiB", "runs"],
            [[*_what(row), *_measured(row), str(row.runs)] for row in own.itertuples()],
            right=[1, 2, 3, 4, 5],
        ),
        "The same figures are in `benchmarks/results.csv`.",
    ]
    return "\n\n".join(parts) + "\n"


def _what(row: Any) -> list[str]:
    """The task and its size in words."""
    subsets = f", {row.subsets:,} fits" if row.subsets else ""
    return [TITLES[row.job], f"{row.size:,} {row.unit}{subsets}"]


def _measured(row: Any) -> list[str]:
    """CPU time, wall time and memory, or why there are none."""
    if row.status != "measured":
        return [row.status, "", ""]
    return [number(row.cpu_seconds), number(row.wall_seconds), _memory(row.memory_mib)]


def _memory(mib: float) -> str:
    """Whole MiB; less than one is not told apart from nothing by the system."""
    return "" if pd.isna(mib) else f"{mib:,.0f}"


def _goal_cells(row: Any) -> list[str]:
    kept = "yes" if row.cpu_seconds <= row.goal_seconds else "no"
    return [*_what(row), *_measured(row)[:2], f"{row.goal_seconds:g}", kept]


def _peer_cells(row: Any) -> list[str]:
    difference = "" if pd.isna(row.difference) else f"{row.difference:.0e}"
    return [*_what(row), row.tool, *_measured(row), number(row.cpu_ratio), difference]


if __name__ == "__main__":
    main()

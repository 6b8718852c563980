"""Starting the tools, each case in a fresh process, and saying on which machine."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from work import OWN, PYMARE, STATSMODELS, Case, R, data_for

HERE = Path(__file__).parent
TIMEOUT = 300
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
MODULES = {OWN: "jobs_metacircuit", PYMARE: "jobs_pymare", STATSMODELS: "jobs_statsmodels"}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that is compared: how it is started, its version, or why it cannot be."""

    name: str
    command: tuple[str, ...]
    version: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """What a tool needed for a case; `status` is "measured" or says why there is nothing."""

    case: Case
    tool: str
    wall: float = np.nan
    cpu: float = np.nan
    memory: float = np.nan
    runs: int = 0
    value: float = np.nan
    status: str = "measured"


def find_tool(name: str, peers: str) -> Tool:
    """Look for a tool; `peers` is the Python interpreter that has PyMARE and statsmodels."""
    if name == R:
        return _find_metafor()
    python = sys.executable if name == OWN else peers
    version = metadata.version(OWN) if name == OWN else _version(python, name)
    missing = "" if version else "not installed"
    return Tool(name, (python, str(HERE / "worker.py"), MODULES[name]), version, missing)


def _version(python: str, package: str) -> str:
    """The version of a package there, empty if there is none."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return _output([python, "-c", code])


def _find_metafor() -> Tool:
    rscript = shutil.which("Rscript")
    command = (str(rscript), str(HERE / "jobs_metafor.R"))
    if rscript is None:
        return Tool(R, command, "", "R is not installed")
    code = "cat(sapply(c('metafor', 'clubSandwich'), function(p) as.character(packageVersion(p))), sep = ' ')"
    versions = _output([rscript, "-e", code]).split()
    if len(versions) < 2:
        return Tool(R, command, "", "metafor or clubSandwich is not installed in R")
    r_version = _output([rscript, "-e", "cat(as.character(getRversion()))"])
    return Tool(R, command, f"{versions[0]} (R {r_version}, clubSandwich {versions[1]})")


def _output(command: Sequence[str]) -> str:
    """What a command prints, empty if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    return done.stdout.strip() if done.returncode == 0 else ""


def run_cases(
    tool: Tool, cases: Sequence[Case], folder: Path, *, threads: int, seconds: float, runs: int
) -> list[Timing]:
    """Measure cases in one process; a process that fails or takes too long is a timing with the reason."""
    if tool.missing:
        return [Timing(case, tool.name, status=tool.missing) for case in cases]
    listing = _write_cases(tool, cases, folder)
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
    command = [*tool.command, str(listing), f"{seconds:g}", str(runs)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=TIMEOUT, env=environment, encoding="utf-8"
        )
    except subprocess.TimeoutExpired:
        return [Timing(case, tool.name, status=f"stopped after {TIMEOUT} s") for case in cases]
    lines = done.stdout.splitlines()
    if done.returncode or len(lines) != len(cases):
        reason = (done.stderr.strip().splitlines() or ["no output"])[-1]
        return [Timing(case, tool.name, status=f"failed: {reason}") for case in cases]
    return [_timing(case, tool.name, json.loads(line)) for case, line in zip(cases, lines, strict=True)]


def _timing(case: Case, tool: str, result: dict[str, Any]) -> Timing:
    """Medians over the runs but the first, which warms up, unless it is the only one."""
    counted = slice(1 if len(result["wall"]) > 1 else 0, None)
    wall, cpu = result["wall"][counted], result["cpu"][counted]
    memory, value = (np.nan if result[key] is None else result[key] for key in ("memory", "value"))
    return Timing(case, tool, float(np.median(wall)), float(np.median(cpu)), memory, len(wall), value)


def _write_cases(tool: Tool, cases: Sequence[Case], folder: Path) -> Path:
    """The same doubles for every tool, and a list of cases in the form that the tool reads."""
    entries = []
    for case in cases:
        file, columns = folder / f"{case.job}-{case.size}.f64", data_for(case)
        if not file.exists():
            np.stack(list(columns.values())).tofile(file)
        entries.append({"job": case.job, "file": str(file), "columns": list(columns)})
    if tool.name == R:
        listing = folder / "cases.tsv"
        rows = [f"{e['job']}\t{e['file']}\t{','.join(e['columns'])}\n" for e in entries]
        listing.write_text("".join(rows), "utf-8", newline="\n")
    else:
        listing = folder / "cases.json"
        listing.write_text(json.dumps(entries), "utf-8")
    return listing


def machine(threads: int) -> dict[str, str]:
    """What a reader must know of the machine; neither its name nor a path."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "scipy", "pandas"))
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "threads of the linear algebra": str(threads),
        "load average when the run began": load,
        "system": f"{platform.system()} {platform.machine()}",
        "Python": f"{platform.python_version()} with {versions}",
    }


def _processor() -> str:
    """The processor's name where the system tells it."""
    info = Path("/proc/cpuinfo")
    names = [] if not info.exists() else [s for s in info.read_text("utf-8").splitlines() if s.startswith("model name")]
    return names[0].partition(":")[2].strip() if names else platform.processor() or platform.machine()

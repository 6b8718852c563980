"""Runs jobs of one tool in a process of its own: `worker.py MODULE CASES.json SECONDS RUNS`, a line of JSON each."""

from __future__ import annotations

import gc
import json
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from work import Columns

STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def main(module: str, cases: str, seconds: str, runs: str) -> None:
    """Measure the cases one after the other."""
    jobs: ModuleType = import_module(module)
    warnings.simplefilter("ignore")
    for entry in json.loads(Path(cases).read_text("utf-8")):
        columns = read_columns(Path(entry["file"]), entry["columns"])
        work = partial(getattr(jobs, entry["job"]), columns)
        print(json.dumps(measure(work, float(seconds), int(runs))), flush=True)


def read_columns(file: Path, names: list[str]) -> Columns:
    """Columns of doubles, one after the other."""
    values = np.fromfile(file).reshape(len(names), -1)
    return dict(zip(names, values, strict=True))


def measure(work: Callable[[], float], seconds: float, runs: int) -> dict[str, Any]:
    """Wall and CPU seconds of each run, the first included, and the peak memory of the first above the start."""
    wall, cpu = [], []
    gc.collect()
    before, extra = _memory("VmRSS", forget=True), None
    while not wall or (len(wall) <= runs and sum(wall) <= seconds):
        start = time.perf_counter(), time.process_time()
        value = work()
        wall.append(time.perf_counter() - start[0])
        cpu.append(time.process_time() - start[1])
        if extra is None and before is not None:
            extra = _memory("VmHWM") - before
    return {"wall": wall, "cpu": cpu, "memory": extra, "value": value}


def _memory(key: str, *, forget: bool = False) -> float | None:
    """Memory of this process in MiB, None if the system does not tell; `forget` lets the peak start anew."""
    try:
        if forget:
            FORGET.write_text("5", "ascii")
    except OSError:
        return None
    (line,) = (line for line in STATUS.read_text("ascii").splitlines() if line.startswith(key))
    return float(line.split()[1]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Simulate published literatures and see which models find the truth: writes docs/selection.md and selection.csv.

`python benchmarks/selection.py` takes some minutes; every literature is seeded by its scenario and its number, so that
the table comes out the same whatever the number of workers.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from metacircuit import rma, rma_mv, selmodel
from publication import SIGNIFICANT, Literature, literature
from selection_page import page
from simulation import Review

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "selection.md"
RESAMPLES = 199
# Literatures that a process takes at a time.
CHUNK = 5
ASSUMED_RHO = 0.6
# Two of them keep the time in minutes on a small machine; more are used if they are asked for.
WORKERS = min(2, os.cpu_count() or 1)

DEPENDENT = {"tau2": 0.04, "omega2": 0.01, "rho": 0.6, "dependent": True, "replicates": 400, "bootstrapped": 150}
SCENARIOS = (
    # As small as the strata of most reviews.
    Literature(10, 0.3, 0.04),
    *(Literature(20, mu, 0.04) for mu in (0.0, 0.3)),
    *(Literature(k, mu, tau**2) for k in (50, 100) for mu in (0.0, 0.3) for tau in (0.1, 0.2)),
    Literature(100, 0.3, 0.04, published=1.0),
    Literature(15, 0.3, **DEPENDENT),
    *(Literature(J, mu, **DEPENDENT) for J in (30, 80) for mu in (0.0, 0.3)),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What one model makes of one literature; NaN where it has no answer."""

    method: str
    k: int
    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    tau2: float = np.nan
    delta: float = np.nan
    lrt_p: float = np.nan
    status: str = "ok"


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate all scenarios and write the page and the table."""
    options = _options(arguments)
    scenarios = [replace(s, replicates=2, bootstrapped=min(s.bootstrapped, 2)) for s in SCENARIOS]
    scenarios = scenarios if options.small else SCENARIOS
    frame = pd.concat([summary(s, found) for s, found in simulate(scenarios, options.workers)], ignore_index=True)
    for file in (options.page, options.csv):
        file.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(options.csv, index=False, float_format="%.4g", lineterminator="\n")
    # The page tells what the table says, to the digits that the table has.
    options.page.write_text(page(pd.read_csv(options.csv), RESAMPLES), "utf-8", newline="\n")
    print(f"{options.page} and {options.csv} are written.")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", "--quick", action="store_true", help="a few replicates, to see that it runs")
    parser.add_argument("--workers", type=int, default=WORKERS, help=f"processes (default {WORKERS})")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--csv", type=Path, default=HERE / "selection.csv")
    return parser.parse_args(arguments)


def simulate(scenarios: Sequence[Literature], workers: int) -> Iterable[tuple[Literature, list[list[Found]]]]:
    """All models on all literatures, scenario by scenario."""
    with ProcessPoolExecutor(workers) if workers > 1 else nullcontext() as pool:
        for n, scenario in enumerate(scenarios, 1):
            found, one = [], partial(fit, scenario)
            numbers = range(scenario.replicates)
            for models in pool.map(one, numbers, chunksize=CHUNK) if pool else map(one, numbers):
                found.append(models)
                if len(found) % CHUNK == 0:
                    done = f"{n} of {len(scenarios)}: {scenario.name}: {len(found)} of {scenario.replicates}"
                    print(f"\r{done}", end="\x1b[K", file=sys.stderr, flush=True)
            yield scenario, found
    print(file=sys.stderr)


def fit(scenario: Literature, replicate: int) -> list[Found]:
    """All models on one literature."""
    review = literature(scenario, replicate)
    y, v = review.y, review.v
    corrected = partial(selmodel, y, v, steps=SIGNIFICANT)
    if not scenario.dependent:
        naive = rma(y, v, method="REML", test="knha")
        first = Found("REML + KnHa", naive.k, *_interval(naive), tau2=naive.tau2)
        return [first, _corrected("3PSM", corrected())]
    found = [_hierarchical(review), _corrected("3PSM, model-based", corrected())]
    found.append(_corrected("3PSM, cluster-robust", corrected(cluster=review.study)))
    if replicate < scenario.bootstrapped:
        resampled = corrected(cluster=review.study, bootstrap=RESAMPLES, seed=replicate)
        found.append(_corrected("3PSM, cluster bootstrap", resampled))
    return found


def _interval(result: Any) -> list[float]:
    """Estimate, standard error and limits of the mean."""
    return [float(getattr(result, name)[0]) for name in ("beta", "se", "ci_lb", "ci_ub")]


def _hierarchical(review: Review) -> Found:
    """The model without selection that suits dependent effects."""
    model = rma_mv(review.y, review.v, study=review.study, rho=ASSUMED_RHO)
    return Found("CHE + CR2", model.k, *_interval(model.robust("CR2")), tau2=float(np.sum(model.sigma2)))


def _corrected(method: str, result: Any) -> Found:
    """A selection model."""
    delta = float(result.delta[-1])
    return Found(method, result.k, *_interval(result), float(result.tau2), delta, float(result.LRTp), result.status)


def summary(scenario: Literature, found: list[list[Found]]) -> pd.DataFrame:
    """One row a model: bias, spread and coverage with Monte Carlo standard errors."""
    every = [one for literature_ in found for one in literature_]
    methods = list(dict.fromkeys(one.method for one in every))
    return pd.DataFrame([_row(scenario, m, [one for one in every if one.method == m]) for m in methods])


def _row(scenario: Literature, method: str, found: list[Found]) -> dict[str, Any]:
    """The row of one model; an interval that does not exist counts as a miss."""
    values = {name: np.array([getattr(one, name) for one in found]) for name in Found.__slots__ if name != "method"}
    estimate, n = values["estimate"][np.isfinite(values["estimate"])], len(found)
    covered = float(np.mean((values["ci_lb"] <= scenario.mu) & (scenario.mu <= values["ci_ub"])))
    spread = float(np.std(estimate, ddof=1))
    return {
        "kind": "dependent" if scenario.dependent else "independent",
        "units": scenario.units,
        "mu": scenario.mu,
        "tau2": scenario.total_tau2,
        "published": scenario.published,
        "method": method,
        "literatures": n,
        "median_k": _median(values["k"]),
        "bias": float(np.mean(estimate)) - scenario.mu,
        "bias_mcse": spread / np.sqrt(len(estimate)),
        "median_bias": float(np.median(estimate)) - scenario.mu,
        "rmse": float(np.sqrt(np.mean((estimate - scenario.mu) ** 2))),
        "sd": spread,
        "median_se": _median(values["se"]),
        "coverage": covered,
        "coverage_mcse": float(np.sqrt(covered * (1 - covered) / n)),
        "median_tau2": _median(values["tau2"]),
        "delta_q1": _quantile(values["delta"], 0.25),
        "delta_median": _median(values["delta"]),
        "delta_q3": _quantile(values["delta"], 0.75),
        "lrt_rejects": _share(values["lrt_p"]),
        "at_bound": int(np.sum(values["status"] == "at_bound")),
        "no_interval": int(np.sum(~np.isfinite(values["ci_lb"]))),
    }


def _quantile(x: np.ndarray, q: float) -> float:
    """A quantile of what there is."""
    finite = x[np.isfinite(x)]
    return float(np.quantile(finite, q)) if finite.size else np.nan


def _median(x: np.ndarray) -> float:
    return _quantile(x, 0.5)


def _share(p_values: np.ndarray) -> float:
    """How often a test rejects at 5%."""
    finite = p_values[np.isfinite(p_values)]
    return float(np.mean(finite < 0.05)) if finite.size else np.nan


if __name__ == "__main__":
    main()

"""The work that is timed: which tasks, at which sizes, by which tools, on which synthetic data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Columns = dict[str, np.ndarray]

OWN = "metacircuit"
R, PYMARE, STATSMODELS = "metafor", "PyMARE", "statsmodels"
TOOLS = (OWN, R, PYMARE, STATSMODELS)
EFFECTS_A_STUDY = 5
STUDIES_A_SET = 20
SAMPLED_SUBSETS = 1_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """One task at one size.

    Attributes
    ----------
    job : what is done; every tool's jobs have this name.
    size, unit : how much of it, in words `unit`.
    tools : who does it besides metacircuit.
    goal : seconds that the project's design allows, None where it says nothing.
    subsets : models that are fitted, where they are more than the effects.
    """

    job: str
    size: int
    unit: str = "effects"
    tools: tuple[str, ...] = ()
    goal: float | None = None
    subsets: int = 0


# The larger of two sizes is for metacircuit alone where another tool would need minutes.
CASES = (
    Case("che", 1_000, goal=0.1),
    Case("che", 2_000, tools=(R,)),
    Case("che", 10_000),
    Case("che", 100_000, goal=5),
    Case("reml_many", 100, "sets of 20", tools=(R, PYMARE)),
    Case("reml_many", 10_000, "sets of 20", goal=1),
    Case("dl_many", 10_000, "sets of 20", tools=(PYMARE,)),
    Case("pm_many", 100, "sets of 20", tools=(STATSMODELS,)),
    Case("reml", 10, tools=(R, PYMARE)),
    Case("reml", 100, tools=(R, PYMARE)),
    Case("reml", 1_000, tools=(R, PYMARE)),
    Case("reml", 10_000),
    Case("reml", 100_000),
    Case("smd", 1_000_000, "rows", tools=(R, STATSMODELS), goal=1),
    Case("influence", 200, tools=(R,), goal=0.1),
    Case("gosh_reml", 13, tools=(R,), goal=0.5, subsets=8_191),
    Case("gosh_dl", 20, tools=(R,), goal=10, subsets=SAMPLED_SUBSETS),
    Case("permutation", 13, tools=(R,), goal=1, subsets=8_192),
    Case("without_study", 200, tools=(R,), goal=1, subsets=40),
    Case("without_study_v", 200, tools=(R,), goal=1, subsets=40),
)

QUICK = (
    Case("che", 60, tools=(R,), goal=0.1),
    Case("reml_many", 3, "sets of 20", tools=(R, PYMARE)),
    Case("dl_many", 3, "sets of 20", tools=(PYMARE,)),
    Case("pm_many", 3, "sets of 20", tools=(STATSMODELS,)),
    Case("reml", 10, tools=(R, PYMARE)),
    Case("smd", 50, "rows", tools=(R, STATSMODELS)),
    Case("influence", 10, tools=(R,)),
    Case("gosh_reml", 4, tools=(R,), subsets=15),
    Case("gosh_dl", 4, tools=(R,), subsets=15),
    Case("permutation", 4, tools=(R,), subsets=16),
    Case("without_study", 20, tools=(R,), subsets=4),
    Case("without_study_v", 20, tools=(R,), subsets=4),
)

TITLES = {
    "che": "CHE model (rho = 0.6), one moderator, CR2 errors with Satterthwaite df",
    "reml_many": "REML fits of 20 studies, many data sets",
    "dl_many": "DerSimonian–Laird fits of 20 studies, many data sets",
    "pm_many": "Paule–Mandel fits of 20 studies, many data sets",
    "reml": "One univariate REML model",
    "smd": "Standardised mean differences from means, SDs and group sizes",
    "influence": "Influence diagnostics and leave-one-out of a REML model",
    "gosh_reml": "GOSH, REML, all subsets",
    "gosh_dl": "GOSH, DerSimonian–Laird, at most a million subsets",
    "permutation": "Exact permutation test of a REML model",
    "without_study": "Leave-one-study-out of a CHE model (rho = 0.6) with CR2 tests",
    "without_study_v": "The same, V given as a matrix",
}


def data_for(case: Case) -> Columns:
    """The columns of a case, drawn from a generator seeded by the case's name."""
    rng = np.random.default_rng(list(f"{case.job} {case.size}".encode()))
    return _SHAPES.get(case.job, _independent)(rng, case.size)


def _independent(rng: np.random.Generator, k: int) -> Columns:
    """k independent effects with heterogeneity."""
    v = rng.uniform(0.02, 0.2, k)
    return {"y": rng.normal(0.3, np.sqrt(v + 0.05)), "v": v}


def _sets(rng: np.random.Generator, sets: int) -> Columns:
    """Independent effects in sets of 20."""
    return _independent(rng, sets * STUDIES_A_SET)


def _dependent(rng: np.random.Generator, k: int) -> Columns:
    """k effects in studies of about five, with correlated errors and a moderator."""
    J = k // EFFECTS_A_STUDY
    study = np.sort(np.concatenate([np.arange(J), rng.integers(0, J, k - J)]))
    v = rng.uniform(0.02, 0.2, J)[study]
    x = rng.normal(size=k)
    error = np.sqrt(v) * (np.sqrt(0.6) * rng.normal(size=J)[study] + np.sqrt(0.4) * rng.normal(size=k))
    y = 0.3 + 0.1 * x + rng.normal(0, 0.2, J)[study] + rng.normal(0, 0.15, k) + error
    return {"y": y, "v": v, "study": study.astype(float), "x": x}


def _groups(rng: np.random.Generator, k: int) -> Columns:
    """Means, standard deviations and sizes of two groups."""
    sizes = rng.integers(8, 120, (2, k)).astype(float)
    sds = rng.uniform(3, 8, (2, k))
    means = rng.normal(20, 2, (2, k))
    columns = zip(("m1i", "m2i", "sd1i", "sd2i", "n1i", "n2i"), (*means, *sds, *sizes), strict=True)
    return dict(columns)


_SHAPES: dict[str, Callable[[np.random.Generator, int], Columns]] = {
    "che": _dependent,
    "without_study": _dependent,
    "without_study_v": _dependent,
    "reml_many": _sets,
    "dl_many": _sets,
    "pm_many": _sets,
    "smd": _groups,
}

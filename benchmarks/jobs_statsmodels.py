"""The jobs in statsmodels; see `jobs_metacircuit` for what each returns."""

from __future__ import annotations

from statsmodels.stats.meta_analysis import combine_effects, effectsize_smd
from work import STUDIES_A_SET, Columns


def pm_many(c: Columns) -> float:
    sets = zip(c["y"].reshape(-1, STUDIES_A_SET), c["v"].reshape(-1, STUDIES_A_SET), strict=True)
    return float(sum(combine_effects(y, v, method_re="iterated").tau2 for y, v in sets))


def smd(c: Columns) -> float:
    yi, _ = effectsize_smd(c["m1i"], c["sd1i"], c["n1i"], c["m2i"], c["sd2i"], c["n2i"])
    return float(yi.mean())

"""The jobs in metacircuit. Each returns one number of its result, so that the tools can be compared."""

from __future__ import annotations

import numpy as np
from metacircuit import escalc, gosh, leave_out, permutest, rma, rma_mv, vcalc
from metacircuit.models.mv_result import RMAMV
from metacircuit.stats.batch import fit_many
from work import SAMPLED_SUBSETS, STUDIES_A_SET, Columns


def che(c: Columns) -> float:
    """Robust standard error of the moderator."""
    fit = rma_mv(c["y"], c["v"], study=c["study"], rho=0.6, mods=c["x"])
    return float(fit.robust("CR2").se[1])


def _many(c: Columns, method: str) -> np.ndarray:
    """tau2 of each set."""
    return fit_many(c["y"].reshape(-1, STUDIES_A_SET), c["v"].reshape(-1, STUDIES_A_SET), method=method).tau2


def reml_many(c: Columns) -> float:
    """Sum of tau2."""
    return float(_many(c, "REML").sum())


def dl_many(c: Columns) -> float:
    """Sum of tau2."""
    return float(_many(c, "DL").sum())


def pm_many(c: Columns) -> float:
    """Sum of tau2."""
    return float(_many(c, "PM").sum())


def reml(c: Columns) -> float:
    """tau2."""
    return rma(c["y"], c["v"]).tau2


def smd(c: Columns) -> float:
    """Mean of yi."""
    return float(escalc("SMD", **c)["yi"].mean())


def influence(c: Columns) -> float:
    """Sum of Cook's distances and of the estimates without each effect."""
    fit = rma(c["y"], c["v"])
    return float(fit.influence().cook_d.sum() + fit.leave1out().estimate.sum())


def gosh_reml(c: Columns) -> float:
    """Mean of the estimates."""
    return float(gosh(rma(c["y"], c["v"])).estimate.mean())


def gosh_dl(c: Columns) -> float:
    """Mean of the estimates."""
    return float(gosh(rma(c["y"], c["v"], method="DL"), subsets=SAMPLED_SUBSETS, seed=1).estimate.mean())


def permutation(c: Columns) -> float:
    """The p-value."""
    return float(permutest(rma(c["y"], c["v"]), exact=True).pval[0])


def _without_study(fit: RMAMV) -> float:
    """Sum of the estimates and their robust standard errors."""
    table = leave_out(fit)
    return float((table.estimate + table.se).sum())


def without_study(c: Columns) -> float:
    """Sum of the estimates and their robust standard errors."""
    return _without_study(rma_mv(c["y"], c["v"], study=c["study"], rho=0.6))


def without_study_v(c: Columns) -> float:
    """Sum of the estimates and their robust standard errors."""
    V = vcalc(c["v"], cluster=c["study"], obs=np.arange(len(c["y"])), rho=0.6)
    return _without_study(rma_mv(c["y"], V, study=c["study"]))

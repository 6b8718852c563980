"""Results of which only a bound is printed: at their bound, or as censored observations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.models.censored import rma_censored
from metacircuit.models.pooling.pool import NAN, Pool

if TYPE_CHECKING:
    from metacircuit.config import Model


def at_bound(rows: pd.DataFrame) -> pd.DataFrame:
    """Give each bounded row the value of its limits that lies nearest to no effect.

    Parameters
    ----------
    rows : DataFrame
        yi, lower, upper, status.

    Returns
    -------
    DataFrame
        A copy in which yi of a bounded row is its lower limit if that is above 0, its upper limit if that is below 0,
        and 0 for a result that is not significant.
    """
    nearest = np.clip(0.0, rows["lower"].fillna(-np.inf), rows["upper"].fillna(np.inf))
    return rows.assign(yi=rows["yi"].where(rows["status"] == "analysed", nearest))


def pool_censored(rows: pd.DataFrame, model: Model) -> Pool:
    """Pool estimates and bounds by maximum likelihood.

    Parameters
    ----------
    rows : DataFrame
        study_id, yi (missing for bounds), vi, lower, upper.
    model : Model
        Level.

    Returns
    -------
    Pool
        From `metacircuit.models.censored.rma_censored`; only studies with an estimate can be drawn.
    """
    fit = rma_censored(rows["yi"], rows["vi"], rows["lower"], rows["upper"], study=rows["study_id"], level=model.level)
    known = rows[rows["status"] == "analysed"]
    return Pool(
        model="random effects, bounds as censored",
        method="ML",
        test="z",
        estimate=float(fit.beta[0]),
        se=float(fit.se[0]),
        stat=float(fit.stat[0]),
        df=NAN,
        pval=float(fit.pval[0]),
        ci_lb=float(fit.ci_lb[0]),
        ci_ub=float(fit.ci_ub[0]),
        pi_lb=fit.pi_lb,
        pi_ub=fit.pi_ub,
        tau2=fit.tau2,
        sigma2_study=fit.tau2,
        studies=known[["study_id", "yi", "vi"]].assign(effects=1, weight=NAN),
        converged=fit.converged,
        note=f"{fit.k_bounds} bounds in the likelihood" if fit.converged else fit.status,
    )

"""One effect a study: the random-effects model, by default with Knapp–Hartung intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.models.pooling.pool import NAN, Contrast, Pool, percent, repeated
from metacircuit.models.rma import rma

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.config import Model
    from metacircuit.models.rma import RMA

_TESTS = {"knha": "Knapp–Hartung t", "adhoc": "Knapp–Hartung t, never narrower than z", "t": "t", "z": "z"}


def pool_univariate(rows: pd.DataFrame, model: Model) -> Pool:
    """Pool effects of which each is a study of its own.

    Parameters
    ----------
    rows : DataFrame
        study_id, yi, vi.
    model : Model
        Estimator, test and level.

    Returns
    -------
    Pool
        From `metacircuit.models.rma.rma`.
    """
    fit = fit_univariate(rows, model)
    prediction = fit.predict()
    tau2_lb, tau2_ub = (NAN, NAN) if model.method == "EE" else fit.confint().tau2_ci
    return Pool(
        model="equal effects" if model.method == "EE" else "random effects",
        method=model.method,
        test=_TESTS[model.test],
        estimate=float(fit.beta[0]),
        se=float(fit.se[0]),
        stat=float(fit.stat[0]),
        df=float(fit.dfs) if np.isfinite(fit.dfs) else NAN,
        pval=float(fit.pval[0]),
        ci_lb=float(fit.ci_lb[0]),
        ci_ub=float(fit.ci_ub[0]),
        pi_lb=float(prediction.pi_lb[0]),
        pi_ub=float(prediction.pi_ub[0]),
        tau2=fit.tau2,
        tau2_lb=tau2_lb,
        tau2_ub=tau2_ub,
        sigma2_study=fit.tau2,
        I2=fit.I2,
        H2=fit.H2,
        QE=fit.QE,
        QE_df=fit.k - fit.p,
        QEp=fit.QEp,
        studies=rows[["study_id", "yi", "vi"]].assign(
            effects=1, weight=percent(1 / (rows["vi"].to_numpy(float) + fit.tau2))
        ),
        converged=fit.converged,
        note="; ".join(filter(None, (*fit.notes, repeated(rows)))),
    )


def fit_univariate(rows: pd.DataFrame, model: Model, *, slab: pd.Series | None = None) -> RMA:
    """Fit the model of independent effects.

    Parameters
    ----------
    rows : DataFrame
        yi, vi.
    model : Model
        Estimator, test and level.
    slab : Series, optional
        Names of the effects.

    Returns
    -------
    RMA
    """
    return rma(
        rows["yi"].to_numpy(float),
        rows["vi"].to_numpy(float),
        method=model.method,
        test=model.test,
        level=model.level,
        slab=None if slab is None else slab.to_numpy(),
    )


def contrast_univariate(rows: pd.DataFrame, model: Model) -> Contrast:
    """Test the differences between strata: one mean a stratum, a common tau2.

    Parameters
    ----------
    rows : DataFrame
        yi, vi, stratum.
    model : Model
        Estimator and test.

    Returns
    -------
    Contrast
        metafor's QM of `mods = ~ stratum`: an F with Knapp–Hartung or t tests.
    """
    fit = rma(
        rows["yi"].to_numpy(float),
        rows["vi"].to_numpy(float),
        mods="~ stratum",
        data=rows,
        method=model.method,
        test=model.test,
        level=model.level,
    )
    df1, df2 = fit.QMdf
    return Contrast(
        model="random effects, common tau2",
        QM=fit.QM,
        df1=df1,
        df2=df2 if np.isfinite(df2) else NAN,
        pval=fit.QMp,
        tau2=fit.tau2,
        R2=NAN if fit.R2 is None else fit.R2,
        converged=fit.converged,
    )

"""Proportions: the binomial–normal model of the counts, which needs no correction for zero events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit, stdtrit

from metacircuit.models.glmm import rma_glmm
from metacircuit.models.pooling.pool import NAN, Contrast, Pool, explained, repeated

if TYPE_CHECKING:
    from metacircuit.config import Model
    from metacircuit.models.glmm_result import GLMM

NAME = "binomial–normal GLMM"


def pool_glmm(rows: pd.DataFrame, model: Model) -> Pool:
    """Pool proportions by their counts.

    Parameters
    ----------
    rows : DataFrame
        study_id, yi (logit), vi, participants, events1 where printed.
    model : Model
        Level; the tests are t with k - 1 df unless the config asks for z.

    Returns
    -------
    Pool
        From `metacircuit.models.glmm.rma_glmm`; the studies have no weights, since the model gives them none.
    """
    fit = fit_glmm(rows, model)
    df = float(fit.dfs)
    reach = stdtrit(df, 0.5 + model.level / 200) * np.sqrt(fit.se[0] ** 2 + fit.tau2)
    return Pool(
        model=NAME,
        method="ML",
        test="t" if np.isfinite(df) else "z",
        estimate=float(fit.beta[0]),
        se=float(fit.se[0]),
        stat=float(fit.stat[0]),
        df=df if np.isfinite(df) else NAN,
        pval=float(fit.pval[0]),
        ci_lb=float(fit.ci_lb[0]),
        ci_ub=float(fit.ci_ub[0]),
        pi_lb=float(fit.beta[0] - reach),
        pi_ub=float(fit.beta[0] + reach),
        tau2=float(fit.tau2),
        sigma2_study=float(fit.tau2),
        I2=float(fit.I2),
        H2=float(fit.H2),
        QE=float(fit.QE_LRT),
        QE_df=float(fit.QE_df),
        QEp=float(fit.QEp_LRT),
        studies=rows[["study_id", "yi", "vi"]].assign(effects=1, weight=NAN),
        converged=fit.converged,
        note="; ".join(filter(None, (fit.reason, *fit.notes, repeated(rows)))),
    )


def contrast_glmm(rows: pd.DataFrame, model: Model) -> Contrast:
    """Test the differences between strata: one mean a stratum, a common tau2.

    Parameters
    ----------
    rows : DataFrame
        As for `pool_glmm`, with stratum.
    model : Model
        Level and test.

    Returns
    -------
    Contrast
        The joint Wald test of the strata: an F with t tests.
    """
    indicators = pd.get_dummies(rows["stratum"], drop_first=True, dtype=float).to_numpy()
    fit, empty = fit_glmm(rows, model, indicators), fit_glmm(rows, model)
    df1, df2 = fit.QMdf
    return Contrast(
        model=f"{NAME}, common tau2",
        QM=float(fit.QM),
        df1=float(df1),
        df2=float(df2) if np.isfinite(df2) else NAN,
        pval=float(fit.QMp),
        tau2=float(fit.tau2),
        R2=explained(empty.tau2, fit.tau2),
        converged=fit.converged,
        note=repeated(rows),
    )


def counts(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Events and people of each row: as printed, or the printed proportion of the people, rounded to whole events."""
    people = np.round(rows["participants"].to_numpy(float))
    share = np.round(expit(rows["yi"].to_numpy(float)) * people)
    printed = rows["events1"].to_numpy(float) if "events1" in rows else np.full(len(rows), NAN)
    return np.where(np.isnan(printed), share, printed), people


def fit_glmm(rows: pd.DataFrame, model: Model, mods: np.ndarray | None = None) -> GLMM:
    """Fit the model itself, with an intercept and the moderators `mods` (k, q) where there are some."""
    events, people = counts(rows)
    return rma_glmm("PLO", xi=events, ni=people, mods=mods, test="z" if model.test == "z" else "t", level=model.level)

"""Several effects a study: correlated and hierarchical effects (CHE) with cluster-robust CR2 inference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.models.pooling.pool import NAN, Contrast, Pool, explained, percent
from metacircuit.models.rma_mv import rma_mv

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metacircuit.config import Model
    from metacircuit.models.mv_result import RMAMV

    Array = NDArray[np.float64]

NAME = "CHE"


def pool_che(rows: pd.DataFrame, model: Model, *, intervals: bool = True) -> Pool:
    r"""Pool dependent effects.

    .. math:: y_{ij} = \mu + u_j + w_{ij} + e_{ij}, \quad \mathrm{cov}(e_{ij}, e_{hj}) = \rho \sqrt{v_{ij} v_{hj}}

    Parameters
    ----------
    rows : DataFrame
        study_id, yi, vi.
    model : Model
        rho and level.
    intervals : bool
        Whether to profile the variances.

    Returns
    -------
    Pool
        Mean with CR2 errors and Satterthwaite df (a wild bootstrap below 4 df); the studies are the model's own means
        of each study, so that their weighted mean is the estimate.

    Notes
    -----
    Source: Pustejovsky and Tipton (2022), Prevention Science 23, 425–438, eq. 6.
    """
    fit = fit_che(rows, model)
    robust = fit.robust("CR2")
    between, within = _components(fit)
    estimate, se = float(fit.beta[0]), float(robust.se[0])
    # The critical values of the confidence interval, the bootstrap's included, so that no prediction is narrower.
    wider = np.sqrt(se**2 + between + within) / se
    bootstrapped = bool(np.isfinite(robust.pval_bootstrap[0]))
    return Pool(
        model=NAME,
        method=fit.method,
        test="CR2, wild bootstrap" if bootstrapped else "CR2, Satterthwaite t",
        estimate=estimate,
        se=se,
        stat=float(robust.stat[0]),
        df=float(robust.df[0]),
        pval=float(robust.pval[0]),
        ci_lb=float(robust.ci_lb[0]),
        ci_ub=float(robust.ci_ub[0]),
        pi_lb=float(estimate - wider * (estimate - robust.ci_lb[0])),
        pi_ub=float(estimate + wider * (robust.ci_ub[0] - estimate)),
        tau2=between + within,
        sigma2_study=between,
        sigma2_effect=within,
        **(_component_intervals(fit) if intervals else {}),
        I2=float(fit.I2.get("total", NAN)),
        QE=fit.QE,
        QE_df=fit.QE_df,
        QEp=fit.QEp,
        rho=model.rho,
        studies=study_means(rows, model.rho, fit),
        converged=fit.converged,
        note=robust.inference[0] if bootstrapped or not np.isfinite(se) else "",
    )


def contrast_che(rows: pd.DataFrame, model: Model) -> Contrast:
    """Test the differences between strata with the HTZ test; a study may stand in several strata.

    Parameters
    ----------
    rows : DataFrame
        study_id, yi, vi, stratum.
    model : Model
        rho and level.

    Returns
    -------
    Contrast
        F on the number of strata less one, and HTZ degrees of freedom.

    Notes
    -----
    Source: Tipton and Pustejovsky (2015), Journal of Educational and Behavioral Statistics 40, 604–634, eq. 14.
    """
    fit = fit_che(rows, model, mods="~ stratum")
    test = fit.robust("CR2").wald(["stratum"])
    residual, total = sum(_components(fit)), sum(_components(fit_che(rows, model)))
    return Contrast(
        model=f"{NAME}, common variances",
        QM=test.F,
        df1=test.df_num,
        df2=test.df_denom,
        pval=test.pval,
        tau2=residual,
        R2=explained(total, residual),
        converged=fit.converged,
        note=test.inference if np.isfinite(test.pval_bootstrap) else "",
    )


def fit_che(rows: pd.DataFrame, model: Model, mods: str | None = None) -> RMAMV:
    """Fit the model itself.

    Parameters
    ----------
    rows : DataFrame
        study_id, yi, vi, and the columns of `mods`.
    model : Model
        rho, method and level.
    mods : str, optional
        A formula such as "~ stratum".

    Returns
    -------
    RMAMV
        With one variance where no study has several effects.
    """
    data = rows.reset_index(drop=True)
    # With one effect in every study the variance within studies cannot be told from the one between them.
    several = data["study_id"].duplicated().any()
    return rma_mv(
        data["yi"].to_numpy(float),
        data["vi"].to_numpy(float),
        study=data["study_id"].to_numpy(),
        rho=model.rho,
        mods=mods,
        data=data,
        random=None if several else "~ 1 | study_id",
        method="ML" if model.method == "ML" else "REML",
        level=model.level,
    )


def _component_intervals(fit: RMAMV) -> dict[str, float]:
    """Profile-likelihood intervals of the variances; where there is one, it is that of tau2 too."""
    limits = fit.confint()[["ci_lb", "ci_ub"]].to_numpy(float)
    names = ("sigma2_study", "sigma2_effect") if len(limits) > 1 else ("sigma2_study", "tau2")
    rows = limits if len(limits) > 1 else np.vstack([limits, limits])
    return {
        f"{name}{end}": float(x)
        for name, row in zip(names, rows, strict=True)
        for end, x in zip(("_lb", "_ub"), row, strict=True)
    }


def _components(fit: RMAMV) -> tuple[float, float]:
    """Variance between studies and within them."""
    return float(fit.sigma2[0]), float(fit.sigma2[1]) if len(fit.sigma2) > 1 else 0.0


def study_means(rows: pd.DataFrame, rho: float, fit: RMAMV) -> pd.DataFrame:
    """Each study's mean as the model weights its effects, with its sampling variance, and its weight in the estimate.

    The weighted mean of these means is the estimate; their intervals show the sampling error alone, as readers of a
    forest plot expect.

    Parameters
    ----------
    rows : DataFrame
        study_id, yi, vi.
    rho : float
        The correlation that was assumed.
    fit : RMAMV
        The model of these rows.

    Returns
    -------
    DataFrame
        study_id, effects, yi, vi, weight (percent), sorted by study.
    """
    between, within = _components(fit)
    found = [
        (study, len(group), *_mean(group["yi"].to_numpy(float), group["vi"].to_numpy(float), rho, within))
        for study, group in rows.groupby("study_id", sort=True)
    ]
    means = pd.DataFrame(found, columns=["study_id", "effects", "yi", "vi", "spread"])
    return means.drop(columns="spread").assign(weight=percent(1 / (means["spread"].to_numpy() + between)))


def _mean(y: Array, v: Array, rho: float, within: float) -> tuple[float, float, float]:
    """Best mean of one study's effects, its sampling variance, and its variance with that of the true effects."""
    sampling = rho * np.sqrt(np.outer(v, v)) + np.diag((1 - rho) * v)
    raw = np.linalg.solve(sampling + within * np.eye(len(y)), np.ones(len(y)))
    share = raw / raw.sum()
    return float(share @ y), float(share @ sampling @ share), float(1 / raw.sum())

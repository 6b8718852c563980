"""Location–scale models: does the heterogeneity itself depend on a predictor?"""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metacircuit.models.choices import one_of
from metacircuit.models.location_scale_result import LocationScale
from metacircuit.stats.distributions import chi2_p
from metacircuit.stats.linear import project
from metacircuit.stats.location_scale import LINKS, fit_scale, log_likelihood
from metacircuit.stats.rank import dependent_columns
from metacircuit.stats.wald import omnibus, tested_by_default, wald_tests

Vector = NDArray[np.float64]


def fit_location_scale(
    yi: ArrayLike,
    vi: ArrayLike,
    X: ArrayLike | None = None,
    Z: ArrayLike | None = None,
    *,
    names_x: Sequence[str] | None = None,
    names_z: Sequence[str] | None = None,
    method: str = "REML",
    test: str = "z",
    link: str = "log",
    level: float = 95.0,
) -> LocationScale:
    r"""Fit a model for the average effect and for the amount of heterogeneity.

    .. math:: y_i \sim N(x_i'\beta,\; v_i + \tau_i^2), \qquad \log \tau_i^2 = z_i'\alpha

    Parameters
    ----------
    yi, vi : (k,) arrays
        Estimates and sampling variances.
    X, Z : (k, p), (k, q) arrays
        Designs of the location and of the scale, intercepts included; None is the intercept alone.
    names_x, names_z : sequences of str
        Names of the columns.
    method : "REML" or "ML"
    test : "z", "t", "knha" or "adhoc"
        As in :func:`metacircuit.rma`; the scale coefficients are tested with z, or t on k - q degrees of freedom.
    link : "log" or "identity"
    level : float
        Confidence in percent.

    Returns
    -------
    LocationScale

    Raises
    ------
    ValueError
        If the data do not fit together, or are fewer than the coefficients.

    Source: Viechtbauer and López-López (2022), Research Synthesis Methods 13, 697-715.

    >>> y, v = [0.1, 0.9, -0.4, 0.3, 0.2, 0.5], [0.01] * 6
    >>> fit = fit_location_scale(y, v, Z=np.column_stack([np.ones(6), [1, 1, 1, 0, 0, 0]]))
    >>> fit.alpha.round(2).tolist()
    [-4.37, 3.16]
    """
    one_of("method", method, ("REML", "ML"))
    one_of("test", test, ("z", "t", "knha", "adhoc"))
    one_of("link", link, tuple(LINKS))
    y, v = _effects(yi, vi)
    X, names_x, notes_x = _design(X, names_x, len(y), "location")
    Z, names_z, notes_z = _design(Z, names_z, len(y), "scale")
    k, p, q = len(y), X.shape[1], Z.shape[1]
    if k < p + q:
        raise ValueError(
            f"{k} studies cannot determine {p} location and {q} scale coefficients: "
            "use fewer predictors, or mc.rma without scale="
        )
    scale = fit_scale(y, v, X, Z, method=method, link=link)
    total = v + scale.tau2
    fit = project(y[None, :], 1 / total[None, :], X)
    beta, vb, RSS = fit.beta[0], fit.vb()[0], float(fit.rss[0])
    ddf, ddf_alpha = (np.inf, np.inf) if test == "z" else (float(k - p), float(k - q))
    if test in ("knha", "adhoc") and k > p:
        ratio = RSS / (k - p)
        vb = vb * (max(ratio, 1.0) if test == "adhoc" else ratio)
    location, of_scale = wald_tests(beta, vb, ddf, level), wald_tests(scale.alpha, scale.va, ddf_alpha, level)
    QM, QS = (
        omnibus(beta, vb, tested_by_default(X), ddf),
        omnibus(scale.alpha, scale.va, tested_by_default(Z), ddf_alpha),
    )
    common = project(y[None, :], 1 / v[None, :], X)
    QE, typical = float(common.rss[0]), (k - p) / float(common.tr_p[0])
    ll = log_likelihood(fit, total, X, method)
    n, parameters = k - p if method == "REML" else k, p + q
    small = max(n, parameters + 2)
    return LocationScale(
        beta=beta,
        **{f.name: getattr(location, f.name) for f in fields(location)},
        vb=vb,
        alpha=scale.alpha,
        **{f"{f.name}_alpha": getattr(of_scale, f.name) for f in fields(of_scale)},
        va=scale.va,
        tau2=scale.tau2,
        I2=100 * scale.tau2 / (typical + scale.tau2),
        H2=1 + scale.tau2 / typical,
        QE=QE,
        QEp=float(chi2_p(QE, k - p)),
        QM=QM.stat,
        QMdf=QM.df,
        QMp=QM.pval,
        QS=QS.stat,
        QSdf=QS.df,
        QSp=QS.pval,
        ll=ll,
        AIC=-2 * ll + 2 * parameters,
        BIC=-2 * ll + parameters * float(np.log(n)),
        AICc=-2 * ll + 2 * parameters * small / (small - parameters - 1),
        k=k,
        p=p,
        q=q,
        dfs=ddf,
        method=method,
        test=test,
        link=link,
        level=level,
        status=scale.status,
        reason=scale.reason,
        notes=notes_x + notes_z,
        steps=scale.steps,
        names_x=names_x,
        names_z=names_z,
    )


def _effects(yi: ArrayLike, vi: ArrayLike) -> tuple[Vector, Vector]:
    """Estimates and variances, checked."""
    y, v = np.asarray(yi, float).ravel(), np.asarray(vi, float).ravel()
    if y.shape != v.shape:
        raise ValueError(f"yi has {len(y)} values and vi has {len(v)}: each estimate needs its variance")
    for name, wrong in (("yi", ~np.isfinite(y)), ("vi", ~(np.isfinite(v) & (v > 0)))):
        if wrong.any():
            rows = ", ".join(str(i) for i in np.flatnonzero(wrong)[:5])
            need = "finite" if name == "yi" else "finite and above zero"
            raise ValueError(
                f"{name} must be {need}; it is not in row {rows} (counted from 0): mend or leave out these rows"
            )
    return y, v


def _design(
    given: ArrayLike | None, names: Sequence[str] | None, k: int, part: str
) -> tuple[NDArray[np.float64], tuple[str, ...], tuple[str, ...]]:
    """A design of full rank, the names of its columns, and what was dropped."""
    X = np.ones((k, 1)) if given is None else np.asarray(given, float)
    X = X[:, None] if X.ndim == 1 else X
    if X.ndim != 2 or len(X) != k:
        raise ValueError(f"the {part} design has shape {X.shape}: it needs one row for each of the {k} studies")
    if not np.isfinite(X).all():
        raise ValueError(f"the {part} design has missing or infinite values: mend or leave out these studies")
    names = tuple(names) if names is not None else _default_names(X)
    if len(names) != X.shape[1]:
        raise ValueError(f"{len(names)} names for the {X.shape[1]} columns of the {part} design")
    why = dependent_columns(X, names)
    kept = [j for j, name in enumerate(names) if name not in why]
    notes = tuple(f"'{name}' dropped from the {part} part: {reason}" for name, reason in why.items())
    return X[:, kept], tuple(names[j] for j in kept), notes


def _default_names(X: NDArray[np.float64]) -> tuple[str, ...]:
    constant = (X == 1).all(axis=0)
    return tuple("intrcpt" if constant[j] else f"x{j}" for j in range(X.shape[1]))

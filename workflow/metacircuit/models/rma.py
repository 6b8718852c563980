"""`rma`: common-effect and random-effects models and meta-regression for independent effects."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from metacircuit.stats.coefficients import TESTS, coefficients
from metacircuit.stats.linear import sample
from metacircuit.stats.tau2 import METHODS, PRECISIONS

from .choices import one_of
from .location_scale import fit_location_scale
from .location_scale_result import LocationScale
from .univariate.assemble import Options, assemble
from .univariate.between_study import between_study_variance
from .univariate.inputs import estimates, labels, moderators, own_weights
from .univariate.result import RMA

__all__ = ["RMA", "rma"]


def rma(
    yi: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    mods: Any = None,
    data: Any = None,
    method: str = "REML",
    test: str = "z",
    level: float = 95,
    weights: Any = None,
    scale: Any = None,
    intercept: bool = True,
    tau2: float | None = None,
    btt: Sequence[int] | None = None,
    slab: Sequence | None = None,
    precision: str = "metafor",
    link: str = "log",
) -> RMA | LocationScale:
    """Fit a common-effect, random-effects or mixed-effects (meta-regression) model.

    yi = x_i beta + u_i + e_i, u_i ~ N(0, tau2), e_i ~ N(0, vi); beta by least squares with weights 1 / (vi + tau2).

    Parameters
    ----------
    yi, vi : (k,) estimates and sampling variances, or names of columns of `data`. sei : standard errors in place of vi.
    mods : None; a formula such as "~ year + disorder" with `data`; or numbers (k,), (k, q), Series, DataFrame.
    method : how tau2 is estimated: REML, ML, DL, DL2, HE, HS, HSk, SJ, EB, PM, PMM; or EE, FE, CE without tau2.
    test : "z"; "knha" (Knapp-Hartung); "adhoc" (the same, never below z); "t" (z statistics against t(k - p)). A single
        effect has no degrees of freedom: it is tested by z, and a note says so.
    level : of confidence, in percent.
    weights : (k,) own weights in place of the inverse variances.
    scale, link : moderators of tau2 (formula or numbers) and the link, "log" or "identity": a location-scale model is
        fitted and returned instead.
    intercept : False leaves the intercept out.
    tau2 : a known value, used in place of an estimate.
    btt : indices of the coefficients that QM tests; default all but the intercept.
    slab : k study labels.
    precision : "metafor" stops iterations where metafor's defaults stop, so that its digits are met; "exact"
        iterates to the optimum. Where metafor's stopping rule would be off by more than 1 percent of the variance of
        an effect, or at a lower top of the likelihood, the exact value is used and a note says so.

    Returns
    -------
    RMA, or LocationScale if `scale` is given.

    Raises
    ------
    ValueError
        If lengths differ, values are missing (rows are named), a variance is not above zero, or a word is unknown.

    Source
    ------
    Viechtbauer (2010) J Stat Softw 36(3); Knapp & Hartung (2003) Stat Med 22, 2693-2710.

    Example
    -------
    >>> fit = rma([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04], method="DL", test="knha")
    >>> fit.beta.round(4), round(fit.tau2, 4), round(fit.I2, 1)
    (array([0.3841]), 0.0577, 63.9)
    """
    _check_words(method, test, precision, level)
    y, v = estimates(yi, vi, sei, data)
    if scale is not None:
        return _location_scale(y, v, (mods, scale), data, intercept, method=method, test=test, level=level, link=link)
    if tau2 is not None and not (np.isfinite(tau2) and tau2 >= 0):
        raise ValueError(f"tau2 must be a number not below zero, got {tau2!r}.")
    own = None if weights is None else own_weights(weights, y.size)
    design = moderators(mods, data, y.size, intercept=intercept)
    effects = sample(y, v, design.X)
    if effects.dfs[0] < 0:
        raise ValueError(f"{effects.p} coefficients cannot be estimated from {y.size} effects. Use fewer moderators.")
    between = between_study_variance(effects, method, precision, tau2)
    used = "z" if y.size == 1 else test
    fit = coefficients(effects, np.array([between.tau2]), used, own)
    return assemble(effects, design, between, fit, Options(method, used, test, level, btt, labels(slab, y.size), own))


def _check_words(method: str, test: str, precision: str, level: float) -> None:
    """Refuse unknown words and impossible levels."""
    one_of("method", method, METHODS)
    one_of("test", test, TESTS)
    one_of("precision", precision, PRECISIONS)
    if not 0 < level < 100:
        raise ValueError(f"level is a percentage between 0 and 100 (95 for 95 %), got {level!r}.")


def _location_scale(
    y: np.ndarray, v: np.ndarray, both: tuple[Any, Any], data: Any, intercept: bool, **options: Any
) -> LocationScale:
    """The model in which moderators act on tau2 too."""
    location = moderators(both[0], data, y.size, intercept=intercept)
    spread = moderators(both[1], data, y.size, intercept=True)
    if repeated := location.dropped | spread.dropped:
        raise ValueError("Leave out: " + "; ".join(f"{name}, {why}" for name, why in repeated.items()) + ".")
    return fit_location_scale(y, v, location.X, spread.X, names_x=location.names, names_z=spread.names, **options)

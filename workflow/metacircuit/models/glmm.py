"""Generalised linear mixed models of counts: no correction of zeros, no normal approximation within studies."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from metacircuit.models.choices import one_of
from metacircuit.models.count_inputs import RATES, TABLE, Counts, counts_of, double_zero, study_effects
from metacircuit.models.glmm_assemble import assemble
from metacircuit.models.glmm_result import GLMM
from metacircuit.models.univariate.inputs import Moderators, moderators
from metacircuit.stats.glmm.models import (
    Spec,
    binomial,
    fit_spec,
    fixed_studies,
    hypergeometric,
    one_group,
    poisson,
    random_studies,
)

Array = NDArray[np.float64]

MODELS = {
    "PLO": ("UM.FS",),
    "IRLN": ("UM.FS",),
    "OR": ("UM.FS", "UM.RS", "CM.EL", "CM.AL"),
    "IRR": ("UM.FS", "UM.RS", "CM.EL"),
}
# Codes of the two groups for the random effect of the treatment.
CODINGS = {0.5: (0.5, -0.5), 1.0: (1.0, 0.0), 0.0: (0.0, 1.0)}


def rma_glmm(
    measure: str = "PLO",
    *,
    xi: ArrayLike | str | None = None,
    ni: ArrayLike | str | None = None,
    mi: ArrayLike | str | None = None,
    ti: ArrayLike | str | None = None,
    ai: ArrayLike | str | None = None,
    bi: ArrayLike | str | None = None,
    ci: ArrayLike | str | None = None,
    di: ArrayLike | str | None = None,
    n1i: ArrayLike | str | None = None,
    n2i: ArrayLike | str | None = None,
    x1i: ArrayLike | str | None = None,
    x2i: ArrayLike | str | None = None,
    t1i: ArrayLike | str | None = None,
    t2i: ArrayLike | str | None = None,
    mods: Any = None,
    data: pd.DataFrame | None = None,
    intercept: bool = True,
    model: str = "UM.FS",
    method: str = "ML",
    coding: float = 0.5,
    cor: bool = False,
    test: str = "z",
    nAGQ: int | None = None,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool = True,
    level: float = 95.0,
) -> GLMM:
    r"""Fit a generalised linear mixed model to proportions, rates, 2x2 tables or pairs of rates.

    .. math:: x_i \sim B(n_i, \pi_i), \quad \text{logit}\,\pi_i = x_i'\beta + u_i, \quad u_i \sim N(0, \tau^2)

    and likewise for the other measures.

    Parameters
    ----------
    measure : "PLO", "IRLN", "OR" or "IRR"
        Log odds of a proportion (xi of ni, or xi and mi), log rate (xi in ti), log odds ratio (ai bi ci di, or ai n1i
        ci n2i), log rate ratio (x1i t1i x2i t2i); (k,) arrays, or column names of `data`.
    mods : formula with `data`, or (k, m) array
        Moderators of the effect.
    intercept : bool
    model : "UM.FS", "UM.RS", "CM.EL" or "CM.AL"
        For two groups: fixed study effects, random study effects, exact conditional likelihood (hypergeometric–normal
        for OR, binomial–normal for IRR), approximate conditional likelihood (OR, rare events).
    method : "ML" or "EE"
        With heterogeneity, or without ("FE" and "CE" are the same).
    coding : 1/2, 1 or 0
        Whether the random effect is split between the groups, or belongs to group 1 or to group 2.
    cor : bool
        In UM.RS, whether effect and baseline are correlated.
    test : "z" or "t"
        t has k - p degrees of freedom.
    nAGQ : int, optional
        Quadrature points in each dimension; by default as metafor: 7, but 1 (Laplace) in UM.RS, and 15, where the
        integral is exact, in CM.EL for OR.
    add, to
        What is added to which counts for I2 and H2 alone.
    drop00 : bool
        Leave out studies without events, or without non-events, in both groups.
    level : float
        Confidence in percent.

    Returns
    -------
    GLMM

    Raises
    ------
    ValueError
        If counts or options are not valid.

    Source: Stijnen, Hamza and Özdemir (2010), Statistics in Medicine 29, 3046-3067.

    >>> fit = rma_glmm("PLO", xi=[11, 24, 179, 82, 60], ni=[29, 33, 326, 240, 110])
    >>> fit.beta.round(3).tolist(), round(fit.tau2, 3)
    ([0.011], 0.227)
    """
    one_of("measure", measure, MODELS)
    one_of("model", model, MODELS[measure])
    one_of("method", method, ("ML", "EE", "FE", "CE"))
    one_of("test", test, ("z", "t"))
    if coding not in CODINGS:
        raise ValueError(f"coding={coding!r} can be 0.5, 1 or 0")
    if nAGQ is not None and not (isinstance(nAGQ, int) and 1 <= nAGQ <= 100):
        raise ValueError(f"nAGQ={nAGQ!r} must be a whole number from 1 to 100")
    given = dict(zip(TABLE + RATES, (ai, bi, ci, di, x1i, x2i, t1i, t2i), strict=True))
    given |= {"n1i": n1i, "n2i": n2i, "xi": xi, "ni": ni, "mi": mi, "ti": ti}
    counts = counts_of(measure, given, data)
    if drop00 or model.startswith("CM") or (model == "UM.FS" and measure in ("OR", "IRR")):
        counts = counts.where(~double_zero(counts), "left out because both groups have no event, or only events")
    if not counts.k:
        raise ValueError("no study has an event and a non-event: the effect cannot be estimated")
    terms = _moderators(mods, data, counts, intercept)
    nodes = nAGQ or _default_nodes(measure, model)
    spec = _spec(measure, model, counts, terms.X, (np.array(CODINGS[coding]), cor))
    return assemble(
        fit_spec(spec, nodes, heterogeneity=method == "ML"),
        terms,
        counts,
        study_effects(measure, counts, add, to, drop00),
        measure=measure,
        model=model,
        method=method,
        test=test,
        nodes=nodes,
        level=level,
    )


def _default_nodes(measure: str, model: str) -> int:
    """Where metafor integrates numerically, so many points that the rule is exact; else the points it uses."""
    if model == "UM.RS":
        return 1
    return 15 if (measure, model) == ("OR", "CM.EL") else 7


def _moderators(mods: Any, data: pd.DataFrame | None, counts: Counts, intercept: bool) -> Moderators:
    """The design of the studies that are left."""
    if data is not None:
        data = data.iloc[counts.rows]
    elif mods is not None and not isinstance(mods, str):
        mods = mods.iloc[counts.rows] if isinstance(mods, pd.Series | pd.DataFrame) else np.asarray(mods)[counts.rows]
    return moderators(mods, data, counts.k, intercept=intercept)


def _spec(measure: str, model: str, counts: Counts, X: Array, option: tuple[Array, bool]) -> Spec:
    """The model of a measure."""
    groups, correlated = option
    if measure == "PLO":
        x, n = counts["xi"], counts["ni"]
        return one_group(binomial(x, n), np.zeros_like(x), X, *_odds(x, n - x))
    if measure == "IRLN":
        x, t = counts["xi"], counts["ti"]
        return one_group(poisson(x), np.log(t), X, _log(x) - np.log(t), x)
    if measure == "IRR":
        return _rates(model, counts, X, groups, correlated)
    return _tables(model, counts, X, groups, correlated)


def _tables(model: str, counts: Counts, X: Array, groups: Array, correlated: bool) -> Spec:
    """Models of 2x2 tables."""
    a, b, c, d = (counts[name] for name in TABLE)
    if model == "CM.EL":
        if any((x != np.round(x)).any() for x in (a, b, c, d)):
            raise ValueError("model 'CM.EL' needs whole numbers: round the counts, or use another model")
        family = hypergeometric(a, a + b, c + d, a + c)
        inside = family.inside[:, 0]
        yi = np.where(inside, family.estimates[:, 0], 0.0)
        return one_group(family, np.zeros_like(a), X, yi, np.where(inside, -family.at(yi[:, None]).second[:, 0], 0.0))
    if model == "CM.AL":
        offset = np.log(a + b) - np.log(c + d)
        yi, wi = _odds(a, c)
        return one_group(binomial(a, a + c), offset, X, np.where(wi > 0, yi - offset, 0.0), wi)
    family, offset = binomial(np.column_stack([a, c]), np.column_stack([a + b, c + d])), np.zeros((len(a), 2))
    if model == "UM.RS":
        return random_studies(family, offset, X, groups, correlated)
    complete = (a > 0) & (b > 0) & (c > 0) & (d > 0)
    yi = np.where(complete, _log(a) + _log(d) - _log(b) - _log(c), 0.0)
    wi = np.where(complete, 1 / sum(1 / np.where(complete, x, 1.0) for x in (a, b, c, d)), 0.0)
    return fixed_studies(family, offset, X, groups, (yi, wi))


def _rates(model: str, counts: Counts, X: Array, groups: Array, correlated: bool) -> Spec:
    """Models of pairs of rates."""
    x1, x2, t1, t2 = (counts[name] for name in RATES)
    yi, wi = _odds(x1, x2)
    yi = np.where(wi > 0, yi - np.log(t1) + np.log(t2), 0.0)
    if model == "CM.EL":
        return one_group(binomial(x1, x1 + x2), np.log(t1) - np.log(t2), X, yi, wi)
    family, offset = poisson(np.column_stack([x1, x2])), np.log(np.column_stack([t1, t2]))
    if model == "UM.RS":
        return random_studies(family, offset, X, groups, correlated)
    return fixed_studies(family, offset, X, groups, (yi, wi))


def _odds(x: Array, y: Array) -> tuple[Array, Array]:
    """Log odds of two counts and their information: both zero where a count is zero and the odds are infinite."""
    inside = (x > 0) & (y > 0)
    return np.where(inside, _log(x) - _log(y), 0.0), np.where(inside, x * y / np.where(inside, x + y, 1.0), 0.0)


def _log(x: Array) -> Array:
    """Logarithm, zero at zero, where the caller gives no weight."""
    return np.log(np.where(x > 0, x, 1.0))

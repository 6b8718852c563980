"""The models by name: which counts, which predictor and which random effects each of them has.

For two groups: UM.FS fixed study effects, UM.RS random study effects, CM.EL the exact conditional likelihood, CM.AL its
approximation for rare events. For one group there is only one model.

Source: Jackson, Law, Stijnen, Viechtbauer and White (2018), Statistics in Medicine 37, 1059-1085.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from metacircuit.stats.glmm.binomial_normal import MixedFit, fit_fixed, fit_mixed
from metacircuit.stats.glmm.conditional import NoncentralHypergeometric
from metacircuit.stats.glmm.families import Binomial, Family, Poisson
from metacircuit.stats.glmm.quadrature import Design

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """A model, ready to fit.

    Attributes
    ----------
    design : with the random effect of the study's effect (and, in UM.RS, of its baseline).
    equal : the same without heterogeneity of the effects.
    saturated : the model in which each study has an effect of its own; None if the counts themselves are saturated.
    X : (k, p) moderators of the effect, the first p fixed effects of `design`.
    yi, wi : (k,) estimate and information of the single studies; weight zero where it is infinite.
    """

    design: Design
    equal: Design
    saturated: Design | None
    X: Array
    yi: Array
    wi: Array


def one_group(family: Family, offset: Array, X: Array, yi: Array, wi: Array) -> Spec:
    """One count a study: log odds of a proportion, log of a rate, or a conditional count of two groups.

    Parameters
    ----------
    family : counts (k, 1); offset : (k,); X : (k, p); yi, wi : (k,) as in `Spec`.
    """
    k = len(X)
    design = Design(family, offset[:, None], X[:, None, :], np.ones((1, k, 1, 1)))
    return Spec(design, design, None, X, yi, wi)


def fixed_studies(family: Family, offset: Array, X: Array, groups: Array, effect: tuple[Array, Array]) -> Spec:
    """Two groups, each study with its own baseline (UM.FS).

    Parameters
    ----------
    family : counts (k, 2); offset : (k, 2); X : (k, p).
    groups : (2,) codes of the groups for the random effect.
    effect : (k,) yi and wi as in `Spec`.
    """
    k = len(X)
    loading = np.tile(groups, (k, 1))[None, :, :, None]
    design = Design(family, offset, _of_group_1(X), loading, np.ones((k, 2)))
    return Spec(design, design, None, X, *effect)


def random_studies(family: Family, offset: Array, X: Array, groups: Array, correlated: bool) -> Spec:
    """Two groups, the baselines of the studies from a distribution (UM.RS); parameters as in `fixed_studies`."""
    k = len(X)
    one, code, zero = np.ones((k, 2)), np.tile(groups, (k, 1)), np.zeros((k, 2))
    baseline, effect, both = (np.stack(x, axis=-1) for x in ((one, zero), (zero, code), (code, zero)))
    fixed = np.concatenate([_of_group_1(X), one[..., None]], axis=2)
    factors = np.stack([baseline, effect, both] if correlated else [baseline, effect])
    equal = Design(family, offset, fixed, one[None, ..., None])
    own = np.tile([1.0, 0.0], (k, 1))
    saturated = replace(equal, X=one[..., None], own=own)
    return Spec(Design(family, offset, fixed, factors), equal, saturated, X, np.empty(0), np.empty(0))


def _of_group_1(X: Array) -> Array:
    """Moderators act on the first group, (k, 2, p)."""
    return np.stack([X, np.zeros_like(X)], axis=1)


def binomial(x: Array, n: Array) -> Binomial:
    """Counts as columns."""
    return Binomial(_columns(x), _columns(n))


def poisson(x: Array) -> Poisson:
    """Counts as columns."""
    return Poisson(_columns(x))


def hypergeometric(a: Array, n1: Array, n2: Array, events: Array) -> NoncentralHypergeometric:
    """Tables as columns."""
    return NoncentralHypergeometric(*(_columns(x) for x in (a, n1, n2, events)))


def _columns(x: Array) -> Array:
    return x[:, None] if x.ndim == 1 else x


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """The fitted model with the two that its tests of heterogeneity compare.

    Attributes
    ----------
    mixed : with heterogeneity; equal : without.
    ll_saturated : log-likelihood with an effect for each study.
    wald, lrt : statistics of the hypothesis that the studies share their effects.
    """

    mixed: MixedFit
    equal: MixedFit
    ll_saturated: float
    wald: float
    lrt: float


def fit_spec(spec: Spec, nodes: int, heterogeneity: bool = True) -> Fits:
    """Fit a model.

    Parameters
    ----------
    spec : Spec
    nodes : int
        Quadrature points in each dimension.
    heterogeneity : bool
        False leaves out the random effects of the studies' effects.

    Returns
    -------
    Fits
    """
    random_baselines = spec.saturated is not None
    equal = fit_mixed(spec.equal, nodes) if random_baselines else fit_fixed(spec.equal)
    mixed = equal
    if heterogeneity and equal.status != "separated":
        starts = None
        if random_baselines:
            sigma = max(abs(float(equal.factors[0])), 0.05)
            extra = [0.0] * (len(spec.design.loadings) - 2)
            starts = [[sigma, tau, *extra] for tau in (0.2, 1.0)]
        mixed = fit_mixed(spec.design, nodes, starts)
    if random_baselines:
        free = fit_mixed(spec.saturated, nodes)
        ll, yi, inform = free.ll, free.gamma, _own_information(free)
    else:
        ll, yi, inform = float(spec.equal.family.saturated.sum()), spec.yi, lambda x: (spec.wi * x.T).T
    return Fits(mixed, equal, ll, _wald(yi, inform, spec.X), max(0.0, 2 * (ll - equal.ll)))


def _own_information(fit: MixedFit) -> Callable[[Array], Array]:
    """Product with the inverse covariance of the studies' own coefficients: a diagonal and a few columns."""
    hessian = fit.maximum.hessian
    return lambda x: hessian.B.T @ np.linalg.solve(hessian.A, hessian.B @ x) - (hessian.D * x.T).T


def _wald(yi: Array, inform: Callable[[Array], Array], X: Array) -> float:
    """Distance of the estimates from the model, in the metric of their information."""
    weighted = inform(X)
    residual = yi - X @ np.linalg.lstsq(weighted.T @ X, weighted.T @ yi, rcond=None)[0]
    return max(0.0, float(residual @ inform(residual)))

"""Estimators of the between-study variance tau2, for one data set or many at once.

Closed forms are method-of-moments: E(y'Py) = tr(PV) + tau2 tr(P) for the P of fixed weights. PM, EB and PMM solve
Q(tau2) = c; ML and REML climb the likelihood. Every estimate is truncated at zero.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import likelihood, metafor_control
from .distributions import chi2_quantile
from .formula_tokens import nearest
from .linear import Projection, Sample, project
from .root import solve_q

COMMON_EFFECT = ("EE", "FE", "CE")
PRECISIONS = ("metafor", "exact")


@dataclass(frozen=True, slots=True, eq=False)
class Tau2:
    """Estimates (B,), their standard errors, and how the iteration ended."""

    value: np.ndarray
    se: np.ndarray
    iterations: np.ndarray
    converged: np.ndarray


def estimate_tau2(data: Sample, method: str, precision: str = "exact") -> Tau2:
    """tau2 and its standard error by one of the methods in `METHODS`; EE, FE and CE fix it at 0.

    Data sets with k <= p carry no information on heterogeneity: tau2 is 0 and its standard error NaN.

    Parameters
    ----------
    data : B data sets.
    method : EE FE CE DL DL2 HE HS HSk SJ ML REML EB PM PMM.
    precision : "exact", or "metafor" to stop iterations where metafor's defaults stop (see `metafor_control`); data
        sets in which that does not converge are solved exactly.

    Raises
    ------
    ValueError
        If the method or the precision is unknown.

    Source
    ------
    DL: DerSimonian & Laird (1986) Control Clin Trials 7, 177-188. DL2: DerSimonian & Kacker (2007) Contemp Clin Trials
    28, 105-114 (two-step). HE: Hedges & Olkin (1985). HS: Hunter & Schmidt (2004); HSk: Brannick et al. (2019). SJ:
    Sidik & Jonkman (2005) Appl Stat 54, 367-384. PM: Paule & Mandel (1982). EB: Morris (1983). PMM: Viechtbauer
    (2021). ML, REML and the standard errors: Viechtbauer (2005) JEBS 30, 261-293; Viechtbauer et al. (2015) Psychol
    Methods 20, 360-374.

    Example
    -------
    >>> from metacircuit.stats.linear import sample
    >>> estimate_tau2(sample([0.1, 0.5, 0.9], [0.04, 0.05, 0.06]), "DL").value.round(4)
    array([0.1107])
    """
    if method not in METHODS:
        raise ValueError(f"Unknown method {method!r}. {nearest(method, METHODS)}")
    if precision not in PRECISIONS:
        raise ValueError(f"Unknown precision {precision!r}. {nearest(precision, PRECISIONS)}")
    size = data.k.size
    result = Tau2(np.zeros(size), np.full(size, np.nan), np.zeros(size, int), np.ones(size, bool))
    estimable = (data.dfs > 0) & data.full_rank()
    if method in COMMON_EFFECT or not estimable.any():
        return result
    part = data.rows(estimable)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = CLOSED[method](part) if method in CLOSED else _iterative(part, method, precision)
    result.value[estimable], result.se[estimable] = found.value, found.se
    result.iterations[estimable], result.converged[estimable] = found.iterations, found.converged
    return result


def _closed(value: np.ndarray, variance: Callable[[np.ndarray], np.ndarray]) -> Tau2:
    """A closed form: truncated at zero, with the variance of its untruncated form at the truncated value."""
    value = np.maximum(value, 0.0)
    return Tau2(value, np.sqrt(variance(value)), np.zeros(value.size, int), np.ones(value.size, bool))


def _quadratic_form_variance(P: Projection, V: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Var(y'Py) = 2 tr(P(V + tau2) P(V + tau2)) as a function of tau2, for a P with any fixed weights."""
    constant, linear, square = P.tr_pmpm(V), P.tr_pmpm(V, np.ones_like(P.w)), P.tr_pp
    return lambda t: 2 * constant + 4 * t * linear + 2 * t**2 * square


def _inverse_variance_form(P: Projection, dfs: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The same for weights 1 / vi, where P V P = P."""
    return lambda t: 2 * dfs + 4 * t * P.tr_p + 2 * t**2 * P.tr_pp


def _der_simonian_laird(data: Sample) -> Tau2:
    P = data.project()
    form = _inverse_variance_form(P, data.dfs)
    return _closed((P.rss - data.dfs) / P.tr_p, lambda t: form(t) / P.tr_p**2)


def _two_step(data: Sample) -> Tau2:
    """The moment estimator with the weights that the first DL estimate gives."""
    P = data.project(_der_simonian_laird(data).value)
    form = _quadratic_form_variance(P, data.V)
    return _closed((P.rss - P.tr_pm(data.V)) / P.tr_p, lambda t: form(t) / P.tr_p**2)


def _hedges(data: Sample) -> Tau2:
    P = project(data.Y, data.present.astype(float), data.X)
    form = _quadratic_form_variance(P, data.V)
    return _closed((P.rss - P.tr_pm(data.V)) / data.dfs, lambda t: form(t) / data.dfs**2)


def _hunter_schmidt(data: Sample, factor: np.ndarray | float = 1.0) -> Tau2:
    P = data.project()
    total = P.w.sum(axis=1)
    form = _inverse_variance_form(P, data.dfs)
    return _closed((factor * P.rss - data.k) / total, lambda t: (factor / total) ** 2 * form(t))


def _hunter_schmidt_k(data: Sample) -> Tau2:
    """Hunter-Schmidt with the small-sample factor k / (k - p)."""
    return _hunter_schmidt(data, data.k / data.dfs)


def _sidik_jonkman(data: Sample) -> Tau2:
    """One step from the crude variance of the estimates."""
    mean = data.Y.sum(axis=1) / data.k
    crude = (np.where(data.present, data.Y - mean[:, None], 0.0) ** 2).sum(axis=1) / data.k
    P = data.project(crude)
    form = _quadratic_form_variance(P, data.V)
    return _closed(crude * P.rss / data.dfs, lambda t: (crude / data.dfs) ** 2 * form(t))


def _iterative(data: Sample, method: str, precision: str) -> Tau2:
    """ML, REML, EB, PM or PMM, with the standard error from the expected information."""
    if precision == "exact":
        tau2, iterations, converged = _exact(data, method)
    else:
        tau2, iterations, converged = _as_metafor(data, method)
        if not converged.all():
            lost = np.flatnonzero(~converged)
            tau2[lost], iterations[lost], converged[lost] = _exact(data.rows(lost), method)
    P = data.project(tau2)
    if method == "REML":
        se = np.sqrt(2 / P.tr_pp)
    elif method == "ML":
        se = np.sqrt(2 / (P.w**2).sum(axis=1))
    else:
        se = np.sqrt(2 * data.k**2 / data.dfs) / P.w.sum(axis=1)
    return Tau2(tau2, se, iterations, converged)


def _target(data: Sample, method: str) -> np.ndarray:
    """What Q must equal: its mean k - p (EB and PM solve the same equation), or its median."""
    return chi2_quantile(0.5, data.dfs) if method == "PMM" else data.dfs


def _exact(data: Sample, method: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if method in ("ML", "REML"):
        return likelihood.maximise(data, restricted=method == "REML")
    return solve_q(data, _target(data, method))


def _as_metafor(data: Sample, method: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if method in ("ML", "REML", "EB"):
        return metafor_control.fisher_scoring(data, method)
    return metafor_control.solve_q(data, _target(data, method))


CLOSED: dict[str, Callable[[Sample], Tau2]] = {
    "DL": _der_simonian_laird,
    "DL2": _two_step,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "HSk": _hunter_schmidt_k,
    "SJ": _sidik_jonkman,
}
ITERATIVE = ("ML", "REML", "EB", "PM", "PMM")
METHODS = (*COMMON_EFFECT, *CLOSED, *ITERATIVE)

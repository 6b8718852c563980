"""The interval of the total heterogeneity of a multilevel model: the sum of its variances."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from metacircuit.models.mv_result import RMAMV
from metacircuit.stats.distributions import chi2_quantile

# A variance this many times the spread of the effects is as good as infinite.
FAR = 1e8
GRID = 9


def total_interval(fit: RMAMV, level: float | None = None) -> tuple[float, float]:
    r"""Profile-likelihood interval of the sum of the variances of random intercepts.

    .. math:: \{T : 2(\hat\ell - \max_{\sigma^2_1 + \sigma^2_2 = T} \ell(\sigma^2_1, \sigma^2_2))
        \le \chi^2_{1, 1 - \alpha}\}

    Parameters
    ----------
    fit : RMAMV
        With one or two random intercepts, as the three-level and the CHE model have.
    level : float, optional
        In percent; the model's if not given.

    Returns
    -------
    (float, float)
        Limits of tau2 in total. The lower one is 0 where the likelihood does not exclude it, the upper one infinite
        where the likelihood stays flat.

    Raises
    ------
    ValueError
        For a model with other random effects.

    Notes
    -----
    Source: Venzon and Moolgavkar (1988), Applied Statistics 37:87, with the share of the first variance as the
    parameter that is maximised over.

    Examples
    --------
    >>> from metacircuit.models.rma_mv import rma_mv
    >>> y, v = [0.1, 0.9, 0.5, -0.4, 0.7, 1.3], [0.02, 0.03, 0.02, 0.04, 0.03, 0.02]
    >>> fit = rma_mv(y, v, study=["a", "a", "b", "b", "c", "c"], rho=0.6)
    >>> low, high = total_interval(fit)
    >>> bool(low < fit.sigma2.sum() < high)
    True
    """
    terms = fit.fit.inputs.terms
    if not terms or len(terms) > 2 or not all(term.is_intercept for term in terms):
        raise ValueError("total_interval takes a model with one or two random intercepts, such as ~ 1 | study/effect.")
    model = fit.fit.model
    at_zero = [i in fit.fit.fixed for i in range(len(terms))]
    drop = float(chi2_quantile((fit.level if level is None else level) / 100, 1)) / 2

    def at(total: float, angle: float) -> float:
        sds = np.sqrt(total) * (np.array([np.cos(angle), np.sin(angle)]) if len(terms) == 2 else np.ones(1))
        return model.value(np.where(at_zero, 0.0, sds))

    def profile(total: float) -> float:
        if len(terms) == 1 or any(at_zero) or total == 0:
            return at(total, float(np.pi / 2 * at_zero[0]))
        angles = np.linspace(0.0, np.pi / 2, GRID)
        values = [at(total, angle) for angle in angles]
        best = int(np.argmax(values))
        low, high = angles[max(best - 1, 0)], angles[min(best + 1, GRID - 1)]
        found = optimize.minimize_scalar(lambda a: -at(total, a), bounds=(low, high), method="bounded")
        return max(values[best], -float(found.fun))

    estimate, top = float(fit.sigma2.sum()), fit.ll
    # Equal effects have no spread of their own; their errors have.
    spread = max(float(model.y @ model.y) / max(fit.k - 1, 1), fit.k * float(fit.vb[0, 0]))

    def gap(total: float) -> float:
        return top - profile(total) - drop

    lower = _crossing(gap, estimate, 0.0) if gap(0.0) > 0 and estimate > 0 else 0.0
    steps = [max(2 * estimate, 1e-3 * spread)]
    while gap(steps[-1]) <= 0:
        if steps[-1] > FAR * spread:
            return lower, np.inf
        steps.append(2 * steps[-1])
    return lower, _crossing(gap, steps[-2] if len(steps) > 1 else estimate, steps[-1])


def _crossing(gap: object, inside: float, outside: float) -> float:
    """Where the profile crosses the line between two points."""
    return float(optimize.brentq(gap, inside, outside, xtol=1e-9 * max(inside, outside)))

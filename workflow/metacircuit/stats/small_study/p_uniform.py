"""p-uniform*: maximum likelihood of effects given on which side of the significance threshold they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import log_ndtr, ndtri

from metacircuit.stats.distributions import chi2_p, chi2_quantile

# Searches end where the likelihood has long been flat: this many standard deviations of the effects away.
FARTHEST = 50.0


@dataclass(frozen=True, slots=True)
class PUniform:
    """Estimates with profile-likelihood limits, and likelihood-ratio tests (NaN with a status where not found)."""

    est: float
    ci_lb: float
    ci_ub: float
    L_0: float
    pval_0: float
    tau2: float
    tau2_lb: float
    tau2_ub: float
    L_het: float
    pval_het: float
    ll: float
    k: int
    ksig: int
    converged: bool


def conditional_ll(y: np.ndarray, v: np.ndarray, cut: np.ndarray, mu: float, tau2: float) -> tuple[float, np.ndarray]:
    """Log-likelihood given the side of the threshold, and its derivatives by mu and tau2.

    log phi(y; mu, v + tau2) - log P(y > cut) for y > cut, - log P(y <= cut) for the others.
    """
    total = v + tau2
    sd = np.sqrt(total)
    side = np.where(y > cut, 1.0, -1.0)
    t = side * (mu - cut) / sd
    e = y - mu
    log_p = log_ndtr(t)
    hazard = np.exp(-0.5 * t**2 - 0.5 * np.log(2 * np.pi) - log_p)
    ll = -0.5 * (np.log(2 * np.pi * total) + e**2 / total) - log_p
    by_mu = e / total - hazard * side / sd
    by_tau2 = (e**2 / total - 1) / (2 * total) + hazard * t / (2 * total)
    return float(ll.sum()), np.array([by_mu.sum(), by_tau2.sum()])


def p_uniform_star(y: np.ndarray, v: np.ndarray, *, alpha: float = 0.05, level: float = 95.0) -> PUniform:
    """Mean and heterogeneity from the distribution of effects on either side of the threshold.

    Parameters
    ----------
    y, v : (k,) effects in the direction that was looked for, their variances.
    alpha : level of the two-sided tests of the studies; an effect counts as significant above sqrt(v) z_{alpha/2}.

    Source
    ------
    van Aert & van Assen (2023), Correcting for publication bias in a meta-analysis with the p-uniform* method,
    preprint, osf.io/preprints/bitss/zqjr9.
    """
    cut = np.sqrt(v) * ndtri(1 - alpha / 2)
    scale = float(np.sqrt(np.median(v) + y.var()))
    fit = _Profile(y, v, cut, scale)
    mu, tau2, top, converged = fit.both()
    drop = float(chi2_quantile(level / 100, 1)) / 2
    at_null = fit.over_tau2(0.0)[1]
    homogeneous = fit.over_mu(0.0)[1]
    L_0, L_het = (max(0.0, 2 * (top - other)) for other in (at_null, homogeneous))
    tau2_lb = 0.0
    if tau2 > 0 and homogeneous < top - drop:
        tau2_lb = brentq(lambda t: fit.over_mu(t)[1] - top + drop, 0.0, tau2, xtol=1e-12 * scale**2)
    return PUniform(
        est=mu,
        ci_lb=_far_root(lambda x: fit.over_tau2(x)[1] - top + drop, mu, -scale),
        ci_ub=_far_root(lambda x: fit.over_tau2(x)[1] - top + drop, mu, scale),
        L_0=L_0,
        pval_0=float(chi2_p(L_0, 1)),
        tau2=tau2,
        tau2_lb=float(tau2_lb),
        tau2_ub=_far_root(lambda t: fit.over_mu(t)[1] - top + drop, tau2, scale**2),
        L_het=L_het,
        pval_het=float(chi2_p(L_het, 1)),
        ll=top,
        k=y.size,
        ksig=int((y > cut).sum()),
        converged=converged,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Profile:
    """The likelihood maximised over one parameter or both; scaled so that both are near one."""

    y: np.ndarray
    v: np.ndarray
    cut: np.ndarray
    scale: float

    def _value(self, mu: float, tau2: float) -> tuple[float, np.ndarray]:
        ll, slope = conditional_ll(self.y, self.v, self.cut, mu, tau2)
        return (-ll, -slope * np.array([self.scale, self.scale**2])) if np.isfinite(ll) else (1e300, np.zeros(2))

    def _search(
        self, start: tuple[float, float], fixed: tuple[float | None, float | None]
    ) -> tuple[float, float, float, bool]:
        """mu, tau2, log-likelihood and whether they lie inside the search range; fixed values are not searched."""
        s = np.array([self.scale, self.scale**2])
        known = [None if x is None else x / unit for x, unit in zip(fixed, s, strict=True)]
        middle = float(np.mean(self.y)) / s[0]
        bounds = [(middle - FARTHEST, middle + FARTHEST), (0.0, FARTHEST**2)]
        bounds = [b if x is None else (x, x) for b, x in zip(bounds, known, strict=True)]
        x0 = np.clip(np.array(start) / s, [b[0] for b in bounds], [b[1] for b in bounds])
        options = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 1000}
        search = {"jac": True, "bounds": bounds, "method": "L-BFGS-B", "options": options}
        found = minimize(lambda x: self._value(*(x * s)), x0, **search)
        # tau2 may end at zero, its natural limit; all other ends of the range mean that there is no top.
        too_low = found.x[0] <= bounds[0][0] and fixed[0] is None
        too_high = any(x >= b[1] and y is None for x, b, y in zip(found.x, bounds, fixed, strict=True))
        inside = not (too_low or too_high)
        mu, tau2 = found.x * s
        return float(mu), float(tau2), -float(found.fun), bool(inside)

    def both(self) -> tuple[float, float, float, bool]:
        centre = float(np.average(self.y, weights=1 / self.v))
        starts = [(m, t) for m in (centre, 0.0) for t in (0.0, 0.1 * self.scale**2, self.scale**2)]
        return max((self._search(start, (None, None)) for start in starts), key=lambda found: found[2])

    def over_tau2(self, mu: float) -> tuple[float, float]:
        found = max((self._search((mu, t * self.scale**2), (mu, None)) for t in (0.0, 0.3)), key=lambda f: f[2])
        return found[1], found[2]

    def over_mu(self, tau2: float) -> tuple[float, float]:
        found = self._search((float(np.mean(self.y)), tau2), (None, tau2))
        return found[0], found[2]


def _far_root(function, start: float, step: float) -> float:
    """The root of a function that is positive at `start` and falls in the direction of `step`; infinite if never."""
    near = start
    for _ in range(12):
        far = near + step
        if function(far) < 0:
            return float(brentq(function, near, far, xtol=1e-10 * abs(step)))
        near, step = far, 1.7 * step
    return float(np.copysign(np.inf, step))

"""The posterior densities of a Bayesian meta-analysis as a tidy table, for drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from metacircuit.models.bayes_result import Bayes

DENSITY_COLUMNS = ("parameter", "value", "density", "prior", "median", "ci_lb", "ci_ub", "level")

# The tails beyond these probabilities are too thin to be seen.
_TAIL = 0.001
_ORDER = ("mu", "theta_new", "tau")


def posterior_densities(fit: Bayes, *, points: int = 241) -> pd.DataFrame:
    r"""Densities of mu, the effect of a new study and tau on a grid, with the prior densities where they are proper.

    .. math:: p(\mu \mid y), \quad p(\theta_{new} \mid y), \quad p(\tau \mid y)

    Parameters
    ----------
    fit : Bayes
        From `metacircuit.bayes`.
    points : int
        Values of each parameter, evenly spaced between its 0.1 % and 99.9 % quantiles (tau from zero).

    Returns
    -------
    pandas.DataFrame
        Columns `DENSITY_COLUMNS` on the analysis scale; median and limits are the same in all rows of a parameter. The
        prior is NaN where it is improper, and for the effect of a new study.

    Raises
    ------
    ValueError
        For fewer than two points.

    Notes
    -----
    Source: Röver (2020), Journal of Statistical Software 93(6), section 2.

    Examples
    --------
    >>> import metacircuit as mc
    >>> table = posterior_densities(mc.bayes([0.3, 0.5, 0.1], [0.04, 0.05, 0.03], tau_prior=("halfnormal", 0.5)))
    >>> sorted(set(table["parameter"])), len(table)
    (['mu', 'tau', 'theta_new'], 723)
    """
    if points < 2:
        raise ValueError(f"points={points}: a curve needs two points at least")
    summary = fit.summary()
    limits = [name for name in summary.index if name.endswith(("lower", "upper"))]
    frames = []
    for name in _ORDER:
        marginal = getattr(fit, name)
        low = 0.0 if name == "tau" else marginal.quantile(_TAIL)
        at = np.linspace(low, marginal.quantile(1 - _TAIL), points)
        density = np.asarray(marginal.density(at), float)
        frame = pd.DataFrame({"parameter": name, "value": at, "density": density, "prior": _prior(fit, name, at)})
        lower, upper = (float(summary.loc[limit, name]) for limit in limits)
        median = float(summary.loc["median", name])
        frames.append(frame.assign(median=median, ci_lb=lower, ci_ub=upper, level=fit.level))
    return pd.concat(frames, ignore_index=True)[list(DENSITY_COLUMNS)]


def _prior(fit: Bayes, name: str, at: np.ndarray) -> np.ndarray:
    """The prior density; NaN where there is none."""
    if name == "tau" and fit.model.tau_prior.proper:
        return np.asarray(fit.model.tau_prior.density(at), float)
    prior = fit.model.mu_prior
    if name == "mu" and prior.proper and prior.sd > 0:
        return np.exp(-0.5 * ((at - prior.mean) / prior.sd) ** 2) / (prior.sd * np.sqrt(2 * np.pi))
    return np.full(len(at), np.nan)

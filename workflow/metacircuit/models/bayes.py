"""Bayesian random-effects meta-analysis, by quadrature."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from metacircuit.models.bayes_priors import mu_prior_of, tau_prior_of
from metacircuit.models.bayes_result import Bayes
from metacircuit.models.choices import one_of
from metacircuit.stats.bayes.mixture import NormalMixture
from metacircuit.stats.bayes.posterior import Model, MuPrior
from metacircuit.stats.bayes.priors import TauPrior
from metacircuit.stats.bayes.tau import TauPosterior


def bayes(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    tau_prior: TauPrior | str | Sequence[object] | Callable = ("halfnormal", 0.5),
    mu_prior: MuPrior | Sequence[float] | None = None,
    level: float = 95.0,
    interval: str = "central",
    slab: Sequence[str] | None = None,
) -> Bayes:
    r"""Fit the normal–normal hierarchical model with priors for the mean and the heterogeneity.

    .. math:: y_i \sim N(\theta_i, v_i), \qquad \theta_i \sim N(\mu, \tau^2)

    Given tau everything is normal; tau is integrated out on an adaptive grid: no sampling error, no seed.

    Parameters
    ----------
    yi, vi : (k,) arrays
        Estimates and sampling variances.
    tau_prior
        Prior of the between-study standard deviation: ``("halfnormal", scale)``, ``("halfcauchy", scale)``,
        ``("halft", scale, df)``, ``("exponential", mean)``, ``("uniform", upper)``, ``("lognormal", mean, sd)``,
        ``("logt", location, scale, df)``; the informative ``("rhodes2015", outcome, comparison)`` for standardised mean
        differences, ``("turner2015", …)`` and ``("turner2012", …)`` for log odds ratios, or only their name for any
        outcome; or a density of tau as a function of an array.
    mu_prior : (mean, sd), optional
        Normal prior of the average effect; None is the improper uniform.
    level : float
        Probability of the intervals in percent.
    interval : "central" or "shortest"
    slab : sequence of str, optional
        Study labels.

    Returns
    -------
    Bayes
        With summary, shrinkage, pposterior, dposterior, qposterior, probability_above, bayes_factors and to_frame.

    Raises
    ------
    ValueError
        If the data or priors are not valid, or leave the posterior without a finite integral.

    Source: Röver (2020), Journal of Statistical Software 93(6), 1-51.

    >>> fit = bayes([-2.308, -1.257, -0.457], [0.359, 0.411, 0.169], tau_prior=("halfnormal", 0.5))
    >>> round(float(fit.summary().loc["median", "mu"]), 2)
    -1.19
    """
    one_of("interval", interval, ("central", "shortest"))
    if not 0 < level < 100:
        raise ValueError(f"level={level!r} must be a percentage between 0 and 100")
    y, v = _effects(yi, vi)
    labels = tuple(str(i + 1) for i in range(len(y))) if slab is None else tuple(str(s) for s in slab)
    if len(labels) != len(y):
        raise ValueError(f"slab has {len(labels)} labels for {len(y)} studies")
    model = Model(y, v, tau_prior_of(tau_prior), mu_prior_of(mu_prior))
    _require_proper(model)
    try:
        grid = model.integrate()
    except FloatingPointError as error:
        raise ValueError(f"{error}: check the scale of vi and of the tau prior ({model.tau_prior.label})") from None
    mean, sd = model.conditional_mu(grid.nodes)
    tau = np.exp(grid.nodes)
    return Bayes(
        model=model,
        tau=TauPosterior(model, grid),
        mu=NormalMixture.of(grid.weights, mean, sd),
        theta_new=NormalMixture.of(grid.weights, mean, np.hypot(sd, tau)),
        level=float(level),
        interval=interval,
        labels=labels,
    )


def _effects(yi: ArrayLike, vi: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and variances, checked."""
    y, v = np.asarray(yi, float).ravel(), np.asarray(vi, float).ravel()
    if y.shape != v.shape or not len(y):
        raise ValueError(
            f"yi has {len(y)} values and vi has {len(v)}: each estimate needs its variance, and there must be one"
        )
    for name, wrong in (("yi", ~np.isfinite(y)), ("vi", ~(np.isfinite(v) & (v > 0)))):
        if wrong.any():
            rows = ", ".join(str(i) for i in np.flatnonzero(wrong)[:5])
            need = "finite" if name == "yi" else "finite and above zero"
            raise ValueError(
                f"{name} must be {need}; it is not in row {rows} (counted from 0): mend or leave out these rows"
            )
    return y, v


def _require_proper(model: Model) -> None:
    """An improper prior of tau needs enough studies to be outweighed."""
    needed = 2 if model.mu_prior.proper else 3
    if not model.tau_prior.proper and len(model.yi) < needed:
        raise ValueError(
            f"with the improper prior '{model.tau_prior.label}' the posterior needs at least {needed} studies, "
            f"here {len(model.yi)}: use a proper prior, for example tau_prior=('halfnormal', 0.5)"
        )

"""Fitting the multilevel model: what is estimated, and the statistics that follow from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metacircuit.models.mv_inputs import Inputs
from metacircuit.stats.distributions import chi2_p
from metacircuit.stats.multilevel.blocks import Blocks
from metacircuit.stats.multilevel.compound import CompoundEngine, NotPositiveDefinite
from metacircuit.stats.multilevel.engines import choose_engine, fixed_effects_engine, linked, sampling_blocks
from metacircuit.stats.multilevel.likelihood import LOG_2PI, Likelihood, Solution, likelihood
from metacircuit.stats.multilevel.optimise import Optimum, maximise
from metacircuit.stats.multilevel.terms import add_covariance
from metacircuit.stats.robust.large import LowRank

# Weights that differ more than this leave no digits for the effects with the smaller ones.
LARGEST_RATIO = 1e14


@dataclass(frozen=True, slots=True)
class Fit:
    """The data, the likelihood, its maximum and the coefficients there; `fixed` parameters were not estimated."""

    inputs: Inputs
    model: Likelihood
    optimum: Optimum
    solution: Solution
    fixed: dict[int, float]

    @property
    def covariances(self) -> list[np.ndarray]:
        """The covariance of each random term."""
        return [G for G, _ in self.model.covariances(self.optimum.theta)]

    def reported(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """tau2 and rho of each random term."""
        parts = self.model.split(self.optimum.theta) if self.model.terms else []
        return [t.structure.report(x) for t, x in zip(self.model.terms, parts, strict=True)]

    def working(self, labels: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """The model's covariance M for (m, n) rows that each lie in one cluster of `labels`."""
        sampling = self.inputs.sampling
        lookup = _Lookup(sampling.merged(labels)) if isinstance(sampling, Blocks) else sampling.values
        terms, Gs = self.inputs.terms, self.covariances

        def covariance(rows: np.ndarray) -> np.ndarray:
            M = lookup(rows)
            for term, G in zip(terms, Gs, strict=True):
                add_covariance(M, rows, term, G)
            return M

        return covariance

    def low_rank(self, labels: np.ndarray) -> Callable[[np.ndarray], LowRank] | None:
        """M of (m, n) rows of whole clusters as a diagonal plus rank two, if it has that form for these clusters."""
        engine, sampling = self.model.engine, self.inputs.sampling
        if not isinstance(engine, CompoundEngine) or engine.within.shape[0] != labels.max() + 1:
            return None
        study, effect = (
            0.0 if at is None else float(self.covariances[at][0, 0]) for at in (engine.of_cluster, engine.of_row)
        )

        def covariance(rows: np.ndarray) -> LowRank:
            v = sampling.vi[rows]
            U = np.stack([np.sqrt(v), np.ones_like(v)], axis=2)
            return LowRank((1 - sampling.rho) * v + effect, U, np.array([sampling.rho, study]))

        return covariance


class _Lookup:
    """Covariances of whole clusters, cut from blocks that hold exactly these clusters."""

    def __init__(self, blocks: Blocks) -> None:
        self.values = {g.rows.shape[1]: g.values for g in blocks.groups}
        self.slot = np.empty(len(blocks), int)
        for g in blocks.groups:
            self.slot[g.rows] = np.arange(len(g.rows))[:, None]

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return self.values[rows.shape[1]][self.slot[rows[:, 0]]].copy()


def fit_inputs(inputs: Inputs, *, reml: bool, start: np.ndarray | None = None) -> Fit:
    """Maximise the likelihood of prepared data, from `start` (the free parameters) if it is given.

    Raises
    ------
    ValueError
        If the covariance has no inverse at any parameters that were tried.
    """
    engine = choose_engine(inputs.sampling, list(inputs.terms))
    model = likelihood(inputs.y, inputs.X, list(inputs.terms), engine, reml=reml)
    k, p = inputs.X.shape
    fixed = _single_levels(model)
    if k <= p:
        fixed = dict.fromkeys(range(model.n_free), 0.0)
        status = f"no residual degrees of freedom (k = {k}, p = {p}): heterogeneity is taken as 0"
        optimum = Optimum(np.zeros(model.n_free), model.value(np.zeros(model.n_free)), True, 0, status)
    else:
        optimum = maximise(model, fixed, start)
    if not np.isfinite(optimum.ll):
        raise ValueError(no_inverse(inputs))
    return Fit(inputs, model, optimum, model.solve(optimum.theta), fixed)


def _single_levels(model: Likelihood) -> dict[int, float]:
    """A factor with one level has no variance to estimate: it is fixed at 0, as in metafor."""
    at = np.cumsum([0, *(t.structure.n_free for t in model.terms)])
    return {int(i): 0.0 for i, t in zip(at, model.terms, strict=False) if t.is_intercept and t.n_outer == 1}


def no_inverse(inputs: Inputs) -> str:
    """Why the covariance of the effects has no inverse."""
    v = sampling_blocks(inputs.sampling, linked(inputs.sampling, [])).diagonal()
    rho = getattr(inputs.sampling, "rho", None)
    if rho != 1 and v.min() > 0 and v.max() / v.min() > LARGEST_RATIO:
        return (
            f"The sampling variances lie between {v.min():.1e} and {v.max():.1e}: the weights differ more than numbers "
            "of 16 digits can hold. Check the extreme ones; a random effect for each effect would even them out."
        )
    if rho:
        return (
            f"With rho={rho:g} the covariance of the effects has no inverse. Use a smaller correlation (and not below "
            "-1 / (effects in the largest study - 1)), or a random effect for each effect."
        )
    zero = np.flatnonzero(v == 0)
    if len(zero):
        row = inputs.rows[zero[0]]
        return (
            f"The sampling variance in row {row} is 0, and no random effect adds to it: its weight would be infinite."
        )
    return "V is singular: its covariances contradict each other. Check them, or build V with vcalc(..., nearpd=True)."


@dataclass(frozen=True, slots=True)
class Residual:
    """Cochran's Q of the model with sampling errors alone, and the weights behind it."""

    QE: float
    df: int
    pval: float
    inverse_diagonal: np.ndarray | None
    leverage: np.ndarray | None
    logdet: float = np.nan


def residual_heterogeneity(fit: Fit) -> Residual:
    """QE = r'V⁻¹r; all NaN where V has no inverse."""
    k, p = fit.inputs.X.shape
    alone = likelihood(fit.inputs.y, fit.inputs.X, [], fixed_effects_engine(fit.inputs.sampling), reml=True)
    try:
        solution = alone.solve(np.empty(0))
        factor = alone.engine.factor([])
    except (NotPositiveDefinite, np.linalg.LinAlgError):
        return Residual(np.nan, k - p, np.nan, None, None)
    QE = max(solution.quadratic, 0.0)
    kept = np.einsum("kp,pq,kq->k", solution.WX, solution.vb, solution.WX)
    leverage = np.einsum("kp,pq,kq->k", fit.inputs.X, solution.vb, solution.WX)
    p_value = float(chi2_p(QE, k - p)) if k > p else np.nan
    return Residual(QE, k - p, p_value, factor.diagonal() - kept, leverage, factor.logdet)


def heterogeneity_share(fit: Fit, residual: Residual) -> dict[str, float]:
    r"""I2 in percent, by level and in total.

    .. math:: I^2_t = 100\,\frac{h_t}{\sum_t h_t + (k - p) / \mathrm{tr}\,P_V}

    with h_t the variance that term t gives to an effect (its mean over the effects where they differ), and for each
    inner level of a structure its own share, from the effects of that level. Source: Nakagawa and Santos (2012),
    Evolutionary Ecology 26:1253; Jackson, White and Riley (2012), Statistics in Medicine 31:3805, for V with
    covariances.
    """
    terms = fit.inputs.terms
    k, p = fit.inputs.X.shape
    if not terms or k <= p or residual.inverse_diagonal is None:
        return {}
    felt = [np.einsum("ku,uv,kv->k", t.design, G, t.design) for t, G in zip(terms, fit.covariances, strict=True)]
    typical = (k - p) / residual.inverse_diagonal.sum()
    total = sum(h.mean() for h in felt) + typical
    shares = {t.name: 100 * float(h.mean() / total) for t, h in zip(terms, felt, strict=True)}
    shares["total"] = 100 * float(1 - typical / total)
    for t in terms:
        if t.is_intercept or not set(np.unique(t.design)) <= {0.0, 1.0} or not (t.design.sum(axis=1) == 1).all():
            continue
        for u, level in enumerate(t.levels):
            rows = t.design[:, u] == 1
            rest = rows.sum() - residual.leverage[rows].sum()
            if rest > 1e-9:
                own = sum(h[rows].mean() for h in felt)
                shares[f"{t.name}: {level}"] = 100 * float(own / (own + rest / residual.inverse_diagonal[rows].sum()))
    return shares


def fit_statistics(ll: float, k: int, p: int, n_free: int, logdet_V: float, *, reml: bool) -> dict[str, float]:
    """Log-likelihood, deviance (ML: against the saturated model), AIC, BIC, AICc; REML counts k - p contrasts."""
    n, parameters = (k - p if reml else k), p + n_free
    most = max(n, parameters + 2)
    saturated = 0.0 if reml else -0.5 * (k * LOG_2PI + logdet_V)
    return {
        "ll": ll,
        "dev": -2 * (ll - saturated),
        "AIC": -2 * ll + 2 * parameters,
        "BIC": -2 * ll + parameters * float(np.log(n)) if n > 0 else np.nan,
        "AICc": -2 * ll + 2 * parameters * most / (most - parameters - 1),
    }

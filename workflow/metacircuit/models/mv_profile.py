"""Profile-likelihood intervals for variance components and correlations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import optimize

from metacircuit.models.mv_fit import Fit
from metacircuit.stats.distributions import chi2_quantile
from metacircuit.stats.multilevel.engines import choose_engine
from metacircuit.stats.multilevel.likelihood import Likelihood, likelihood
from metacircuit.stats.multilevel.optimise import maximise
from metacircuit.stats.multilevel.structures import FREE_CORRELATIONS

# A standard deviation this many times the spread of the data is as good as infinite.
FAR = 1e4


def component_names(fit: Fit) -> list[tuple[str, int, str, int]]:
    """(name, term, kind, index) of every component; kind is tau2 or rho, the index counts within the term."""
    found = []
    for position, (term, (tau2, rho)) in enumerate(zip(fit.inputs.terms, fit.reported(), strict=True)):
        for i in range(len(tau2)):
            own = term.name if len(tau2) == 1 else f"{term.name}: {term.levels[i]}"
            found.append((f"{'sigma2' if term.is_intercept else 'tau2'} [{own}]", position, "tau2", i))
        pairs = [(a, b) for b in range(term.q) for a in range(b)]
        for i in range(len(rho)):
            free = term.structure.kind in FREE_CORRELATIONS and term.q > 2
            own = f"{term.name}: {term.levels[pairs[i][0]]}, {term.levels[pairs[i][1]]}" if free else term.name
            found.append((f"rho [{own}]", position, "rho", i))
    return found


def profile_intervals(fit: Fit, level: float) -> pd.DataFrame:
    r"""Profile-likelihood intervals of all components.

    .. math:: \{\theta : 2(\hat\ell - \ell_p(\theta)) \le \chi^2_{1, 1 - \alpha}\}

    with :math:`\ell_p` the likelihood maximised over everything else. A bound at the edge of the parameter space is
    the edge.
    Source: Venzon and Moolgavkar (1988), Applied Statistics 37:87; metafor's confint.rma.mv for the convention at the
    edges.

    Returns
    -------
    pandas.DataFrame
        One row a component: estimate, ci_lb, ci_ub, status.
    """
    drop = float(chi2_quantile(level / 100, 1)) / 2
    rows = {}
    for name, position, kind, i in component_names(fit):
        tau2, rho = fit.reported()[position]
        estimate = float((tau2 if kind == "tau2" else rho)[i])
        low, high, status = _interval(fit, position, kind, i, estimate, drop)
        rows[name] = {"estimate": estimate, "ci_lb": low, "ci_ub": high, "status": status}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "ci_lb", "ci_ub", "status"])


def _interval(fit: Fit, position: int, kind: str, i: int, estimate: float, drop: float) -> tuple[float, float, str]:
    """Bounds of one component on its natural scale."""
    model, theta, at = exposed(fit, position, kind, i)
    if at in fit.fixed:
        return np.nan, np.nan, "not estimated: fixed at 0"
    structure = model.terms[position].structure
    top = fit.optimum.ll
    last = {"theta": theta}

    def gap(value: float) -> float:
        parameter = np.sqrt(value) if kind == "tau2" else structure.angle(value)
        # The profile passes through the optimum; a warm start from far away may end on a lower peak.
        if value == estimate:
            last["theta"] = theta
        found = maximise(model, fixed={**fit.fixed, at: parameter}, start=last["theta"])
        if np.isfinite(found.ll):
            last["theta"] = found.theta
        return top - found.ll - drop

    if kind == "rho":
        low, high = structure.rho_span
        bounds = [_root(gap, estimate, edge) for edge in (low, high)]
        return bounds[0], bounds[1], ""
    lower = _root(gap, estimate, 0.0)
    last["theta"] = theta
    spread = float(model.y @ model.y / max(len(model.y) - 1, 1)) or 1.0
    far = max(2 * estimate, 1e-3 * spread)
    while gap(far) < 0:
        far *= 2
        if far > FAR**2 * spread:
            return lower, np.inf, "the likelihood stays flat: there is no upper bound"
    upper = _root(gap, estimate, far)
    lost = "" if np.isfinite([lower, upper]).all() else "the profile could not be followed to its bounds"
    return lower, upper, lost


def _root(gap: object, inside: float, edge: float) -> float:
    """Where the profile crosses the line between estimate and edge; the edge if it does not, NaN if it is lost."""
    with np.errstate(all="ignore"):
        outside = gap(edge)
    if outside <= 0 or inside == edge:
        return edge
    near = inside
    if not np.isfinite(outside):
        # The likelihood is zero at the edge itself: come as near as it is finite.
        for share in (1e-1, 1e-2, 1e-4, 1e-6, 1e-8):
            trial = edge + share * (inside - edge)
            value = gap(trial)
            if np.isfinite(value) and value > 0:
                edge = trial
                break
        else:
            return edge
    try:
        return float(optimize.brentq(gap, near, edge, xtol=1e-10 * max(abs(near - edge), 1e-12), rtol=1e-9))
    except ValueError:
        # Several peaks: the same point has another value when it is reached from another side.
        return np.nan


def exposed(fit: Fit, position: int, kind: str, i: int) -> tuple[Likelihood, np.ndarray, int]:
    """The likelihood, its optimum, and which free parameter is the wanted component.

    A correlation of a free structure is a parameter of its own only between the first two levels, so these are put
    first.
    """
    model, theta = fit.model, fit.optimum.theta
    term = model.terms[position]
    offset = sum(t.structure.n_free for t in model.terms[:position])
    if kind == "tau2":
        return model, theta, offset + i
    if term.structure.kind not in FREE_CORRELATIONS:
        return model, theta, offset + term.structure.n_tau
    pair = [(a, b) for b in range(term.q) for a in range(b)][i]
    order = [*pair, *(u for u in range(term.q) if u not in pair)]
    turned = replace(
        term,
        design=term.design[:, order],
        structure=replace(term.structure, signed=False),
        levels=tuple(term.levels[u] for u in order),
    )
    terms = [turned if t == position else other for t, other in enumerate(model.terms)]
    engine = choose_engine(fit.inputs.sampling, terms)
    other = likelihood(fit.inputs.y, fit.inputs.X, terms, engine, reml=model.reml)
    parts = model.split(theta)
    G = fit.covariances[position][np.ix_(order, order)]
    parts[position] = turned.structure.nearest(G, 0.0)
    return other, maximise(other, fit.fixed, start=np.concatenate(parts)).theta, offset + term.structure.n_tau

"""Profile likelihoods of variance components and correlations as a tidy table, for drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.models.mv_profile import component_names, exposed, profile_intervals
from metacircuit.stats.multilevel.optimise import maximise

if TYPE_CHECKING:
    from metacircuit.models.mv_fit import Fit
    from metacircuit.models.mv_result import RMAMV

PROFILE_COLUMNS = ("component", "kind", "value", "ll", "estimate", "ci_lb", "ci_ub", "status")

# How far beyond the limits of its interval a profile is followed, in widths of the interval.
_BEYOND = 0.35


def profile_table(fit: RMAMV, *, points: int = 21, level: float | None = None) -> pd.DataFrame:
    r"""The log-likelihood with each variance or correlation held at values around its estimate.

    .. math:: \ell_p(\theta) = \max_{\text{everything else}} \ell(\theta, \cdot)

    Parameters
    ----------
    fit : RMAMV
        From `metacircuit.rma_mv`.
    points : int
        Values of each component, evenly spaced from a little below its interval to a little above; the estimate is
        among them.
    level : float, optional
        Of the interval in percent; default: that of the fit.

    Returns
    -------
    pandas.DataFrame
        Columns `PROFILE_COLUMNS`; ll is the (restricted) log-likelihood as `fit.ll`. A component without an interval
        is one row with its status.

    Raises
    ------
    ValueError
        For fewer than three points.

    Notes
    -----
    Source: Venzon and Moolgavkar (1988), Applied Statistics 37, 87-94; metafor's profile.rma.mv.

    Examples
    --------
    >>> import metacircuit as mc
    >>> fit = mc.rma_mv([0.1, 0.6, 0.2, 0.9], [0.02, 0.03, 0.02, 0.04], random="~ 1 | study",
    ...                 data={"study": ["a", "b", "c", "d"]})
    >>> table = profile_table(fit, points=5)
    >>> bool(abs(table["ll"].max() - fit.ll) < 1e-8)
    True
    """
    if points < 3:
        raise ValueError(f"points={points}: a profile needs three points at least")
    own = fit.fit
    intervals = profile_intervals(own, fit.level if level is None else level)
    frames = [
        _component(own, fit.ll, name, position, kind, i, intervals.loc[name], points)
        for name, position, kind, i in component_names(own)
    ]
    if not frames:
        return pd.DataFrame(columns=list(PROFILE_COLUMNS))
    return pd.concat(frames, ignore_index=True)[list(PROFILE_COLUMNS)]


def _component(
    fit: Fit, top: float, name: str, position: int, kind: str, i: int, interval: pd.Series, points: int
) -> pd.DataFrame:
    estimate, low, high = (float(interval[column]) for column in ("estimate", "ci_lb", "ci_ub"))
    said = {"component": name, "kind": kind, "estimate": estimate, "ci_lb": low, "ci_ub": high}
    said["status"] = interval["status"]
    if np.isnan(low) and np.isnan(high):
        return pd.DataFrame([said | {"value": np.nan, "ll": np.nan}])
    at = _values(estimate, low, high, kind, fit, position, points)
    return pd.DataFrame({"value": at, "ll": _profile(fit, top, position, kind, i, estimate, at)}).assign(**said)


def _values(estimate: float, low: float, high: float, kind: str, fit: Fit, position: int, points: int) -> np.ndarray:
    """Values around the interval, inside what the component can be."""
    first, last = (0.0, np.inf) if kind == "tau2" else fit.model.terms[position].structure.rho_span
    low = estimate if np.isnan(low) else low
    high = high if np.isfinite(high) else max(4 * estimate, estimate + 4 * (estimate - low), 1.0)
    reach = _BEYOND * (high - low) or 0.5 * abs(estimate) or 0.1
    # At the very edge of a correlation the likelihood is zero.
    inner = 1e-3 * (last - first) if np.isfinite(last) else 0.0
    at = np.linspace(max(low - reach, first + inner), min(high + reach, last - inner), points)
    at[np.abs(at - estimate).argmin()] = estimate
    return at


def _profile(fit: Fit, top: float, position: int, kind: str, i: int, estimate: float, at: np.ndarray) -> np.ndarray:
    """The profile at each value, followed from the estimate outwards so that every start is near its optimum."""
    model, theta, index = exposed(fit, position, kind, i)
    structure = model.terms[position].structure
    # The likelihood of the optimiser may differ from the reported one by a constant.
    shift = top - fit.optimum.ll
    found = np.full(len(at), np.nan)
    middle = int(np.abs(at - estimate).argmin())
    for side in (range(middle, len(at)), range(middle, -1, -1)):
        start = theta
        for n in side:
            held = np.sqrt(at[n]) if kind == "tau2" else structure.angle(at[n])
            best = maximise(model, fixed={**fit.fixed, index: held}, start=start)
            if np.isfinite(best.ll):
                start, found[n] = best.theta, best.ll + shift
    return found

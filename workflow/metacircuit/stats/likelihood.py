"""The profile likelihood of tau2 and its highest point."""

import numpy as np

from .linear import Sample, project
from .root import decreasing_roots

# Points of the first look at the profile: per factor of ten in tau2, and at most.
POINTS_PER_DECADE = 4
MAX_POINTS = 96


def profile(data: Sample, tau2: np.ndarray, *, restricted: bool) -> np.ndarray:
    """The (restricted) log-likelihood at tau2, up to a constant, beta profiled out; (B,).

    l(tau2) = -1/2 [ sum log(vi + tau2) + log|X'WX| (REML only) + y'Py ].
    """
    P = data.project(tau2)
    value = data.log_variances(tau2) + P.rss
    return -0.5 * (value + P.log_det if restricted else value)


def maximise(data: Sample, *, restricted: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The tau2 >= 0 of highest (restricted) likelihood.

    The profile can have two tops, so it is first looked at on a grid that reaches from a tenth of the smallest vi to
    a value beyond which it must fall; then Newton steps on its derivative climb the best top inside the bracket that
    the grid gives.

    Returns
    -------
    tau2, iterations, converged, each (B,).

    Source
    ------
    Harville (1977) JASA 72, 320-338, eq. 4.3 and 5.3 (derivatives); Viechtbauer (2005) JEBS 30, 261-293.
    """
    lower, start, upper = _best_cell(data, restricted)
    slope, _ = _score(data, start, restricted)
    rising = slope > 0
    climb = np.flatnonzero((start > 0) | rising)
    tau2 = np.zeros(start.size)
    iterations = np.zeros(start.size, int)
    converged = np.ones(start.size, bool)
    if climb.size:
        part = data.rows(climb)
        up = rising[climb]
        tau2[climb], iterations[climb], converged[climb] = decreasing_roots(
            lambda which, t: _score(part.rows(which), t, restricted),
            np.where(up, start[climb], lower[climb]),
            np.where(up, upper[climb], start[climb]),
            start[climb],
        )
    return tau2, iterations, converged


def _score(data: Sample, tau2: np.ndarray, restricted: bool) -> tuple[np.ndarray, np.ndarray]:
    """First and second derivative of twice the profile by tau2."""
    P = data.project(tau2)
    trace, trace2 = (P.tr_p, P.tr_pp) if restricted else (P.w.sum(axis=1), (P.w**2).sum(axis=1))
    return P.ypp_y - trace, trace2 - 2 * P.yppp_y


def _best_cell(data: Sample, restricted: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best grid point of each data set with its neighbours; 0 is the first point."""
    smallest = data.V.min(axis=1)
    largest = np.where(data.present, data.V, 0.0).max(axis=1)
    spread = project(data.Y, data.present.astype(float), data.X).rss / data.dfs
    low = 0.1 * smallest
    # Beyond this point the score is negative: y'PPy <= RSS / t^2 and tr(P) >= (k - p) / 2t.
    high = 1.01 * np.maximum(largest, 2 * spread)
    decades = float(np.log10(high / low).max())
    count = int(np.clip(np.ceil(POINTS_PER_DECADE * decades), 4, MAX_POINTS))
    ratio = (high / low) ** (1.0 / count)

    best = np.zeros(data.k.size)
    index = np.zeros(data.k.size, int)
    top = profile(data, best, restricted=restricted)
    for j in range(count):
        here = low * ratio**j
        value = profile(data, here, restricted=restricted)
        better = value > top
        top, best, index = np.where(better, value, top), np.where(better, here, best), np.where(better, j + 1, index)
    below = np.where(index >= 2, best / ratio, 0.0)
    above = np.where(index == 0, low, best * ratio)
    return below, best, above

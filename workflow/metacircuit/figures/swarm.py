"""Points on a line moved aside so that none hides another: the same points in the same places every time."""

import numpy as np


def swarm(x: np.ndarray, radius: np.ndarray, half: float) -> np.ndarray:
    """How far each point moves up or down.

    Points are taken from the middle outwards and each goes to the nearest free height; where more than `half` would be
    needed, all heights shrink alike, so that crowds overlap a little rather than leave their row.

    Parameters
    ----------
    x : (n,) positions in points
    radius : (n,) radii in points
    half : most points up or down, the radius included

    Returns
    -------
    (n,) array
        In points.

    Examples
    --------
    >>> swarm(np.array([0.0, 0.0, 9.0]), np.ones(3), 9.0).tolist()
    [0.0, -2.0, 0.0]
    """
    heights = np.zeros(len(x))
    order = np.argsort(np.abs(x - np.median(x)), kind="stable") if len(x) else np.zeros(0, int)
    placed = np.zeros(len(x), dtype=bool)
    for n in order:
        near = placed & (np.abs(x - x[n]) < radius + radius[n])
        if near.any():
            heights[n] = _free(x[n], radius[n], x[near], heights[near], radius[near])
        placed[n] = True
    most = float(np.max(np.abs(heights) + radius, initial=0.0))
    if most > half:
        room, widest = half - float(radius.max()), float(np.abs(heights).max())
        heights *= max(room, 0.0) / (widest or 1.0)
    return heights


def _free(x: float, radius: float, others: np.ndarray, heights: np.ndarray, radii: np.ndarray) -> float:
    """The height nearest to the line at which a point touches none of the others."""
    apart = np.sqrt(np.maximum((radius + radii) ** 2 - (others - x) ** 2, 0.0))
    candidates = np.concatenate([[0.0], heights - apart, heights + apart])
    candidates = candidates[np.argsort(np.abs(candidates), kind="stable")]
    for candidate in candidates:
        if (np.abs(candidate - heights) >= apart - 1e-9).all():
            return float(candidate)
    return float(candidates[-1])

"""Where the climbs of many subsets are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Point:
    """The log-likelihood (B,) of some subsets up to a constant, its slope (B, n) and average information (B, n, n)."""

    ll: np.ndarray
    slope: np.ndarray
    information: np.ndarray

    def some(self, which: np.ndarray) -> Point:
        """The same of fewer subsets."""
        return Point(self.ll[which], self.slope[which], self.information[which])


def point(possible: np.ndarray, ll: np.ndarray, slope: np.ndarray, information: np.ndarray) -> Point:
    """A point that is minus infinity, and flat, for the subsets whose covariance has no inverse."""
    bad = ~possible | ~np.isfinite(ll)
    return Point(
        np.where(bad, -np.inf, ll),
        np.where(bad[:, None], 0.0, slope),
        np.where(bad[:, None, None], 0.0, (information + information.transpose(0, 2, 1)) / 2),
    )

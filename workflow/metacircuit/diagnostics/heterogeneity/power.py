r"""Power of a cell to find the smallest effect, by simulating the robust test from the fitted model.

In a cell with J studies CHE with known variances gives an estimate b and cluster scores u, and CR2 takes the variance
of b to be :math:`\sum_j u_j^2`. If the model holds,

.. math:: b \sim N(\Delta, M), \quad u \sim N(0, P), \quad P_{ij} = [i = j]\,s_i - p_i M p_j, \quad
          t = b / \sqrt{\textstyle\sum_j u_j^2},

b and u independent, with s and p the pieces of the sandwich that the degrees of freedom are computed from. So a
replicate costs J normal numbers and no fit. Each is tested against t with Satterthwaite's degrees of freedom. The
variances are those of the analysis and are not estimated again. Source: Pustejovsky and Tipton (2018), JBES 36:672,
eqs. 10 to 13, for P.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import nctdtr

from metacircuit.stats.distributions import critical
from metacircuit.stats.robust.sandwich import sandwich
from metacircuit.stats.robust.small_sample import satterthwaite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

# Numbers held at once.
CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """The variances of an analysis, and the typical study that is added to a cell.

    Attributes
    ----------
    between, within, rho : float
        Variances of true effects, and the correlation of sampling errors.
    variance, effects : float, int
        Sampling variance of an effect, and the number of effects, of the median study.
    """

    between: float
    within: float
    rho: float
    variance: float
    effects: int

    def covariance(self, vi: Array) -> Array:
        """The covariance of one study's effects."""
        sampling = self.rho * np.sqrt(np.outer(vi, vi)) + np.diag((1 - self.rho) * vi)
        return sampling + self.between + self.within * np.eye(len(vi))

    @property
    def typical(self) -> Array:
        """Sampling variances of a typical study."""
        return np.full(self.effects, self.variance)

    def information(self, vi: Array) -> float:
        """What one study adds to the precision of the mean."""
        return float(np.linalg.solve(self.covariance(vi), np.ones(len(vi))).sum())


@dataclass(frozen=True, slots=True)
class Simulated:
    """`power` with its Monte Carlo standard error, from tests with `df` degrees of freedom."""

    power: float
    mcse: float
    df: float


def rough_power(information: float, studies: float, effect: float, level: float) -> float:
    """Power of a t test on studies - 1 degrees of freedom, exact where all studies are alike: where a search starts.

    >>> round(rough_power(10 / 0.04, 10, 0.2, 95), 3)
    0.803
    """
    df, shift = studies - 1, effect * np.sqrt(information)
    reach = critical(level, df)
    return float(1 - nctdtr(df, shift, reach) + nctdtr(df, shift, -reach))


def simulate_power(
    studies: list[Array], evidence: Evidence, *, effect: float, level: float, replicates: int, seed: int
) -> Simulated:
    """Power of the CR2 test of the mean of these studies against zero.

    Parameters
    ----------
    studies : list of arrays
        Sampling variances of the effects of each study; at least two studies.
    evidence : Evidence
        The variances of the analysis.
    effect : float
        The true mean.
    level : float
        Confidence in percent.
    replicates, seed : int
        Simulated reviews, and the seed.

    Returns
    -------
    Simulated

    Examples
    --------
    >>> evidence = Evidence(between=0.0, within=0.0, rho=0.0, variance=0.04, effects=1)
    >>> found = simulate_power([evidence.typical] * 10, evidence, effect=0.2, level=95, replicates=4000, seed=1)
    >>> abs(found.power - 0.803) < 3 * found.mcse  # the noncentral t distribution says 0.803
    True
    """
    blocks = {}
    for vi in studies:
        blocks.setdefault(vi.tobytes(), evidence.covariance(vi))
    sizes = np.array([len(vi) for vi in studies])
    labels = np.repeat(np.arange(len(studies)), sizes)
    WX = np.concatenate([np.linalg.solve(blocks[vi.tobytes()], np.ones(len(vi))) for vi in studies])[:, None]
    X, M = np.ones_like(WX), np.array([[1 / WX.sum()]])

    def working(rows: NDArray[np.intp]) -> Array:
        return np.stack([blocks[studies[labels[row[0]]].tobytes()] for row in rows])

    pieces = sandwich(X, WX, np.zeros(len(X)), M, labels, "CR2", working)
    df = float(satterthwaite(pieces, np.ones((1, 1)))[0])
    s, p, m = pieces.spread[:, 0, 0], pieces.pull[:, 0, 0], float(M[0, 0])
    turned = p / np.sqrt(s)
    length = float(turned @ turned)
    # The square root of I - M q q' is I - shrink q q'.
    shrink = (1 - np.sqrt(max(0.0, 1 - m * length))) / length
    random, reached = np.random.default_rng(seed), 0
    step = max(1, CHUNK // len(studies))
    sq, sqq, reach = s * turned, float(s @ turned**2), critical(level, df) ** 2
    for start in range(0, replicates, step):
        B = min(step, replicates - start)
        b = effect + np.sqrt(m) * random.standard_normal(B)
        z = random.standard_normal((B, len(studies)))
        along = shrink * (z @ turned)
        # The sum of squares of u = S^(1/2) (I - shrink q q') z, written out.
        squares = z**2 @ s - 2 * along * (z @ sq) + along**2 * sqq
        reached += int(np.count_nonzero(b**2 > reach * squares))
    power = reached / replicates
    return Simulated(power, float(np.sqrt(power * (1 - power) / replicates)), df)

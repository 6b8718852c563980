"""Reviews drawn from the model of correlated and hierarchical effects, with a known truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

TRUE_EFFECT = 0.3
TRUE_SLOPE = 0.2
MOST_EFFECTS = 6


@dataclass(frozen=True, slots=True)
class Scenario:
    """How reviews are made.

    Attributes
    ----------
    studies : how many; each has one to six effects.
    rho : true correlation of the sampling errors of one study. tau2, omega2 : variance between and within studies.
    moderator : every second study's effects are higher, and the interval in question is that of the slope.
    replicates : how many reviews.
    """

    studies: int
    rho: float = 0.6
    tau2: float = 0.05
    omega2: float = 0.02
    moderator: bool = False
    replicates: int = 2000

    @property
    def name(self) -> str:
        """What the random numbers are seeded by."""
        what = "slope" if self.moderator else "mean"
        return f"{what}, {self.studies} studies, rho {self.rho:g}, tau2 {self.tau2:g}, omega2 {self.omega2:g}"

    @property
    def truth(self) -> float:
        """The value that the interval should hold."""
        return TRUE_SLOPE if self.moderator else TRUE_EFFECT

    @property
    def coefficient(self) -> int:
        """The position of the coefficient in question."""
        return int(self.moderator)

    def design(self) -> np.ndarray:
        """(J, p) intercept and moderator of the studies."""
        X = np.column_stack([np.ones(self.studies), np.arange(self.studies) % 2])
        return X if self.moderator else X[:, :1]


@dataclass(frozen=True, slots=True)
class Review:
    """One simulated review: (k,) effects, sampling variances and studies."""

    y: np.ndarray
    v: np.ndarray
    study: np.ndarray


def reviews(scenario: Scenario) -> Iterator[Review]:
    """All reviews of a scenario; each has a generator of its own, so more replicates leave the first ones alone."""
    for seed in np.random.SeedSequence(list(scenario.name.encode())).spawn(scenario.replicates):
        yield _draw(scenario, np.random.default_rng(seed))


def _draw(scenario: Scenario, rng: np.random.Generator) -> Review:
    """One review."""
    J, rho = scenario.studies, scenario.rho
    study = np.repeat(np.arange(J), rng.integers(1, MOST_EFFECTS + 1, J))
    k = len(study)
    v = rng.uniform(0.02, 0.2, J)[study] * rng.uniform(0.9, 1.1, k)
    error = np.sqrt(v) * (np.sqrt(rho) * rng.normal(size=J)[study] + np.sqrt(1 - rho) * rng.normal(size=k))
    heterogeneity = rng.normal(0, np.sqrt(scenario.tau2), J)[study] + rng.normal(0, np.sqrt(scenario.omega2), k)
    mean = TRUE_EFFECT + TRUE_SLOPE * (np.arange(J) % 2)[study] * scenario.moderator
    return Review(mean + heterogeneity + error, v, study)

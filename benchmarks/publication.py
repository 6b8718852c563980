"""Published literatures with a known truth: effects whose p-value is not significant appear only now and then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr
from simulation import MOST_EFFECTS, Review

# One-sided p-values up to here are always published.
SIGNIFICANT = 0.025
SMALLEST_V, LARGEST_V = 0.02, 0.2
BATCH = 200


@dataclass(frozen=True, slots=True)
class Literature:
    """How published effects come about.

    Attributes
    ----------
    units : published effects if they are independent, otherwise studies with at least one published effect.
    mu, tau2 : mean and variance of the true effects, before selection; with studies tau2 is that between them.
    omega2 : variance within studies. rho : correlation of the sampling errors of one study.
    published : probability that an effect that is not significant is published, relative to one that is.
    dependent : whether effects come in studies, of one to six each before selection.
    replicates, bootstrapped : how many literatures, and for how many of them clusters are resampled.
    """

    units: int
    mu: float
    tau2: float
    omega2: float = 0.0
    rho: float = 0.0
    published: float = 0.2
    dependent: bool = False
    replicates: int = 500
    bootstrapped: int = 0

    @property
    def name(self) -> str:
        """What the random numbers are seeded by."""
        unit = "studies" if self.dependent else "effects"
        spread = f"tau2 {self.tau2:g}, omega2 {self.omega2:g}, rho {self.rho:g}"
        return f"{self.units} {unit}, mu {self.mu:g}, {spread}, published {self.published:g}"

    @property
    def total_tau2(self) -> float:
        """Variance of all true effects, which is what a selection model estimates."""
        return self.tau2 + self.omega2


def literature(scenario: Literature, replicate: int) -> Review:
    """One literature; each has a generator of its own, so more replicates leave the first ones alone."""
    seed = np.random.SeedSequence(list(scenario.name.encode()), spawn_key=(replicate,))
    rng = np.random.default_rng(seed)
    draw = _studies if scenario.dependent else _effects
    return _until(scenario, lambda: _selected(scenario, rng, draw(scenario, rng)))


def _effects(scenario: Literature, rng: np.random.Generator) -> Review:
    """Independent effects before selection."""
    v = rng.uniform(SMALLEST_V, LARGEST_V, BATCH)
    return Review(rng.normal(scenario.mu, np.sqrt(scenario.tau2 + v)), v, np.arange(BATCH))


def _studies(scenario: Literature, rng: np.random.Generator) -> Review:
    """Effects in studies before selection."""
    rho = scenario.rho
    study = np.repeat(np.arange(BATCH), rng.integers(1, MOST_EFFECTS + 1, BATCH))
    k = study.size
    v = rng.uniform(SMALLEST_V, LARGEST_V, BATCH)[study] * rng.uniform(0.9, 1.1, k)
    error = np.sqrt(v) * (np.sqrt(rho) * rng.normal(size=BATCH)[study] + np.sqrt(1 - rho) * rng.normal(size=k))
    between = rng.normal(0, np.sqrt(scenario.tau2), BATCH)[study]
    return Review(scenario.mu + between + rng.normal(0, np.sqrt(scenario.omega2), k) + error, v, study)


def _selected(scenario: Literature, rng: np.random.Generator, every: Review) -> Review:
    """What is published, each effect by its own p-value."""
    significant = ndtr(-every.y / np.sqrt(every.v)) <= SIGNIFICANT
    shown = significant | (rng.random(every.y.size) < scenario.published)
    return Review(every.y[shown], every.v[shown], every.study[shown])


def _until(scenario: Literature, draw: Callable[[], Review]) -> Review:
    """Batches until there are enough units, and no more than these."""
    parts, have = [], 0
    while have < scenario.units:
        part = draw()
        labels, codes = np.unique(part.study, return_inverse=True)
        parts.append(Review(part.y, part.v, codes + have))
        have += labels.size
    y, v, study = (np.concatenate([getattr(part, name) for part in parts]) for name in ("y", "v", "study"))
    kept = study < scenario.units
    return Review(y[kept], v[kept], study[kept])

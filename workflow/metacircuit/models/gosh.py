"""GOSH: the model fitted to all subsets of the effects, to see whether the result hangs on a few of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from metacircuit.stats.batch import fit_many

from .univariate.result import RMA

# Up to this many subsets all are fitted, beyond it a seeded sample.
LARGEST_COMPLETE = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Gosh:
    """One entry a subset.

    Attributes
    ----------
    estimate : (s,) average effects, or (s, p) with moderators. QE, I2, H2, tau2, k : (s,).
    include : (s, n) booleans, which effects a subset holds. complete : whether these are all subsets.
    slab, names : labels of effects and coefficients.
    """

    estimate: np.ndarray
    QE: np.ndarray
    I2: np.ndarray
    H2: np.ndarray
    tau2: np.ndarray
    k: np.ndarray
    include: np.ndarray
    complete: bool
    slab: tuple[str, ...]
    names: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a subset; estimates of models with moderators are columns estimate_COEFFICIENT."""
        frame = pd.DataFrame({name: getattr(self, name) for name in ("k", "QE", "I2", "H2", "tau2")})
        if len(self.names) == 1:
            frame["estimate"] = self.estimate
        else:
            for j, name in enumerate(self.names):
                frame[f"estimate_{name}"] = self.estimate[:, j]
        return frame

    def __str__(self) -> str:
        how = "all that determine the model" if self.complete else "drawn at random"
        table = self.to_frame().drop(columns="k").quantile([0, 0.25, 0.5, 0.75, 1])
        table.index = ["smallest", "lower quartile", "median", "upper quartile", "largest"]
        return (
            f"GOSH: {len(self.k)} subsets of {len(self.slab)} effects, {how}\n{table.T.to_string(float_format='%.4f')}"
        )

    def with_effect(self, position: int) -> np.ndarray:
        """Which subsets hold the effect at this position (counted from 0)."""
        return self.include[:, position]


def gosh(fit: RMA, *, subsets: int = LARGEST_COMPLETE, seed: int | None = None) -> Gosh:
    """Fit the model to every subset of effects that can determine it, or to a random sample of subsets.

    Parameters
    ----------
    fit : the model. subsets : how many at most; all 2^k - 1 are fitted if they are no more than this.
    seed : of the generator; needed when there are more subsets than `subsets`.

    Raises
    ------
    ValueError
        If a sample is needed and no seed is given.

    Source
    ------
    Olkin, Dahabreh & Trikalinos (2012) Res Synth Methods 3, 214-223.

    Example
    -------
    >>> from metacircuit.models.rma import rma
    >>> gosh(rma([0.1, 0.4, 0.3], [0.02, 0.03, 0.05], method="EE")).estimate.round(2)
    array([0.1 , 0.4 , 0.22, 0.3 , 0.16, 0.36, 0.24])
    """
    complete = 2**fit.k - 1 <= subsets
    if complete:
        include = ((np.arange(1, 2**fit.k)[:, None] >> np.arange(fit.k)) & 1).astype(bool)
    elif seed is None:
        raise ValueError(f"There are 2^{fit.k} - 1 subsets; {subsets} of them are drawn at random: pass seed=.")
    else:
        include = _draw(np.random.default_rng(seed), subsets, fit.k)
    include = include[include.sum(axis=1) >= fit.p]
    refit = fit_many(fit.yi, fit.vi, fit.X, mask=include, **fit.refit_options())
    usable = np.isfinite(refit.beta).all(axis=1)
    return Gosh(
        estimate=refit.beta[usable, 0] if fit.p == 1 else refit.beta[usable],
        QE=refit.QE[usable],
        I2=refit.I2[usable],
        H2=refit.H2[usable],
        tau2=refit.tau2[usable],
        k=refit.k[usable],
        include=include[usable],
        complete=complete,
        slab=fit.slab,
        names=fit.names,
    )


def _draw(rng: np.random.Generator, subsets: int, k: int) -> np.ndarray:
    """Random subsets, each effect in or out with equal chance; empty ones are drawn again."""
    include = rng.random((subsets, k)) < 0.5
    while (empty := ~include.any(axis=1)).any():
        include[empty] = rng.random((int(empty.sum()), k)) < 0.5
    return include

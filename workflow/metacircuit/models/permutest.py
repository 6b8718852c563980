"""Permutation tests of a univariate model: what the test statistics would be if nothing were going on."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import factorial, prod

import numpy as np
import pandas as pd

from metacircuit.stats.batch import ManyFits, fit_many

from .printing import coefficient_table, p_text
from .univariate.result import RMA

# Statistics this close count as equal, so that rounding cannot decide a tie (metafor's `comptol`).
TIE = float(np.sqrt(np.finfo(float).eps))
# Above this many arrangements the exact test is refused.
LARGEST_EXACT = 2_000_000
DEFAULT_DRAWS = 1000
CHUNK = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class PermutationTest:
    """Permutation p-values.

    Attributes
    ----------
    names, beta, pval : (p,) coefficients and their two-sided permutation p-values.
    QMp : permutation p-value of the joint test of the moderators.
    arrangements : how many were evaluated, the observed one among them. exact : whether these are all there are.
    stat : (arrangements, p) the statistics; the first row is the observed one unless the test is exact.
    """

    names: tuple[str, ...]
    beta: np.ndarray
    pval: np.ndarray
    QMp: float
    arrangements: int
    exact: bool
    stat: np.ndarray
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient."""
        return pd.DataFrame({"term": self.names, "estimate": self.beta, "pval": self.pval})

    def __str__(self) -> str:
        kind = "exact" if self.exact else "approximate"
        title = f"Permutation test ({kind}, {self.arrangements} arrangements)"
        return "\n".join([title, coefficient_table(self.to_frame()), f"Joint test: {p_text(self.QMp)}", *self.notes])


def permutest(fit: RMA, *, exact: bool = False, draws: int = DEFAULT_DRAWS, seed: int | None = None) -> PermutationTest:
    """Permutation p-values for the coefficients of a model.

    Without moderators the signs of yi are flipped; with moderators the rows of X are exchanged. The p-value is the
    share of arrangements whose statistic is at least as far from zero as the observed one.

    Parameters
    ----------
    fit : the model; all refits use its method and test.
    exact : all 2^k sign patterns, or all distinct orders of the rows of X.
    draws, seed : without `exact`, how many arrangements are drawn (the observed one counts), and the generator's seed.

    Raises
    ------
    ValueError
        If there are too many arrangements for an exact test, or a seed is missing.

    Source
    ------
    Higgins & Thompson (2004) Stat Med 23, 1663-1682; Follmann & Proschan (1999) Biometrics 55, 732-737.

    Example
    -------
    >>> from metacircuit.models.rma import rma
    >>> permutest(rma([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04]), exact=True).pval
    array([0.125])
    """
    total = 2**fit.k if fit.intercept_only else _orders(fit.X)
    if exact and total > LARGEST_EXACT:
        raise ValueError(f"An exact test needs {total:.3g} refits (at most {LARGEST_EXACT:.0e}). Use draws= and seed=.")
    if not exact and seed is None:
        raise ValueError(
            "A permutation test draws random numbers: pass seed= so that it can be repeated, or exact=True."
        )
    make = _flipped if fit.intercept_only else _exchanged
    stats, joint = [], []
    for refit in make(fit, exact, draws, seed):
        stats.append(refit.stat)
        joint.append(_joint(refit, list(fit.tested)))
    stat, QM = np.vstack(stats), np.concatenate(joint)
    usable = np.isfinite(stat).all(axis=1)
    observed = _joint(fit_many(fit.yi, fit.vi, fit.X, **fit.refit_options()), list(fit.tested))[0]
    lost = int((~usable).sum())
    notes = (f"{lost} arrangements could not be fitted and do not count.",) if lost else ()
    return PermutationTest(
        names=fit.names,
        beta=fit.beta,
        pval=(np.abs(stat[usable]) >= np.abs(fit.stat) - TIE).mean(axis=0),
        QMp=float((QM[usable] >= observed - TIE).mean()),
        arrangements=len(stat),
        exact=exact,
        stat=stat,
        notes=notes,
    )


def _joint(refit: ManyFits, tested: list[int]) -> np.ndarray:
    """The Wald statistic of the tested coefficients, for each refit."""
    beta, vb = refit.beta[:, tested], refit.vb[:, np.array(tested)[:, None], tested]
    m = len(tested)
    singular = ~np.isfinite(vb).all(axis=(1, 2)) | (np.abs(np.linalg.det(np.nan_to_num(vb))) == 0)
    safe = np.where(singular[:, None, None], np.eye(m), vb)
    value = np.einsum("bi,bi->b", beta, np.linalg.solve(safe, beta[:, :, None])[:, :, 0])
    return np.where(singular, np.nan, value)


def _flipped(fit: RMA, exact: bool, draws: int, seed: int | None) -> Iterator[ManyFits]:
    """Refits to yi with signs flipped; patterns that mirror each other give mirrored statistics."""
    if exact:
        codes = np.arange(2**fit.k)
        signs = 1 - 2 * ((codes[:, None] >> np.arange(fit.k)) & 1)
    else:
        signs = np.random.default_rng(seed).choice([-1, 1], size=(draws, fit.k))
        signs[0] = 1
    for start in range(0, len(signs), CHUNK):
        yield fit_many(signs[start : start + CHUNK] * fit.yi, fit.vi, fit.X, **fit.refit_options())


def _exchanged(fit: RMA, exact: bool, draws: int, seed: int | None) -> Iterator[ManyFits]:
    """Refits with the rows of X in other orders."""
    if exact:
        unique, codes = np.unique(fit.X, axis=0, return_inverse=True)
        orders = _distinct_orders(np.bincount(codes.ravel()))
        while batch := list(islice(orders, CHUNK)):
            yield fit_many(fit.yi, fit.vi, unique[np.array(batch)], **fit.refit_options())
        return
    rng = np.random.default_rng(seed)
    orders = np.array([np.arange(fit.k), *(rng.permutation(fit.k) for _ in range(draws - 1))])
    for start in range(0, draws, CHUNK):
        yield fit_many(fit.yi, fit.vi, fit.X[orders[start : start + CHUNK]], **fit.refit_options())


def _orders(X: np.ndarray) -> int:
    """How many distinct orders the rows of X have."""
    counts = np.unique(X, axis=0, return_counts=True)[1]
    return factorial(len(X)) // prod(factorial(int(count)) for count in counts)


def _distinct_orders(counts: np.ndarray) -> Iterator[tuple[int, ...]]:
    """All distinct arrangements of a multiset, code j occurring counts[j] times, in lexicographic order.

    Source
    ------
    Knuth (2011) The Art of Computer Programming 4A, sec. 7.2.1.2, algorithm L.
    """
    a = [code for code, count in enumerate(counts) for _ in range(count)]
    while True:
        yield tuple(a)
        j = len(a) - 2
        while j >= 0 and a[j] >= a[j + 1]:
            j -= 1
        if j < 0:
            return
        successor = max(i for i in range(j + 1, len(a)) if a[i] > a[j])
        a[j], a[successor] = a[successor], a[j]
        a[j + 1 :] = reversed(a[j + 1 :])

r"""Permutation of whole studies: is there more between cells than the model without their product leaves?

The model without the product gives residuals r; each study's are whitened by its own covariance, and what the fit has
taken from them is given back as CR2 does,

.. math:: \tilde r_j = (I - H_{jj})^{+1/2} L_j^{-1} r_j, \qquad H = Q_0 Q_0'

after which studies with the same number of effects are alike under the null hypothesis. Without that step the residuals
of thin cells are too small and the test finds too much. An arrangement exchanges whole studies among those with the
same number of effects, and turns the signs of whole studies. Its statistic is that of the product, refitted to the
rearranged residuals,

.. math:: F = \frac{\lVert Q_1' \tilde r^* \rVert^2 / q}{(\lVert \tilde r^* \rVert^2 - \lVert Q_0' \tilde r^* \rVert^2
          - \lVert Q_1' \tilde r^* \rVert^2) / (k - p)}

with Q₀ and Q₁ orthonormal bases of the whitened design without the product and of what the product adds. Source:
Freedman and Lane (1983), JBES 1:292; Winkler et al. (2014), NeuroImage 92:381 (exchangeability blocks and sign flips);
Pustejovsky and Tipton (2018), JBES 36:672, eq. 7, for the adjustment.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, permutations, product
from math import factorial, prod
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from metacircuit.models.mv_fit import Fit

# Statistics this close count as equal, so that rounding cannot decide a tie.
TIE = 1e-9
# A direction of a study in which the fit leaves less than this has no residual.
NO_RESIDUAL = 1e-9
# Numbers held at once.
CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class Permutation:
    """`F` with `df1` and `df2`, its permutation p-value, how many arrangements, and whether these are all."""

    F: float
    df1: int
    df2: int
    pval: float
    arrangements: int
    exact: bool


def permute_studies(reduced: Fit, X: np.ndarray, *, draws: int, seed: int) -> Permutation | None:
    """Test what the columns of X add to a model, by rearranging whole studies.

    Parameters
    ----------
    reduced : the fitted model under the null hypothesis, with its studies.
    X : (k, p) design of the larger model, rows as in `reduced`.
    draws : arrangements that are drawn, the observed one among them; all there are, if they are no more than that.
    seed : of the draws.

    Returns
    -------
    Permutation or None
        None where nothing is added, or no residual is left.
    """
    white, starts = _whitener(reduced)
    y, X0, X1 = white(reduced.inputs.y), white(reduced.inputs.X), white(X)
    Q0 = np.linalg.qr(X0)[0]
    rest = X1 - Q0 @ (Q0.T @ X1)
    U, size, _ = np.linalg.svd(rest, full_matrices=False)
    Q1 = U[:, size > 1e-8 * max(size.max(initial=0.0), np.linalg.norm(X1, axis=0).max())]
    q, df = Q1.shape[1], len(y) - Q0.shape[1] - Q1.shape[1]
    if q == 0 or df <= 0:
        return None
    left = y - Q0 @ (Q0.T @ y)
    r = _given_back(left, Q0, starts)

    def statistic(R: np.ndarray) -> np.ndarray:
        added, kept = ((R @ Q1) ** 2).sum(axis=1), ((R @ Q0) ** 2).sum(axis=1)
        return (added / q) / (np.maximum((R**2).sum(axis=1) - kept - added, 1e-300) / df)

    observed = float(statistic(left[None, :])[0])
    sizes = np.diff(starts)
    classes = [np.flatnonzero(sizes == n) for n in np.unique(sizes)]
    all_there_are = 2.0 ** len(sizes) * prod(factorial(len(c)) if len(c) <= 20 else float("inf") for c in classes)
    exact = all_there_are <= draws
    blocks = _all(classes) if exact else _some(classes, draws, max(1, CHUNK // len(y)), np.random.default_rng(seed))
    reached = count = 0
    for order, signs in blocks:
        F = statistic(_arranged(r, starts, classes, order, signs))
        reached += int(np.count_nonzero(observed * (1 - TIE) <= F))
        count += len(F)
    if not exact:
        reached, count = reached + 1, count + 1
    # The adjustment changes the residuals, so the observed statistic may stand above all arrangements.
    reached = max(reached, 1)
    return Permutation(observed, q, df, reached / count, count, exact)


def _given_back(r: np.ndarray, Q0: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Whitened residuals with the variance that the fit has taken from each study given back."""
    out = np.empty_like(r)
    for a, b in pairwise(starts):
        values, vectors = np.linalg.eigh(np.eye(b - a) - Q0[a:b] @ Q0[a:b].T)
        power = np.where(values > NO_RESIDUAL, np.maximum(values, NO_RESIDUAL), np.inf) ** -0.5
        out[a:b] = vectors @ (power * (vectors.T @ r[a:b]))
    return out


def _whitener(fit: Fit) -> tuple[Callable[[np.ndarray], np.ndarray], np.ndarray]:
    """A function that sorts rows by study and whitens them, and where each study starts."""
    labels = fit.inputs.study
    order = np.argsort(labels, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(labels))])
    covariance = fit.working(labels)
    roots = [np.linalg.cholesky(covariance(order[a:b][None, :])[0]) for a, b in pairwise(starts)]

    def white(values: np.ndarray) -> np.ndarray:
        rows = values[order]
        bounds = pairwise(starts)
        return np.concatenate([np.linalg.solve(L, rows[a:b]) for L, (a, b) in zip(roots, bounds, strict=True)])

    return white, starts


def _arranged(
    r: np.ndarray, starts: np.ndarray, classes: list[np.ndarray], order: np.ndarray, signs: np.ndarray
) -> np.ndarray:
    """(B, k) residuals with study order[b, j] in the place of study j, its sign turned by signs[b, j]."""
    out = np.empty((len(order), len(r)))
    for members in classes:
        within = np.arange(starts[members[0] + 1] - starts[members[0]])
        to = (starts[members][:, None] + within).ravel()
        taken = r[starts[order[:, members]][:, :, None] + within]
        out[:, to] = (signs[:, members, None] * taken).reshape(len(order), -1)
    return out


def _some(
    classes: list[np.ndarray], draws: int, step: int, random: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Random arrangements, one fewer than `draws`: the observed one is counted beside them."""
    J = sum(map(len, classes))
    for start in range(0, draws - 1, step):
        B = min(step, draws - 1 - start)
        order = np.empty((B, J), int)
        for members in classes:
            order[:, members] = random.permuted(np.tile(members, (B, 1)), axis=1)
        yield order, random.choice([-1.0, 1.0], size=(B, J))


def _all(classes: list[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every arrangement, the observed one among them."""
    J = sum(map(len, classes))
    signs = np.array(list(product([1.0, -1.0], repeat=J)))
    for orders in product(*(permutations(members.tolist()) for members in classes)):
        order = np.empty(J, int)
        for members, own in zip(classes, orders, strict=True):
            order[members] = own
        yield np.tile(order, (len(signs), 1)), signs

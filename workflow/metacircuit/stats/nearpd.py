"""The nearest correlation matrix to a symmetric one."""

from __future__ import annotations

import numpy as np


def nearest_correlation(R: np.ndarray, *, tol: float = 1e-8, floor: float = 1e-6, max_iter: int = 1000) -> np.ndarray:
    r"""Nearest positive definite correlation matrix in the Frobenius norm, by alternating projections.

    .. math:: \min_X \lVert R - X \rVert_F \quad \text{over } X \succeq 0,\; x_{ii} = 1

    Parameters
    ----------
    R : (n, n) symmetric, ones on the diagonal.
    tol : stop when a step changes the matrix by less than this share.
    floor : smallest eigenvalue of the result, as a share of the largest.
    max_iter : most projections.

    Returns
    -------
    numpy.ndarray
        (n, n) positive definite, ones on the diagonal.

    Source: Higham (2002), IMA Journal of Numerical Analysis 22:329, algorithm 3.3 (Dykstra's correction).

    >>> bool(np.linalg.eigvalsh(nearest_correlation(np.array([[1, 1.2], [1.2, 1]])))[0] > 0)
    True
    """
    X, correction = R.copy(), np.zeros_like(R)
    for _ in range(max_iter):
        before = X
        Y = X - correction
        projected = _clip(Y, 0.0)
        correction = projected - Y
        X = projected.copy()
        np.fill_diagonal(X, 1.0)
        if np.linalg.norm(X - before) <= tol * np.linalg.norm(X):
            break
    X = _clip(X, floor)
    d = np.sqrt(np.diag(X))
    X = X / np.outer(d, d)
    np.fill_diagonal(X, 1.0)
    return X


def _clip(X: np.ndarray, share: float) -> np.ndarray:
    """X with its eigenvalues raised to at least `share` of the largest."""
    values, vectors = np.linalg.eigh((X + X.T) / 2)
    return (vectors * np.maximum(values, share * values[-1])) @ vectors.T

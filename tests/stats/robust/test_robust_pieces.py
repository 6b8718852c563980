"""The sandwich and its degrees of freedom, against the definitions written out with k × k and J × J matrices."""

import numpy as np
import pytest
from metacircuit.stats.robust import sandwich as module
from metacircuit.stats.robust.large import LowRank
from metacircuit.stats.robust.sandwich import sandwich
from metacircuit.stats.robust.small_sample import htz, satterthwaite
from metacircuit.stats.robust.wild import draw, wild_p
from scipy.linalg import block_diag, cholesky, sqrtm

EXACT = 1e-9  # two ways to compute one number


def model(sizes, seed=0, p=3, rho=0.6, study=0.2, effect=0.1):
    """A CHE working covariance and residuals of generalised least squares."""
    random = np.random.default_rng(seed)
    labels = np.repeat(range(len(sizes)), sizes)
    k = len(labels)
    v = random.uniform(0.02, 0.5, k)
    X = np.column_stack([np.ones(k), random.normal(size=(k, p - 1))])

    def low_rank(rows):
        s = np.sqrt(v[rows])
        return LowRank((1 - rho) * v[rows] + effect, np.stack([s, np.ones_like(s)], axis=2), np.array([rho, study]))

    def working(rows):
        Phi = low_rank(rows)
        return np.einsum("mnr,r,mlr->mnl", Phi.U, Phi.c, Phi.U) + np.eye(rows.shape[1]) * Phi.d[:, :, None]

    full = block_diag(*[working(np.flatnonzero(labels == j)[None])[0] for j in range(len(sizes))])
    W = np.linalg.inv(full)
    bread = np.linalg.inv(X.T @ W @ X)
    e = random.normal(size=k)
    e -= X @ (bread @ X.T @ W @ e)
    return X, W @ X, e, bread, labels, working, low_rank, full


def definition(X, WX, e, bread, labels, full):
    """CR2, P of every contrast: clubSandwich's construction with Cholesky factors."""
    J = labels.max() + 1
    H = X @ bread @ WX.T
    I = np.eye(len(X))  # noqa: E741
    G = []
    for j in range(J):
        rows = labels == j
        D = cholesky(full[np.ix_(rows, rows)])
        B = D @ (I - H)[rows] @ full @ (I - H)[rows].T @ D.T
        A = D.T @ np.linalg.inv(np.real(sqrtm(B))) @ D
        G.append(((I - H)[rows].T @ A @ WX[rows] @ bread, A @ WX[rows] @ bread, rows))
    V = sum(np.outer(a.T @ e[r], a.T @ e[r]) for _, a, r in G)
    P = np.array([[g.T @ full @ h for h, _, _ in G] for g, _, _ in G])
    return V, P


def test_cr2_and_its_degrees_of_freedom_by_definition():
    X, WX, e, bread, labels, working, _, full = model([1, 2, 2, 3, 5, 4, 6])
    fit = sandwich(X, WX, e, bread, labels, "CR2", working)
    V, P = definition(X, WX, e, bread, labels, full)
    np.testing.assert_allclose(fit.vcov, V, rtol=EXACT)
    C = np.array([[0, 1, 0], [0, 1, -1], [1, 0.5, 2]])
    for c, df in zip(C, satterthwaite(fit, C), strict=True):
        p = np.einsum("a,ijab,b->ij", c, P, c)
        assert df == pytest.approx(np.trace(p) ** 2 / (p**2).sum(), rel=EXACT)


@pytest.mark.parametrize("C", [np.eye(3)[1:], np.eye(3), np.array([[0, 1.0, -1.0], [1.0, 1.0, 0]])])
def test_htz_by_definition(C):
    X, WX, e, bread, labels, working, _, full = model([1, 2, 2, 3, 5, 4, 6, 3, 3])
    b = np.array([0.3, 0.2, -0.1])
    fit = sandwich(X, WX, e, bread, labels, "CR2", working)
    V, P = definition(X, WX, e, bread, labels, full)
    q, J = len(C), len(P)
    Omega = C @ sum(P[j, j] for j in range(J)) @ C.T
    turn = np.linalg.inv(np.real(sqrtm(Omega)))
    B = np.einsum("sa,ijab,tb->ijst", turn @ C, P, turn @ C)
    total = sum(
        (B[:, :, s, t] * B[:, :, t, s] + B[:, :, s, s] * B[:, :, t, t]).sum() for s in range(q) for t in range(q)
    )
    nu = q * (q + 1) / total
    Q = (C @ b) @ np.linalg.solve(C @ V @ C.T, C @ b)
    test = htz(fit, C, b)
    assert test.df_denom == pytest.approx(nu - q + 1, rel=EXACT)
    assert pytest.approx((nu - q + 1) / (nu * q) * Q, rel=EXACT) == test.F


def test_one_contrast_of_htz_is_satterthwaite():
    X, WX, e, bread, labels, working, _, _ = model([3, 4, 2, 5, 3, 2])
    fit = sandwich(X, WX, e, bread, labels, "CR2", working)
    C = np.array([[0.0, 1.0, 0.0]])
    assert htz(fit, C, np.ones(3)).df_denom == pytest.approx(satterthwaite(fit, C)[0], rel=EXACT)


@pytest.mark.parametrize("spread", [1.0, 1e-4])
def test_large_clusters_by_quadrature_equal_dense_ones(spread):
    X, WX, e, bread, labels, working, low_rank, _ = model([30, 30, 45, 60, 26, 3, 28], effect=0.1 * spread)
    dense = sandwich(X, WX, e, bread, labels, "CR2", working)
    linear = sandwich(X, WX, e, bread, labels, "CR2", working, low_rank)
    for field in ("scores", "spread", "pull"):
        want = getattr(dense, field)
        np.testing.assert_allclose(getattr(linear, field), want, rtol=1e-8, atol=1e-10 * np.abs(want).max())


def test_a_large_cluster_with_a_coefficient_of_its_own():
    # The cluster's leverage is 1 in one direction: no quadrature, and a pseudo-inverse.
    X, *_, labels, working, low_rank, full = model([30, 30, 40, 5, 5])
    X = np.column_stack([X, labels == 2])
    W = np.linalg.inv(full)
    bread = np.linalg.inv(X.T @ W @ X)
    e = np.random.default_rng(1).normal(size=len(X))
    e -= X @ (bread @ X.T @ W @ e)
    dense = sandwich(X, W @ X, e, bread, labels, "CR2", working)
    linear = sandwich(X, W @ X, e, bread, labels, "CR2", working, low_rank)
    np.testing.assert_allclose(linear.vcov, dense.vcov, rtol=1e-8, atol=1e-12)
    assert np.isfinite(dense.vcov).all()


def test_clusters_in_pieces_are_the_same(monkeypatch):
    X, WX, e, bread, labels, working, low_rank, _ = model([4] * 20)
    whole = sandwich(X, WX, e, bread, labels, "CR2", working, low_rank)
    monkeypatch.setattr(module, "CHUNK", 40)
    pieces = sandwich(X, WX, e, bread, labels, "CR2", working, low_rank)
    np.testing.assert_allclose(pieces.vcov, whole.vcov, rtol=1e-12)


def test_the_bootstrap_keeps_its_level_under_the_hypothesis():
    # 12 clusters of unequal size, true effect zero: rejections at 10 % stay near 10 % (binomial standard error 2 %).
    random = np.random.default_rng(5)
    X, WX, _, bread, labels, working, _, full = model([1, 2, 3, 4, 5, 6] * 2, p=1)
    root, boot, rejected = np.linalg.cholesky(full), draw(12, 399, seed=2), 0
    for _ in range(200):
        y = root @ random.normal(size=len(X))
        b = bread @ WX.T @ y
        fit = sandwich(X, WX, y - X @ b, bread, labels, "CR2", working)
        rejected += wild_p(fit, np.eye(1), b, boot) <= 0.1
    assert 0.05 <= rejected / 200 <= 0.16

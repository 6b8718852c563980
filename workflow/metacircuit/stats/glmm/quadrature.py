r"""Adaptive Gauss–Hermite quadrature over the random effects of each study, with the exact gradient of its result.

.. math:: L_i = \int \prod_j f(x_{ij} \mid \eta_{ij}) \, \varphi(u) \, du, \qquad
          \eta_{ij} = o_{ij} + x_{ij}'\beta + e_{ij} \gamma_i + a_{ij}'u, \qquad a_{ij} = \sum_s \lambda_s b_{sij}

u holds one or two standard normal variables. The nodes are centred at the mode of the integrand and scaled by its
curvature there; one node is Laplace's method.

Source: Liu and Pierce (1994), Biometrika 81, 624-629; Pinheiro and Bates (1995), section 2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metacircuit.stats.glmm.families import Derivatives, Family

Array = NDArray[np.float64]

MAX_STEPS = 200
TOLERANCE = 1e-14
# A halved step may lower the integrand by this share, which is rounding.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """What enters the linear predictor.

    Attributes
    ----------
    family : the counts, (k, m).
    offset : (k, m).
    X : (k, m, p) fixed effects.
    loadings : (s, k, m, r) b, one for each factor lambda: the standard deviations, or a Cholesky factor, of r effects.
    own : (k, m) e, of a coefficient that each study has for itself, or None.
    """

    family: Family
    offset: Array
    X: Array
    loadings: Array
    own: Array | None = None

    @property
    def k(self) -> int:
        """Number of studies."""
        return self.offset.shape[0]

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return self.X.shape[2]

    @property
    def directions(self) -> Array:
        """How the predictor moves with beta and, last, with the study's own coefficient: (k, m, p or p + 1)."""
        return self.X if self.own is None else np.concatenate([self.X, self.own[..., None]], axis=2)

    def predictor(self, beta: Array, gamma: Array) -> Array:
        """Linear predictor without random effects, (k, m)."""
        eta = self.offset + self.X @ beta
        return eta if self.own is None else eta + self.own * gamma[:, None]


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """By study: log-likelihood (k,), gradient by beta and factors (k, p + s), by the own coefficient (k,).

    `conditional` is the log-likelihood at the modes of the random effects, (k,).
    """

    ll: Array
    theta: Array
    gamma: Array
    conditional: Array


def marginal(design: Design, beta: Array, gamma: Array, factors: Array, nodes: int) -> Score:
    """Integrate out the random effects.

    Parameters
    ----------
    design : Design
    beta : (p,); gamma : (k,), ignored without `own`; factors : (s,).
    nodes : int
        Quadrature points in each dimension.

    Returns
    -------
    Score
    """
    family, b = design.family, design.loadings
    eta, a = design.predictor(beta, gamma), np.tensordot(factors, b, axes=1)
    mode = _modes(family, eta, a)
    at = family.at(eta + _along(a, mode))
    root = np.linalg.cholesky(np.linalg.inv(_information(at, a)))
    z, log_weight = _rule(nodes, mode.shape[1])
    u = mode + np.einsum("kab,nb->nka", root, z)
    value, first = family.slope(eta + _along(a, u))

    exponent = value.sum(axis=2) - 0.5 * (u**2).sum(axis=2) + log_weight[:, None]
    top = exponent.max(axis=0)
    mass = np.exp(exponent - top)
    total = mass.sum(axis=0)
    mass /= total
    constant = family.constant.sum(axis=1)
    log_root = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    ll = constant + top + np.log(total) + log_root - 0.5 * mode.shape[1] * np.log(2 * np.pi)

    d_mode, d_root, d_log_root = _moving_nodes(design, at, a, mode, root)
    slope = np.einsum("nkj,kja->nka", first, a) - u
    weighted = mass[..., None] * slope
    direct = np.concatenate(
        [
            np.einsum("kj,kjp->kp", np.einsum("nk,nkj->kj", mass, first), design.directions),
            np.einsum("kja,skja->ks", np.einsum("nk,nkj,nka->kja", mass, first, u), b),
        ],
        axis=1,
    )
    carried = np.einsum("ka,kap->kp", weighted.sum(axis=0), d_mode)
    spread = np.einsum("kab,kpab->kp", np.einsum("nka,nb->kab", weighted, z), d_root)
    score = d_log_root + direct + carried + spread
    p, own = design.p, design.own is not None
    return Score(
        ll=ll,
        theta=np.delete(score, p, axis=1) if own else score,
        gamma=score[:, p] if own else np.zeros(design.k),
        conditional=constant + at.value.sum(axis=1),
    )


def _moving_nodes(design: Design, at: Derivatives, a: Array, mode: Array, root: Array) -> tuple[Array, Array, Array]:
    """Derivatives by all parameters of the mode (k, r, P), the root (k, P, r, r) and its log determinant (k, P)."""
    b, fixed = design.loadings, design.directions.shape[2]
    towards = np.concatenate([design.directions, np.einsum("skja,ka->kjs", b, mode)], axis=2)
    cross = np.einsum("kja,kjp->kap", at.second[..., None] * a, towards)
    cross[:, :, fixed:] += np.einsum("kj,skja->kas", at.first, b)
    d_mode = root @ root.swapaxes(1, 2) @ cross
    d_eta = towards + a @ d_mode
    d_information = -np.einsum("kjp,kja,kjb->kpab", at.third[..., None] * d_eta, a, a)
    turned = np.einsum("kj,skja,kjb->ksab", at.second, b, a)
    d_information[:, fixed:] -= turned + turned.swapaxes(2, 3)
    # With S S' = A^-1, dS = -S Phi(S' dA S), Phi the lower triangle with half the diagonal.
    inner = root.swapaxes(1, 2)[:, None] @ d_information @ root[:, None]
    half = np.tril(inner, -1) + 0.5 * inner * np.eye(inner.shape[-1])
    return d_mode, -root[:, None] @ half, -0.5 * np.trace(inner, axis1=2, axis2=3)


def _rule(nodes: int, dimensions: int) -> tuple[Array, Array]:
    """Nodes (n, r) and the logarithms of their weights for the plain integral, (n,)."""
    z, weight = np.polynomial.hermite_e.hermegauss(nodes)
    grid = np.stack(np.meshgrid(*[z] * dimensions, indexing="ij"), axis=-1).reshape(-1, dimensions)
    log_weight = np.log(weight) + 0.5 * z**2
    total = sum(np.meshgrid(*[log_weight] * dimensions, indexing="ij"))
    return grid, np.ravel(total)


def _along(a: Array, u: Array) -> Array:
    """a'u for random effects (..., k, r)."""
    return (a * u[..., None, :]).sum(axis=-1)


def _information(at: Derivatives, a: Array) -> Array:
    """Minus the Hessian of the integrand by u, (k, r, r)."""
    return np.eye(a.shape[2]) - np.einsum("kja,kjb->kab", at.second[..., None] * a, a)


def _modes(family: Family, eta: Array, a: Array) -> Array:
    """Mode of each integrand, which is log-concave: Newton steps, halved where they go too far."""
    u = np.zeros((a.shape[0], a.shape[2]))

    def look(u: Array) -> tuple[Derivatives, Array]:
        at = family.at(eta + _along(a, u))
        return at, at.value.sum(axis=1) - 0.5 * (u**2).sum(axis=1)

    at, height = look(u)
    for _ in range(MAX_STEPS):
        gradient = np.einsum("kj,kja->ka", at.first, a) - u
        move = np.linalg.solve(_information(at, a), gradient[..., None])[..., 0]
        # Quadratic convergence: after a step this small the next would be lost in rounding.
        if (np.abs(move) <= np.sqrt(TOLERANCE) * (1 + np.abs(u))).all():
            return u + move
        share = np.ones((len(u), 1))
        for _ in range(40):
            at, new = look(u + share * move)
            worse = new < height - ROUNDING * (1 + np.abs(height))
            if not worse.any():
                break
            share = np.where(worse[:, None], share / 2, share)
        u, height = u + share * move, new
    return u

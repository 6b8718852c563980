r"""Covariance structures of random effects: from free parameters to G, its derivatives, and the numbers people report.

Every structure is written with standard deviations tau_i and angles, G = S R S with S = diag(tau):

* a correlation is the cosine (or a sine) of an angle, so that -1, 1 and zero variances are ordinary interior points
  where the likelihood is smooth: an optimiser walks to a boundary and stops there, without constraints;
* UN writes the Cholesky factor of R in spherical coordinates (Pinheiro and Bates, 1996, Statistics and Computing
  6:289, section 2.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STRUCTS = ("ID", "CS", "DIAG", "HCS", "UN", "AR", "HAR", "CAR", "GEN", "GDIAG")
ONE_VARIANCE = frozenset({"ID", "CS", "AR", "CAR"})
ONE_CORRELATION = frozenset({"CS", "HCS", "AR", "HAR", "CAR"})
FREE_CORRELATIONS = frozenset({"UN", "GEN"})
# Structures that each one contains: the larger model never fits worse than these.
CONTAINS = {
    **{"CS": ("ID",), "AR": ("ID",), "CAR": ("ID",), "DIAG": ("ID",)},
    **{"HCS": ("DIAG", "CS"), "HAR": ("DIAG", "AR"), "UN": ("HCS",), "GEN": ("GDIAG",)},
}


@dataclass(frozen=True, slots=True)
class Structure:
    """A q × q covariance `kind`; `times` (q,) are the positions of the levels for AR, HAR and CAR.

    A free structure may use negative standard deviations (`signed`): they turn the signs of its correlations.
    """

    kind: str
    q: int
    times: tuple[float, ...] = ()
    signed: bool = True

    @property
    def n_tau(self) -> int:
        """How many standard deviations it has."""
        return 1 if self.kind in ONE_VARIANCE or self.q == 1 else self.q

    @property
    def n_rho(self) -> int:
        """How many correlations it has."""
        if self.q == 1:
            return 0
        if self.kind in FREE_CORRELATIONS:
            return self.q * (self.q - 1) // 2
        return int(self.kind in ONE_CORRELATION)

    @property
    def n_free(self) -> int:
        """Number of free parameters: standard deviations, then angles."""
        return self.n_tau + self.n_rho

    @property
    def rho_span(self) -> tuple[float, float]:
        """The correlations that keep G positive semidefinite."""
        if self.kind in ("CS", "HCS"):
            return -1.0 / (self.q - 1), 1.0
        return (0.0, 1.0) if self.kind == "CAR" else (-1.0, 1.0)

    def start(self, sd: float) -> np.ndarray:
        """Free parameters with every standard deviation `sd` and modest correlations."""
        x = np.full(self.n_free, sd)
        if self.n_rho:
            x[self.n_tau :] = 1.2 if self.kind in FREE_CORRELATIONS else self.angle(0.4)
        return x

    def angle(self, rho: float) -> float:
        """The angle that stands for a correlation."""
        if self.kind in FREE_CORRELATIONS:
            return float(np.arccos(np.clip(rho, -1.0, 1.0)))
        low, high = self.rho_span
        return float(np.arcsin(np.clip((2 * rho - low - high) / (high - low), -1.0, 1.0)))

    def nearest(self, G: np.ndarray, least: float) -> np.ndarray:
        """Free parameters of a covariance near G, every standard deviation at least `least`, off the edges."""
        tau = np.maximum(np.sqrt(np.diag(G)), least)
        R = np.clip(G / np.outer(tau, tau), -0.98, 0.98)
        np.fill_diagonal(R, 1.0)
        first = np.atleast_1d(np.sqrt(np.mean(tau**2))) if self.n_tau == 1 else tau
        if not self.n_rho:
            return first
        if self.kind not in FREE_CORRELATIONS:
            low, high = self.rho_span
            rho = R[0, 1] if self.kind in ("AR", "HAR", "CAR") else R[np.triu_indices(self.q, 1)].mean()
            return np.append(first, self.angle(np.clip(rho, low + 0.02, high - 0.02)))
        values, vectors = np.linalg.eigh(R)
        L = np.linalg.cholesky((vectors * np.maximum(values, 1e-3)) @ vectors.T)
        return np.append(first, _angles(L / np.linalg.norm(L, axis=1, keepdims=True)))

    def canonical(self, x: np.ndarray) -> np.ndarray:
        """The same covariance with standard deviations that are not negative."""
        tau, angles = x[: self.n_tau], x[self.n_tau :]
        if self.kind in FREE_CORRELATIONS and self.n_rho and self.signed:
            sign = np.where(tau < 0, -1.0, 1.0)
            L = _rows(angles, self.q)[0] * sign[:, None]
            angles = _angles(L * np.where(np.diag(L) < 0, -1.0, 1.0))
        return np.append(np.abs(tau), angles)

    def covariance(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """G (q, q) and its derivatives dG (n_free, q, q) at the free parameters."""
        tau = np.broadcast_to(x[: self.n_tau], (self.q,)) if self.n_tau == 1 else x[: self.n_tau]
        sign = np.ones(self.q)
        if self.n_tau > 1 and (self.kind in ONE_CORRELATION or not self.signed):
            # A correlation that is shared, or held fixed, leaves no sign to a standard deviation.
            sign = np.where(tau < 0, -1.0, 1.0)
            tau = np.abs(tau)
        R, dR = self._correlation(x[self.n_tau :])
        G = R * np.outer(tau, tau)
        dG = np.zeros((self.n_free, self.q, self.q))
        if self.n_tau == 1:
            dG[0] = 2 * tau[0] * R
        else:
            for i in range(self.q):
                dG[i, i, :] += sign[i] * tau * R[i]
                dG[i, :, i] += sign[i] * tau * R[i]
        dG[self.n_tau :] = dR * np.outer(tau, tau)
        return G, dG

    def report(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """tau2 (n_tau,) and rho (n_rho,; UN: 12, 13, 23 …) at the free parameters."""
        R, _ = self._correlation(x[self.n_tau :])
        if self.kind in FREE_CORRELATIONS:
            rho = np.array([R[i, j] for j in range(self.q) for i in range(j)])
        elif self.n_rho:
            rho = np.array([self._rho(x[self.n_tau])[0]])
        else:
            rho = np.empty(0)
        return x[: self.n_tau] ** 2, rho

    def _rho(self, angle: float) -> tuple[float, float]:
        """The correlation behind an angle, and its derivative."""
        low, high = self.rho_span
        half = (high - low) / 2
        return (low + high) / 2 + half * np.sin(angle), half * np.cos(angle)

    def _correlation(self, angles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """R (q, q) and its derivatives with respect to the angles."""
        q = self.q
        if not self.n_rho:
            return np.eye(q), np.zeros((0, q, q))
        if self.kind in FREE_CORRELATIONS:
            return _spherical(angles, q)
        rho, slope = self._rho(angles[0])
        if self.kind in ("CS", "HCS"):
            off = 1.0 - np.eye(q)
            return np.eye(q) + rho * off, slope * off[None]
        lag = np.abs(np.subtract.outer(self.times, self.times))
        safe = rho if rho != 0 else 1e-300
        R = np.where(lag == 0, 1.0, safe**lag)
        return R, (slope * np.where(lag == 0, 0.0, lag * safe ** np.maximum(lag - 1, 0)))[None]


def _spherical(angles: np.ndarray, q: int) -> tuple[np.ndarray, np.ndarray]:
    """R = L L' with rows of L on the unit sphere, and dR for each angle (row by row)."""
    L, dL = _rows(angles, q)
    dR = dL @ L.T
    return L @ L.T, dR + dR.transpose(0, 2, 1)


def _rows(angles: np.ndarray, q: int) -> tuple[np.ndarray, np.ndarray]:
    """L (q, q), row i the spherical coordinates of its i angles, and its derivatives (n, q, q)."""
    L = np.zeros((q, q))
    dL = np.zeros((len(angles), q, q))
    L[0, 0] = 1.0
    at = 0
    for i in range(1, q):
        phi = angles[at : at + i]
        c, s = np.cos(phi), np.sin(phi)
        left = np.concatenate([[1.0], np.cumprod(s)])
        L[i, : i + 1] = left * np.concatenate([c, [1.0]])
        for a in range(i):
            ds = s.copy()
            ds[a] = c[a]
            turned = np.concatenate([[1.0], np.cumprod(ds)])
            dL[at + a, i, : i + 1] = np.where(np.arange(i + 1) > a, turned * np.concatenate([c, [1.0]]), 0.0)
            dL[at + a, i, a] = -left[a] * s[a]
        at += i
    return L, dL


def _angles(L: np.ndarray) -> np.ndarray:
    """The angles behind unit rows with a diagonal that is not negative."""
    q = len(L)
    return np.array([np.arctan2(np.linalg.norm(L[i, a + 1 : i + 1]), L[i, a]) for i in range(1, q) for a in range(i)])

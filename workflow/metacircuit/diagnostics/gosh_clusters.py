r"""What drives a GOSH plot apart: two groups of subsets, and the effect whose presence tells them apart.

The estimates of the subsets are taken as a mixture of two normal distributions,

.. math:: f(x) = \pi\,\phi(x; \mu_1, \sigma_1^2) + (1 - \pi)\,\phi(x; \mu_2, \sigma_2^2), \quad \mu_1 < \mu_2

fitted by EM to a fine histogram from fixed starts, so that the same subsets always give the same groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.gosh import Gosh

from .outcome import NOT_ESTIMABLE, OK, TOO_FEW

# A mixture has five parameters: fewer subsets than this (five studies have 31) say nothing about them.
FEWEST_SUBSETS = 30
# A component with a smaller share of the subsets is a tail, not a group.
SMALLEST_SHARE = 0.05
BINS = 4096
MAX_STEPS = 2000
# EM has converged if the mean log-likelihood of a subset rises by less than this.
STILL = 1e-12


@dataclass(frozen=True, slots=True)
class Mixture:
    """Two normal components, the lower mean first: (2,) shares, means, sds; `separation` is Ashman's D."""

    share: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    ll: float

    @property
    def separation(self) -> float:
        """Distance of the means in units of the root mean square of the sds; above 2 the two can be told apart."""
        return float((self.mean[1] - self.mean[0]) / np.sqrt((self.sd**2).mean()))

    def density(self, x: np.ndarray) -> np.ndarray:
        """(2, n) densities of the components, with their shares."""
        z = (x - self.mean[:, None]) / self.sd[:, None]
        return self.share[:, None] * np.exp(-0.5 * z**2) / (self.sd[:, None] * np.sqrt(2 * np.pi))

    def upper(self, x: np.ndarray) -> np.ndarray:
        """(n,) which values belong to the upper component rather than to the lower one."""
        low, high = self.density(x)
        # Far out, the wider component would also claim the other's side.
        return ((high > low) & (x > self.mean[0])) | (x >= self.mean[1])


@dataclass(frozen=True, slots=True, eq=False)
class GoshClusters:
    """A cluster view of a GOSH result.

    Attributes
    ----------
    table : one row an effect: slab; share of the subsets that hold it; mean_with, mean_without and their difference
        shift; upper_with, upper_without, the share of subsets in the upper component with it and without it; phi, the
        correlation of its presence with the upper component; status, reason.
    mixture : the two components, None if there are too few subsets.
    peaks : peaks of the mixture's density. valley : density between the two, as a share of the lower peak.
    bimodal : whether there are two peaks and no component has less than 5 percent of the subsets.
    driver : the effect with the largest phi in size, if the estimates are bimodal; else "".
    """

    table: pd.DataFrame
    mixture: Mixture | None
    peaks: int
    valley: float
    bimodal: bool
    driver: str
    subsets: int
    status: str
    reason: str

    def to_frame(self) -> pd.DataFrame:
        """One row an effect."""
        return self.table.copy()

    def __str__(self) -> str:
        lines = [f"GOSH clusters ({self.subsets} subsets)"]
        if self.mixture is not None:
            m = self.mixture
            parts = [f"{100 * m.share[i]:.1f} % around {m.mean[i]:.4f} (sd {m.sd[i]:.4f})" for i in (0, 1)]
            lines.append(f"Components: {' and '.join(parts)}; separation D = {m.separation:.2f}")
            told = f"two peaks, {self.driver} tells them apart best" if self.bimodal else "one group of subsets"
            lines.append(f"Verdict: {told}")
        lines += [] if self.status == OK else [f"Status: {self.status}. {self.reason}"]
        return "\n".join([*lines, self.table.to_string(index=False, float_format="%.4f")])


def gosh_clusters(result: Gosh, *, coefficient: str | None = None) -> GoshClusters:
    """Whether the estimates of all subsets fall into two groups, and which effect decides between them.

    Parameters
    ----------
    result : from `gosh`. coefficient : whose estimates, for models with moderators.

    Returns
    -------
    GoshClusters
        With fewer than 30 subsets the table only, status too_few.

    Raises
    ------
    ValueError
        For a coefficient that the model does not have, or none given where there are several.

    Source
    ------
    Olkin, Dahabreh & Trikalinos (2012) Res Synth Methods 3, 214-223; Ashman, Bird & Zepf (1994) Astron J 108, 2348 (D).

    Example
    -------
    >>> from metacircuit.models.gosh import gosh
    >>> from metacircuit.models.rma import rma
    >>> fit = rma([0.1, 0.15, 0.12, 0.09, 0.14, 0.11, 2.0], [0.01] * 7, method="EE", slab=list("abcdefg"))
    >>> found = gosh_clusters(gosh(fit))
    >>> found.bimodal, found.driver
    (True, 'g')
    """
    x = _estimates(result, coefficient)
    rows = [_shift(result, x, i) for i in range(len(result.slab))]
    status, reason, mixture = OK, "", None
    if x.size < FEWEST_SUBSETS:
        status, reason = TOO_FEW, f"{x.size} subsets are too few to look for groups (at least {FEWEST_SUBSETS})."
    elif not np.ptp(x) > 1e-12 * np.abs(x).max():
        status, reason = NOT_ESTIMABLE, "All subsets have the same estimate: there are no groups."
    else:
        mixture = fit_mixture(x)
    peaks, valley = (0, np.nan) if mixture is None else _peaks(mixture)
    bimodal = mixture is not None and peaks == 2 and bool((mixture.share >= SMALLEST_SHARE).all())
    upper = None if mixture is None else mixture.upper(x)
    table = pd.DataFrame([row | _association(result.include[:, i], upper) for i, row in enumerate(rows)])
    driver = str(table.loc[table["phi"].abs().idxmax(), "slab"]) if bimodal and table["phi"].notna().any() else ""
    columns = [c for c in table if c not in ("status", "reason")]
    return GoshClusters(
        table[[*columns, "status", "reason"]], mixture, peaks, valley, bimodal, driver, x.size, status, reason
    )


def _estimates(result: Gosh, coefficient: str | None) -> np.ndarray:
    if len(result.names) == 1:
        return np.asarray(result.estimate, float)
    if coefficient is None:
        raise ValueError(f"The model has several coefficients: say coefficient=, one of {', '.join(result.names)}.")
    one_of("coefficient", coefficient, result.names)
    return result.estimate[:, result.names.index(coefficient)]


def _shift(result: Gosh, x: np.ndarray, i: int) -> dict[str, object]:
    """Mean estimate with and without one effect."""
    held = result.include[:, i]
    sides = [float(x[side].mean()) if side.any() else np.nan for side in (held, ~held)]
    row = {"slab": result.slab[i], "share": float(held.mean()) if x.size else np.nan}
    row |= {"mean_with": sides[0], "mean_without": sides[1], "shift": sides[0] - sides[1]}
    if held.any() and not held.all():
        return row | {"status": OK, "reason": ""}
    which = "Every subset that can be fitted holds it" if held.any() else "No subset that can be fitted holds it"
    return row | {"status": NOT_ESTIMABLE, "reason": f"{which}: there is nothing to compare with."}


def _association(held: np.ndarray, upper: np.ndarray | None) -> dict[str, float]:
    """How the presence of an effect goes with the upper component."""
    if upper is None or held.all() or not held.any():
        return dict.fromkeys(("upper_with", "upper_without", "phi"), np.nan)
    a, b = upper[held].mean(), upper[~held].mean()
    q, r = held.mean(), upper.mean()
    spread = np.sqrt(q * (1 - q) * r * (1 - r))
    phi = float(q * (1 - q) * (a - b) / spread) if spread > 0 else 0.0
    return {"upper_with": float(a), "upper_without": float(b), "phi": phi}


def fit_mixture(x: np.ndarray) -> Mixture:
    """Two normal components by EM on a histogram of x (n,), the best of five starts.

    The starts cut the values at their 10th, 25th, 50th, 75th and 90th percentile.
    """
    edges = np.linspace(x.min(), x.max(), BINS + 1)
    at = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, BINS - 1)
    n = np.bincount(at, minlength=BINS).astype(float)
    used = n > 0
    centre, n = np.bincount(at, x, minlength=BINS)[used] / n[used], n[used]
    floor = (edges[-1] - edges[0]) / BINS
    fits = [_em(centre, n, cut, floor) for cut in np.quantile(x, [0.1, 0.25, 0.5, 0.75, 0.9])]
    return max(fits, key=lambda m: m.ll)


def _em(x: np.ndarray, n: np.ndarray, cut: float, floor: float) -> Mixture:
    """EM from the components on either side of a cut."""
    low = x <= cut
    belongs = np.stack([low, ~low]).astype(float) if 0 < low.sum() < x.size else np.stack([x <= x[0], x > x[0]]) * 1.0
    total, before = n.sum(), -np.inf
    for _ in range(MAX_STEPS):
        size = np.maximum((belongs * n).sum(axis=1), 1e-300)
        mean = (belongs * n) @ x / size
        sd = np.sqrt(np.maximum(((belongs * n) * (x - mean[:, None]) ** 2).sum(axis=1) / size, floor**2))
        found = Mixture(size / total, mean, sd, before)
        density = found.density(x)
        sums = np.maximum(density.sum(axis=0), 1e-300)
        ll = float((n * np.log(sums)).sum())
        if ll - before <= STILL * total:
            break
        belongs, before = density / sums, ll
    order = np.argsort(found.mean, kind="stable")
    return Mixture(found.share[order], found.mean[order], found.sd[order], ll)


def _peaks(mixture: Mixture) -> tuple[int, float]:
    """Number of peaks of the density, and the valley between two of them as a share of the lower one."""
    m, s = mixture.mean, mixture.sd
    # Both components on their own scale: a narrow one would fall between the points of one even grid.
    z = np.linspace(-4, 4, 2001)
    grid = np.unique(np.concatenate([m[0] + s[0] * z, m[1] + s[1] * z, np.linspace(m[0], m[1], 2001)]))
    f = mixture.density(grid).sum(axis=0)
    tops = np.flatnonzero((f[1:-1] > f[:-2]) & (f[1:-1] >= f[2:])) + 1
    if tops.size < 2:
        return int(tops.size), np.nan
    return int(tops.size), float(f[tops[0] : tops[-1] + 1].min() / f[[tops[0], tops[-1]]].min())

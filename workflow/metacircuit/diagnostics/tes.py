"""The test of excess significance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.printing import p_text
from metacircuit.stats.small_study.excess import default_test, excess_p, limit_estimate, power, significant

from .effects import effects_of
from .outcome import NOT_ESTIMABLE, OK, closing, few_studies, one_row

ALTERNATIVES = ("two.sided", "greater", "less")
TESTS = ("chi2", "binom", "exact")


@dataclass(frozen=True, slots=True, eq=False)
class TES:
    """Observed and expected numbers of significant effects, and the test of their difference.

    Attributes
    ----------
    k, O, E, OEratio : effects, observed and expected significant ones, O / E. test, X2, pval : of O = E.
    power, sig : (k,) power of each study, and whether it was significant. theta : the assumed true effect.
    theta_lim : effect nearest to the null at which there is no excess; NaN where there is none at the null either.
    """

    k: int
    O: int  # noqa: E741 - the name of the literature
    E: float
    OEratio: float
    test: str
    X2: float
    pval: float
    power: np.ndarray
    sig: np.ndarray
    theta: float
    theta_lim: float
    alternative: str
    tes_alternative: str
    tes_alpha: float
    status: str
    reason: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        names = ("k", "O", "E", "OEratio", "test", "X2", "pval", "theta", "theta_lim", "status", "reason")
        return one_row(self, names)

    def __str__(self) -> str:
        lines = [f"Test of excess significance (k = {self.k}; {self.test})"]
        if self.status == OK:
            lines.append(f"Significant: {self.O} observed, {self.E:.4f} expected (ratio {self.OEratio:.4f})")
            lines.append(f"{p_text(self.pval)} (H1: observed {_WORDS[self.tes_alternative]} expected)")
        return "\n".join([*lines, *closing(self)])


_WORDS = {"greater": "more than", "less": "fewer than", "two.sided": "other than"}


def tes(
    x: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    H0: float = 0.0,
    alternative: str = "two.sided",
    alpha: float = 0.05,
    theta: float | None = None,
    tau2: float | None = None,
    test: str | None = None,
    tes_alternative: str = "greater",
    tes_alpha: float = 0.10,
) -> TES:
    """Test whether more studies are significant than their power allows.

    E = sum of the powers against H0 for true effects N(theta, tau2).

    Parameters
    ----------
    x : a model from `rma` (theta and tau2 are its own; with moderators theta is the fitted value of each study), or
        (k,) effects with `vi` or `sei` (theta is the weighted mean, tau2 zero if not given).
    H0, alternative, alpha : of the tests of the single studies.
    theta, tau2 : assumed instead.
    test : "exact", "binom", "chi2"; by default, as in metafor, exact for up to a million patterns, else chi2.
    tes_alternative, tes_alpha : of the test of excess, and the level for `theta_lim`.

    Returns
    -------
    TES
        Status not_estimable where the expected number leaves no room for a difference.

    Raises
    ------
    ValueError
        For unknown words or impossible levels.

    Source
    ------
    Ioannidis & Trikalinos (2007) Clin Trials 4, 245-253; Stanley et al. (2021) Res Synth Methods 12, 776-795.

    Example
    -------
    >>> result = tes([0.5, 0.6, 0.4, 0.1], [0.04, 0.05, 0.03, 0.01])
    >>> result.O, round(result.E, 3), result.test
    (3, 1.598, 'exact')
    """
    one_of("alternative", alternative, ALTERNATIVES)
    one_of("tes_alternative", tes_alternative, ALTERNATIVES)
    for name, value in (("alpha", alpha), ("tes_alpha", tes_alpha)):
        if not 0 < value < 1:
            raise ValueError(f"{name} must lie between 0 and 1, got {value!r}.")
    data = effects_of(x, vi, sei, purpose="The test of excess significance", moderators=True)
    if tau2 is None:
        tau2 = data.model.tau2 if data.model is not None else 0.0
    if theta is not None:
        centre = np.full(data.k, float(theta))
    elif data.model is not None:
        centre = data.X @ data.model.beta
    else:
        centre = np.full(data.k, np.average(data.yi, weights=1 / (data.vi + tau2)))
    shared = bool(np.ptp(centre) == 0)
    sig = significant(data.yi, data.vi, alpha=alpha, alternative=alternative, null=H0)
    observed = int(sig.sum())
    if test is None:
        test = default_test(observed, data.k, tes_alternative)
    one_of("test", test, TESTS)

    def chances(at: np.ndarray | float) -> np.ndarray:
        at = np.broadcast_to(np.asarray(at, float), data.vi.shape)
        return power(at, data.vi, tau2, alpha=alpha, alternative=alternative, null=H0)

    pow_ = chances(centre)
    E = float(pow_.sum())
    X2, pval = excess_p(observed, pow_, test, tes_alternative)
    status, reason = OK, ""
    if np.isnan(pval):
        status, reason = NOT_ESTIMABLE, f"All {data.k} studies have a power of 0 or 1: there is no excess to test."

    def p_at(effect: float) -> float:
        return excess_p(observed, chances(effect), test, "greater")[1]

    limit = np.nan
    if shared and tes_alternative == "greater" and status == OK:
        limit = limit_estimate(p_at, H0, float(centre[0]), tes_alpha)
    return TES(
        data.k, observed, E, observed / E if E > 0 else np.inf, test, X2, pval, pow_, sig,
        float(centre[0]) if shared else np.nan, limit, alternative, tes_alternative, tes_alpha, status, reason,
        few_studies(data.k),
    )  # fmt: skip

"""What the results say about a claim, before anyone judges it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan

NAN = nan


@dataclass(frozen=True, slots=True)
class Difference:
    """One comparison: an estimate with its interval, on the analysis scale.

    Attributes
    ----------
    first, second : str
        What is compared: first less second; for an interaction, two differences.
    label : str
        The same in words.
    estimate, se, df, pval, ci_lb, ci_ub : float
        df is NaN where the test is normal.
    note : str
        What a reader must know beside the numbers.
    """

    first: str
    second: str
    label: str
    estimate: float
    se: float
    df: float
    pval: float
    ci_lb: float
    ci_ub: float
    note: str = ""

    def turned(self) -> Difference:
        """Second less first."""
        return Difference(
            self.second,
            self.first,
            " − ".join(reversed(self.label.split(" − "))),
            -self.estimate,
            self.se,
            self.df,
            self.pval,
            -self.ci_ub,
            -self.ci_lb,
            self.note,
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers that a claim is judged by; NaN where a test does not give one.

    Attributes
    ----------
    estimate, se, pval, ci_lb, ci_ub, pi_lb, pi_ub : float
        On the scale of the smallest effect of interest. Of several comparisons, the one that decides.
    level : float
        Of the intervals, in percent.
    k, studies : float
        Effects and studies behind them.
    tau : float
        Standard deviation of true effects around the estimate.
    differences : tuple of Difference
        All comparisons, where there are several.
    certainty : str
        high, moderate, low, very low, or empty where nobody has rated it.
    method : str
        The model and test, in words.
    missing : tuple of str
        What the test lacks; empty if it could be done.
    notes : tuple of str
    """

    estimate: float = NAN
    se: float = NAN
    pval: float = NAN
    ci_lb: float = NAN
    ci_ub: float = NAN
    pi_lb: float = NAN
    pi_ub: float = NAN
    level: float = 95.0
    k: float = NAN
    studies: float = NAN
    tau: float = NAN
    differences: tuple[Difference, ...] = ()
    certainty: str = ""
    method: str = ""
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def testable(self) -> bool:
        """Whether the test could be done."""
        return not self.missing

    @property
    def alpha(self) -> float:
        """The level of the tests, from that of the intervals."""
        return 1 - self.level / 100

    @property
    def has_prediction(self) -> bool:
        """Whether there is a prediction interval."""
        return isfinite(self.pi_lb) and isfinite(self.pi_ub)

"""The result of Mantel–Haenszel and Peto pooling."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metacircuit.models.printing import coefficient_table, p_text

Vector = NDArray[np.float64]
RATIOS = ("OR", "RR", "IRR")


@dataclass(frozen=True, slots=True, eq=False)
class CommonEffect:
    """One common effect; names as in metafor, dots as underscores.

    Attributes
    ----------
    method, measure : "MH" or "Peto", and the code of the measure; ratios are on the log scale.
    beta, se, stat, pval, ci_lb, ci_ub : (1,) estimate and its test.
    QE, QEp, I2, H2 : heterogeneity, by the estimates of the `k_yi` single studies that have one.
    MH, MHp, CO, COp : tests of the association, Mantel–Haenszel (OR, IRR) and Cochran (OR).
    BD, BDp, TA, TAp : tests of a common odds ratio, Breslow–Day and Tarone, over `k_pos` tables (OR).
    ll, AIC, BIC, AICc : fit to the single studies. A statistic that a measure does not have is NaN.
    k, k_all : studies pooled, and given; level : confidence in percent.
    status, reason : "ok", or "not estimable" and why; notes : what was left out.
    """

    method: str
    measure: str
    beta: Vector
    se: Vector
    stat: Vector
    pval: Vector
    ci_lb: Vector
    ci_ub: Vector
    QE: float
    QEp: float
    I2: float
    H2: float
    ll: float
    AIC: float
    BIC: float
    AICc: float
    k: int
    k_all: int
    k_yi: int
    k_pos: int
    level: float
    status: str
    reason: str
    notes: tuple[str, ...]
    MH: float = np.nan
    MHp: float = np.nan
    CO: float = np.nan
    COp: float = np.nan
    BD: float = np.nan
    BDp: float = np.nan
    TA: float = np.nan
    TAp: float = np.nan
    tau2: float = 0.0

    @property
    def zval(self) -> Vector:
        """metafor's name for `stat`."""
        return self.stat

    @property
    def vb(self) -> NDArray[np.float64]:
        """Variance of the estimate, (1, 1)."""
        return np.diag(self.se**2)

    def predict(self, transf: str = "none") -> pd.DataFrame:
        """The estimate with its interval; transf="exp" for ratios.

        Raises
        ------
        ValueError
            If `transf` is not "none" or "exp".
        """
        if transf not in ("none", "exp"):
            raise ValueError(f"transf={transf!r} can be none or exp")
        columns = {"pred": self.beta, "ci_lb": self.ci_lb, "ci_ub": self.ci_ub}
        return pd.DataFrame({name: np.exp(x) if transf == "exp" else x for name, x in columns.items()})

    def to_frame(self) -> pd.DataFrame:
        """One row: method, measure, estimate with its test and interval, heterogeneity, k, status and reason."""
        row = {name: getattr(self, name) for name in ("method", "measure")}
        row |= {"estimate": self.beta[0]}
        row |= {name: getattr(self, name)[0] for name in ("se", "stat", "pval", "ci_lb", "ci_ub")}
        row |= {name: getattr(self, name) for name in ("QE", "QEp", "I2", "H2", "k", "status", "reason")}
        return pd.DataFrame([row])

    def __str__(self) -> str:
        title = {"MH": "Mantel-Haenszel", "Peto": "Peto"}[self.method]
        lines = [f"Common-effect model, {title} method, {self.measure} (k = {self.k})"]
        if self.status == "ok":
            lines += [
                f"Heterogeneity: Q(df = {max(self.k_yi - 1, 0)}) = {self.QE:.4f}, {p_text(self.QEp)}"
                f"   I2 = {self.I2:.2f} %   H2 = {self.H2:.2f}",
                "",
                coefficient_table(self.to_frame()[["estimate", "se", "stat", "pval", "ci_lb", "ci_ub"]]),
            ]
            if self.measure in RATIOS:
                ratio = np.exp([self.beta[0], self.ci_lb[0], self.ci_ub[0]])
                lines.append(f"{self.measure} = {ratio[0]:.4f} [{ratio[1]:.4f}, {ratio[2]:.4f}]")
        else:
            lines.append(f"Not estimable: {self.reason}.")
        tests = (("Mantel-Haenszel", "MH", 1), ("Cochran", "CO", 1))
        tests += (("Breslow-Day", "BD", self.k_pos - 1), ("Tarone", "TA", self.k_pos - 1))
        for label, name, df in tests:
            if np.isfinite(getattr(self, name)):
                lines.append(
                    f"{label}: chi2(df = {df}) = {getattr(self, name):.4f}, {p_text(getattr(self, name + 'p'))}"
                )
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])

"""Informative priors of tau from the meta-analyses in the Cochrane Database of Systematic Reviews.

The papers give the distribution of tau2; the logarithm of tau has half its location and half its scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from metacircuit.stats.bayes.priors import TauPrior, log_normal, log_t

# Outcome: one (location, scale) of log tau2 for each comparison.
Table = Mapping[str, tuple[tuple[float, float], ...]]


@dataclass(frozen=True, slots=True)
class Family:
    """The predictive distributions of one paper.

    Attributes
    ----------
    measure : scale of the effects that they are for.
    df : degrees of freedom of log tau2, None for the normal.
    general : (location, scale) without regard to the kind of outcome.
    comparisons : columns of `table`; table : outcome to one (location, scale) a comparison.
    source : publication and table.
    """

    measure: str
    df: float | None
    general: tuple[float, float]
    comparisons: tuple[str, ...]
    table: Table
    source: str

    def prior(self, outcome: str, comparison: str) -> TauPrior:
        """The prior of tau for a kind of outcome and comparison; "general" for any."""
        if outcome == "general":
            location, scale = self.general
        else:
            location, scale = self.table[outcome][self.comparisons.index(comparison)]
        if self.df is None:
            return log_normal(location / 2, scale / 2, self.source)
        return log_t(location / 2, scale / 2, self.df, self.source)


PLACEBO = "pharmacological vs placebo/control"
DRUGS = "pharmacological vs pharmacological"

TURNER_2012 = Family(
    measure="log odds ratio",
    df=None,
    general=(-2.56, 1.74),
    comparisons=(PLACEBO, DRUGS, "non-pharmacological vs any"),
    table={
        "all-cause mortality": ((-4.06, 1.45), (-4.27, 1.48), (-3.93, 1.51)),
        "semi-objective": ((-3.02, 1.85), (-3.23, 1.88), (-2.89, 1.91)),
        "subjective": ((-2.13, 1.58), (-2.34, 1.62), (-2.01, 1.64)),
    },
    source="Turner et al. (2012), International Journal of Epidemiology 41, 818-827",
)

TURNER_2015 = Family(
    measure="log odds ratio",
    df=None,
    general=(-2.56, 1.74),
    comparisons=(
        PLACEBO,
        DRUGS,
        "non-pharmacological vs placebo/control",
        "non-pharmacological vs pharmacological",
        "non-pharmacological vs non-pharmacological",
    ),
    table={
        "all-cause mortality": ((-3.95, 1.34), (-4.18, 1.41), (-4.17, 1.55), (-2.92, 1.02), (-3.50, 1.26)),
        "obstetric": ((-3.52, 1.74), (-3.75, 1.79), (-3.74, 1.91), (-2.49, 1.50), (-3.08, 1.68)),
        "cause-specific mortality": ((-3.71, 1.74), (-3.95, 1.79), (-3.93, 1.91), (-2.68, 1.51), (-3.27, 1.68)),
        "resource use": ((-2.34, 1.74), (-2.58, 1.79), (-2.56, 1.91), (-1.31, 1.50), (-1.90, 1.68)),
        "surgical success": ((-2.14, 1.74), (-2.37, 1.79), (-2.36, 1.91), (-1.11, 1.50), (-1.69, 1.68)),
        "withdrawals": ((-2.99, 1.74), (-3.23, 1.79), (-3.21, 1.91), (-1.96, 1.51), (-2.55, 1.68)),
        "structure": ((-2.71, 1.74), (-2.94, 1.79), (-2.93, 1.92), (-1.67, 1.51), (-2.26, 1.68)),
        "general physical health": ((-2.29, 1.53), (-2.53, 1.58), (-2.51, 1.72), (-1.26, 1.25), (-1.85, 1.46)),
        "adverse events": ((-1.87, 1.52), (-2.10, 1.58), (-2.10, 1.71), (-0.84, 1.24), (-1.43, 1.45)),
        "infection": ((-2.49, 1.52), (-2.73, 1.58), (-2.71, 1.71), (-1.46, 1.24), (-2.05, 1.45)),
        "signs and symptoms": ((-2.06, 1.51), (-2.29, 1.58), (-2.28, 1.71), (-1.03, 1.24), (-1.61, 1.45)),
        "pain": ((-1.83, 1.52), (-2.06, 1.58), (-2.05, 1.71), (-0.80, 1.25), (-1.38, 1.45)),
        "quality of life": ((-2.54, 1.54), (-2.78, 1.60), (-2.77, 1.73), (-1.51, 1.27), (-2.10, 1.47)),
        "mental health": ((-2.12, 1.53), (-2.35, 1.60), (-2.34, 1.72), (-1.09, 1.27), (-1.67, 1.47)),
        "biological markers": ((-1.77, 1.52), (-2.00, 1.58), (-1.99, 1.71), (-0.74, 1.24), (-1.33, 1.45)),
        "subjective": ((-2.70, 1.52), (-2.93, 1.58), (-2.92, 1.71), (-1.67, 1.25), (-2.26, 1.45)),
    },
    source="Turner et al. (2015), Statistics in Medicine 34, 984-998, table IV",
)

RHODES_2015 = Family(
    measure="standardised mean difference",
    df=5.0,
    general=(-3.44, 2.59),
    comparisons=(PLACEBO, DRUGS, "non-pharmacological vs any"),
    table={
        "obstetric": ((-4.13, 2.34), (-4.40, 2.31), (-3.99, 2.11)),
        "resource use": ((-2.55, 2.73), (-2.83, 2.70), (-2.41, 2.57)),
        "structure": ((-2.43, 2.50), (-2.70, 2.46), (-2.29, 2.32)),
        "general physical health": ((-3.16, 2.50), (-3.44, 2.44), (-3.02, 2.27)),
        "signs and symptoms": ((-3.00, 2.50), (-3.27, 2.47), (-2.86, 2.33)),
        "mental health": ((-2.99, 2.16), (-3.27, 2.14), (-3.85, 1.93)),
        "biological markers": ((-3.41, 2.83), (-3.68, 2.78), (-3.27, 2.66)),
        "subjective": ((-2.76, 2.58), (-3.03, 2.59), (-2.62, 2.41)),
    },
    source="Rhodes, Turner and Higgins (2015), Journal of Clinical Epidemiology 68, 52-60, table 3",
)

FAMILIES: Mapping[str, Family] = {"turner2012": TURNER_2012, "turner2015": TURNER_2015, "rhodes2015": RHODES_2015}

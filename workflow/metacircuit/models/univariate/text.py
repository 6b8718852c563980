"""A fitted univariate model as text and as a table."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.models.printing import coefficient_table, p_text
from metacircuit.stats.tau2 import COMMON_EFFECT

if TYPE_CHECKING:
    from .result import RMA


def frame(fit: "RMA") -> pd.DataFrame:
    """One row a coefficient."""
    columns = ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")
    table = pd.DataFrame({"term": fit.names, **{name: getattr(fit, name) for name in columns}})
    shared = ("dfs", "k", "tau2", "se_tau2", "I2", "H2", "QE", "QEp", "QM", "QMp", "ll", "method", "test", "status")
    table = table.assign(**{name: getattr(fit, name) for name in shared})
    table.insert(table.columns.get_loc("H2") + 1, "R2", np.nan if fit.R2 is None else fit.R2)
    return table


def describe(fit: "RMA") -> str:
    """What a statistician reads first: model, heterogeneity, tests, coefficients, notes."""
    lines = [_title(fit), "", *_heterogeneity(fit), ""]
    if fit.k > fit.p:
        name = "Heterogeneity" if fit.intercept_only else "Residual heterogeneity"
        lines.append(f"{name}: Q({fit.k - fit.p}) = {fit.QE:.4f}, {p_text(fit.QEp)}")
    if not fit.intercept_only:
        m, dfs = fit.QMdf
        statistic = f"QM({m})" if np.isinf(dfs) else f"F({m}, {dfs:g})"
        tested = ", ".join(fit.names[j] for j in fit.tested)
        lines.append(f"Moderators ({tested}): {statistic} = {fit.QM:.4f}, {p_text(fit.QMp)}")
    lines += ["", _coefficients(fit)]
    lines += ["", *(f"Note: {note}" for note in fit.notes)] if fit.notes else []
    return "\n".join(lines)


def _title(fit: "RMA") -> str:
    if fit.method in COMMON_EFFECT:
        kind = "Common-effect model" if fit.intercept_only else "Common-effect model with moderators"
    else:
        kind = "Random-effects model" if fit.intercept_only else "Mixed-effects model"
    return f"{kind} (k = {fit.k}; tau2: {'known' if fit.tau2_fixed and fit.tau2 else fit.method})"


def _heterogeneity(fit: "RMA") -> list[str]:
    lines = []
    if fit.method not in COMMON_EFFECT:
        se = f" (SE {_number(fit.se_tau2)})" if np.isfinite(fit.se_tau2) else ""
        lines.append(f"tau2  {_number(fit.tau2)}{se}    tau  {_number(fit.tau)}")
    explained = "" if fit.R2 is None else f"    R2  {fit.R2:.2f} %"
    lines.append(f"I2    {fit.I2:.2f} %    H2  {fit.H2:.2f}{explained}")
    c = fit.criterion
    lines.append(f"log-likelihood {c.ll:.4f}    AIC {c.AIC:.4f}    BIC {c.BIC:.4f}    AICc {c.AICc:.4f}")
    return lines


def _coefficients(fit: "RMA") -> str:
    """The coefficients, under the name of their statistic."""
    statistic = "z" if np.isinf(fit.dfs) else f"t({fit.dfs:g})"
    columns = {"estimate": fit.beta, "se": fit.se, statistic: fit.stat, "pval": fit.pval}
    columns |= {"ci_lb": fit.ci_lb, "ci_ub": fit.ci_ub}
    written = {name: values if name == "pval" else [_number(x) for x in values] for name, values in columns.items()}
    return coefficient_table(pd.DataFrame({"": fit.names, **written}))


def _number(value: float) -> str:
    """Four decimals; three significant digits where these would show nothing."""
    return f"{value:.3g}" if 0 < abs(value) < 5e-4 else f"{value:.4f}"

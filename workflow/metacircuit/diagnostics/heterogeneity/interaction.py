"""The interaction of two factors as one test: does the pattern over one differ between the words of the other?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.config.seeds import seed_of
from metacircuit.diagnostics.heterogeneity.data import CANNOT, NAN, coded, components, fit_che, why_not
from metacircuit.diagnostics.heterogeneity.permutation import permute_studies
from metacircuit.models.robust_result import ENOUGH_DF
from metacircuit.wording import plural

if TYPE_CHECKING:
    from metacircuit.config import HeterogeneitySlice
    from metacircuit.models.mv_result import RMAMV

COLUMNS = (
    *("analysis", "grouping", "model", "test", "k", "studies", "cells", "thin_cells"),
    *("QM", "df1", "df2", "pval_htz", "F_permutation", "pval_permutation", "arrangements", "exact", "pval"),
    *("tau2_none", "tau2_additive", "tau2", "sigma2_study_additive", "sigma2_study"),
    *("sigma2_effect_additive", "sigma2_effect", "R2_main", "R2", "R2_study", "R2_effect", "status", "reason"),
)


def interaction(effects: pd.DataFrame, grouping: str, spec: HeterogeneitySlice) -> dict[str, object]:
    r"""Test the product of two factors, and say how much of the heterogeneity it explains.

    .. math:: y_{ij} = \alpha_{a(ij)} + \beta_{b(ij)} + \gamma_{ab(ij)} + u_j + w_{ij} + e_{ij}, \quad
              H_0: \gamma = 0, \quad R^2 = 100\,\frac{\tau^2_{a + b} - \tau^2_{a \times b}}{\tau^2_{a + b}}

    The test is HTZ on CHE. Where a cell has fewer studies than are pooled, or HTZ has fewer than 4 denominator degrees
    of freedom, it is a permutation of whole studies.

    Parameters
    ----------
    effects : DataFrame
        effects/ANALYSIS.csv.
    grouping : str
        Two of its columns, joined by a colon.
    spec : HeterogeneitySlice
        Model, permutations and the least number of studies.

    Returns
    -------
    dict
        A row of `COLUMNS`; both p-values where there are both, and `pval`, the one to report. R2 is in percent, in
        total and by level; negative differences count as 0.

    Notes
    -----
    Source: Tipton and Pustejovsky (2015), JEBS 40:604, eq. 14; Raudenbush (2009), The Handbook of Research Synthesis,
    eq. 16.27, for R2.
    """
    rows = coded(effects, grouping.split(":"))
    studies = rows.groupby(["a", "b"])["study_id"].nunique()
    thin = int((studies < spec.model.min_studies).sum())
    row: dict[str, object] = {
        "analysis": spec.analysis,
        "grouping": grouping,
        "k": len(rows),
        "studies": rows["study_id"].nunique(),
        "cells": len(studies),
        "thin_cells": thin,
    }
    if rows["a"].nunique() < 2 or rows["b"].nunique() < 2:
        return row | {"status": "too_few", "reason": "an interaction needs two words of each factor with estimates"}
    if row["studies"] < 3:
        return row | {"status": "too_few", "reason": f"{plural(row['studies'], 'study', 'studies')}; 3 are needed"}
    try:
        return row | _tested(rows, grouping, spec, thin, len(studies))
    except CANNOT as error:
        return row | why_not(error)


def _tested(rows: pd.DataFrame, grouping: str, spec: HeterogeneitySlice, thin: int, cells: int) -> dict[str, object]:
    """The tests, and what the product explains."""
    none, additive, full = (fit_che(rows, spec.model, mods) for mods in (None, "~ a + b", "~ a * b"))
    if not full.fit.inputs.term_columns.get("a:b"):
        reason = "no two words of one factor share two words of the other, so no interaction can be estimated"
        return {"status": "not_estimable", "reason": reason}
    if full.k <= full.p:
        return {"status": "not_estimable", "reason": f"{full.k} effects for {full.p} coefficients"}
    row: dict[str, object] = {"model": "CHE", **_heterogeneity(none, additive, full)}
    htz = full.robust("CR2", bootstrap=False).wald(["a:b"])
    usable = np.isfinite(htz.df_denom) and htz.df_denom > 0
    row |= {
        "QM": htz.F if usable else NAN,
        "df1": htz.df_num,
        "df2": htz.df_denom,
        "pval_htz": htz.pval_htz if usable else NAN,
    }
    permuted = permute_studies(
        additive.fit,
        full.fit.inputs.X,
        draws=spec.heterogeneity.permutations,
        seed=seed_of(spec.analysis, grouping, "interaction"),
    )
    if permuted is not None:
        row |= {
            "F_permutation": permuted.F,
            "pval_permutation": permuted.pval,
            "arrangements": permuted.arrangements,
            "exact": "yes" if permuted.exact else "no",
        }
    trusted = usable and htz.df_denom >= ENOUGH_DF and not thin
    why = [] if trusted else _why(thin, cells, spec.model.min_studies, htz.df_denom)
    if full.dropped:
        why.append(f"{plural(len(full.dropped), 'coefficient')} of empty cells cannot be estimated")
    use = "HTZ" if trusted or permuted is None else "permutation of studies"
    pval = row["pval_htz"] if use == "HTZ" else row["pval_permutation"]
    converged = full.converged and additive.converged
    status = "not_converged" if not converged else "ok" if np.isfinite(pval) else "not_estimable"
    return row | {"test": use, "pval": pval, "status": status, "reason": "; ".join(why)}


def _why(thin: int, cells: int, least: int, df: float) -> list[str]:
    """Why HTZ is not the test to report."""
    said = [f"{thin} of {cells} cells have fewer than {least} studies"] if thin else []
    if not df >= ENOUGH_DF:
        few = f"{df:.2f}" if np.isfinite(df) else "no"
        said.append(f"HTZ has {few} denominator degrees of freedom, fewer than {ENOUGH_DF:g}")
    return said


def _heterogeneity(none: RMAMV, additive: RMAMV, full: RMAMV) -> dict[str, float]:
    """Variances of true effects without moderators, with main effects and with the product, and what these explain."""
    before, after = components(additive), components(full)
    return {
        "tau2_none": sum(components(none)),
        "tau2_additive": sum(before),
        "tau2": sum(after),
        "sigma2_study_additive": before[0],
        "sigma2_study": after[0],
        "sigma2_effect_additive": before[1],
        "sigma2_effect": after[1],
        "R2_main": _explained(sum(components(none)), sum(before)),
        "R2": _explained(sum(before), sum(after)),
        "R2_study": _explained(before[0], after[0]),
        "R2_effect": _explained(before[1], after[1]),
    }


def _explained(before: float, after: float) -> float:
    return max(0.0, 100 * (before - after) / before) if before > 0 else NAN


def interactions(effects: pd.DataFrame, spec: HeterogeneitySlice) -> pd.DataFrame:
    """A row for each crossed grouping of an analysis."""
    crossed = [g for g in spec.groupings if ":" in g]
    return pd.DataFrame([interaction(effects, g, spec) for g in crossed], columns=list(COLUMNS))

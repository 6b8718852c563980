"""Columns of the result tables, and the numbers of people behind an estimate."""

from __future__ import annotations

import numpy as np
import pandas as pd

ESTIMATES = (
    *(
        "analysis",
        "grouping",
        "stratum",
        "label",
        "measure",
        "model",
        "method",
        "test",
        "rho",
        "level",
        "status",
        "reason",
    ),
    *("k", "studies", "participants", "estimate", "se", "stat", "df", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub"),
    *("tau2", "tau2_lb", "tau2_ub", "sigma2_study", "sigma2_study_lb", "sigma2_study_ub"),
    *("sigma2_effect", "sigma2_effect_lb", "sigma2_effect_ub", "I2", "H2", "QE", "QE_df", "QEp"),
    *("scale", "natural", "natural_lb", "natural_ub", "natural_pi_lb", "natural_pi_ub"),
)
CONTRASTS = (
    *("analysis", "grouping", "model", "groups", "k", "studies", "QM", "df1", "df2", "pval", "tau2", "R2"),
    *("status", "reason"),
)
SENSITIVITY = (
    *("analysis", "choice", "value", "grouping", "stratum", "label", "measure", "model", "status", "reason"),
    *(
        "k",
        "studies",
        "estimate",
        "se",
        "pval",
        "ci_lb",
        "ci_ub",
        "tau2",
        "scale",
        "natural",
        "natural_lb",
        "natural_ub",
    ),
)
COMBINED = (
    *("analysis", "grouping", "stratum", "study_id", "study_label", "effects", "participants"),
    *("yi", "vi", "ci_lb", "ci_ub", "weight"),
)


def count_participants(rows: pd.DataFrame) -> float:
    """Count people once: the largest number that a sample reports anywhere, summed over samples.

    Parameters
    ----------
    rows : DataFrame
        With study_id, sample_id and participants (people; NaN where not printed).

    Returns
    -------
    float
        People; NaN if no sample prints its size.
    """
    sizes = rows.groupby(["study_id", "sample_id"], dropna=False)["participants"].max()
    return float(sizes.sum()) if sizes.notna().any() else np.nan


def table(rows: list[dict[str, object]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Build a result table with its fixed columns; a column that a row does not set is missing there."""
    return pd.DataFrame(rows, columns=list(columns))

"""What all questions about groups share: the usable rows of a grouping, the model, and the words in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.models.rma_mv import rma_mv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metacircuit.config import Model
    from metacircuit.models.mv_result import RMAMV

NAN = float("nan")
# What a model raises on data that it cannot fit, such as a covariance without inverse.
CANNOT = (ValueError, np.linalg.LinAlgError)


def coded(effects: pd.DataFrame, factors: Sequence[str]) -> pd.DataFrame:
    """Effects with an estimate and a word for every factor; the factors as text in columns a, b (b only if crossed).

    Parameters
    ----------
    effects : DataFrame
        effects/ANALYSIS.csv: study_id, yi, vi, status, and the factors.
    factors : sequence of str
        One or two of its columns.

    Returns
    -------
    DataFrame
        study_id, yi, vi, a, b; numbered from 0.
    """
    rows = effects[effects["status"] == "analysed"]
    known = rows[list(factors)].notna().all(axis=1) & (rows[list(factors)] != "").all(axis=1)
    rows = rows[known]
    columns = {"study_id": rows["study_id"].astype(str), "yi": rows["yi"].astype(float), "vi": rows["vi"].astype(float)}
    for name, factor in zip("ab", factors, strict=False):
        columns[name] = rows[factor].astype(str)
    return pd.DataFrame(columns).reset_index(drop=True)


def fit_che(
    rows: pd.DataFrame, model: Model, mods: str | None = None, random: list[str] | None = None, struct: str = "CS"
) -> RMAMV:
    """CHE of these rows; with one effect in every study, one variance.

    Source: Pustejovsky and Tipton (2022), Prevention Science 23:425, eq. 6.
    """
    several = rows["study_id"].duplicated().any()
    return rma_mv(
        rows["yi"].to_numpy(),
        rows["vi"].to_numpy(),
        study=rows["study_id"].to_numpy(),
        rho=model.rho,
        mods=mods,
        data=rows,
        random=random or (None if several else "~ 1 | study_id"),
        struct=struct,
        method="ML" if model.method == "ML" else "REML",
        level=model.level,
    )


def components(fit: RMAMV) -> tuple[float, float]:
    """Variance of true effects between and within studies."""
    return float(fit.sigma2[0]), float(fit.sigma2[1]) if len(fit.sigma2) > 1 else 0.0


def words_in_order(present: Sequence[str], vocabulary: pd.DataFrame | None) -> dict[str, str]:
    """Word to label: the vocabulary's words in its order, then words that it does not have, sorted."""
    labels: dict[str, str] = {}
    if vocabulary is not None:
        labels = dict(zip(vocabulary["id"].astype(str), vocabulary["label"].astype(str), strict=True))
    return labels | {word: word for word in sorted(set(present) - set(labels) - {""})}


def labels_of(factor: str, rows: pd.DataFrame, column: str, words: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """The words of a factor that have rows, with their labels, in the order of display."""
    present = set(rows[column])
    known = words_in_order(sorted(present), words.get(factor))
    return {word: label for word, label in known.items() if word in present}


def why_not(error: Exception) -> dict[str, str]:
    """Status and reason of what could not be fitted."""
    return {"status": "not_estimable", "reason": " ".join(str(error).split()).rstrip(".")}

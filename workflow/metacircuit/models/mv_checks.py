"""Checks of what `rma_mv` is given, and the rows that cannot be used."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.mv_random import random_columns
from metacircuit.stats.formula_tokens import tokens
from metacircuit.stats.multilevel.blocks import Blocks


def check_rho(rho: float | None, studies: pd.Series | None, blocks: Blocks) -> None:
    """rho is a correlation that a study of this size can have, and V leaves room for it."""
    if rho is None:
        return
    if studies is None:
        raise ValueError("rho= is a correlation within studies, so study= is needed.")
    if not (np.isscalar(rho) and -1 <= rho <= 1):
        raise ValueError(f"rho must be one number between -1 and 1; got {rho!r}.")
    largest = int(studies.value_counts().max())
    if largest > 1 and rho < -1 / (largest - 1):
        raise ValueError(
            f"rho={rho:g} is impossible in a study with {largest} effects: their common correlation is at least "
            f"-1 / {largest - 1}."
        )
    if not blocks.is_diagonal:
        raise ValueError(
            "V already has covariances: give either rho= with sampling variances, or V with its covariances."
        )


def check_definite(blocks: Blocks) -> None:
    """No combination of effects may have a negative sampling variance."""
    for g in blocks.groups:
        if g.rows.shape[1] > 1 and np.isfinite(g.values).all():
            values = np.linalg.eigvalsh(g.values)
            wrong = np.flatnonzero(values[:, 0] < -1e-8 * np.maximum(values[:, -1], 0.0))
            if len(wrong):
                rows = ", ".join(map(str, g.rows[wrong[0]][:10]))
                raise ValueError(
                    f"V is not positive definite: the covariances of rows {rows} contradict each other. Check "
                    f"them, or build V with "
                    "vcalc(..., nearpd=True)."
                )


def incomplete_rows(y: np.ndarray, blocks: Blocks, mods: Any, data: Any, random: Any, given: dict) -> dict[int, str]:
    """Rows with a missing value, each with the first reason."""
    missing = {"yi": np.isnan(y)}
    bad = np.zeros(len(y), bool)
    for g in blocks.groups:
        diagonal = np.isnan(np.einsum("mii->mi", g.values))
        # A missing covariance of two present variances leaves nothing to weight them with.
        pairs = np.isnan(g.values) & ~diagonal[:, :, None] & ~diagonal[:, None, :]
        bad[g.rows] = diagonal | pairs.any(axis=2)
    missing["V"] = bad
    missing |= {name: column.isna().to_numpy() for name, column in given.items() if column is not None}
    names = random_columns(random)
    if isinstance(mods, str):
        names += [t.text for t in tokens(mods) if t.kind == "name"]
    elif mods is not None:
        missing["mods"] = np.isnan(np.asarray(mods, float)).reshape(len(y), -1).any(axis=1)
    for name in names:
        if data is not None and name in data and len(data[name]) == len(y):
            missing[name] = pd.isna(pd.Series(data[name])).to_numpy()
    omitted: dict[int, str] = {}
    for name, rows in missing.items():
        for i in np.flatnonzero(rows):
            omitted.setdefault(int(i), f"{name} is missing")
    return dict(sorted(omitted.items()))

"""What a bubble plot says: points, the regression line and its bands, as plain arrays."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from metacircuit.figures.result import require_columns, text

POINTS, LINE = ("study_label", "x", "yi", "vi"), ("x", "pred", "ci_lb", "ci_ub")


@dataclass(frozen=True, slots=True, eq=False)
class Bubbles:
    """Effects against a moderator.

    Parameters
    ----------
    names : (k,) names of the points
    x, yi, weight : (k,) moderator, effect (analysis scale), and weight relative to the largest
    line : (m, 6) x, pred, ci_lb, ci_ub, pi_lb, pi_ub, sorted by x; NaN where the model has none
    lost : rows without moderator, effect or variance
    """

    names: tuple[str, ...]
    x: np.ndarray
    yi: np.ndarray
    weight: np.ndarray
    line: np.ndarray
    lost: int

    @property
    def banded(self) -> bool:
        """Whether there is a prediction interval."""
        return bool(np.isfinite(self.line[:, 4:]).all(axis=1).any())


def bubbles(points: pd.DataFrame, predictions: pd.DataFrame | None) -> Bubbles:
    """Read the two tables; `weight` of the points, where there is one, is their size, else 1/vi."""
    require_columns(points, POINTS, "points")
    x, yi, vi = (_numbers(points[name]) for name in POINTS[1:])
    weight = _numbers(points["weight"]) if "weight" in points else 1 / np.where(vi > 0, vi, math.nan)
    usable = np.isfinite(x) & np.isfinite(yi) & np.isfinite(weight) & (weight > 0)
    names = [text(row, "study_label") for row in points.to_dict("records")]
    largest = float(weight[usable].max()) if usable.any() else 1.0
    return Bubbles(
        tuple(name for name, ok in zip(names, usable, strict=True) if ok),
        x[usable],
        yi[usable],
        weight[usable] / largest,
        _line(predictions),
        int((~usable).sum()),
    )


def _line(predictions: pd.DataFrame | None) -> np.ndarray:
    if predictions is None or predictions.empty:
        return np.empty((0, 6))
    require_columns(predictions, LINE, "predictions")
    names = (*LINE, "pi_lb", "pi_ub")
    nothing = np.full(len(predictions), math.nan)
    line = np.column_stack([_numbers(predictions[n]) if n in predictions else nothing for n in names])
    line = line[np.isfinite(line[:, :2]).all(axis=1)]
    return line[np.argsort(line[:, 0], kind="stable")]


def _numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column).to_numpy(float, na_value=math.nan)

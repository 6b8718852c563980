"""Result tables to draw. Their numbers need to be plausible, not right: figures never fit."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from metacircuit.figures.style import isolated


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables of a forest plot."""

    rows: pd.DataFrame
    estimates: pd.DataFrame
    contrast: pd.DataFrame | None


@pytest.fixture(scope="session")
def make_tables() -> Callable[..., Tables]:
    """Make the tables of one grouping."""
    return _make


@pytest.fixture(scope="session")
def boxes() -> Callable[[Figure], list[tuple[str, tuple[float, float, float, float]]]]:
    """Texts of a figure with the boxes (x0, y0, x1, y1) that they are drawn in, in points."""
    return _boxes


def _make(
    strata: Sequence[tuple[str, int]],
    *,
    measure: str = "SMD",
    labels: Sequence[str] = (),
    centre: float = 0.4,
    spread: float = 0.4,
    width: float = 0.4,
    minimum: int = 3,
) -> Tables:
    random = np.random.default_rng(8)
    rows, estimates = [], []
    for stratum, k in strata:
        yi = centre + spread * random.normal(size=k)
        half = width * random.uniform(0.5, 1.5, size=k)
        for y, h in zip(yi, half, strict=True):
            n = len(rows)
            label = labels[n % len(labels)] if labels else f"Author {chr(65 + n % 26)} {1990 + n % 35}"
            rows.append({"stratum": stratum, "study_label": label, "yi": y, "ci_lb": y - h, "ci_ub": y + h})
            rows[-1] |= {
                "effects": 1 + n % 3,
                "participants": 40 + 7 * n,
                "weight": 100 / k if k >= minimum else math.nan,
            }
        estimates.append(_estimate("disorder", stratum, yi, half, measure=measure, minimum=minimum))
    everything = pd.DataFrame(rows)
    halves = everything["ci_ub"] - everything["yi"]
    overall = _estimate("overall", "overall", everything["yi"], halves, measure=measure, minimum=minimum)
    contrast = {"QM": 4.5612, "df1": len(strata) - 1, "df2": 21.66, "pval": 0.0121, "status": "ok", "reason": ""}
    if strata[0][0] == "overall":
        return Tables(everything, pd.DataFrame([overall]), None)
    return Tables(everything, pd.DataFrame([overall, *estimates]), pd.DataFrame([contrast]))


def _estimate(
    grouping: str, stratum: str, yi: Sequence[float], half: Sequence[float], *, measure: str, minimum: int
) -> dict[str, object]:
    k = len(yi)
    row = {"grouping": grouping, "stratum": stratum, "label": f"Label of {stratum}", "measure": measure, "studies": k}
    row |= dict.fromkeys(("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "I2", "QE", "QE_df", "QEp"), math.nan)
    row |= {"k": 2 * k, "participants": 100.0 * k, "reason": ""}
    if k < minimum:
        return row | {"status": "too_few" if k else "empty", "reason": f"k = {k}, minimum {minimum}"}
    mean, error = float(np.mean(yi)), float(np.mean(half)) / math.sqrt(k)
    row |= {"status": "ok", "estimate": mean, "ci_lb": mean - error, "ci_ub": mean + error}
    row |= {"pi_lb": mean - 4 * error, "pi_ub": mean + 4 * error, "tau2": 0.1234, "I2": 67.25, "QE": 21.3456}
    return row | {"QE_df": k - 1, "QEp": 0.00002}


def _boxes(figure: Figure) -> list[tuple[str, tuple[float, float, float, float]]]:
    figure.dpi = 200
    with isolated():
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()
        texts = [artist for artist in figure.findobj(Text) if artist.get_visible() and artist.get_text().strip()]
        return [(text.get_text(), tuple(text.get_window_extent(renderer).extents * 72 / figure.dpi)) for text in texts]

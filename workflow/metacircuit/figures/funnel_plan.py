"""All decisions about a funnel plot before anything is drawn: its panels, their effects, limits and legend."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from metacircuit.figures.funnel_shapes import contour_entries, quantile
from metacircuit.figures.legend import Entry, Sign
from metacircuit.figures.panel import padded
from metacircuit.figures.result import require_columns, text
from metacircuit.figures.scales import Scale
from metacircuit.figures.style import Style
from metacircuit.wording import plural

Number = float | Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """The effects of one panel.

    Parameters
    ----------
    label : the name of the panel; empty where there is one only
    names : (k,) names of the effects
    yi, sei : (k,) effects and standard errors on the analysis scale
    filled : (k,) whether an effect was filled in
    estimate, tau2 : of the model; NaN where nothing was pooled
    """

    label: str
    names: tuple[str, ...]
    yi: np.ndarray
    sei: np.ndarray
    filled: np.ndarray
    estimate: float
    tau2: float

    @property
    def k(self) -> int:
        """The number of effects that were observed."""
        return int((~self.filled).sum())

    def outside(self, level: float) -> np.ndarray:
        """The observed effects outside the region around the estimate, the farthest first."""
        distance = np.abs(self.yi - self.estimate)
        beyond = distance - quantile(level) * np.sqrt(self.sei**2 + self.tau2)
        found = np.flatnonzero((beyond > 0) & ~self.filled)
        return found[np.argsort(-beyond[found], kind="stable")]


def funnels(effects: pd.DataFrame, estimate: Number, tau2: Number, panel: str | None) -> tuple[list[Funnel], int]:
    """The panels in the order in which they first occur, and the number of rows that have no place in a funnel.

    Parameters
    ----------
    effects : study_label, yi, vi, and where there are filled-in effects `filled`
    estimate, tau2 : of all effects, or by the name of the panel
    panel : the column whose values make the panels
    """
    require_columns(effects, ("study_label", "yi", "vi", *([panel] if panel else [])), "effects")
    yi, vi = (pd.to_numeric(effects[name]).to_numpy(float, na_value=math.nan) for name in ("yi", "vi"))
    usable = np.isfinite(yi) & np.isfinite(vi) & (vi >= 0)
    filled = effects["filled"].fillna(False).to_numpy(bool) if "filled" in effects else np.zeros(len(effects), bool)
    names = np.array([text(row, "study_label") for row in effects.to_dict("records")], dtype=object)
    where = (
        effects[panel].map(lambda word: "" if pd.isna(word) else str(word)) if panel else pd.Series("", effects.index)
    )
    found = []
    for label in list(dict.fromkeys(where)) or [""]:
        rows = usable & (where == label).to_numpy()
        sei = np.sqrt(vi[rows])
        middle, spread = _of(estimate, label), _of(tau2, label)
        spread = 0.0 if math.isnan(spread) else spread
        found.append(Funnel(label, tuple(names[rows]), yi[rows], sei, filled[rows], middle, spread))
    return found, int((~usable).sum())


def _of(numbers: Number, label: str) -> float:
    """The number of a panel; NaN where it has none."""
    return float(numbers.get(label, math.nan) if isinstance(numbers, Mapping) else numbers)


def reach(panels: Sequence[Funnel], scale: Scale, level: float) -> tuple[tuple[float, float], float]:
    """Limits across that hold all effects, the regions and, unless it is far away, no effect; and the depth."""
    deepest = max((float(f.sei.max()) for f in panels if f.sei.size), default=0.0) or 1.0
    deepest *= 1.05
    values = [value for f in panels for value in f.yi]
    for f in panels:
        half = quantile(level) * math.hypot(deepest, math.sqrt(f.tau2))
        values += [f.estimate - half, f.estimate + half]
    low, high = padded(values, 0.03, scale.null or 0.0)
    if scale.null is not None and max(high, scale.null) - min(low, scale.null) <= 2 * (high - low):
        air = 0.03 * (high - low)
        low, high = min(low, scale.null - air), max(high, scale.null + air)
    return (low, high), deepest


def legend(panels: Sequence[Funnel], scale: Scale, levels: Sequence[float], level: float, style: Style) -> list[Entry]:
    """What the shapes of the plot mean."""
    entries = [Entry(Sign.DOT, style.study, "effect")]
    if any(f.filled.any() for f in panels):
        entries.append(Entry(Sign.RING, style.study, "filled in"))
    if any(math.isfinite(f.estimate) for f in panels):
        added = ", *τ*² added" if any(f.tau2 for f in panels) else ""
        entries.append(Entry(Sign.LINE, style.overall, "pooled estimate"))
        entries.append(Entry(Sign.DASHES, style.overall, f"{level:g}% expected within{added}", marked=True))
    if levels and scale.null is not None:
        entries += contour_entries(levels, style)
    return entries


def not_shown(rows: int) -> str:
    """A sentence about rows without effect or variance."""
    return f"Not shown: {plural(rows, 'row')} without an effect or its variance." if rows else ""

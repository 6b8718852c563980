"""Profile likelihoods: how the likelihood falls on both sides of each variance component and correlation."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from metacircuit.figures.chart import Direction, joined
from metacircuit.figures.legend import Entry, Sign
from metacircuit.figures.panel import PLAIN, padded
from metacircuit.figures.panels import Small, panels
from metacircuit.figures.result import require_columns, value
from metacircuit.figures.style import DEFAULT, Style, isolated
from metacircuit.stats.distributions import chi2_quantile

COLUMNS = ("component", "value", "ll")
Y_NAME = "Log-likelihood − max."
_DEPTH = 2.2


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The profile of one component: values and log-likelihoods, and its estimate with its limits (NaN if unknown)."""

    name: str
    at: np.ndarray
    ll: np.ndarray
    estimate: float
    lower: float
    upper: float

    @property
    def rises(self) -> bool:
        """Whether some point of the profile lies above the estimate: then the fit has not found the maximum."""
        if self.ll.size == 0 or math.isnan(self.estimate):
            return False
        own = float(np.interp(self.estimate, self.at, self.ll))
        return bool(self.ll.max() > own + 1e-3 and abs(self.at[self.ll.argmax()] - self.estimate) > 0)


def profiles_of(table: pd.DataFrame) -> list[Profile]:
    """The profiles in the order in which they first occur."""
    require_columns(table, COLUMNS, "table")
    found = []
    for name, rows in table.groupby("component", sort=False):
        at, ll = (pd.to_numeric(rows[column]).to_numpy(float, na_value=math.nan) for column in COLUMNS[1:])
        known = np.isfinite(at) & np.isfinite(ll)
        order = np.argsort(at[known], kind="stable")
        first = rows.iloc[0].to_dict()
        numbers = (value(first, column) for column in ("estimate", "ci_lb", "ci_ub"))
        found.append(Profile(str(name), at[known][order], ll[known][order], *numbers))
    return found


def profile(
    table: pd.DataFrame, *, title: str = "", note: str = "", level: float = 95.0, style: Style = DEFAULT
) -> Figure:
    """Profile likelihoods, one panel a component.

    The dashed line lies ``χ²_(1, level) / 2`` below the maximum: between its crossings is the profile-likelihood
    interval. A profile with one peak at the estimate says that the component is identified; a flat one, that it is not.

    Parameters
    ----------
    table : component, value, ll, and estimate, ci_lb, ci_ub (the same in all rows of a component) where they are known;
        `metacircuit.models.mv_profile_table.profile_table` makes it
    title : set above the plots; journals want it in the caption instead
    note : a sentence below the figure
    level : confidence level in per cent
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes a component: x is its value, y the log-likelihood less its maximum.

    Raises
    ------
    ValueError
        For a table without these columns.

    Source
    ------
    Raue, Kreutz, Maiwald, et al. (2009) Bioinformatics 25, 1923-1929; metafor's `profile.rma.mv`.

    Examples
    --------
    >>> table = pd.DataFrame({"component": "sigma2 [study]", "value": [0.1, 0.2, 0.3], "ll": [-4.0, -3.0, -3.6]})
    >>> len(profile(table).axes)
    1
    """
    found = profiles_of(table)
    drop = float(chi2_quantile(level / 100, 1)) / 2
    flat = [one.name for one in found if one.ll.size and np.ptp(one.ll) < 1e-4]
    high = [one.name for one in found if one.rises]
    with isolated():
        plots = [Small(one.name, _across(one), Direction(PLAIN, -_DEPTH * drop, 0.08 * drop, Y_NAME)) for one in found]
        entries = [
            Entry(Sign.LINE, style.group, "profile"),
            Entry(Sign.LINE, style.overall, "estimate"),
            Entry(Sign.DASHES, style.muted, f"limits of the {level:g}% interval"),
        ]
        remarks = joined(
            "" if found else "No variance component was estimated.",
            f"Flat, so the data do not tell it: {'; '.join(flat)}." if flat else "",
            f"Higher away from the estimate: {'; '.join(high)}." if high else "",
        )
        canvas, axes = panels(plots, style=style, title=title, notes=[note, remarks], entries=entries if found else ())
        for one, place in zip(found, axes, strict=True):
            low, right = place.get_xlim()
            line = {"colors": style.muted, "linewidths": style.thin, "linestyles": [(0, (4, 3))], "zorder": 1}
            place.add_collection(LineCollection([[(low, -drop), (right, -drop)]], **line), autolim=False)
            for at, colour, weight in (
                (one.estimate, style.overall, style.line),
                (one.lower, style.muted, style.hairline),
                (one.upper, style.muted, style.hairline),
            ):
                if math.isfinite(at):
                    ends = [[(at, -_DEPTH * drop), (at, 0.0)]]
                    place.add_collection(
                        LineCollection(ends, colors=colour, linewidths=weight, zorder=1.5), autolim=False
                    )
            if one.ll.size:
                curve = np.column_stack([one.at, one.ll - one.ll.max()])
                looks = {"colors": style.group, "linewidths": 1.3, "zorder": 2}
                place.add_collection(LineCollection([curve], **looks), autolim=False)
        return canvas.figure


def _across(one: Profile) -> Direction:
    """All values of the profile and the estimate."""
    values = [*one.at, one.estimate]
    low, high = padded(values, 0.03, 0.0)
    return Direction(PLAIN, low, high, "")

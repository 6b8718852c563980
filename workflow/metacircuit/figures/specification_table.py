"""What a specification curve says: the choices, the sorted estimates, and how many of them are significant."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from metacircuit.figures.result import Writer, require_columns
from metacircuit.figures.scales import Scale
from metacircuit.wording import number, plural

RESULTS = ("estimate", "ci_lb", "ci_ub", "pval")

_NOT_CHOICES = {*RESULTS, "se", "stat", "df", "pi_lb", "pi_ub", "tau2", "I2", "H2", "QE", "QEp", "k", "studies"}
_NOT_CHOICES |= {
    "effects",
    "participants",
    "status",
    "reason",
    "specification",
    "analysis",
    "measure",
    "label",
    "main",
    "fit",
}


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One decision of the analyst: its name, the words to choose from, and the number of the word in each row."""

    name: str
    words: tuple[str, ...]
    chosen: np.ndarray
    medians: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The specifications from the lowest to the highest estimate (all on the analysis scale).

    Parameters
    ----------
    estimate, lower, upper, pval : (s,) sorted by estimate
    choices : what the specifications differ in
    same : choices that all specifications share, as (name, word)
    failed : specifications without an estimate
    main : the place of the main analysis on the curve; None where the table does not say which it is
    """

    estimate: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    pval: np.ndarray
    choices: tuple[Choice, ...]
    same: tuple[tuple[str, str], ...]
    failed: int
    main: int | None

    @property
    def median(self) -> float:
        """The middle estimate; NaN without any."""
        return float(np.median(self.estimate)) if self.estimate.size else math.nan

    def significant(self, level: float) -> np.ndarray:
        """Which specifications are significant."""
        return self.pval < alpha_of(level)

    def share_significant(self, level: float) -> float:
        """The share of significant ones among those that have a p-value."""
        known = np.isfinite(self.pval)
        return float(self.significant(level)[known].mean()) if known.any() else math.nan


def curve_of(specifications: pd.DataFrame, choices: Sequence[str] | None = None) -> Curve:
    """Sort the specifications and find what they differ in.

    Parameters
    ----------
    specifications : one column a choice, and estimate, ci_lb, ci_ub, pval, and perhaps main (true for one row)
    choices : the columns that are choices, in the order of display; by default all that are no result

    Raises
    ------
    ValueError
        For missing columns.
    """
    names = [name for name in specifications if name not in _NOT_CHOICES] if choices is None else list(choices)
    require_columns(specifications, (*names, *RESULTS), "specifications")
    usable = specifications[specifications["estimate"].notna()]
    # Ties are broken by the choices, so that the curve does not depend on the order of the table.
    words = {name: usable[name].map(_word) for name in names}
    keys = [words[name].to_numpy() for name in reversed(names)]
    order = np.lexsort((*keys, usable["estimate"].to_numpy(float))) if len(usable) else np.array([], int)
    values = {name: usable[name].to_numpy(float, na_value=math.nan)[order] for name in RESULTS}
    shown, same = [], []
    for name in names:
        column = words[name].to_numpy()[order]
        levels = list(dict.fromkeys(specifications[name].map(_word)))
        met = [word for word in levels if (column == word).any()]
        if len(met) < 2:
            same += [(_heading(name), word) for word in met]
            continue
        chosen = np.array([met.index(word) for word in column])
        medians = tuple(float(np.median(values["estimate"][chosen == n])) for n in range(len(met)))
        shown.append(Choice(_heading(name), tuple(met), chosen, medians))
    return Curve(
        *(values[name] for name in RESULTS),
        choices=tuple(shown),
        same=tuple(same),
        failed=len(specifications) - len(usable),
        main=_main(usable, order),
    )


def _main(usable: pd.DataFrame, order: np.ndarray) -> int | None:
    """Where on the curve the main analysis is."""
    if "main" not in usable:
        return None
    found = np.flatnonzero(usable["main"].to_numpy(bool)[order])
    return int(found[0]) if found.size else None


def summary_of(curve: Curve, scale: Scale, writer: Writer, level: float) -> str:
    """One line: how many specifications there are, their median and range, and the share of significant ones."""
    if curve.estimate.size == 0:
        return "No specification has an estimate."
    before, after = ("", "%") if scale.heading == "%" else (scale.heading + " ", "")
    values = (curve.median, curve.estimate[0], curve.estimate[-1])
    middle, lowest, highest = (writer.value(value) + after for value in values)
    counted = plural(curve.estimate.size, "specification")
    sentence = f"{counted}: median {before}{middle}, from {lowest} to {highest}"
    share = curve.share_significant(level)
    return sentence if math.isnan(share) else f"{sentence}; {percentage(share)} with p < {alpha_text(level)}"


def alpha_of(level: float) -> float:
    """The bound of significance that goes with a confidence level in per cent."""
    return (100.0 - level) / 100.0


def alpha_text(level: float) -> str:
    """The same in figures.

    Examples
    --------
    >>> alpha_text(95.0), alpha_text(99.5)
    ('.05', '.005')
    """
    return f"{alpha_of(level):.3g}".removeprefix("0")


def _word(chosen: object) -> str:
    """A choice as a person would write it."""
    if isinstance(chosen, bool | np.bool_):
        return "yes" if chosen else "no"
    if isinstance(chosen, float):
        return "none" if math.isnan(chosen) else f"{chosen:g}"
    return "none" if chosen is None or chosen is pd.NA else " ".join(str(chosen).replace("_", " ").split()) or "none"


def _heading(name: str) -> str:
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def percentage(share: float) -> str:
    """A share as a whole percentage that is 0 or 100 only where it is so.

    Examples
    --------
    >>> percentage(0.999), percentage(1.0), percentage(0.4567)
    ('>99%', '100%', '46%')
    """
    if 0 < share < 0.005 or 0.995 < share < 1:
        return "<1%" if share < 0.5 else ">99%"
    return f"{number(100 * share, 0)}%"

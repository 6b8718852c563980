"""Funnel, Baujat and GOSH plots in words, from the same tables as the figures."""

import math

import numpy as np
import pandas as pd

from metacircuit.figures.baujat import contributions, standing_out
from metacircuit.figures.funnel_plan import Funnel, Number, funnels, not_shown
from metacircuit.figures.gosh import cloud_of
from metacircuit.figures.result import Interval, Writer
from metacircuit.figures.scales import Scale, scale_for
from metacircuit.wording import number, plural

_MOST_NAMES = 5
"""A longer list than this is no help to a listener."""


def funnel_alt(
    effects: pd.DataFrame,
    *,
    measure: str,
    estimate: Number = math.nan,
    tau2: Number = 0.0,
    panel: str | None = None,
    level: float = 95.0,
) -> str:
    """Alternative text of a funnel plot.

    Parameters
    ----------
    effects, measure, estimate, tau2, panel, level : as for `metacircuit.figures.funnel.funnel`

    Returns
    -------
    str
        A paragraph: how many effects lie on either side of the estimate and outside its region, in each panel.

    Raises
    ------
    ValueError
        As `funnel`.

    Examples
    --------
    >>> effects = pd.DataFrame({"study_label": ["Plener 2012", "Osuch 2014"], "yi": [0.6, 0.2], "vi": [0.01, 0.04]})
    >>> funnel_alt(effects, measure="SMD", estimate=0.33)
    'Funnel plot of standardised mean differences against their standard errors, 2 effects. Standard errors 0.10 to \
0.20. Estimate 0.33: 1 effect below it, 1 above, 1 outside the region where 95% are expected: Plener 2012.'
    """
    scale = scale_for(measure)
    panels, lost = funnels(effects, estimate, tau2, panel)
    total = sum(one.k for one in panels)
    where = f" in {plural(len(panels), 'panel')}" if panel else ""
    sentences = [f"Funnel plot of {scale.noun} against their standard errors, {plural(total, 'effect')}{where}."]
    sentences += [_funnel(one, scale, level) for one in panels]
    return " ".join(sentence for sentence in (*sentences, not_shown(lost)) if sentence)


def _funnel(one: Funnel, scale: Scale, level: float) -> str:
    """What one panel shows."""
    if one.k == 0:
        return f"{one.label}: no effects." if one.label else ""
    name = f"{one.label}, {plural(one.k, 'effect')}: s" if one.label else "S"
    yi, sei = one.yi[~one.filled], one.sei[~one.filled]
    parts = [f"{name}tandard errors {number(float(sei.min()), 2)} to {number(float(sei.max()), 2)}."]
    if math.isfinite(one.estimate):
        writer = Writer.suiting(scale, [Interval(y, y - 2 * s, y + 2 * s) for y, s in zip(yi, sei, strict=True)])
        unit = "%" if scale.heading == "%" else ""
        outside = one.outside(level)
        below, above = int((yi < one.estimate).sum()), int((yi >= one.estimate).sum())
        names = [one.names[n] for n in outside[:_MOST_NAMES]]
        listed = f": {'; '.join(names)}{_more(outside.size)}" if outside.size else ""
        parts.append(
            f"Estimate {writer.value(one.estimate)}{unit}: {plural(below, 'effect')} below it, {above} above, "
            f"{outside.size} outside the region where {level:g}% are expected{listed}."
        )
    if one.filled.any():
        parts.append(f"{plural(int(one.filled.sum()), 'effect')} filled in by trim and fill.")
    return " ".join(parts)


def baujat_alt(studies: pd.DataFrame, *, measure: str) -> str:
    """Alternative text of a Baujat plot.

    Parameters
    ----------
    studies, measure : as for `metacircuit.figures.baujat.baujat`

    Returns
    -------
    str
        A paragraph: the studies that stand out, the farthest first.

    Raises
    ------
    ValueError
        As `baujat`.

    Examples
    --------
    >>> studies = pd.DataFrame({"study_label": ["Plener 2012", "Osuch 2014"], "x": [0.4, 3.1], "y": [0.1, 0.9]})
    >>> baujat_alt(studies, measure="SMD")
    'Baujat plot of 2 studies (standardised mean differences): contribution to heterogeneity against influence on the \
pooled estimate. Farthest from the origin: Osuch 2014 (3.10, 0.90); Plener 2012 (0.40, 0.10).'
    """
    noun = scale_for(measure).noun
    names, points = contributions(studies)
    text = (
        f"Baujat plot of {plural(len(names), 'study', 'studies')} ({noun}): contribution to heterogeneity against "
        "influence on the pooled estimate."
    )
    found = [
        f"{names[n]} ({number(points[n, 0], 2)}, {number(points[n, 1], 2)})" for n in standing_out(points)[:_MOST_NAMES]
    ]
    return f"{text} Farthest from the origin: {'; '.join(found)}." if found else text


def gosh_alt(subsets: pd.DataFrame, *, measure: str, study: str = "") -> str:
    """Alternative text of a GOSH plot.

    Parameters
    ----------
    subsets, measure, study : as for `metacircuit.figures.gosh.gosh`

    Returns
    -------
    str
        A paragraph: how many subsets, where the middle half of their estimates lies, with and without the study.

    Raises
    ------
    ValueError
        As `gosh`.

    Examples
    --------
    >>> subsets = pd.DataFrame({"k": [1, 1, 2], "estimate": [0.1, 0.5, 0.3], "I2": [0.0, 0.0, 61.0],
    ...                         "without": [True, False, False]})
    >>> gosh_alt(subsets, measure="SMD", study="Osuch 2014")
    'GOSH plot: standardised mean differences and I² of 3 subsets of up to 2 studies. 2 with Osuch 2014: median 0.40, \
middle half 0.35 to 0.45, median I² 30.5%. 1 without Osuch 2014: median 0.10, middle half 0.10 to 0.10, median I² 0.0%.'
    """
    scale, cloud = scale_for(measure), cloud_of(subsets)
    if cloud.k.size == 0:
        return f"GOSH plot of {scale.noun}: no subsets."
    studies = plural(int(cloud.k.max()), "study", "studies")
    text = f"GOSH plot: {scale.noun} and I² of {plural(cloud.k.size, 'subset')} of up to {studies}."
    name = study or "the study singled out"
    labels = ("All",) if cloud.without is None else (f"with {name}", f"without {name}")
    found = [
        _class(cloud.estimate[rows], cloud.I2[rows], label, scale)
        for rows, label in zip(cloud.classes, labels, strict=True)
    ]
    return " ".join([text, *found])


def _class(estimates: np.ndarray, spread: np.ndarray, label: str, scale: Scale) -> str:
    """The middle of one class of subsets."""
    head = label if label == "All" else f"{estimates.size:,} {label}"
    if estimates.size == 0:
        return f"{head}."
    lower, middle, upper = np.quantile(estimates, [0.25, 0.5, 0.75])
    writer = Writer.suiting(scale, [Interval(middle, lower, upper)])
    low, mid, high = (writer.value(float(value)) for value in (lower, middle, upper))
    return f"{head}: median {mid}, middle half {low} to {high}, median I² {number(float(np.median(spread)), 1)}%."


def _more(count: int) -> str:
    return f" and {count - _MOST_NAMES} more" if count > _MOST_NAMES else ""

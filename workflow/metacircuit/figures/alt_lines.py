"""Drapery, radial, L'Abbé and bubble plots in words, from the same tables as the figures."""

import math

import numpy as np
import pandas as pd

from metacircuit.figures.bubble_plan import bubbles
from metacircuit.figures.drapery import curves_of, pooled_df
from metacircuit.figures.labbe import expected_risk, risks
from metacircuit.figures.radial import radii
from metacircuit.figures.result import Interval, Row, Writer, is_pooled, prediction_interval, value
from metacircuit.figures.scales import scale_for
from metacircuit.stats.distributions import critical, two_sided_p
from metacircuit.wording import number, p_value, plural

_MOST_NAMES = 5


def drapery_alt(studies: pd.DataFrame, *, measure: str, overall: Row | None = None, level: float = 95.0) -> str:
    """Alternative text of a drapery plot.

    Parameters
    ----------
    studies, measure, overall, level : as for `metacircuit.figures.drapery.drapery`

    Returns
    -------
    str
        A paragraph: how many curves, the pooled estimate with its intervals at the level and at 50 %, and the p-value
        of "no effect".

    Raises
    ------
    ValueError
        As `drapery`.

    Examples
    --------
    >>> studies = pd.DataFrame({"yi": [0.6, 0.2], "vi": [0.09, 0.04]})
    >>> overall = {"status": "ok", "estimate": 0.5, "se": 0.1}
    >>> drapery_alt(studies, measure="SMD", overall=overall)
    'Drapery plot: p-value functions of 2 studies (standardised mean differences). Pooled estimate 0.50: 95% interval \
0.30 to 0.70, 50% interval 0.43 to 0.57, p < .001 for “no effect”.'
    """
    scale = scale_for(measure)
    yi, _, lost = curves_of(studies)
    sentences = [f"Drapery plot: p-value functions of {plural(len(yi), 'study', 'studies')} ({scale.noun})."]
    if overall is not None and is_pooled(overall) and value(overall, "se") > 0:
        estimate, se, df = value(overall, "estimate"), value(overall, "se"), pooled_df(overall)
        outer, inner = (
            Interval(estimate, estimate - r, estimate + r) for r in (critical(p, df) * se for p in (level, 50))
        )
        writer = Writer.suiting(scale, [outer])
        middle, low, high = writer.parts(outer)
        _, lower, upper = writer.parts(inner)
        text = f"Pooled estimate {middle}: {level:g}% interval {low} to {high}, 50% interval {lower} to {upper}"
        if scale.null is not None:
            text += f", {p_value(float(two_sided_p((estimate - scale.null) / se, df)))} for “no effect”"
        sentences.append(text + ".")
        prediction = prediction_interval(overall)
        if prediction.drawable:
            _, low, high = writer.parts(prediction)
            sentences.append(f"Prediction interval {low} to {high}.")
    if lost:
        sentences.append(f"Not shown: {plural(lost, 'study', 'studies')} without an effect or its variance.")
    return " ".join(sentences)


def radial_alt(
    effects: pd.DataFrame, *, measure: str, estimate: float = math.nan, tau2: float = 0.0, level: float = 95.0
) -> str:
    """Alternative text of a radial plot.

    Parameters
    ----------
    effects, measure, estimate, tau2, level : as for `metacircuit.figures.radial.radial`

    Returns
    -------
    str
        A paragraph: how many effects, the range of their precision, and which lie outside the band.

    Raises
    ------
    ValueError
        As `radial`.

    Examples
    --------
    >>> effects = pd.DataFrame({"study_label": ["Plener 2012", "Osuch 2014"], "yi": [0.9, 0.2], "vi": [0.01, 0.04]})
    >>> radial_alt(effects, measure="SMD", estimate=0.33)
    'Radial plot of 2 standardised mean differences; precision from 5.0 to 10.0. 1 of 2 effects lies outside the band \
in which 95% are expected around the pooled estimate of 0.33: Plener 2012.'
    """
    scale = scale_for(measure)
    found, lost = radii(effects, tau2)
    k = len(found.x)
    text = f"Radial plot of {k:,} {scale.noun}"
    text += f"; precision from {number(float(found.x.min()), 1)} to {number(float(found.x.max()), 1)}." if k else "."
    sentences = [text]
    if k and math.isfinite(estimate):
        outside = found.outside(estimate, level)
        names = list(dict.fromkeys(found.names[int(n)] for n in outside))
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        listed = f": {'; '.join(names[:_MOST_NAMES])}{more}" if names else ""
        lie = "lies" if len(outside) == 1 else "lie"
        sentences.append(
            f"{len(outside):,} of {plural(k, 'effect')} {lie} outside the band in which {level:g}% are expected around "
            f"the pooled estimate of {Writer(scale, scale.decimals).value(estimate)}{listed}."
        )
    if lost:
        sentences.append(f"Not shown: {plural(lost, 'row')} without an effect or its variance.")
    return " ".join(sentences)


def labbe_alt(studies: pd.DataFrame, *, measure: str, estimate: float = math.nan) -> str:
    """Alternative text of a L'Abbé plot.

    Parameters
    ----------
    studies, measure, estimate : as for `metacircuit.figures.labbe.labbe`

    Returns
    -------
    str
        A paragraph: the ranges of the risks in the two groups, and on which side of equality the studies lie.

    Raises
    ------
    ValueError
        As `labbe`.

    Examples
    --------
    >>> studies = pd.DataFrame({"study_label": ["Plener 2012"], "events1": [12], "total1": [40], "events2": [20],
    ...                         "total2": [40]})
    >>> labbe_alt(studies, measure="OR")
    'L’Abbé plot of 1 study. With the event: 30% to 30% in group 1, 50% to 50% in group 2. The risk is lower in \
group 1 in 1 study, higher in 0, equal in 0.'
    """
    expected_risk(measure, estimate)
    scale, found = scale_for(measure), risks(studies)
    k = len(found.first)
    sentences = [f"L’Abbé plot of {plural(k, 'study', 'studies')}."]
    if k:
        spans = [f"{100 * g.min():.0f}% to {100 * g.max():.0f}%" for g in (found.first, found.second)]
        sentences.append(f"With the event: {spans[0]} in group 1, {spans[1]} in group 2.")
        lower, higher = int((found.first < found.second).sum()), int((found.first > found.second).sum())
        equal = k - lower - higher
        lower_text = plural(lower, "study", "studies")
        sentences.append(f"The risk is lower in group 1 in {lower_text}, higher in {higher:,}, equal in {equal:,}.")
        if math.isfinite(estimate):
            heading = "" if scale.heading == "%" else f" {scale.heading}"
            sentences.append(f"Pooled{heading} {Writer(scale, scale.decimals).value(estimate)}.")
    if found.lost:
        sentences.append(f"Not shown: {plural(found.lost, 'row')} without counts of both groups.")
    return " ".join(sentences)


def bubble_alt(
    points: pd.DataFrame,
    predictions: pd.DataFrame | None = None,
    *,
    measure: str,
    moderator: str = "",
    note: str = "",
    level: float = 95.0,
) -> str:
    """Alternative text of a bubble plot.

    Parameters
    ----------
    points, predictions, measure, moderator, note, level : as for `metacircuit.figures.bubble.bubble`

    Returns
    -------
    str
        A paragraph: what is shown over which range, and the predictions at its two ends.

    Raises
    ------
    ValueError
        As `bubble`.

    Examples
    --------
    >>> points = pd.DataFrame({"study_label": ["A", "B"], "x": [2012, 2014], "yi": [0.6, 0.2], "vi": [0.09, 0.04]})
    >>> line = pd.DataFrame({"x": [2012, 2014], "pred": [0.6, 0.2], "ci_lb": [0.1, -0.1], "ci_ub": [1.1, 0.5]})
    >>> bubble_alt(points, line, measure="SMD", moderator="Year")
    'Bubble plot of 2 standardised mean differences against year, from 2012 to 2014. Predicted at 2012: 0.60 (95% CI \
0.10 to 1.10); at 2014: 0.20 (95% CI −0.10 to 0.50).'
    """
    scale, found = scale_for(measure), bubbles(points, predictions)
    of = f"{moderator[:1].lower()}{moderator[1:]}" if moderator else "a moderator"
    text = f"Bubble plot of {len(found.x):,} {scale.noun} against {of}"
    text += f", from {_plain(found.x.min())} to {_plain(found.x.max())}." if len(found.x) else "."
    sentences = [text]
    if len(found.line) > 1:
        rows = found.line[[0, -1]]
        intervals = [Interval(*map(float, row[1:4])) for row in rows]
        writer = Writer.suiting(scale, intervals)
        first, last = (f"{_plain(row[0])}: {writer.sentence(i, level)}" for row, i in zip(rows, intervals, strict=True))
        sentences.append(f"Predicted at {first}; at {last}.")
    if note:
        sentences.append(note)
    if found.lost:
        sentences.append(f"Not shown: {plural(found.lost, 'row')} without moderator, effect or variance.")
    return " ".join(sentences)


def _plain(x: float) -> str:
    """A value of a moderator."""
    return f"{float(np.round(x, 6)):g}".replace("-", "−")

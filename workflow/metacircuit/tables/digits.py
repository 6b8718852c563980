"""How many digits a number deserves: its uncertainty decides."""

from __future__ import annotations

import math

import numpy as np

from metacircuit.effects.natural import natural_scale

MOST_DECIMALS = 10
USUAL_DECIMALS = 2


def decimals_by(se: float) -> int:
    """Decimals at which a standard error has two significant digits; its estimate and interval get as many.

    d = max(0, 1 - floor(log10(se))), of the standard error as rounded.

    Parameters
    ----------
    se : float
        Standard error on the scale that is written; NaN, zero or infinite if there is none.

    Returns
    -------
    int
        From 0 to `MOST_DECIMALS`; `USUAL_DECIMALS` where there is no standard error.

    Source
    ------
    JCGM 100:2008 (GUM), 7.2.6: two significant digits of an uncertainty, and the estimate rounded to agree with it.

    Examples
    --------
    >>> [decimals_by(se) for se in (0.139, 0.051, 0.0996, 1.4, 23.0, float("nan"))]
    [2, 3, 2, 1, 0, 2]
    """
    if not math.isfinite(se) or se <= 0:
        return USUAL_DECIMALS
    magnitude = int(f"{se:.1e}".partition("e")[2])
    return min(MOST_DECIMALS, max(0, 1 - magnitude))


def natural_se(measure: str, estimate: float, se: float) -> float:
    """A standard error on the natural scale of a measure, to choose digits by: half the width of estimate ± se there.

    se_natural = (g(estimate + se) - g(estimate - se)) / 2, with g the way to the natural scale.

    Parameters
    ----------
    measure : str
        Code of the measure.
    estimate, se : float
        On the scale of the analysis.

    Returns
    -------
    float
        NaN if one of them is.

    Examples
    --------
    >>> natural_se("SMD", 0.3, 0.25), round(natural_se("OR", 0.0, 0.1), 6)
    (0.25, 0.100167)
    """
    if not (math.isfinite(estimate) and math.isfinite(se)):
        return math.nan
    lower, upper = natural_scale(measure).transform(np.array([estimate - se, estimate + se]))
    return float(upper - lower) / 2

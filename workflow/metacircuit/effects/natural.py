"""The scale on which people read a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class Natural(NamedTuple):
    """The name of a measure's natural scale, and the increasing function that leads to it."""

    name: str
    transform: Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _same(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x


def _sine_squared(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sin(np.clip(x, 0, np.pi / 2)) ** 2


_NATURAL = {
    "SMD": Natural("standardised mean difference", _same),
    "SMDH": Natural("standardised mean difference", _same),
    "MD": Natural("mean difference", _same),
    "ROM": Natural("ratio of means", np.exp),
    "VR": Natural("ratio of standard deviations", np.exp),
    "CVR": Natural("ratio of coefficients of variation", np.exp),
    "OR": Natural("odds ratio", np.exp),
    "PETO": Natural("odds ratio", np.exp),
    "RR": Natural("risk ratio", np.exp),
    "RD": Natural("risk difference", _same),
    "HR": Natural("hazard ratio", np.exp),
    "IRR": Natural("rate ratio", np.exp),
    "COR": Natural("correlation", _same),
    "ZCOR": Natural("correlation", np.tanh),
    "PR": Natural("proportion", _same),
    "PLN": Natural("proportion", np.exp),
    "PLO": Natural("proportion", expit),
    "PAS": Natural("proportion", _sine_squared),
}


def natural_scale(measure: str) -> Natural:
    """Return the scale on which a measure is read; a measure without another one is read as it is.

    Parameters
    ----------
    measure : str
        Code of the measure.

    Returns
    -------
    Natural
        Name and transform.

    Examples
    --------
    >>> name, transform = natural_scale("OR")
    >>> name, float(transform(np.log(2.0)).round(6))
    ('odds ratio', 2.0)
    """
    return _NATURAL.get(measure, Natural(measure, _same))

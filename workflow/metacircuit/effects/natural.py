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


_NATURAL = {
    "SMD": Natural("standardised mean difference", _same),
    "OR": Natural("odds ratio", np.exp),
    "ZCOR": Natural("correlation", np.tanh),
    "PLO": Natural("proportion", expit),
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

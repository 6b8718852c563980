"""The sign of an effect: by the coded direction, by the statistic itself, and by what its scale counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from metacircuit.effects.routes.flags import bit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.spec import Floats, Mask, Sign

#: Measures without a harmonised direction: proportions of one group, and ratios of spread.
UNORIENTED = frozenset({"PLO", "PR", "PLN", "PAS", "PFT", "VR", "CVR"})


class Oriented(NamedTuple):
    """Oriented estimates, what has to be said about their signs, and where no sign is known."""

    yi: Floats
    bits: NDArray[np.int64]
    signless: Mask


def orient(yi: Floats, c: Columns, measure: str, sign: Sign) -> Oriented:
    """Turn estimates so that positive means more of the problem, a stronger association, or more benefit.

    direction · |yi| · scale_direction where the direction is coded, else yi · scale_direction.

    Parameters
    ----------
    yi : ndarray
        Estimates, group 1 minus group 2, or without a sign.
    c : Columns
        With direction (1 or -1) and scale_direction (-1 where a higher score means less of the problem).
    measure : str
        Code of the measure; those in `UNORIENTED` are left as they are.
    sign : "none", "printed" or "own"
        What is known of the statistic's own sign.

    Returns
    -------
    Oriented
        yi; flags; and the rows whose sign nothing gives.
    """
    nothing = np.zeros(len(yi), dtype=bool)
    if measure in UNORIENTED:
        return Oriented(yi, np.zeros(len(yi), dtype=np.int64), nothing)
    direction = np.sign(c["direction"])
    coded = np.abs(direction) == 1
    scale = np.where(c["scale_direction"] < 0, -1.0, 1.0)
    oriented = np.where(coded, np.abs(yi) * direction, yi) * scale
    if sign == "none":
        return Oriented(oriented, np.zeros(len(yi), dtype=np.int64), ~coded & (yi != 0))
    against = coded & (yi * direction < 0)
    dropped = against & (yi > 0) if sign == "printed" else nothing
    bits = (
        np.where(dropped, bit("printed_unsigned"), 0)
        | np.where(against & ~dropped, bit("sign_contradiction"), 0)
        | np.where(coded, 0, bit("own_sign"))
    )
    return Oriented(oriented, bits, nothing)

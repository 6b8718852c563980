"""What a config may say about differences between groups: which effect would matter, and how much power is wanted."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from metacircuit.config.section import Section

# On the scale on which people read the measure. A measure in units of its own has no general smallest effect.
USUAL_SESOI = {
    **dict.fromkeys(("SMD", "SMDH"), 0.2),
    **dict.fromkeys(("ZCOR", "COR"), 0.1),
    **dict.fromkeys(("OR", "PETO", "RR", "HR", "IRR", "ROM", "VR", "CVR"), 1.25),
}
_RATIOS = frozenset({"OR", "PETO", "RR", "HR", "IRR", "ROM", "VR", "CVR", "PLO", "PLN"})


class Heterogeneity(Section):
    """What is asked of the differences between groups."""

    sesoi: float | dict[str, float] | None = Field(
        None,
        description="Smallest effect of interest on the natural scale: one number, or one a measure. "
        "A ratio (above 1) for ratios and logit proportions.",
    )
    power: float = Field(80, gt=0, lt=100, description="Wanted power to find the smallest effect, in percent.")
    replicates: Annotated[int, Field(ge=100, le=1_000_000)] = Field(
        4000, description="Simulated reviews behind each power."
    )
    permutations: Annotated[int, Field(ge=99, le=1_000_000)] = Field(
        4999, description="Arrangements of a permutation test; all of them where there are no more than these."
    )
    most_studies: Annotated[int, Field(ge=1, le=10_000)] = Field(
        200, description="Where the search for the number of further studies ends."
    )


def smallest_effect(measure: str, section: Heterogeneity) -> float | None:
    r"""The smallest effect of interest on the scale of analysis.

    .. math:: \Delta = \log r \text{ (ratios)}, \quad \operatorname{artanh} r \text{ (ZCOR)}, \quad \text{else as given}

    Parameters
    ----------
    measure : str
        metafor's code.
    section : Heterogeneity
        Its `sesoi` on the natural scale; without one, the usual value of the measure, if it has one.

    Returns
    -------
    float or None
        Positive; None for a measure without a usual value that the config gives none for.

    Raises
    ------
    ValueError
        If the number cannot be one of this measure.

    Examples
    --------
    >>> round(smallest_effect("OR", Heterogeneity(sesoi={"OR": 1.5})), 4), smallest_effect("MD", Heterogeneity())
    (0.4055, None)
    """
    given = section.sesoi
    value = given.get(measure) if isinstance(given, dict) else given
    value = USUAL_SESOI.get(measure) if value is None else value
    if value is None:
        return None
    if not math.isfinite(value) or value <= 0:
        raise ValueError(f"heterogeneity.sesoi of {measure} must be above 0, not {value:g}")
    if measure in _RATIOS:
        if value <= 1:
            raise ValueError(f"heterogeneity.sesoi of {measure} is a ratio above 1 such as 1.25, not {value:g}")
        return math.log(value)
    if measure in ("ZCOR", "COR"):
        if value >= 1:
            raise ValueError(f"heterogeneity.sesoi of {measure} is a correlation below 1, not {value:g}")
        return math.atanh(value) if measure == "ZCOR" else value
    return value

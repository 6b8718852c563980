"""Every measure that `metacircuit.effects.escalc` knows, by its code."""

from __future__ import annotations

from types import MappingProxyType

from metacircuit.effects.measures.catalogue import associations, counts, means, single
from metacircuit.effects.measures.spec import Measure

MEASURES = MappingProxyType(
    {
        measure.code: measure
        for family in (means.MEASURES, counts.MEASURES, associations.MEASURES, single.MEASURES)
        for measure in family
    }
)
# Second names of the same measure, in metafor too.
ALIASES = MappingProxyType({"D2OR": "D2ORL", "OR2D": "OR2DL"})

__all__ = ["ALIASES", "MEASURES", "Measure"]

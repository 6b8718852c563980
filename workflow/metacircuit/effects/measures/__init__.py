"""Effect measures, one family a module: each formula with its variance and its source.

The formulas take arrays and return `Effect(yi, vi)`. `catalogue` declares which columns each of metafor's codes takes;
`metacircuit.effects.escalc` reads the columns, checks them and calls the formulas.
"""

from metacircuit.effects.measures.core import Effect, hedges_correction

__all__ = ["Effect", "hedges_correction"]

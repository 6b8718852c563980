"""The tables of a review, by name: what was found in, one table object out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.tables.builders.characteristics import characteristics
from metacircuit.tables.builders.contrasts import tests
from metacircuit.tables.builders.corrections import corrections
from metacircuit.tables.builders.effects import effects
from metacircuit.tables.builders.heterogeneity import heterogeneity
from metacircuit.tables.builders.pooled import summary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from metacircuit.tables.material import Material
    from metacircuit.tables.table import Table

BUILDERS: Mapping[str, Callable[[Material], Table]] = {
    "characteristics": characteristics,
    "effects": effects,
    "summary": summary,
    "heterogeneity": heterogeneity,
    "tests": tests,
    "corrections": corrections,
}

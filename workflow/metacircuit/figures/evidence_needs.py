"""What the cells of an evidence map need: further studies for the wanted power, in a mark and a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.natural import natural_scale
from metacircuit.figures.result import require_columns, text, value

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

_COLUMNS = ("stratum", "status", "further", "target", "sesoi")


@dataclass(frozen=True, slots=True)
class Needs:
    """Marks by stratum, such as +12, and the sentence that explains them; empty without a table."""

    marks: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    range: str = ""

    def of(self, pair: tuple[str, str]) -> str:
        """The mark of a cell; empty where none is needed or known."""
        return self.marks.get(":".join(pair), "")


def needs_of(table: pd.DataFrame | None, measure: str) -> Needs:
    """Read what cells need.

    Parameters
    ----------
    table : rows of heterogeneity/ANALYSIS/power.csv of one grouping; None for a map without marks
    measure : metafor code, for the smallest effect on its natural scale

    Returns
    -------
    Needs

    Raises
    ------
    ValueError
        For missing columns.

    Examples
    --------
    >>> import pandas as pd
    >>> found = needs_of(pd.DataFrame({"stratum": ["ptsd:pain"], "status": ["ok"], "further": [12], "target": [80.0],
    ...     "sesoi": [0.2]}), "SMD")
    >>> found.of(("ptsd", "pain")), found.sentence
    ('+12', '+n: further studies for 80% power to find an effect of 0.2.')
    """
    if table is None or table.empty:
        return Needs()
    require_columns(table, _COLUMNS, "needs")
    known = table[np.isfinite(table["sesoi"].astype(float))]
    if known.empty:
        return Needs()
    rows = known.to_dict("records")
    marks = {text(row, "stratum"): _mark(row) for row in rows}
    first = rows[0]
    effect = float(natural_scale(measure).transform(np.asarray(value(first, "sesoi"))))
    target = value(first, "target")
    sentence = f"+n: further studies for {target:g}% power to find an effect of {effect:.3g}."
    if "+∞" in marks.values():
        sentence += " +∞: more than were tried."
    wanted = sorted(int(value(row, "further")) for row in rows if text(row, "status") == "ok")
    said = "" if not wanted else f"{wanted[0]}" if wanted[0] == wanted[-1] else f"{wanted[0]} to {wanted[-1]}"
    spoken = f"{said} further studies a cell would give {target:g}% power to find an effect of {effect:.3g}."
    return Needs(marks, sentence, spoken if said else "")


def _mark(row: Mapping[str, object]) -> str:
    status = text(row, "status")
    if status == "not_reached":
        return "+∞"
    return f"+{int(value(row, 'further')):,}" if status == "ok" else ""

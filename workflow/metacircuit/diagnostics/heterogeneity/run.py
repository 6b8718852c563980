"""All tables about the groups of one analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.config import UserError
from metacircuit.diagnostics.heterogeneity.cells import cells
from metacircuit.diagnostics.heterogeneity.equivalence import equivalences
from metacircuit.diagnostics.heterogeneity.interaction import interactions
from metacircuit.diagnostics.heterogeneity.variances import all_variances

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from metacircuit.config import HeterogeneitySlice


def compare_groups(
    effects: pd.DataFrame,
    spec: HeterogeneitySlice,
    words: Mapping[str, pd.DataFrame],
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, pd.DataFrame]:
    """Interaction, variances, equivalence and power, by the names of `config.group_slices.GROUP_TABLES`.

    Parameters
    ----------
    effects : DataFrame
        effects/ANALYSIS.csv.
    spec : HeterogeneitySlice
        What is asked.
    words : mapping of str to DataFrame
        Vocabularies, only with words that the review uses, in the order of display.
    progress : function of (cells done, cells in all), optional

    Raises
    ------
    UserError
        If a grouping names a column that the effects do not have.
    """
    missing = [factor for factor in spec.factors if factor not in effects]
    if missing:
        raise UserError(
            f"groupings of {spec.analysis}: the effects have no column {', '.join(missing)}. Correct it in the config."
        )
    return {
        "interaction": interactions(effects, spec),
        "variances": all_variances(effects, spec, words),
        "equivalence": equivalences(effects, spec, words),
        "power": cells(effects, spec, words, progress),
    }

"""How far the estimates depend on what had to be assumed: the correlation rho, and the treatment of bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.models.analysis import estimate_row, fit_cell
from metacircuit.models.estimates import SENSITIVITY, table
from metacircuit.models.pooling.choose import recipe_for
from metacircuit.models.strata import strata_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from metacircuit.config import FitSlice

BOUNDS = ("leave_out", "at_bound", "censored")


def vary(
    effects: pd.DataFrame, spec: FitSlice, words: Mapping[str, pd.DataFrame], estimates: pd.DataFrame
) -> pd.DataFrame:
    """Pool every stratum of an analysis under each value of each choice.

    Parameters
    ----------
    effects : DataFrame
        effects/ANALYSIS.csv.
    spec : FitSlice
        Groupings and model; crossed groupings are passed over, since their cells are the thinnest.
    words : mapping of str to DataFrame
        Vocabularies.
    estimates : DataFrame
        The estimates under the config's own assumptions, which need not be computed again.

    Returns
    -------
    DataFrame
        A row a stratum for each value of rho in `rho_grid` (where the model has a rho) and each treatment of bounds
        (where there are bounds).
    """
    taken = effects[effects["status"].isin(("analysed", "bound"))]
    factors = tuple(grouping for grouping in spec.groupings if ":" not in grouping)
    strata = list(strata_of(taken, factors, words))
    rows = []
    for choice, value in _choices(taken, spec):
        if getattr(spec.model, choice) == value:
            found = estimates[estimates["grouping"].isin(("overall", *factors))].to_dict("records")
        else:
            varied = spec.model_copy(update={"model": spec.model.model_copy(update={choice: value})})
            recipe = recipe_for(taken, spec.measure, varied.model).without_intervals_of_components()
            found = [estimate_row(fit_cell(stratum, recipe, varied), varied) for stratum in strata]
        shown = f"{value:g}" if isinstance(value, float) else value
        rows += [row | {"choice": choice, "value": shown} for row in found]
    return table(rows, SENSITIVITY)


def _choices(rows: pd.DataFrame, spec: FitSlice) -> Iterator[tuple[str, float | str]]:
    if recipe_for(rows, spec.measure, spec.model).has_rho:
        yield from (("rho", rho) for rho in sorted({*spec.model.rho_grid, spec.model.rho}))
    if (rows["status"] == "bound").any():
        yield from (("bounds", bounds) for bounds in BOUNDS)

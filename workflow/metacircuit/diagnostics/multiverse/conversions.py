"""The effects of an analysis under another conversion of the printed statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.config.errors import UserError
from metacircuit.effects.harmonise import harmonise
from metacircuit.effects.prepare import RESULT

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from metacircuit.config import HarmoniseSlice
    from metacircuit.config.sensitivity import AlternativeConversion


def reconverted(
    effects: pd.DataFrame, conversions: Mapping[str, AlternativeConversion], wanted: HarmoniseSlice
) -> dict[str, pd.DataFrame]:
    """Bring the selected rows of an analysis to its measure in other ways.

    Parameters
    ----------
    effects : DataFrame
        effects/ANALYSIS.csv, with the printed statistics that it carries along.
    conversions : mapping of str to AlternativeConversion
        Name: what is done differently.
    wanted : HarmoniseSlice
        Measure, routes and conversion of the main analysis, which hold where nothing else is said.

    Returns
    -------
    dict of str to DataFrame
        By name, in the form of `effects`; excluded rows and rows with a problem of the sheet stay so.

    Raises
    ------
    UserError
        If a route or a definition does not exist for the measure.
    """
    return {name: _converted(effects, name, other, wanted) for name, other in conversions.items()}


def _converted(effects: pd.DataFrame, name: str, other: AlternativeConversion, wanted: HarmoniseSlice) -> pd.DataFrame:
    own = wanted.conversion.model_copy(update=other.model_dump(exclude={"routes"}, exclude_none=True))
    try:
        made = harmonise(
            effects,
            wanted.measure,
            order=wanted.routes if other.routes is None else other.routes,
            definition=own.definition,
            treat_ratio_as_or=own.ratios_as_or,
            pre_post_r=own.pre_post_r,
        )
    except ValueError as error:
        raise UserError(f"sensitivity.conversion.{name}: {error}") from None
    fixed = effects["status"].eq("excluded")
    if "row_problem" in effects:
        fixed |= effects["row_problem"].fillna("").ne("")
    result = effects.assign(**{column: made[column].to_numpy() for column in (*RESULT, "status", "reason")})
    result.loc[fixed, ["status", "reason"]] = effects.loc[fixed, ["status", "reason"]]
    return result

"""The multiverse in a few numbers and a sentence or two."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.diagnostics.multiverse.shares import INTERACTIONS
from metacircuit.wording import count, decimals_for, number, plural

if TYPE_CHECKING:
    from metacircuit.config import Model


@dataclass(frozen=True, slots=True)
class Summary:
    """The specifications together; NaN where there is no estimate.

    Attributes
    ----------
    specifications, estimated, models : int
        Combinations of choices, those with an estimate, and the distinct models behind these.
    estimate : float
        Of the main analysis.
    median, lowest, highest : float
        Of all estimates.
    same_sign : float
        Share of the estimates with the sign of the main analysis (or of the median, without one).
    significant : float
        Share of the estimates that are significant at the level of the model.
    agree : float
        Share of the estimates that are both.
    choice, share, moves : str, float, float
        The choice with the largest share of the variance, that share, and by how much it moves the estimate on
        average when nothing else changes. No choice if nothing moves it.
    text : str
        The same in words.
    """

    specifications: int
    estimated: int
    models: int
    estimate: float
    median: float
    lowest: float
    highest: float
    same_sign: float
    significant: float
    agree: float
    choice: str
    share: float
    moves: float
    text: str

    def to_frame(self) -> pd.DataFrame:
        """The tidy row."""
        return pd.DataFrame([asdict(self)])

    def __str__(self) -> str:
        return self.text


def summarise(table: pd.DataFrame, shares: pd.DataFrame, model: Model) -> Summary:
    """Count and describe the specifications.

    Parameters
    ----------
    table : DataFrame
        The specifications: main, estimate, ci_lb, ci_ub, pval, fit.
    shares : DataFrame
        From `variance_shares`.
    model : Model
        Its level says what is significant.

    Returns
    -------
    Summary
    """
    known = table[np.isfinite(table["estimate"])]
    main = float(table.loc[table["main"], "estimate"].iloc[0])
    y = known["estimate"].to_numpy()
    median = float(np.median(y)) if len(y) else np.nan
    # Without a main estimate the median has to say which sign is meant.
    same = np.sign(y) == np.sign(main if np.isfinite(main) else median)
    significant = known["pval"].to_numpy() < 1 - model.level / 100
    leader = _leader(shares)
    numbers = {
        "specifications": len(table),
        "estimated": len(known),
        "models": int(known["fit"].nunique()),
        "estimate": main,
        "median": median,
        "lowest": float(y.min()) if len(y) else np.nan,
        "highest": float(y.max()) if len(y) else np.nan,
        "same_sign": _mean(same),
        "significant": _mean(significant),
        "agree": _mean(same & significant),
        **leader,
    }
    decimals = decimals_for((known["ci_ub"] - known["ci_lb"]).dropna())
    return Summary(**numbers, text=_text(numbers, decimals, model.level))


def _mean(hits: np.ndarray) -> float:
    return float(hits.mean()) if len(hits) else np.nan


def _leader(shares: pd.DataFrame) -> dict[str, object]:
    """The choice with the largest share."""
    ranked = shares[shares["choice"].ne(INTERACTIONS) & shares["share"].gt(0)]
    if ranked.empty:
        return {"choice": "", "share": np.nan, "moves": np.nan}
    top = ranked.loc[ranked["share"].idxmax()]
    return {"choice": str(top["choice"]), "share": float(top["share"]), "moves": float(top["moves"])}


def _text(n: dict[str, object], decimals: int, level: float) -> str:
    total = plural(n["specifications"], "specification")
    if not n["estimated"]:
        return f"{total}, and none with an estimate."
    known = "all" if n["estimated"] == n["specifications"] else count(n["estimated"])
    main = f"main analysis {number(n['estimate'], decimals)}" if np.isfinite(n["estimate"]) else "no main estimate"
    of = "the main analysis" if np.isfinite(n["estimate"]) else "the median"
    spread = f"{number(n['lowest'], decimals)} to {number(n['highest'], decimals)}"
    sentences = [
        f"{total}, {known} with an estimate, from {plural(n['models'], 'distinct model')}: median"
        f" {number(n['median'], decimals)}, from {spread} ({main}).",
        f"{_percent(n['same_sign'])} have the sign of {of}, {_percent(n['significant'])} are significant at the"
        f" {100 - level:g}% level, {_percent(n['agree'])} are both.",
    ]
    if n["choice"]:
        moved = number(n["moves"], decimals)
        sentences.append(
            f"The estimate depends most on the choice “{n['choice']}”: {_percent(n['share'])} of its variance over the"
            f" specifications; changed alone, it moves the estimate by {moved} on average."
        )
    elif n["estimated"] > 1:
        sentences.append("No choice moves the estimate.")
    return " ".join(sentences)


def _percent(share: float) -> str:
    """A share in percent; 0 and 100 only where they are exact."""
    if 0 < share < 0.01:
        return "less than 1%"
    return "more than 99%" if 0.99 < share < 1 else f"{share:.0%}"

"""Claims for tables and for machines: the evidence in words, and every number under the name of its claim."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from metacircuit.wording import count, interval, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

_OF_CLAIM = (
    *("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "level", "pval", "tau", "sesoi", "k", "studies"),
    *("certainty", "by_numbers", "verdict"),
)
_OF_PUBLISHED = (
    *("published", "published_se", "published_lb", "published_ub", "estimate", "se", "ci_lb", "ci_ub"),
    *("difference", "difference_se", "z", "difference_df", "pval", "overlap", "status"),
)


def evidence_text(row: Mapping[str, object]) -> str:
    """The numbers behind a verdict on one line, on the scale of the smallest effect of interest.

    Examples
    --------
    >>> evidence_text({"test": "stratum", "estimate": 0.26, "ci_lb": 0.2, "ci_ub": 0.32, "pi_lb": 0.02, "pi_ub": 0.51,
    ...                "k": 27.0, "studies": 19.0})
    '0.26 [0.20, 0.32], prediction [0.02, 0.51]; 27 effects of 19 studies'
    """
    values = {name: _number(row[name]) for name in ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "k", "studies")}
    if math.isnan(values["estimate"]):
        return ""
    behind = f"{count(values['k'])} effects of {count(values['studies'])} studies"
    if row["test"] == "count":
        return behind
    name = "τ = " if row["test"] == "heterogeneity" else ""
    text = f"{name}{number(values['estimate'], 2)} {interval(values['ci_lb'], values['ci_ub'], 2)}"
    if math.isfinite(values["pi_lb"]) and math.isfinite(values["pi_ub"]):
        text += f", prediction {interval(values['pi_lb'], values['pi_ub'], 2)}"
    return f"{text}; {behind}"


def claim_numbers(claims: pd.DataFrame, published: pd.DataFrame) -> dict[str, object]:
    """The numbers of claims and of published estimates, by name.

    Returns
    -------
    dict
        claims.DOCUMENT.NAME.* and published.ID.*; a number that does not exist is None.
    """
    tree: dict[str, dict] = {}
    for row in claims.to_dict("records"):
        document, _, name = str(row["id"]).partition(".")
        tree.setdefault("claims", {}).setdefault(document, {})[name] = _values(row, _OF_CLAIM)
    compared = published[published["status"] == "ok"] if len(published) else published
    for row in compared.to_dict("records"):
        tree.setdefault("published", {})[str(row["published_id"])] = _values(row, _OF_PUBLISHED)
    return dict(tree)


def _values(row: Mapping[str, object], names: tuple[str, ...]) -> dict[str, object]:
    return {name: None if _nothing(row[name]) else row[name] for name in names}


def _nothing(value: object) -> bool:
    return value == "" or (isinstance(value, float) and not math.isfinite(value))


def _number(value: object) -> float:
    return math.nan if value in ("", None) else float(value)  # type: ignore[arg-type]

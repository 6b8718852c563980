"""Published pooled estimates beside ours: on one scale, with the overlap and a z for the difference."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.claims.scale import Converted, convert
from metacircuit.config.errors import UserError
from metacircuit.effects.natural import natural_scale
from metacircuit.stats.distributions import two_sided_p

if TYPE_CHECKING:
    from metacircuit.claims.rows import Results
    from metacircuit.config.comparison import Comparison

COLUMNS = (
    *(
        "published_id",
        "citation",
        "topic",
        "published_k",
        "published_measure",
        "analysis",
        "grouping",
        "stratum",
        "label",
    ),
    *("measure", "route", "published", "published_se", "published_lb", "published_ub"),
    *("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "df", "level", "k", "studies"),
    *("difference", "difference_se", "z", "difference_df", "pval", "overlap", "scale"),
    *("natural_published", "natural_published_lb", "natural_published_ub", "natural", "natural_lb", "natural_ub"),
    *("status", "reason", "note"),
)
CAVEAT = (
    "Published estimates and ours may rest on the same studies. Then both err alike, the difference is surer than its"
    " standard error says, and z is nearer to zero than it would be. Agreement is no independent confirmation."
)


def compare(sheet: pd.DataFrame, wanted: Mapping[str, Comparison], results: Mapping[str, Results]) -> pd.DataFrame:
    r"""Put each published estimate beside ours.

    .. math:: z = \frac{\hat\theta - \hat\theta_p}{\sqrt{se^2 + se_p^2}}, \qquad
        \nu = \nu_0 \frac{(se^2 + se_p^2)^2}{se^4}

    with :math:`\nu_0` the degrees of freedom of our standard error; p is that of t with :math:`\nu` of them.

    Parameters
    ----------
    sheet : DataFrame
        The published estimates.
    wanted : mapping of str to Comparison
        published_id: the stratum of ours to compare with.
    results : mapping of str to Results
        The analyses of the review.

    Returns
    -------
    DataFrame
        A row a published estimate, in the order of the sheet, with the columns of `COLUMNS`: compared ("ok"), or with
        the reason why not. `overlap` is the common part of the two confidence intervals as a share of the shorter one.

    Raises
    ------
    UserError
        If the config names published estimates that the sheet does not have.
    """
    known = list(sheet["published_id"])
    unknown = [key for key in wanted if key not in known]
    if unknown:
        raise UserError(*(_unknown(key, known) for key in unknown))
    rows = [_row(row, wanted.get(row["published_id"]), results) for row in sheet.to_dict("records")]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def no_comparison() -> pd.DataFrame:
    """The table where nothing is compared."""
    return pd.DataFrame(columns=list(COLUMNS))


def overlap(first: tuple[float, float], second: tuple[float, float]) -> float:
    """The common part of two intervals as a share of the shorter one.

    Examples
    --------
    >>> overlap((0.0, 1.0), (0.5, 3.5)), overlap((0.0, 1.0), (2.0, 3.0)), overlap((0.2, 0.3), (0.0, 1.0))
    (0.5, 0.0, 1.0)
    """
    common = min(first[1], second[1]) - max(first[0], second[0])
    shorter = min(first[1] - first[0], second[1] - second[0])
    return max(0.0, common) / shorter if shorter > 0 else float("nan")


def _row(published: dict, wanted: Comparison | None, results: Mapping[str, Results]) -> dict[str, object]:
    row: dict[str, object] = {
        "published_id": published["published_id"],
        "citation": _citation(published),
        "topic": published["topic"],
        "published_k": published["k"],
        "published_measure": published["measure"],
    }
    if wanted is None:
        return row | {"status": "not_mapped", "reason": "no estimate of ours is named for it in the config"}
    own = results[wanted.analysis]
    row |= {name: getattr(wanted, name) for name in ("analysis", "grouping", "stratum", "note")}
    row["measure"] = own.spec.measure
    try:
        theirs = convert(
            *(float(published[name]) for name in ("estimate", "ci_lo", "ci_hi")),
            theirs=str(published["measure"]),
            ours=own.spec.measure,
            reverse=wanted.reverse,
        )
    except ValueError as error:
        return row | {"status": "not_comparable", "reason": str(error)}
    return row | _numbers(theirs, own.spec.measure) | _ours(theirs, wanted, own)


def _ours(theirs: Converted, wanted: Comparison, own: Results) -> dict[str, object]:
    table = own.estimates
    match = table[(table["grouping"] == wanted.grouping) & (table["stratum"] == wanted.stratum)]
    if match.empty:
        return {"status": "no_estimate", "reason": "no row of the analysis has this stratum"}
    ours = match.iloc[0]
    names = ("label", "df", "level", "k", "studies", "estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
    found: dict[str, object] = {name: ours[name] for name in names}
    found |= {name: ours[name] for name in ("scale", "natural", "natural_lb", "natural_ub")}
    if ours["status"] != "ok":
        return found | {"status": "no_estimate", "reason": f"not pooled: {ours['reason']}"}
    difference = float(ours["estimate"]) - theirs.estimate
    se = float(np.hypot(ours["se"], theirs.se))
    df = float(ours["df"]) if pd.notna(ours["df"]) else float("inf")
    # Welch and Satterthwaite: the published standard error counts as known.
    dfs = se**4 / (float(ours["se"]) ** 4 / df)
    return found | {
        "difference": difference,
        "difference_se": se,
        "z": difference / se,
        "difference_df": dfs if np.isfinite(dfs) else float("nan"),
        "pval": float(two_sided_p(difference / se, dfs)),
        "overlap": overlap((theirs.lower, theirs.upper), (float(ours["ci_lb"]), float(ours["ci_ub"]))),
        "status": "ok",
        "reason": "",
    }


def _numbers(theirs: Converted, measure: str) -> dict[str, object]:
    _, transform = natural_scale(measure)
    values = {"": theirs.estimate, "_lb": theirs.lower, "_ub": theirs.upper}
    found: dict[str, object] = {f"published{end}": value for end, value in values.items()}
    found |= {f"natural_published{end}": float(transform(np.asarray(value))) for end, value in values.items()}
    return found | {"published_se": theirs.se, "route": theirs.route}


def _citation(row: dict) -> str:
    author, year = str(row["first_author"] or ""), row["year"]
    if not author or author.strip("[(").startswith("not "):
        return str(row["published_id"])
    return f"{author} {int(year)}" if pd.notna(year) else author


def _unknown(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"published.{key}: the sheet of published estimates has no such published_id.{hint}"

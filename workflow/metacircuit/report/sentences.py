"""The sentences of the report that carry numbers; each is written from the result tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.tables.wording import count, interval, number, p_value

if TYPE_CHECKING:
    from metacircuit.config import Model


def headline(estimates: pd.DataFrame) -> str:
    """Say the overall result of an analysis in a sentence or two, on the natural scale."""
    row = estimates.iloc[0]
    if row["status"] != "ok":
        return f"Not pooled: {row['reason']}."
    percent = row["scale"] == "proportion"
    factor, digits, unit = (100, 1, "%") if percent else (1, 2, "")
    value = f"{number(row['natural'] * factor, digits)}{unit}"
    bounds = interval(row["natural_lb"] * factor, row["natural_ub"] * factor, digits)
    predicted = interval(row["natural_pi_lb"] * factor, row["natural_pi_ub"] * factor, digits)
    test = "" if percent else f", p {_equals(p_value(row['pval']))}"
    return (
        f"{count(row['k'])} effects of {count(row['studies'])} studies ({count(row['participants'])} participants) give a pooled"
        f" {row['scale']} of {value} {bounds}{test}. A new study can be expected between the limits {predicted};"
        f" τ² = {number(row['tau2'])} {interval(row['tau2_lb'], row['tau2_ub'])}, I² = {number(row['I2'], 0)}%."
    )


def between(contrast: pd.Series) -> str:
    """Say what the test between the strata of a grouping found."""
    name = contrast["grouping"].replace("_", " ").replace(":", " × ")
    if contrast["status"] == "too_few":
        return f"Between the strata of {name}: not tested, {contrast['reason']}."
    if pd.isna(contrast["df2"]):
        test = f"χ²({contrast['df1']:.0f}) = {number(contrast['QM'])}"
    else:
        test = f"F({contrast['df1']:.0f}, {contrast['df2']:.0f}) = {number(contrast['QM'])}"
    note = f" ({contrast['reason']})" if isinstance(contrast["reason"], str) and contrast["reason"] else ""
    return f"Between the {count(contrast['groups'])} pooled strata of {name}: {test}, p {_equals(p_value(contrast['pval']))}{note}."


def method(model: Model) -> str:
    """Say how an analysis was pooled."""
    tests = {
        "knha": "Knapp–Hartung intervals and tests",
        "adhoc": "Knapp–Hartung intervals that are never narrower than the normal ones",
        "t": "t-distributed intervals and tests",
        "z": "normal intervals and tests",
    }
    return (
        f"Effects of one study were combined first, assuming a correlation of {model.rho:g} between their sampling errors;"
        f" the study means were pooled with a random-effects model ({model.method} estimate of τ², {tests[model.test]})."
        f" Strata with fewer than {model.min_studies} studies are shown and not pooled. The interval of τ² is the Q-profile"
        f" interval; strata are compared by a model with one mean a stratum and a common τ²."
    )


def _equals(p: str) -> str:
    return p if p[:1] in "<>" else f"= {p}"

"""How each number of a result table is written, with the digits that its uncertainty allows."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan, nan, sqrt
from typing import TYPE_CHECKING

from metacircuit.tables.digits import decimals_by, natural_se
from metacircuit.wording import count, degrees, interval, number, p_number, p_value, variance

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

COUNTS = ("k", "studies", "participants")
VARIANCES = (
    *("tau2", "tau2_lb", "tau2_ub"),
    *(f"sigma2_{part}{end}" for part in ("study", "effect") for end in ("", "_lb", "_ub")),
)
NATURAL = ("natural", "natural_lb", "natural_ub", "natural_pi_lb", "natural_pi_ub")
MODELLED = ("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
PROPORTION = "proportion"
# A 95% interval is this many standard errors wide; for methods that give an interval and no standard error.
_WIDTH = 3.92


@dataclass(frozen=True, slots=True)
class Written:
    """A number as text and as it is; the value is None where the text is not one number."""

    text: str
    value: float | None = None


def value_of(row: Mapping[str, float | str], name: str) -> float:
    """A number of a row; NaN where the table has none."""
    value = row.get(name, nan)
    return float(value) if isinstance(value, int | float) else nan


def estimate_forms(row: Mapping[str, float | str]) -> dict[str, Written]:
    """Write every number of a pooled stratum.

    Parameters
    ----------
    row : mapping
        A row of estimates/ANALYSIS.csv (or of another table with its columns).

    Returns
    -------
    dict of str to Written
        By the table's column names; and `effect` (with its interval), `ci`, `pi`, `p`, `test`, `heterogeneity`. What
        the model does not give is left out.
    """
    forms = {name: Written(count(value_of(row, name)), value_of(row, name)) for name in COUNTS}
    forms |= _scaled(row, NATURAL, *natural_digits(row))
    forms |= _scaled(row, MODELLED, 1.0, decimals_by(value_of(row, "se")), "")
    forms |= {name: Written(variance(value_of(row, name)), value_of(row, name)) for name in VARIANCES}
    tau2 = value_of(row, "tau2")
    forms["tau"] = Written(variance(sqrt(tau2)), sqrt(tau2)) if tau2 >= 0 else Written("", nan)
    forms |= _tests(row)
    forms |= {
        "effect": Written(effect(row)),
        "ci": Written(natural_interval(row, "natural_lb", "natural_ub")),
        "pi": Written(natural_interval(row, "natural_pi_lb", "natural_pi_ub")),
    }
    return {name: form for name, form in forms.items() if _known(form)}


def _known(form: Written) -> bool:
    return form.text not in {"", "–"} and not (form.value is not None and isnan(form.value))


def _tests(row: Mapping[str, float | str]) -> dict[str, Written]:
    percent = f"{number(value_of(row, 'I2'), 1)}%"
    return {
        "stat": Written(number(value_of(row, "stat"), 2), value_of(row, "stat")),
        "df": Written(_degrees(value_of(row, "df")), value_of(row, "df")),
        "pval": Written(p_number(value_of(row, "pval")), value_of(row, "pval")),
        "p": Written(_p(value_of(row, "pval"))),
        "test": Written(effect_test(row)),
        "I2": Written(percent, value_of(row, "I2")),
        "H2": Written(number(value_of(row, "H2"), 1), value_of(row, "H2")),
        "QE": Written(number(value_of(row, "QE"), 2), value_of(row, "QE")),
        "QE_df": Written(_degrees(value_of(row, "QE_df")), value_of(row, "QE_df")),
        "QEp": Written(p_number(value_of(row, "QEp")), value_of(row, "QEp")),
        "heterogeneity": Written(heterogeneity(row)),
        "level": Written(f"{value_of(row, 'level'):g}", value_of(row, "level")),
        "rho": Written(f"{value_of(row, 'rho'):g}", value_of(row, "rho")),
    }


def contrast_forms(row: Mapping[str, float | str]) -> dict[str, Written]:
    """Write every number of a test between strata: a row of contrasts/ANALYSIS.csv."""
    forms = {name: Written(count(value_of(row, name)), value_of(row, name)) for name in ("groups", "k", "studies")}
    forms |= {
        "QM": Written(number(value_of(row, "QM"), 2), value_of(row, "QM")),
        "df1": Written(_degrees(value_of(row, "df1")), value_of(row, "df1")),
        "df2": Written(_degrees(value_of(row, "df2")), value_of(row, "df2")),
        "pval": Written(p_number(value_of(row, "pval")), value_of(row, "pval")),
        "p": Written(_p(value_of(row, "pval"))),
        "test": Written(between_test(row)),
        "tau2": Written(variance(value_of(row, "tau2")), value_of(row, "tau2")),
        "R2": Written(f"{number(value_of(row, 'R2'), 1)}%", value_of(row, "R2")),
    }
    return {name: form for name, form in forms.items() if _known(form)}


def reading_of(estimates: pd.DataFrame) -> dict[str, str]:
    """The measure of an analysis and the scale on which it is read, for rows of tables that do not tell."""
    return {name: str(estimates[name].iloc[0]) for name in ("scale", "measure")}


def natural_digits(row: Mapping[str, float | str]) -> tuple[float, int, str]:
    """Factor, decimals and unit of a row's natural scale: the standard error has two significant digits.

    >>> natural_digits({"scale": "proportion", "measure": "PLO", "estimate": -0.5, "se": 0.2})
    (100.0, 1, '%')
    """
    factor, unit = (100.0, "%") if row["scale"] == PROPORTION else (1.0, "")
    se = natural_se(str(row.get("measure", "")), value_of(row, "estimate"), value_of(row, "se"))
    if not isfinite(se):
        se = (value_of(row, "natural_ub") - value_of(row, "natural_lb")) / _WIDTH
    return factor, decimals_by(se * factor), unit


def effect(row: Mapping[str, float | str]) -> str:
    """An estimate with its interval, on the natural scale; nothing where there is none."""
    if not isfinite(value_of(row, "natural")):
        return ""
    factor, decimals, unit = natural_digits(row)
    value = number(value_of(row, "natural") * factor, decimals)
    limits = natural_interval(row, "natural_lb", "natural_ub")
    return f"{value}{unit} {limits}" if limits != "–" else f"{value}{unit}"


def natural_interval(row: Mapping[str, float | str], lower: str, upper: str) -> str:
    """An interval on the natural scale, with the digits of the estimate."""
    factor, decimals, unit = natural_digits(row)
    text = interval(value_of(row, lower) * factor, value_of(row, upper) * factor, decimals)
    return text if not unit or text == "–" else text.replace(",", f"{unit},").replace("]", f"{unit}]")


def effect_test(row: Mapping[str, float | str], p: str = "p", t: str = "t") -> str:
    """The test of an estimate against no effect; nothing where that is nobody's question."""
    if row["scale"] == PROPORTION or not isfinite(value_of(row, "pval")):
        return ""
    df = value_of(row, "df")
    name = f"{t}({_degrees(df)})" if isfinite(df) else t.replace("t", "z")
    stat = f"{name} = {number(value_of(row, 'stat'), 2)}, " if isfinite(value_of(row, "stat")) else ""
    return stat + _p(value_of(row, "pval"), p)


def heterogeneity(row: Mapping[str, float | str], q: str = "Q", p: str = "p") -> str:
    """Cochran's test of a stratum."""
    if not isfinite(value_of(row, "QE")):
        return ""
    head = f"{q}({_degrees(value_of(row, 'QE_df'))}) = {number(value_of(row, 'QE'), 2)}"
    return f"{head}, {_p(value_of(row, 'QEp'), p)}"


def between_test(row: Mapping[str, float | str], f: str = "F", p: str = "p") -> str:
    """The test between strata: an F, or a chi-square where there are no denominator degrees of freedom."""
    if not isfinite(value_of(row, "QM")):
        return ""
    df1, df2 = value_of(row, "df1"), value_of(row, "df2")
    name = f"{f}({_degrees(df1)}, {_degrees(df2)})" if isfinite(df2) else f"χ²({_degrees(df1)})"
    return f"{name} = {number(value_of(row, 'QM'), 2)}, {_p(value_of(row, 'pval'), p)}"


def _scaled(
    row: Mapping[str, float | str], names: tuple[str, ...], factor: float, decimals: int, unit: str
) -> dict[str, Written]:
    return {
        name: Written(number(value_of(row, name) * factor, decimals) + unit, value_of(row, name))
        for name in names
        if not isnan(value_of(row, name))
    }


def _degrees(df: float) -> str:
    return degrees(df) if isfinite(df) else ""


def _p(value: float, symbol: str = "p") -> str:
    return p_value(value, symbol) if isfinite(value) else ""

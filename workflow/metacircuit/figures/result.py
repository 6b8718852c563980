"""Rows of the result tables as the figures read them: intervals, their text, and sentences about them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from metacircuit.figures.scales import Scale
from metacircuit.wording import decimals_for, degrees, fixed_spaces, number, p_value, plural, variance

OVERALL = "overall"
"""The grouping that has one stratum with all studies."""

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its limits on the analysis scale; a prediction interval has no estimate (NaN)."""

    estimate: float
    lower: float
    upper: float

    @property
    def drawable(self) -> bool:
        """Whether there are two limits to draw between."""
        return math.isfinite(self.lower) and math.isfinite(self.upper)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the intervals of one figure on the natural scale, all with the same precision."""

    scale: Scale
    decimals: int

    @classmethod
    def suiting(cls, scale: Scale, intervals: Iterable[Interval]) -> "Writer":
        """The precision that a typical interval of the figure deserves."""
        drawable = [interval for interval in intervals if interval.drawable]
        if scale.relative:
            # A wide interval of a ratio reaches into thousands and says nothing of the digits that 0.4 deserves.
            return cls(scale, max(scale.decimals, decimals_for([i.upper - i.lower for i in drawable], scale.decimals)))
        widths = [scale.natural(i.upper) - scale.natural(i.lower) for i in drawable]
        return cls(scale, decimals_for(widths, scale.decimals))

    def value(self, analysed: float) -> str:
        """One value of the analysis scale as text of the natural scale."""
        if math.isnan(analysed):
            return number(analysed, 0)
        natural = self.scale.natural(analysed)
        return _ratio(natural, self.decimals) if self.scale.relative else number(natural, self.decimals)

    def parts(self, interval: Interval) -> tuple[str, str, str]:
        """Estimate, lower and upper limit, each as text."""
        return self.value(interval.estimate), self.value(interval.lower), self.value(interval.upper)

    def sentence(self, interval: Interval, level: float) -> str:
        """Estimate and interval in running text."""
        estimate, lower, upper = self.parts(interval)
        unit = "%" if self.scale.heading == "%" else ""
        return f"{estimate}{unit} ({level:g}% CI {lower} to {upper})"


def _ratio(ratio: float, decimals: int) -> str:
    """A ratio with about the same number of significant digits whether it is 0.02, 2 or 200."""
    if 0 <= ratio < 1e-4:
        return "<0.0001"
    shift = sum(ratio < bound for bound in (0.01, 0.1)) - sum(ratio >= bound for bound in (10, 100))
    return number(ratio, max(0, decimals + shift), longest=1e4)


def value(row: Row, name: str) -> float:
    """A number of a row; NaN where the column or the value is missing."""
    found = row.get(name)
    return math.nan if found is None or found is pd.NA or found == "" else float(found)  # type: ignore[arg-type]


def text(row: Row, name: str) -> str:
    """A text of a row on one line; empty where the column or the value is missing."""
    found = row.get(name)
    return " ".join(str(found).split()) if isinstance(found, str) else "" if pd.isna(found) else str(found)


def label_of(row: Row) -> str:
    """The name of a stratum: its label or, without one, its id."""
    return text(row, "label") or text(row, "stratum")


def study_interval(row: Row) -> Interval:
    """The effect of a study."""
    return Interval(value(row, "yi"), value(row, "ci_lb"), value(row, "ci_ub"))


def pooled_interval(row: Row) -> Interval:
    """The pooled estimate of a stratum."""
    return Interval(value(row, "estimate"), value(row, "ci_lb"), value(row, "ci_ub"))


def prediction_interval(row: Row) -> Interval:
    """The prediction interval of a stratum."""
    return Interval(math.nan, value(row, "pi_lb"), value(row, "pi_ub"))


def is_pooled(row: Row) -> bool:
    """Whether the stratum has a pooled estimate."""
    return row.get("status") == "ok"


def require_columns(table: pd.DataFrame, columns: Sequence[str], name: str) -> None:
    """Refuse a table that lacks a column."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        wanted, found = ", ".join(map(repr, missing)), ", ".join(map(str, table.columns))
        raise ValueError(f"the table {name} lacks {wanted}; it has {found or 'no columns'}")


def split_estimates(estimates: pd.DataFrame) -> tuple[dict[str, Row], Row | None]:
    """The estimates of the strata of one grouping, by stratum, and the overall estimate."""
    require_columns(estimates, ("grouping", "stratum", "label", "status", "estimate", "ci_lb", "ci_ub"), "estimates")
    twice = estimates.loc[estimates.duplicated(["grouping", "stratum"]), ["grouping", "stratum"]]
    if len(twice):
        raise ValueError(f"the table estimates has more than one row for {' '.join(map(str, twice.iloc[0]))}")
    groupings = [name for name in estimates["grouping"].unique() if name != OVERALL]
    if len(groupings) > 1:
        raise ValueError(f"a forest plot shows one grouping; the table estimates has {', '.join(groupings)}")
    records = estimates.to_dict("records")
    strata = {str(row["stratum"]): row for row in records if row["grouping"] != OVERALL}
    return strata, next((row for row in records if row["grouping"] == OVERALL), None)


def the_measure(estimates: pd.DataFrame, measure: str | None) -> str:
    """The measure that was asked for, or the one that the estimates are on."""
    if measure is not None:
        return measure
    found = sorted(set(estimates["measure"].dropna())) if "measure" in estimates.columns else []
    if len(found) != 1:
        raise ValueError(f"say which measure to draw: the table estimates has {', '.join(found) or 'none'}")
    return str(found[0])


def heterogeneity(row: Row) -> str:
    """What the studies of a stratum differ by, with *stars* around symbols."""
    phrases = []
    if not math.isnan(value(row, "tau2")):
        phrases.append(f"*τ*² = {variance(value(row, 'tau2'))}")
    if not math.isnan(value(row, "I2")):
        phrases.append(f"*I*² = {number(value(row, 'I2'), 1)}%")
    if not math.isnan(value(row, "QE")):
        df = value(row, "QE_df")
        df = value(row, "k") - 1 if math.isnan(df) else df
        phrases.append(f"*Q*({degrees(df)}) = {number(value(row, 'QE'), 2)}")
    if not math.isnan(value(row, "QEp")):
        phrases.append(p_value(value(row, "QEp"), "*p*"))
    return ", ".join(fixed_spaces(phrase) for phrase in phrases)


def between_groups(contrast: Row) -> str:
    """The test of differences between the strata, with *stars* around symbols."""
    if contrast.get("status", "ok") != "ok":
        reason = without_full_stop(text(contrast, "reason")) or "no result"
        return f"Test of differences between groups: not done ({reason})"
    df1, df2 = value(contrast, "df1"), value(contrast, "df2")
    statistic = number(value(contrast, "QM"), 2)
    if math.isfinite(df2):
        test = f"*F*({degrees(df1)}, {degrees(df2)}) = {statistic}"
    else:
        test = f"*Q*({degrees(df1)}) = {statistic}"
    p = p_value(value(contrast, "pval"), "*p*")
    return f"Test of differences between groups: {fixed_spaces(test)}, {fixed_spaces(p)}"


def not_pooled(row: Row, studies: int) -> str:
    """Why a stratum has no pooled estimate."""
    reason = without_full_stop(text(row, "reason")) or plural(studies, "study", "studies")
    return f"Not pooled: {reason}"


def without_full_stop(sentence: str) -> str:
    """A sentence as a part of another one."""
    return sentence.strip().rstrip(".")


def the_contrast(contrast: pd.DataFrame | None) -> Row | None:
    """The between-group test as a row, if there is one."""
    if contrast is None or contrast.empty:
        return None
    if len(contrast) > 1:
        raise ValueError(f"a forest plot shows one between-group test; the table contrast has {len(contrast)} rows")
    require_columns(contrast, ("QM", "df1", "pval"), "contrast")
    return contrast.iloc[0].to_dict()

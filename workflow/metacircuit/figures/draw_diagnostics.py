"""The diagnostic figures of an analysis, from its diagnostic tables; each shows all studies together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.figures.alt_charts import baujat_alt, funnel_alt, gosh_alt
from metacircuit.figures.alt_lists import comparison_alt, cumulative_alt, leave_one_out_alt, specification_alt
from metacircuit.figures.baujat import baujat
from metacircuit.figures.comparison import comparison
from metacircuit.figures.cumulative import cumulative, cumulative_pages
from metacircuit.figures.drawn import Drawn, drawn
from metacircuit.figures.funnel import funnel
from metacircuit.figures.gosh import gosh
from metacircuit.figures.influence import influence, influence_alt
from metacircuit.figures.leave_one_out import leave_one_out, leave_one_out_pages
from metacircuit.figures.look import style_of
from metacircuit.figures.specification import specification

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.figure import Figure

    from metacircuit.config import FigureSlice

Tables = dict[str, pd.DataFrame]
OVERALL = "overall"


def draw_diagnostic(
    figure: str, spec: FigureSlice, effects: pd.DataFrame, estimates: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> Drawn:
    """Draw one diagnostic figure.

    Parameters
    ----------
    figure : str
        funnel, comparison, leave_one_out, cumulative, influence, baujat, gosh or specification.
    spec : FigureSlice
        Measure, title and level.
    effects, estimates : DataFrame
        effects/ANALYSIS.csv and estimates/ANALYSIS.csv.
    tables : mapping of str to DataFrame
        The analysis's diagnostic tables and its multiverse, by name.

    Returns
    -------
    Drawn
        Where the analysis could not be pooled, an empty figure that says why.
    """
    overall = estimates[estimates["grouping"] == OVERALL].iloc[0]
    return _FIGURES[figure](spec, effects, overall, tables)


def _drawn(spec: FigureSlice, sheet: Figure, alt: str, pages: Sequence[Figure] | None = None) -> Drawn:
    return drawn(spec.title, sheet, alt, pages=pages, dpi=style_of(spec).dpi)


def _overall(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of all studies together; none if the only one says why there are none."""
    rows = table[table["grouping"] == OVERALL]
    return rows[rows["unit"].astype(str) != ""]


def _why(overall: pd.Series) -> str:
    return "" if overall["status"] == "ok" else f"Not pooled: {overall['reason']}."


def _funnel(spec: FigureSlice, effects: pd.DataFrame, overall: pd.Series, tables: Mapping[str, pd.DataFrame]) -> Drawn:
    rows = effects[effects["status"] == "analysed"]
    note = _why(overall) or str(tables["readings"]["sentence"].iloc[0])
    options = {"measure": spec.measure, "estimate": float(overall["estimate"]), "level": spec.level}
    return _drawn(spec, funnel(rows, note=note, style=style_of(spec), **options), funnel_alt(rows, **options))


def _comparison(spec: FigureSlice, _: pd.DataFrame, overall: pd.Series, tables: Mapping[str, pd.DataFrame]) -> Drawn:
    rows = tables["corrections"]
    rows = rows[(rows["grouping"] == OVERALL) & rows["family"].isin(("reference", "correction"))]
    rows = rows.drop(columns="label").rename(columns={"method_label": "label"})
    note = _why(overall) or str(tables["readings"]["sentence"].iloc[0])
    options = {"measure": spec.measure, "level": spec.level}
    return _drawn(spec, comparison(rows, note=note, style=style_of(spec), **options), comparison_alt(rows, **options))


def _leave_one_out(spec: FigureSlice, _: pd.DataFrame, overall: pd.Series, tables: Mapping[str, pd.DataFrame]) -> Drawn:
    rows = _overall(tables["leave_one_out"])
    rows = rows[rows["by"] == "study"].drop(columns="label").rename(columns={"unit": "label"})
    options = {"measure": spec.measure, "overall": overall.to_dict(), "level": spec.level}
    note = _why(overall)
    return _drawn(
        spec,
        leave_one_out(rows, note=note, style=style_of(spec), **options),
        leave_one_out_alt(rows, **options),
        pages=leave_one_out_pages(rows, note=note, style=style_of(spec), **options),
    )


def _cumulative(spec: FigureSlice, _: pd.DataFrame, overall: pd.Series, tables: Mapping[str, pd.DataFrame]) -> Drawn:
    rows = _overall(tables["cumulative"]).drop(columns="label").rename(columns={"unit": "label"})
    note = _why(overall) or f"Studies join in the order of {rows['order'].iloc[0]}."
    rows = rows.assign(k=rows["studies"])
    options = {"measure": spec.measure, "level": spec.level}
    return _drawn(
        spec,
        cumulative(rows, note=note, style=style_of(spec), **options),
        cumulative_alt(rows, **options),
        pages=cumulative_pages(rows, note=note, style=style_of(spec), **options),
    )


def _influence(spec: FigureSlice, _: pd.DataFrame, overall: pd.Series, tables: Mapping[str, pd.DataFrame]) -> Drawn:
    rows = _overall(tables["influence"])
    return _drawn(
        spec,
        influence(rows, note=_why(overall), style=style_of(spec)),
        influence_alt(rows),
    )


def _baujat(spec: FigureSlice, _: pd.DataFrame, overall: pd.Series, tables: Mapping[str, pd.DataFrame]) -> Drawn:
    rows = _overall(tables["baujat"]).rename(columns={"unit": "study_label"})
    return _drawn(
        spec,
        baujat(rows, measure=spec.measure, note=_why(overall), style=style_of(spec)),
        baujat_alt(rows, measure=spec.measure),
    )


def _gosh(spec: FigureSlice, _: pd.DataFrame, overall: pd.Series, tables: Mapping[str, pd.DataFrame]) -> Drawn:
    clusters = tables["gosh_clusters"]
    study = "" if clusters.empty else str(clusters["singled_out"].iloc[0])
    subsets = tables["gosh"].assign(without=lambda t: t["without"].astype(str) == "yes")
    options = {"measure": spec.measure, "study": study}
    return _drawn(
        spec, gosh(subsets, note=_why(overall), style=style_of(spec), **options), gosh_alt(subsets, **options)
    )


def _specification(spec: FigureSlice, _: pd.DataFrame, overall: pd.Series, tables: Mapping[str, pd.DataFrame]) -> Drawn:
    rows = tables["multiverse"]
    choices = [name for name in tables["shares"]["choice"] if name in rows and len(rows[name].unique()) > 1]
    rows = rows.assign(main=rows["main"].astype(str).str.lower().isin(("true", "yes")))
    options = {"measure": spec.measure, "choices": choices, "level": spec.level}
    return _drawn(
        spec,
        specification(rows, note=_why(overall), style=style_of(spec), **options),
        specification_alt(rows, **options),
    )


_FIGURES: dict[str, Callable[..., Drawn]] = {
    "funnel": _funnel,
    "comparison": _comparison,
    "leave_one_out": _leave_one_out,
    "cumulative": _cumulative,
    "influence": _influence,
    "baujat": _baujat,
    "gosh": _gosh,
    "specification": _specification,
}

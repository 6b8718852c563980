"""A figure of an analysis by its name in the config, in every form that people use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.figures.alt import evidence_map_alt, forest_alt
from metacircuit.figures.drawn import Drawn, drawn
from metacircuit.figures.evidence_map import evidence_map
from metacircuit.figures.forest import forest, forest_pages
from metacircuit.figures.forest_coded import with_coded
from metacircuit.figures.forest_options import forest_options
from metacircuit.figures.look import style_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from metacircuit.config import FigureSlice

OVERALL, NOT_CODED = "overall", "not_coded"


def draw(
    figure: str,
    spec: FigureSlice,
    combined: pd.DataFrame,
    estimates: pd.DataFrame,
    contrasts: pd.DataFrame,
    words: Mapping[str, pd.DataFrame],
    sheets: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    needs: pd.DataFrame | None = None,
) -> Drawn:
    """Draw one figure of an analysis.

    Parameters
    ----------
    figure : str
        Its name: forest or map, then its grouping, as in forest_disorder or map_disorder-circuit.
    spec : FigureSlice
        Measure, title, the words at the axis, the level and the look.
    combined, estimates, contrasts : DataFrame
        The analysis's result tables.
    words : mapping of str to DataFrame
        Vocabularies (id, label) in the order of display.
    sheets : two DataFrames, optional
        The effects and the studies, where the look names columns of theirs.
    needs : DataFrame, optional
        heterogeneity/ANALYSIS/power.csv, for the further studies in the cells of a map.

    Returns
    -------
    Drawn
        Bytes that depend on the arguments alone.
    """
    kind, _, factors = figure.partition("_")
    grouping = factors.replace("-", ":")
    if kind == "map":
        return _map(grouping, spec, estimates, words, needs)
    rows = combined[combined["grouping"] == grouping]
    if sheets is not None:
        rows = with_coded(rows, spec.look.forest.coded, *sheets, words)
    return _forest(grouping, spec, rows, estimates, contrasts)


def _forest(
    grouping: str, spec: FigureSlice, rows: pd.DataFrame, estimates: pd.DataFrame, contrasts: pd.DataFrame
) -> Drawn:
    pooled = estimates[estimates["grouping"].isin((OVERALL, grouping))]
    contrast = contrasts[contrasts["grouping"] == grouping]
    options = {"measure": spec.measure, "favours": (spec.axis.left, spec.axis.right), "level": spec.level}
    chosen, style = forest_options(spec.look.forest), style_of(spec)
    drawing = options | chosen | {"style": style}
    tables = (rows, pooled, contrast if len(contrast) else None)
    most = 0 if chosen["strata_only"] else chosen["most_rows"]
    return drawn(
        spec.title,
        forest(*tables, **drawing),
        forest_alt(*tables, **options, most_rows=most),
        pages=forest_pages(*tables, **drawing),
        dpi=style.dpi,
    )


def _map(
    grouping: str,
    spec: FigureSlice,
    estimates: pd.DataFrame,
    words: Mapping[str, pd.DataFrame],
    needs: pd.DataFrame | None,
) -> Drawn:
    # Rows without a word for one of the factors have no place on the map; the forest plot shows them.
    cells = estimates[(estimates["grouping"] == grouping) & (estimates["stratum"] != NOT_CODED)]
    down, across = grouping.split(":")
    grid = {"rows": words.get(down), "columns": words.get(across), "margins": estimates, "measure": spec.measure}
    grid["needs"] = None if needs is None else needs[needs["grouping"] == grouping]
    style = style_of(spec)
    figure = evidence_map(cells, **grid, style=style)
    return drawn(spec.title, figure, evidence_map_alt(cells, **grid, level=spec.level), dpi=style.dpi)

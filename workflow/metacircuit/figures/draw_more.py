"""Figures of an analysis that a config may ask for besides forest plots and evidence maps, by their names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.figures.alt_charts import funnel_alt
from metacircuit.figures.alt_lines import bubble_alt, drapery_alt, labbe_alt, radial_alt
from metacircuit.figures.alt_strata import caterpillar_alt, matrix_alt, orchard_alt
from metacircuit.figures.bubble import bubble
from metacircuit.figures.caterpillar import caterpillar
from metacircuit.figures.drapery import drapery
from metacircuit.figures.drawn import Drawn, drawn
from metacircuit.figures.funnel import funnel
from metacircuit.figures.labbe import labbe
from metacircuit.figures.look import style_of
from metacircuit.figures.matrix import matrix, matrix_pages
from metacircuit.figures.orchard import orchard, orchard_pages
from metacircuit.figures.radial import radial
from metacircuit.figures.result import OVERALL, label_of, value
from metacircuit.figures.scales import scale_for
from metacircuit.models.strata import NOT_CODED, strata_of
from metacircuit.wording import fixed_spaces, p_value, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.figure import Figure

    from metacircuit.config import FigureSlice


@dataclass(frozen=True, slots=True)
class Sources:
    """The tables of an analysis: those of the fit, those that only figures need (by name), and the vocabularies."""

    effects: pd.DataFrame
    combined: pd.DataFrame
    estimates: pd.DataFrame
    plots: Mapping[str, pd.DataFrame]
    words: Mapping[str, pd.DataFrame]

    @property
    def analysed(self) -> pd.DataFrame:
        """The effects with a value."""
        return self.effects[self.effects["status"] == "analysed"]

    @property
    def overall(self) -> pd.Series:
        """The estimate of all studies."""
        return self.estimates[self.estimates["grouping"] == OVERALL].iloc[0]


def draw_more(figure: str, spec: FigureSlice, sources: Sources) -> Drawn:
    """Draw one figure.

    Parameters
    ----------
    figure : str
        A name of `metacircuit.config.figures_of`: orchard_disorder, matrix_disorder-circuit, caterpillar, drapery,
        radial, labbe, bubble_year or funnel_circuit.
    spec : FigureSlice
        Measure, title, the words at the axis, the level and the look.
    sources : Sources
        Its tables.

    Returns
    -------
    Drawn
        Where nothing was pooled, a figure of the effects that says why.
    """
    kind, _, rest = figure.partition("_")
    return MORE[kind](rest, spec, sources)


def _drawn(spec: FigureSlice, sheet: Figure, alt: str, pages: Sequence[Figure] | None = None) -> Drawn:
    return drawn(spec.title, sheet, alt, pages=pages, dpi=style_of(spec).dpi)


def _why(overall: pd.Series) -> str:
    return "" if overall["status"] == "ok" else f"Not pooled: {overall['reason']}."


def _orchard(grouping: str, spec: FigureSlice, sources: Sources) -> Drawn:
    wanted = [] if grouping == OVERALL else [grouping]
    cells = [cell for cell in strata_of(sources.analysed, wanted, sources.words) if cell.grouping == grouping]
    parts = [cell.rows.assign(stratum=cell.name) for cell in cells]
    rows = pd.concat(parts, ignore_index=True) if parts else sources.analysed.assign(stratum=NOT_CODED)
    pooled = sources.estimates[sources.estimates["grouping"].isin((OVERALL, grouping))]
    options = {"measure": spec.measure, "favours": (spec.axis.left, spec.axis.right), "level": spec.level}
    drawing = options | {"style": style_of(spec)}
    alt = orchard_alt(rows, pooled, **options)
    pages = orchard_pages(rows, pooled, **drawing)
    # What has room on one page is the same sheet, and need not be laid out twice.
    return _drawn(spec, pages[0] if len(pages) == 1 else orchard(rows, pooled, **drawing), alt, pages=pages)


def _caterpillar(_: str, spec: FigureSlice, sources: Sources) -> Drawn:
    options = {"measure": spec.measure, "overall": sources.overall.to_dict(), "level": spec.level}
    favours = (spec.axis.left, spec.axis.right)
    sheet = caterpillar(sources.analysed, favours=favours, style=style_of(spec), **options)
    return _drawn(spec, sheet, caterpillar_alt(sources.analysed, **options))


def _matrix(factors: str, spec: FigureSlice, sources: Sources) -> Drawn:
    grouping = factors.replace("-", ":")
    estimates = sources.estimates
    cells = estimates[(estimates["grouping"] == grouping) & (estimates["stratum"] != NOT_CODED)]
    down, across = grouping.split(":")
    grid = {"rows": sources.words.get(down), "columns": sources.words.get(across), "margins": estimates}
    grid |= {"measure": spec.measure, "level": spec.level}
    drawing = grid | {"style": style_of(spec)}
    pages = matrix_pages(cells, **drawing)
    return _drawn(
        spec, pages[0] if len(pages) == 1 else matrix(cells, **drawing), matrix_alt(cells, **grid), pages=pages
    )


def _drapery(_: str, spec: FigureSlice, sources: Sources) -> Drawn:
    rows = sources.combined[sources.combined["grouping"] == OVERALL]
    options = {"measure": spec.measure, "overall": sources.overall.to_dict(), "level": spec.level}
    sheet = drapery(rows, note=_why(sources.overall), style=style_of(spec), **options)
    return _drawn(spec, sheet, drapery_alt(rows, **options))


def _radial(_: str, spec: FigureSlice, sources: Sources) -> Drawn:
    overall = sources.overall
    estimate, tau2 = value(overall, "estimate"), value(overall, "tau2")
    tau2 = 0.0 if math.isnan(tau2) else tau2
    options = {"measure": spec.measure, "estimate": estimate, "tau2": tau2, "level": spec.level}
    sheet = radial(sources.analysed, note=_why(overall), style=style_of(spec), **options)
    return _drawn(spec, sheet, radial_alt(sources.analysed, **options))


def _labbe(_: str, spec: FigureSlice, sources: Sources) -> Drawn:
    options = {"measure": spec.measure, "estimate": value(sources.overall, "estimate")}
    sheet = labbe(sources.analysed, note=_why(sources.overall), style=style_of(spec), **options)
    return _drawn(spec, sheet, labbe_alt(sources.analysed, **options))


def _bubble(moderator: str, spec: FigureSlice, sources: Sources) -> Drawn:
    points, line, slopes = (
        table[table["moderator"] == moderator]
        for table in (sources.plots[n] for n in ("points", "predictions", "slopes"))
    )
    name = moderator[:1].upper() + moderator[1:].replace("_", " ")
    note = _slope(slopes.iloc[0], spec)
    options = {"measure": spec.measure, "moderator": name, "note": note, "level": spec.level}
    return _drawn(spec, bubble(points, line, style=style_of(spec), **options), bubble_alt(points, line, **options))


def _slope(row: pd.Series, spec: FigureSlice) -> str:
    """The slope and its test, or why there is none."""
    if row["status"] != "ok":
        return f"No regression: {row['reason']}."
    size = max(abs(row["ci_ub"] - row["ci_lb"]), 1e-12)
    decimals = min(6, max(2, 2 - math.floor(math.log10(size))))
    numbers = (f"{row[n]:.{decimals}f}".replace("-", "−") for n in ("estimate", "ci_lb", "ci_ub"))
    estimate, low, high = numbers
    where = "" if scale_for(spec.measure).natural(1.0) == 1.0 else " on the analysis scale"
    of = plural(row["k"], "effect") + " of " + plural(row["studies"], "study", "studies")
    p = fixed_spaces(p_value(float(row["pval"])))
    return f"Slope{where}: {estimate} per unit ({spec.level:g}% CI {low} to {high}), {p}; {of}, {row['model']} model."


def _funnel(grouping: str, spec: FigureSlice, sources: Sources) -> Drawn:
    rows = sources.plots["funnels"]
    rows = rows[rows["grouping"] == grouping]
    estimates = sources.estimates[sources.estimates["grouping"] == grouping]
    records = estimates.to_dict("records")
    labels = {str(row["stratum"]): label_of(row) for row in records}
    shown = rows.assign(panel=rows["stratum"].astype(str).map(lambda s: labels.get(s, s)), filled=rows["filled"] == 1)
    options = {
        "measure": spec.measure,
        "estimate": {label_of(row): value(row, "estimate") for row in records},
        "panel": "panel",
        "level": spec.level,
    }
    note = "Points are studies; open circles are those that trim and fill (L0) adds."
    sheet = funnel(shown, note=note, style=style_of(spec), **options)
    return _drawn(spec, sheet, funnel_alt(shown, **options))


MORE: dict[str, Callable[[str, FigureSlice, Sources], Drawn]] = {
    "orchard": _orchard,
    "caterpillar": _caterpillar,
    "matrix": _matrix,
    "drapery": _drapery,
    "radial": _radial,
    "labbe": _labbe,
    "bubble": _bubble,
    "funnel": _funnel,
}
"""The figures by the first word of their name; the funnel of all effects is one of the diagnostics."""

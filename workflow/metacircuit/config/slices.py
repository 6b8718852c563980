"""What each stage may know of the config: the rules hand a stage its slice and nothing else.

A slice travels as one line of JSON in the rule's `params`, so Snakemake reruns a stage exactly when its slice changes.
"""

from __future__ import annotations

from pydantic import Field

from metacircuit.config.diagnosis import Diagnosis
from metacircuit.config.figures import COUNTED, Figures
from metacircuit.config.section import Section
from metacircuit.config.sensitivity import Sensitivity
from metacircuit.config.settings import Analysis, Axis, Conversion, Derived, Model, Selection, Settings
from metacircuit.config.tables import Tables

DIAGNOSTIC_FIGURES = (
    *("funnel", "comparison", "leave_one_out", "cumulative"),
    *("influence", "baujat", "gosh", "specification"),
)


class CheckSlice(Section):
    """For reading and checking the sheets, and for finding rows that no route brings to their analysis's measure."""

    data: str
    derived: dict[str, Derived]
    analyses: dict[str, HarmoniseSlice]
    groupings: dict[str, tuple[str, ...]]
    shown: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    characteristics: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> CheckSlice:
        """The slice of these settings."""
        analyses = {name: HarmoniseSlice.of(settings, name) for name in settings.analyses}
        groupings = {name: a.groupings for name, a in settings.analyses.items()}
        shown = {name: settings.figures_of(name).forest.coded for name in settings.analyses}
        return cls(
            data=settings.data,
            derived=settings.derived,
            analyses=analyses,
            groupings=groupings,
            shown=shown,
            characteristics=settings.tables.characteristics or (),
        )

    def for_rows(self) -> CheckSlice:
        """The slice without what figures and tables show: an edit of that leaves every checked row as it was."""
        return self.model_copy(update={"groupings": {}, "shown": {}, "characteristics": ()})


class HarmoniseSlice(Section):
    """For selecting the rows of one analysis and bringing them to its measure."""

    analysis: str
    measure: str
    take: tuple[Selection, ...]
    routes: tuple[str, ...] | None
    conversion: Conversion

    @classmethod
    def of(cls, settings: Settings, name: str) -> HarmoniseSlice:
        """The slice of these settings for one analysis."""
        a: Analysis = settings.analyses[name]
        return cls(
            analysis=name,
            measure=a.measure,
            take=a.take,
            routes=a.routes,
            conversion=settings.conversion_of(name),
        )


class FitSlice(Section):
    """For pooling one analysis."""

    analysis: str
    measure: str
    groupings: tuple[str, ...]
    model: Model

    @classmethod
    def of(cls, settings: Settings, name: str) -> FitSlice:
        """The slice of these settings for one analysis."""
        a = settings.analyses[name]
        return cls(analysis=name, measure=a.measure, groupings=a.groupings, model=settings.model_of(name))


class DiagnoseSlice(FitSlice):
    """For looking for influence, small-study effects and selection in one analysis."""

    diagnosis: Diagnosis

    @classmethod
    def of(cls, settings: Settings, name: str) -> DiagnoseSlice:
        """The slice of these settings for one analysis."""
        fit = FitSlice.of(settings, name)
        return cls(**dict(fit), diagnosis=settings.diagnosis_of(name))


class MultiverseSlice(Section):
    """For the specifications of one analysis: its model, its conversion, and what could have been chosen instead."""

    harmonise: HarmoniseSlice
    model: Model
    sensitivity: Sensitivity

    @classmethod
    def of(cls, settings: Settings, name: str) -> MultiverseSlice:
        """The slice of these settings for one analysis."""
        return cls(
            harmonise=HarmoniseSlice.of(settings, name),
            model=settings.model_of(name),
            sensitivity=settings.sensitivity_of(name),
        )


class FigureSlice(Section):
    """For drawing the figures of one analysis."""

    analysis: str
    measure: str
    title: str
    axis: Axis
    level: float
    figures: tuple[str, ...]
    look: Figures = Figures()

    @classmethod
    def of(cls, settings: Settings, name: str) -> FigureSlice:
        """The slice of these settings for one analysis."""
        a = settings.analyses[name]
        return cls(
            analysis=name,
            measure=a.measure,
            title=a.title,
            axis=a.axis,
            level=settings.model_of(name).level,
            figures=figures_of(a, settings.figures_of(name)),
            look=settings.figures_of(name),
        )


class AccountSlice(Section):
    """For counting what became of every row: the analyses, and what each does with bounds."""

    review: str
    analyses: dict[str, str]

    @classmethod
    def of(cls, settings: Settings) -> AccountSlice:
        """The slice of these settings."""
        bounds = {name: settings.model_of(name).bounds for name in settings.analyses}
        return cls(review=settings.review, analyses=bounds)


class TabledAnalysis(Section):
    """What the tables say of an analysis beside its results."""

    title: str
    measure: str
    groupings: tuple[str, ...]


class TablesSlice(Section):
    """For the tables of the paper: what they are to show, and the names of the analyses."""

    analyses: dict[str, TabledAnalysis]
    tables: Tables

    @classmethod
    def of(cls, settings: Settings) -> TablesSlice:
        """The slice of these settings."""
        analyses = {
            name: TabledAnalysis(title=a.title, measure=a.measure, groupings=a.groupings)
            for name, a in settings.analyses.items()
        }
        return cls(analyses=analyses, tables=settings.tables)


class ReportSlice(Section):
    """For writing the report: all of the settings, as they were read."""

    settings: Settings

    @classmethod
    def of(cls, settings: Settings) -> ReportSlice:
        """The slice of these settings."""
        return cls(settings=settings)


class PlotSlice(FitSlice):
    """For the tables that only figures need: regressions on single moderators, and completed funnels."""

    moderators: tuple[str, ...]
    funnels: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings, name: str) -> PlotSlice:
        """The slice of these settings for one analysis."""
        fit, wanted = FitSlice.of(settings, name), settings.figures_of(name)
        return cls(
            **dict(fit),
            moderators=wanted.moderators if "bubble" in wanted.draw else (),
            funnels=_single(settings.analyses[name]) if "funnel_panels" in wanted.draw else (),
        )

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables."""
        names = ("points", "predictions", "slopes") if self.moderators else ()
        return (*names, "funnels") if self.funnels else names


class ReviewFigureSlice(Section):
    """For the figures of the review as a whole."""

    title: str
    titles: dict[str, str]
    figures: tuple[str, ...]
    weights: str
    look: Figures

    @classmethod
    def of(cls, settings: Settings) -> ReviewFigureSlice:
        """The slice of these settings."""
        titles = {name: analysis.title for name, analysis in settings.analyses.items()}
        return cls(
            title=settings.title,
            titles=titles,
            figures=settings.review_figures,
            # The bars are weighted by the first analysis, the review's main one.
            weights=next(iter(titles)),
            look=settings.figures,
        )


def figures_of(analysis: Analysis, wanted: Figures = Figures()) -> tuple[str, ...]:  # noqa: B008 - frozen
    """The figures of an analysis: a forest and an orchard plot a grouping (or one without groups), a map and a matrix a
    crossed grouping, and so on as `figures.draw` says; and those of its diagnostics.

    >>> from metacircuit.config.settings import Analysis
    >>> figures_of(Analysis(title="T", measure="SMD", groupings=("disorder", "disorder:circuit")))[:3]
    ('forest_disorder', 'forest_disorder-circuit', 'map_disorder-circuit')
    """
    names: list[str] = []
    groupings = analysis.groupings or ("overall",)
    for whole, crossed in (("forest", "map"), ("orchard", "matrix")):
        for grouping in groupings:
            slug, crosses = grouping.replace(":", "-"), ":" in grouping
            # Crossed strata have too few effects each for an orchard plot.
            if whole in wanted.draw and not (crosses and whole == "orchard"):
                names.append(f"{whole}_{slug}")
            if crosses and crossed in wanted.draw:
                names.append(f"{crossed}_{slug}")
    for kind in wanted.draw:
        if kind in ("caterpillar", "drapery", "radial") or (kind == "labbe" and analysis.measure in COUNTED):
            names.append(kind)
        elif kind == "bubble":
            names += [f"bubble_{moderator}" for moderator in wanted.moderators]
        elif kind == "funnel_panels":
            names += [f"funnel_{grouping}" for grouping in _single(analysis)]
    return (*names, *DIAGNOSTIC_FIGURES)


def _single(analysis: Analysis) -> tuple[str, ...]:
    """The groupings that are not crossed."""
    return tuple(grouping for grouping in analysis.groupings if ":" not in grouping)

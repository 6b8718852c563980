"""What each stage may know of the config: the rules hand a stage its slice and nothing else.

A slice travels as one line of JSON in the rule's `params`, so Snakemake reruns a stage exactly when its slice changes.
"""

from __future__ import annotations

from pydantic import Field

from metacircuit.config.analysis import Analysis, Conversion, Derived, Model, Selection
from metacircuit.config.comparison import Comparison
from metacircuit.config.diagnosis import Diagnosis
from metacircuit.config.section import Section
from metacircuit.config.sensitivity import Sensitivity
from metacircuit.config.settings import Settings
from metacircuit.config.source import Source
from metacircuit.config.tables import Tables


class CheckSlice(Section):
    """For reading and checking the sheets, and for finding rows that no route brings to their analysis's measure."""

    data: str
    source: Source | None = None
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
            source=settings.source,
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


class ClaimsSlice(Section):
    """For answering the claims and comparing with published estimates: how each analysis is pooled."""

    data: str
    claims: tuple[str, ...]
    published: dict[str, Comparison]
    analyses: dict[str, FitSlice]

    @classmethod
    def of(cls, settings: Settings) -> ClaimsSlice:
        """The slice of these settings."""
        analyses = {name: FitSlice.of(settings, name) for name in settings.analyses}
        return cls(data=settings.data, claims=settings.claims, published=settings.published, analyses=analyses)


class ReportSlice(Section):
    """For writing the report: all of the settings, as they were read."""

    settings: Settings

    @classmethod
    def of(cls, settings: Settings) -> ReportSlice:
        """The slice of these settings."""
        return cls(settings=settings)

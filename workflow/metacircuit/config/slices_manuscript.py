"""What the stages that write the manuscript may know of the config."""

from __future__ import annotations

from metacircuit.config.analysis import Axis, Conversion, Model
from metacircuit.config.figure_slices import ClaimFiguresSlice, figures_of
from metacircuit.config.manuscript import Manuscript
from metacircuit.config.section import Section
from metacircuit.config.settings import Settings


class QuotedAnalysis(Section):
    """What the sentences about one analysis need to know of the config."""

    title: str
    question: str
    measure: str
    axis: Axis
    model: Model
    conversion: Conversion
    groupings: tuple[str, ...]


class SentencesSlice(Section):
    """For writing the numbers, the methods and the results as text."""

    review: str
    title: str
    analyses: dict[str, QuotedAnalysis]
    claimed: bool = False

    @classmethod
    def of(cls, settings: Settings) -> SentencesSlice:
        """The slice of these settings."""
        analyses = {
            name: QuotedAnalysis(
                title=a.title,
                question=a.question,
                measure=a.measure,
                axis=a.axis,
                model=settings.model_of(name),
                conversion=settings.conversion_of(name),
                groupings=a.groupings,
            )
            for name, a in settings.analyses.items()
        }
        claimed = bool(settings.claims or settings.published)
        return cls(review=settings.review, title=settings.title, analyses=analyses, claimed=claimed)


class ManuscriptSlice(Section):
    """For building the manuscript from its skeleton; figures are named by their paths below figures/."""

    title: str
    limits: tuple[str, ...]
    manuscript: Manuscript
    titles: dict[str, str]
    levels: dict[str, float]
    figures: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> ManuscriptSlice:
        """The slice of these settings."""
        figures = {name: figures_of(a, settings.figures_of(name)) for name, a in settings.analyses.items()}
        return cls(
            title=settings.manuscript.title or settings.title,
            limits=settings.limits,
            manuscript=settings.manuscript,
            titles={name: a.title for name, a in settings.analyses.items()},
            levels={name: settings.model_of(name).level for name in settings.analyses},
            figures=(
                *(f"review/{name}" for name in settings.review_figures),
                *(f"{analysis}/{name}" for analysis, names in figures.items() for name in names),
                *ClaimFiguresSlice.of(settings).figures,
            ),
        )

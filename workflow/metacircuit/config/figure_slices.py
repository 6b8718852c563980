"""What the stages that draw may know of the config, and which figures it asks for."""

from __future__ import annotations

from metacircuit.config.analysis import Analysis, Axis
from metacircuit.config.figures import COUNTED, Figures
from metacircuit.config.section import Section
from metacircuit.config.settings import Settings
from metacircuit.config.slices import FitSlice

DIAGNOSTIC_FIGURES = (
    *("funnel", "comparison", "leave_one_out", "cumulative"),
    *("influence", "baujat", "gosh", "specification"),
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


class ClaimFiguresSlice(Section):
    """For drawing the verdicts, and published estimates beside ours: the title of each analysis that has some."""

    title: str
    claims: bool
    published: dict[str, str]
    look: Figures = Figures()

    @classmethod
    def of(cls, settings: Settings) -> ClaimFiguresSlice:
        """The slice of these settings."""
        named = {wanted.analysis for wanted in settings.published.values()}
        titles = {name: a.title for name, a in settings.analyses.items() if name in named}
        return cls(title=settings.title, claims=bool(settings.claims), published=titles, look=settings.figures)

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of the figures, as paths below figures/."""
        return (*(["claims"] if self.claims else []), *(f"published/{name}" for name in self.published))


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

    >>> from metacircuit.config.analysis import Analysis
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

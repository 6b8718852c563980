"""What a review's config may say: one frozen model a section, every key with its meaning."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from metacircuit.config.analysis import Analysis, Conversion, Derived, Model
from metacircuit.config.certainty import Certainty
from metacircuit.config.comparison import Comparison, unknown_targets
from metacircuit.config.diagnosis import Diagnosis
from metacircuit.config.figures import COUNTED, Figures, ReviewFigure
from metacircuit.config.figures import over as figures_over
from metacircuit.config.heterogeneity import Heterogeneity, smallest_effect
from metacircuit.config.manuscript import Manuscript
from metacircuit.config.section import Column, ProjectPath, Section, SectionT, Slug
from metacircuit.config.sensitivity import Sensitivity
from metacircuit.config.source import Source
from metacircuit.config.tables import Tables


class Settings(Section):
    """A review: where its sheets are, what its words are, and what is asked of it."""

    review: Slug = Field(description="The name of the review; its results go to results/REVIEW.")
    title: str
    summary: str = Field(description="What the review is, in a paragraph that opens the report.")
    limits: tuple[str, ...] = Field(
        (), description="What the evidence cannot show; printed on the report's first page."
    )
    data: ProjectPath = Field(description="The folder with the sheets.")
    source: Source | None = Field(None, description="A file of another tool that the rows are read from.")
    vocabulary: dict[Column, ProjectPath] = Field(
        default_factory=dict, description="Coded column: the CSV with its words (id, label, …)."
    )
    derived: dict[Column, Derived] = Field(default_factory=dict, description="Columns made from coded ones.")
    conversion: Conversion = Field(default_factory=Conversion)
    model: Model = Field(default_factory=Model)
    diagnostics: Diagnosis = Field(default_factory=Diagnosis)
    sensitivity: Sensitivity = Field(default_factory=Sensitivity)
    figures: Figures = Field(default_factory=Figures)
    tables: Tables = Field(default_factory=Tables)
    certainty: Certainty = Field(default_factory=Certainty)
    heterogeneity: Heterogeneity = Field(default_factory=Heterogeneity)
    review_figures: tuple[ReviewFigure, ...] = Field(
        ("prisma",),
        description="Figures of the review as a whole: prisma, the flow from screening.csv and the sheets; rob_traffic"
        " and rob_summary, from rob.csv or columns rob_… of the studies.",
    )
    analyses: dict[Slug, Analysis] = Field(min_length=1)
    claims: tuple[ProjectPath, ...] = Field(
        (), description="Files with claims that the evidence answers, as in seeds/."
    )
    published: dict[str, Comparison] = Field(
        default_factory=dict, description="Published estimate (published_id): the estimate of ours to compare it with."
    )

    @model_validator(mode="after")
    def _comparisons_exist(self) -> Self:
        unknown = list(unknown_targets(self.published, self.analyses))
        if unknown:
            raise ValueError("; ".join(unknown))
        return self

    manuscript: Manuscript = Field(default_factory=Manuscript)

    @model_validator(mode="after")
    def _lookups_exist(self) -> Self:
        unknown = sorted({d.lookup for d in self.derived.values() if d.lookup and d.lookup not in self.vocabulary})
        if unknown:
            raise ValueError(
                f"derived columns look up {', '.join(unknown)}, but vocabulary: has only"
                f" {', '.join(sorted(self.vocabulary))}"
            )
        return self

    @model_validator(mode="after")
    def _glmm_for_proportions(self) -> Self:
        wrong = [n for n, a in self.analyses.items() if self.model_of(n).kind == "glmm" and a.measure != "PLO"]
        if wrong:
            raise ValueError(
                f"model.kind glmm pools counts of proportions (measure PLO), which {', '.join(wrong)} does not have;"
                " write kind: auto, che or univariate there"
            )
        return self

    @model_validator(mode="after")
    def _smallest_effects_fit(self) -> Self:
        wrong = []
        for name, analysis in self.analyses.items():
            try:
                smallest_effect(analysis.measure, self.heterogeneity_of(name))
            except ValueError as error:
                wrong.append(f"{error} (analysis {name})")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def certainty_of(self, analysis: str) -> Certainty:
        """How the certainty of one analysis is judged: its own settings over the review's."""
        return _over(self.certainty, self.analyses[analysis].certainty)

    def heterogeneity_of(self, analysis: str) -> Heterogeneity:
        """What is asked of the groups of one analysis: its own settings over the review's."""
        return _over(self.heterogeneity, self.analyses[analysis].heterogeneity)

    @model_validator(mode="after")
    def _counts_for_labbe(self) -> Self:
        own = {name: a for name, a in self.analyses.items() if a.figures and "labbe" in a.figures.draw}
        wrong = [name for name, a in own.items() if a.measure not in COUNTED]
        if wrong:
            raise ValueError(
                f"figures.draw: labbe shows counts of two groups (measures {', '.join(COUNTED)});"
                f" leave it out of {', '.join(wrong)}"
            )
        return self

    def model_of(self, analysis: str) -> Model:
        """The model of one analysis: its own settings over the review's."""
        return _over(self.model, self.analyses[analysis].model)

    def figures_of(self, analysis: str) -> Figures:
        """The look of the figures of one analysis: its own settings over the review's."""
        return figures_over(self.figures, self.analyses[analysis].figures)

    def conversion_of(self, analysis: str) -> Conversion:
        """The conversion of one analysis: its own settings over the review's."""
        return _over(self.conversion, self.analyses[analysis].conversion)

    def diagnosis_of(self, analysis: str) -> Diagnosis:
        """What is asked of the diagnostics of one analysis: its own settings over the review's."""
        return _over(self.diagnostics, self.analyses[analysis].diagnostics)

    def sensitivity_of(self, analysis: str) -> Sensitivity:
        """The choices of one analysis: its own settings over the review's."""
        return _over(self.sensitivity, self.analyses[analysis].sensitivity)


def _over(general: SectionT, own: SectionT | None) -> SectionT:
    return general if own is None else general.model_copy(update=own.model_dump(exclude_unset=True))

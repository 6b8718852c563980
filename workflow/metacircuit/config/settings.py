"""What a review's config may say: one frozen model a section, every key with its meaning."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from metacircuit.config.certainty import Certainty
from metacircuit.config.diagnosis import Diagnosis
from metacircuit.config.figures import Figures
from metacircuit.config.figures import over as figures_over
from metacircuit.config.heterogeneity import Heterogeneity, smallest_effect
from metacircuit.config.manuscript import Manuscript, ProjectPath
from metacircuit.config.section import Column, Columns, Section, SectionT, Slug, Words
from metacircuit.config.sensitivity import Sensitivity
from metacircuit.config.tables import Tables

Measure = Literal[
    *("SMD", "SMDH", "MD", "ROM", "VR", "CVR"),
    *("OR", "RR", "RD", "AS", "PETO", "HR", "IRR"),
    *("ZCOR", "COR", "PLO", "PR", "PLN", "PAS", "PFT"),
]


def _as_tuple(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Grouping = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*(:[A-Za-z][A-Za-z0-9_]*)?$")]


class Model(Section):
    """How effects are pooled."""

    kind: Literal["auto", "univariate", "che", "glmm"] = Field(
        "auto",
        description="auto: a GLMM for proportions, CHE where studies have several effects, else univariate.",
    )
    method: Literal["EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM"] = Field(
        "REML", description="Estimator of tau2, by metafor's names; CHE has REML or ML, the GLMM ML only."
    )
    test: Literal["z", "t", "knha", "adhoc"] = Field(
        "knha", description="Test and interval of the coefficients: knha is Knapp–Hartung."
    )
    rho: float = Field(0.6, ge=0, lt=1, description="Assumed correlation between the sampling errors of one study.")
    rho_grid: tuple[Annotated[float, Field(ge=0, lt=1)], ...] = Field(
        (0.2, 0.4, 0.6, 0.8), description="Other values of rho, for the sensitivity table."
    )
    bounds: Literal["leave_out", "at_bound", "censored"] = Field(
        "leave_out", description="What becomes of results of which only a bound on p is printed."
    )
    min_studies: int = Field(3, ge=2, description="A stratum with fewer studies is shown, and not pooled.")
    level: float = Field(95, gt=50, lt=100, description="Level of confidence and prediction intervals, in percent.")


class Conversion(Section):
    """How printed statistics become effects on one measure."""

    definition: Literal["metafor-5", "metafor-3.8", "borenstein"] = Field(
        "metafor-5", description="Whose definition of a variance is used where they differ."
    )
    ratios_as_or: bool = Field(False, description="Take hazard and rate ratios as odds ratios, with a flag.")
    pre_post_r: float = Field(
        0.5, ge=-1, lt=1, description="Assumed correlation between before and after in the same people."
    )


class Axis(Section):
    """The words at the two ends of a forest plot's axis."""

    left: str = Field("", description="What an effect below the null means.")
    right: str = Field("", description="What an effect above the null means.")


class Derived(Section):
    """A column made from a coded one: take a part of its text, and look that up in a vocabulary."""

    source: Column = Field(description="The coded column to start from.")
    part: Literal["whole", "before", "after"] = Field(
        "whole", description="The whole text, or the part before or after the first colon."
    )
    lookup: Column | None = Field(None, description="The vocabulary to look the text up in.")
    take: Column | None = Field(None, description="The column of that vocabulary to take.")

    @model_validator(mode="after")
    def _lookup_and_take_together(self) -> Self:
        if (self.lookup is None) != (self.take is None):
            raise ValueError("`lookup` and `take` come together: which vocabulary, and which of its columns")
        return self


class Selection(Section):
    """Rows of the sheet: all conditions hold together."""

    where: dict[Column, Words] = Field(default_factory=dict, description="Coded column: the words that are taken.")
    unless: dict[Column, Words] = Field(default_factory=dict, description="Coded column: the words that are left.")
    printed_any: Columns = Field((), description="Take a row only if one of these statistics is printed.")
    printed_none: Columns = Field((), description="Take a row only if none of these is printed.")


class Analysis(Section):
    """One question: which effects, which measure, which model, which groupings."""

    title: str = Field(description="Shown above its figures and tables.")
    question: str = Field("", description="One sentence for the report.")
    measure: Measure = Field(description="The measure that all effects are brought to, by metafor's code.")
    take: Annotated[tuple[Selection, ...], BeforeValidator(_as_tuple)] = Field(
        (Selection(),), min_length=1, description="Which rows: a selection, or several of which one must fit."
    )
    routes: tuple[str, ...] | None = Field(
        None, description="Routes to the measure, in order; default: the documented order."
    )
    groupings: tuple[Grouping, ...] = Field((), description="Factors, and crossed factors such as disorder:circuit.")
    conversion: Conversion | None = Field(None, description="Overrides the review's conversion for this analysis.")
    model: Model | None = Field(None, description="Overrides the review's model for this analysis.")
    diagnostics: Diagnosis | None = Field(None, description="Overrides the review's diagnostics for this analysis.")
    sensitivity: Sensitivity | None = Field(None, description="Overrides the review's choices for this analysis.")
    axis: Axis = Field(default_factory=Axis)
    figures: Figures | None = Field(None, description="Overrides the review's figures for this analysis.")
    certainty: Certainty | None = Field(None, description="Overrides the review's section for this analysis.")
    heterogeneity: Heterogeneity | None = Field(None, description="Overrides the review's section for this analysis.")

    @model_validator(mode="after")
    def _groupings_differ(self) -> Self:
        if "overall" in self.groupings:
            raise ValueError("groupings: leave out 'overall', for all effects together are always pooled as such")
        twice = sorted({g for g in self.groupings if self.groupings.count(g) > 1})
        if twice:
            raise ValueError(f"groupings: {', '.join(twice)} stands more than once; name each grouping once")
        own = [g for g in self.groupings if ":" in g and len(set(g.split(":"))) == 1]
        if own:
            raise ValueError(f"groupings: {', '.join(own)} crosses a column with itself; cross two different columns")
        return self


class Settings(Section):
    """A review: where its sheets are, what its words are, and what is asked of it."""

    review: Slug = Field(description="The name of the review; its results go to results/REVIEW.")
    title: str
    summary: str = Field(description="What the review is, in a paragraph that opens the report.")
    limits: tuple[str, ...] = Field(
        (), description="What the evidence cannot show; printed on the report's first page."
    )
    data: ProjectPath = Field(description="The folder with the sheets.")
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
    analyses: dict[Slug, Analysis] = Field(min_length=1)
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

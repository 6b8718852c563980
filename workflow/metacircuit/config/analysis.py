"""What a config may say of one analysis: which effects, how they are converted, pooled and shown."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from metacircuit.config.certainty import Certainty
from metacircuit.config.diagnosis import Diagnosis
from metacircuit.config.figures import Figures
from metacircuit.config.heterogeneity import Heterogeneity
from metacircuit.config.section import Column, Columns, Section, Words
from metacircuit.config.sensitivity import Sensitivity

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

"""What a config may say about the multiverse: the choices that could have been made otherwise."""

from __future__ import annotations

from math import prod
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from metacircuit.config.section import Column, Section, Slug, Words

Rho = Annotated[float, Field(ge=0, lt=1)]
Method = Literal["EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM"]
Bounds = Literal["leave_out", "at_bound", "censored"]
Aggregation = Literal["che", "study_means", "largest", "independent"]

# Columns that the table of specifications has beside one for each choice.
TAKEN = frozenset(
    {"specification", "main", "conversion", "bounds", "aggregation", "rho", "method", "k", "studies", "estimate"}
    | {"se", "ci_lb", "ci_ub", "pval", "tau2", "fit", "status", "reason", "interactions"}
)


def _as_alternatives(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Rule = Annotated[tuple[dict[Column, Words], ...], BeforeValidator(_as_alternatives), Field(min_length=1)]


def _usual_rules() -> dict[str, Rule]:
    return {
        "adjusted": ({"flags": ("adjusted_estimate",)},),
        "peaks": ({"flags": ("peak",)},),
        "mixed_samples": ({"disorder": ("mixed_psychiatric", "mixed")},),
        "high_risk_of_bias": ({"risk_of_bias": ("high",)},),
        "converted_or": ({"flags": ("converted_or",)},),
        "assumed_groups": ({"flags": ("assumed_equal_groups",)},),
    }


class AlternativeConversion(Section):
    """Another way from the printed statistics to the measure; what is not said stays as the analysis has it."""

    definition: Literal["metafor-5", "metafor-3.8", "borenstein"] | None = Field(
        None, description="Whose definition of a variance is used."
    )
    routes: tuple[str, ...] | None = Field(None, description="Routes to the measure, in order.")
    ratios_as_or: bool | None = Field(None, description="Take hazard and rate ratios as odds ratios.")
    pre_post_r: float | None = Field(None, ge=-1, lt=1, description="Correlation between before and after.")


class Sensitivity(Section):
    """The multiverse: every combination of these choices is fitted. The model's own value always takes part."""

    leave_out: dict[Slug, Rule] = Field(
        default_factory=_usual_rules,
        description="Name: the rows that may be left out, as column: words (all hold together), or several of these of "
        "which one must fit. The column flags holds the codes of the assumptions behind a row.",
    )
    rho: tuple[Rho, ...] | None = Field(
        None, description="Assumed correlations within a study; default: the model's rho_grid."
    )
    method: tuple[Method, ...] = Field(
        ("DL", "PM", "REML", "SJ", "HS"), description="Estimators of tau2; CHE has REML or ML only."
    )
    bounds: tuple[Bounds, ...] = Field(
        ("leave_out", "at_bound"), description="What becomes of results of which only a bound on p is printed."
    )
    aggregation: tuple[Aggregation, ...] = Field(
        ("che", "study_means", "largest", "independent"),
        description="Several effects of a study: modelled, combined by rho, the one with the most people, or all as if "
        "they were independent.",
    )
    conversion: dict[Slug, AlternativeConversion] = Field(
        default_factory=dict, description="Name: another conversion of the printed statistics."
    )
    max_specifications: int = Field(20_000, ge=1, description="More combinations than this are refused.")
    max_models: int = Field(
        2_000,
        ge=0,
        description="CHE, GLMM and censored models are fitted one at a time, nearest to the main analysis first; what "
        "is beyond this number is shown as not run.",
    )

    @field_validator("leave_out")
    @classmethod
    def _names_are_free(cls, rules: dict[str, Rule]) -> dict[str, Rule]:
        taken = sorted(TAKEN & set(rules))
        if taken:
            raise ValueError(
                f"{', '.join(taken)} is a column of the table of specifications; give the rule another name"
            )
        return rules

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        # The grid of the model is not known here; four is its default length.
        rhos = 4 if self.rho is None else len(self.rho)
        lists = (rhos, len(self.method), len(self.bounds), len(self.aggregation), 1 + len(self.conversion))
        count = 2 ** len(self.leave_out) * prod(max(1, n) for n in lists)
        if count > self.max_specifications:
            raise ValueError(
                f"these choices have {count:,} combinations, and max_specifications is {self.max_specifications:,};"
                " name fewer values, or raise it"
            )
        return self

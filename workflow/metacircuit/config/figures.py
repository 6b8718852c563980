"""How the figures look: the journal, the paper, the colours, and the columns of the forest plots."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from metacircuit.config.section import Column, Section

_FIELD = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")


def _fields(text: str) -> str:
    wrong = [name for name in _FIELD.findall(text) if not _NAME.match(name)]
    if wrong or not _FIELD.search(text) or set("{}") & set(_FIELD.sub("", text)):
        raise ValueError("a text names columns in braces, such as '{events1}/{total1}', and has at least one of them")
    return text


def _as_column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


def _as_keys(value: object) -> object:
    return () if value is None else [value] if isinstance(value, str) else value


class ForestColumn(Section):
    """One column of text beside a forest plot: a column of the results or of the sheets, or a text made from some."""

    column: Column | None = Field(
        None, description="effects, participants, weight, estimate, or any column of effects or studies."
    )
    text: Annotated[str, AfterValidator(_fields)] | None = Field(
        None, description="A text with columns in braces, such as '{events1}/{total1}'."
    )
    heading: str = Field("", description="What stands above it; by default the name of the column.")
    show: Literal["auto", "text", "number", "dots"] = Field(
        "auto", description="dots: judgements of the risk of bias as coloured dots with a sign."
    )

    @model_validator(mode="after")
    def _column_or_text(self) -> Self:
        if (self.column is None) == (self.text is None):
            raise ValueError("a column of a forest plot has either `column` or `text`")
        if self.text and not self.heading.strip():
            raise ValueError("a column made from a `text` needs a `heading`")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns that its cells are made from."""
        return tuple(dict.fromkeys(_FIELD.findall(self.text))) if self.text else (self.column or "",)


ForestColumns = Annotated[
    tuple[Annotated[ForestColumn, BeforeValidator(_as_column)], ...], BeforeValidator(_as_list), Field(max_length=12)
]
SortKey = Annotated[str, Field(pattern=r"^-?[A-Za-z][A-Za-z0-9_]*$")]


class Forest(Section):
    """What stands in a forest plot, and in which order."""

    left: ForestColumns | None = Field(
        None, description="Columns between the names and the plot; default: effects and participants, if they fit."
    )
    right: ForestColumns | None = Field(
        None, description="Columns right of the plot; default: weight, if it fits, and estimate."
    )
    sort: Annotated[tuple[SortKey, ...], BeforeValidator(_as_keys)] = Field(
        (), description="Columns to sort the studies of a stratum by; a minus sign before one turns it round."
    )
    group: Column | None = Field(None, description="A column whose words become headings within each stratum.")
    rows: Literal["studies", "strata"] = Field("studies", description="strata: no studies, one line a stratum.")
    most_rows: int = Field(
        1000, ge=10, le=5000, description="With more studies than this, a forest plot shows its strata alone."
    )

    @property
    def coded(self) -> tuple[str, ...]:
        """The columns of the sheets that it needs besides the results."""
        shown = [name for column in (*(self.left or ()), *(self.right or ())) for name in column.sources]
        keys = [key.removeprefix("-") for key in self.sort]
        wanted = [*shown, *keys, *([self.group] if self.group else [])]
        return tuple(name for name in dict.fromkeys(wanted) if name not in OF_RESULTS)


OF_RESULTS = ("effects", "participants", "weight", "estimate", "study_label", "study_id", "yi", "vi", "ci_lb", "ci_ub")
"""Columns that a forest plot has without the sheets: those of the studies' combined effects."""


def _width(value: object) -> object:
    if isinstance(value, str) and value not in ("single", "middle", "double"):
        raise ValueError("single, middle or double (one, one and a half, two columns of a page), or millimetres")
    return value


Kind = Literal[
    *("forest", "map", "orchard", "caterpillar", "matrix"),
    *("drapery", "radial", "labbe", "bubble", "funnel_panels"),
]
ReviewFigure = Literal["prisma", "rob_traffic", "rob_summary"]
COUNTED = ("OR", "PETO", "RR", "RD")
"""Measures of which a L'Abbé plot shows the counts."""


class Figures(Section):
    """Which figures are drawn, their look, and the content of the forest plots."""

    draw: Annotated[tuple[Kind, ...], BeforeValidator(_as_list)] = Field(
        ("forest", "map", "orchard", "caterpillar", "matrix"),
        description="Kinds of figures of each analysis; those of the diagnostics are drawn besides. One a grouping:"
        " forest, orchard, funnel_panels; one a crossed grouping: map, matrix; one a moderator: bubble; labbe: where"
        " the measure is OR, PETO, RR or RD.",
    )
    moderators: Annotated[tuple[Column, ...], BeforeValidator(_as_list)] = Field(
        ("year",), description="Numeric columns of the studies or effects against which bubble plots draw the effects."
    )

    preset: Literal["standard", "nature", "elsevier", "apa", "springer", "jama"] = Field(
        "standard", description="The journal look: sizes, widths, brackets, resolution."
    )
    width: Annotated[
        Literal["single", "middle", "double"] | Annotated[float, Field(ge=60, le=420)], BeforeValidator(_width)
    ] = Field("double", description="One, one and a half or two columns of the journal's page, or millimetres.")
    theme: Literal["light", "dark"] = Field("light", description="The paper.")
    palette: Literal["blue", "okabe_ito", "grey"] | None = Field(
        None, description="The colours; default: those of the preset."
    )
    dpi: float | None = Field(None, ge=72, le=1200, description="Resolution of PNGs; default: that of the preset.")
    forest: Forest = Field(default_factory=Forest)


def over(general: Figures, own: Figures | None) -> Figures:
    """The settings of an analysis over those of the review, key by key."""
    if own is None:
        return general
    given = own.model_dump(exclude_unset=True, exclude={"forest"})
    if "forest" in own.model_fields_set:
        keys = {key: getattr(own.forest, key) for key in own.forest.model_fields_set}
        given["forest"] = general.forest.model_copy(update=keys)
    return general.model_copy(update=given)

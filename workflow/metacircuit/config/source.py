"""Where a review's rows come from, if not from sheets in our own shape: the section `source` of a config."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from metacircuit.config.section import Column, ProjectPath, Section, Words, as_words

Format = Literal[
    *("table", "metapsy", "revman5", "revman_csv", "revman_web"),
    *("covidence", "distillersr", "redcap", "nimads", "sleuth"),
]


def _as_text(value: object) -> object:
    """YAML reads yes, 1 and 0.5 as other things than words; the cells of a sheet are words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(_as_text)]


class Source(Section):
    """A file of another tool, and how its columns and words become ours."""

    format: Format = Field("table", description="Which tool wrote the file; table: any CSV, TSV, XLSX, ODS or Parquet.")
    file: Annotated[tuple[ProjectPath, ...], BeforeValidator(as_words), Field(min_length=1)] = Field(
        description="The file, relative to the project folder; several only for sleuth, whose names tell the contrasts."
    )
    dictionary: ProjectPath | None = Field(None, description="The data dictionary of a REDCap export.")
    sheet: str = Field("", description="Which sheet of a workbook; default: its first.")
    delimiter: Literal["", ",", ";", "\t", "|"] = Field("", description="Between the cells; default: found.")
    decimal: Literal["", ".", ","] = Field("", description="The decimal mark; default: found.")
    missing: Annotated[tuple[Text, ...], BeforeValidator(as_words)] = Field(
        ("NA",), description="Words that stand in cells without a value."
    )
    measure: str = Field("", description="metafor's code of what yi is, for tables with yi and vi or sei.")
    columns: dict[Column, str] = Field(default_factory=dict, description="Our column: theirs.")
    outcomes: dict[str, dict[Column, str]] = Field(
        default_factory=dict, description="Outcome: its columns, where one row holds several outcomes."
    )
    fixed: dict[Column, Text] = Field(default_factory=dict, description="Our column: one word for every row.")
    values: dict[Column, dict[Text, Text]] = Field(
        default_factory=dict, description="Our column: their words, and what they are in ours."
    )
    where: dict[Column, Words] = Field(
        default_factory=dict, description="Column: the words of rows that are included; others stay as excluded rows."
    )

    @model_validator(mode="after")
    def _what_belongs_together(self) -> Self:
        if self.format == "redcap" and self.dictionary is None:
            raise ValueError("format: redcap needs `dictionary`, the data dictionary that REDCap exports as CSV")
        if self.dictionary is not None and self.format != "redcap":
            raise ValueError(f"dictionary goes with format: redcap; this is format: {self.format}")
        if len(self.file) > 1 and self.format != "sleuth":
            raise ValueError(f"format: {self.format} takes one file; {len(self.file)} are given")
        twice = sorted(set(self.columns) & set(self.fixed))
        if twice:
            raise ValueError(f"{', '.join(twice)} stands in both columns and fixed; a column comes from one of them")
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that is read."""
        return self.file if self.dictionary is None else (*self.file, self.dictionary)

"""What a config may say about the tables for the paper."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from metacircuit.config.section import Columns, Section, as_words

TableName = Literal["characteristics", "effects", "summary", "heterogeneity", "tests", "corrections"]
TableFormat = Literal["csv", "xlsx", "docx", "tex", "html"]


class Tables(Section):
    """Which tables are written, in which formats, and what the table of study characteristics shows."""

    make: Annotated[tuple[TableName, ...], BeforeValidator(as_words)] = Field(
        ("characteristics", "effects", "summary", "heterogeneity", "tests", "corrections"),
        description="The tables that are written.",
    )
    formats: Annotated[tuple[TableFormat, ...], BeforeValidator(as_words)] = Field(
        ("csv", "xlsx", "docx", "tex", "html"), min_length=1, description="The formats of each."
    )
    characteristics: Columns | None = Field(
        None,
        description="Columns of the studies or of the effects in the table of study characteristics; by default the"
        " country, the review's own columns of studies, and the factors of its groupings.",
    )

    @field_validator("make", "formats", "characteristics")
    @classmethod
    def _named_once(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        twice = sorted({name for name in names or () if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands more than once; name each once")
        return names

"""What a config may say about the manuscript: its skeleton, its authors, and the looks of its pages."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from metacircuit.config.section import ProjectPath, Section


class Author(Section):
    """One author of the manuscript."""

    name: str = Field(min_length=1)
    affiliations: tuple[str, ...] = ()
    email: str = Field("", description="Printed for the corresponding author.")
    orcid: str = Field("", pattern=r"^(\d{4}-\d{4}-\d{4}-\d{3}[\dX])?$", description="Four groups of four digits.")
    corresponding: bool = False


class Manuscript(Section):
    """The manuscript that a review builds as DOCX and PDF."""

    skeleton: ProjectPath | None = Field(
        None, description="The text with its placeholders; default: manuscript.md in the review's data folder, if any."
    )
    title: str = Field("", description="Default: the review's title.")
    authors: tuple[Author, ...] = ()
    paper: Literal["a4", "letter"] = "a4"
    csl: ProjectPath | None = Field(None, description="A citation style (.csl); default: Chicago author-date.")
    reference_docx: ProjectPath | None = Field(None, description="A Word file whose styles the DOCX takes.")
    bibliography: ProjectPath | None = Field(None, description="A .bib with what the skeleton itself cites.")
